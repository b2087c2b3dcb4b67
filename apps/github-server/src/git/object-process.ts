import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'

import { gitEnvironment } from './git-environment.ts'
import { type GitObject, type ObjectInfo, type ObjectType } from './git-object.ts'

interface Question {
  readonly wants: 'info' | 'contents'
  readonly resolve: (answer: ObjectInfo | GitObject | undefined) => void
  readonly reject: (error: Error) => void
}

/** One long-lived `git cat-file --batch-command` (git 2.36 or newer): answers come in the order of the questions. */
export class ObjectProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #questions: Question[] = []
  readonly #ended: Promise<void>
  #chunks: Buffer[] = []
  #buffered = 0
  /** Of the answer whose body is still arriving. */
  #header: ObjectInfo | undefined
  #complaint = ''
  #failure: Error | undefined

  constructor(gitDir: string) {
    this.#child = spawn('git', [`--git-dir=${gitDir}`, 'cat-file', '--batch-command'], { env: gitEnvironment() })
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#receive(chunk)
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    // EPIPE after the process died: the exit says why.
    this.#child.stdin.on('error', () => undefined)
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#fail(error)
        resolve()
      })
      this.#child.on('close', (code) => {
        this.#fail(new Error(`git cat-file ended with code ${code ?? 'none'}: ${this.#complaint.trim()}`))
        resolve()
      })
    })
  }

  /** Whether the process can still answer. */
  get alive(): boolean {
    return this.#failure === undefined
  }

  /** Type and size of what a revision names, or `undefined` if there is no such object. */
  info(revision: string): Promise<ObjectInfo | undefined> {
    return this.#ask('info', revision)
  }

  /** The object that a revision names, or `undefined` if there is none. */
  contents(revision: string): Promise<GitObject | undefined> {
    return this.#ask('contents', revision) as Promise<GitObject | undefined>
  }

  /** Lets the process answer what was asked, and waits for its end. */
  close(): Promise<void> {
    this.#child.stdin.end()
    return this.#ended
  }

  /** Ends the process at once: what was asked fails. */
  kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    return this.#ended
  }

  #ask(wants: Question['wants'], revision: string): Promise<ObjectInfo | GitObject | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    // A line break would be a second question, and an empty one ends the process.
    if (revision === '' || /[\n\0]/.test(revision)) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      this.#questions.push({ wants, resolve, reject })
      this.#child.stdin.write(`${wants} ${revision}\n`)
    })
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    while (this.#step());
  }

  /** Takes one header or one body off the buffer; false when more bytes are needed. */
  #step(): boolean {
    if (this.#header !== undefined) {
      if (this.#buffered < this.#header.size + 1) return false
      // A copy: a view would keep the whole chunk alive for as long as the object is cached.
      const body = Buffer.from(this.#take(this.#header.size + 1).subarray(0, -1))
      const header = this.#header
      this.#header = undefined
      this.#answer({ ...header, body })
      return true
    }
    const buffer = this.#join()
    const newline = buffer.indexOf(0x0a)
    if (newline < 0) return false
    const header = parseHeader(this.#take(newline + 1).toString('utf8', 0, newline))
    if (header !== undefined && this.#questions[0]?.wants === 'contents') this.#header = header
    else this.#answer(header)
    return true
  }

  #answer(answer: ObjectInfo | GitObject | undefined): void {
    this.#questions.shift()?.resolve(answer)
  }

  #join(): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks
    const joined = this.#chunks.length <= 1 ? first : Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }

  #take(bytes: number): Buffer {
    const joined = this.#join()
    this.#chunks = [joined.subarray(bytes)]
    this.#buffered -= bytes
    return joined.subarray(0, bytes)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#questions.splice(0)) reject(this.#failure)
  }
}

function parseHeader(line: string): ObjectInfo | undefined {
  const match = /^(?<oid>[0-9a-f]{40,64}) (?<type>commit|tree|blob|tag) (?<size>\d+)$/.exec(line)
  if (match?.groups === undefined) return undefined
  const { oid = '', type = '', size = '' } = match.groups
  return { oid, type: type as ObjectType, size: Number(size) }
}

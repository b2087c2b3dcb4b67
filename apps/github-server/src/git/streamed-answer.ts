import { type ChildProcessWithoutNullStreams } from 'node:child_process'

/** An answer whose body a git process writes while it is sent. */
export interface StreamedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Throws at its end if the process failed: the body is then incomplete. */
  readonly body: AsyncIterable<Buffer>
  /** Ends the process; harmless afterwards. */
  readonly stop: () => void
}

/** A process's output, which ends in an error if the process does. */
export async function* outputOf(child: ChildProcessWithoutNullStreams): AsyncGenerator<Buffer, void> {
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  // Awaited below, but only after the output.
  ended.catch(() => undefined)
  for await (const chunk of child.stdout) yield chunk as Buffer
  const code = await ended
  if (code !== 0) throw new Error(`git ended with code ${code ?? 'none'}: ${complaint.trim()}`)
}

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One block of TypeScript in a README. */
export interface ReadmeExample {
  /** The line of the README on which it begins. */
  readonly line: number
  readonly code: string
  /** What its comments promise that it prints: each `console.log(…) //=> text` is one line of it. */
  readonly output: string
  /**
   * Runs it as a module of the package, or of another folder, by this Node.
   *
   * @returns what it printed, without the last line break.
   * @throws an error whose message ends with what it wrote to stderr, when it fails.
   */
  readonly run: (folder?: string) => Promise<string>
}

/** The TypeScript examples in the README of a package, so that its tests can run them. */
export function readmeExamples(packageFolder: string): readonly ReadmeExample[] {
  const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8')
  return Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), (match) => {
    const code = match[1] ?? ''
    return {
      line: readme.slice(0, match.index).split('\n').length + 1,
      code,
      output: Array.from(code.matchAll(/console\.log\(.*\) *\/\/=> *(.*)$/gm), ([, text]) => text).join('\n'),
      run: (folder = packageFolder) => runModule(code, folder),
    }
  })
}

/** By standard input: a file would have to lie in the package to find what the package imports. */
function runModule(code: string, folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module-typescript', '-'],
      { cwd: folder },
      (error, stdout) => {
        if (error instanceof Error) reject(error)
        else resolve(stdout.trimEnd())
      },
    )
    child.stdin?.end(code)
  })
}

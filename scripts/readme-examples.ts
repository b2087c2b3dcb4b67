import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** One block of TypeScript in a README, or another page. */
export interface ReadmeExample {
  /** The line of the page on which it begins. */
  readonly line: number
  readonly code: string
  /** The files it consists of: each begins with a comment line such as `// worker.ts`; without one, all is `main.ts`. */
  readonly files: Readonly<Record<string, string>>
  /** What its comments promise that it prints: each `console.log(…) //=> text` is one line of it. */
  readonly output: string
  /**
   * Runs it inside the package by this Node, beside other files if it needs them; of several files, `main.ts`.
   *
   * @returns what it printed, without the last line break.
   * @throws an error whose message ends with what it wrote to stderr, when it fails.
   */
  readonly run: (others?: Readonly<Record<string, string>>) => Promise<string>
}

/** The TypeScript examples in the README of a package, or another page in its folder, so that its tests can run them. */
export function readmeExamples(packageFolder: string, page = 'README.md'): readonly ReadmeExample[] {
  const readme = readFileSync(join(packageFolder, page), 'utf8')
  return Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), (match) => {
    const code = match[1] ?? ''
    const files = filesOf(code)
    return {
      line: readme.slice(0, match.index).split('\n').length + 1,
      code,
      files,
      output: Array.from(code.matchAll(/console\.log\(.*\) *\/\/=> *(.*)$/gm), ([, text]) => text).join('\n'),
      run: (others = {}) => runModule(packageFolder, { ...files, ...others }),
    }
  })
}

/** In a folder of its own inside the package, so that it finds what the package can import. */
async function runModule(packageFolder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(packageFolder, '.readme-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'main.ts')])
    return stdout.trimEnd()
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A comment line such as `// worker.ts` begins a file; without one, everything is `main.ts`. */
function filesOf(code: string): Record<string, string> {
  const [head = '', ...parts] = code.split(/^\/\/ (\S+\.ts)$/m)
  if (parts.length === 0) return { 'main.ts': head }
  const files: Record<string, string> = {}
  for (let index = 0; index < parts.length; index += 2) files[parts[index] ?? ''] = parts[index + 1] ?? ''
  return files
}

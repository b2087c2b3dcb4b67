import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, describe, expect, it } from 'vitest'

/** Inside the package, where its own name leads to its sources. */
const fixtures = fileURLToPath(new URL('fixtures/', import.meta.url))
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

interface Example {
  readonly line: number
  readonly files: ReadonlyMap<string, string>
  readonly promised: readonly string[]
}

/** The examples: their files (`// name.ts` begins one), and what the `//=>` comments promise, line by line. */
function examplesOf(text: string): Example[] {
  return Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), (match) => {
    const code = match[1] ?? ''
    const [head = '', ...parts] = code.split(/^\/\/ (\S+\.ts)$/m)
    const files = new Map(parts.length === 0 ? [['main.ts', head]] : [])
    for (let index = 0; index < parts.length; index += 2) files.set(parts[index] ?? '', parts[index + 1] ?? '')
    const promised = Array.from(code.matchAll(/\/\/=> (.*)$/gm), ([, promise = '']) => promise)
    return { line: text.slice(0, match.index).split('\n').length, files, promised }
  })
}

afterAll(() => rm(fixtures, { recursive: true, force: true }))

describe('README.md', () => {
  const examples = examplesOf(readme)

  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(3)
  })

  it.each(examples)('does what it says from line $line', async ({ files, promised }) => {
    await mkdir(fixtures, { recursive: true })
    const folder = await mkdtemp(join(fixtures, 'readme-'))
    for (const [name, code] of files) await writeFile(join(folder, name), code)
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', join(folder, 'main.ts')])
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual(promised)
  })
})

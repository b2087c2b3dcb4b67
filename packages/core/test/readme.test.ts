import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readmeExamples } from '../../../scripts/readme-examples.ts'
import { conformanceCases } from '../src/conformance/index.ts'

const PACKAGE = join(import.meta.dirname, '..')
/** The store that the examples speak of. */
const MY_STORE = "export { ReferenceCache as MyStore } from '../test/reference-cache.ts'\n"
const examples = readmeExamples(PACKAGE)
const importing = (name: string) => examples.filter(({ code }) => code.includes(`from '${name}'`))
const [underVitest, underNode] = [importing('vitest'), importing('node:test')]

describe('the examples of the README', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(2)
    expect([underVitest.length, underNode.length]).toEqual([1, 1])
  })

  for (const example of examples) {
    if (underVitest.includes(example) || underNode.includes(example)) continue
    it(`line ${example.line} prints what it says`, async () => {
      expect(await example.run()).toBe(example.output)
    })
  }

  for (const example of underNode) {
    it(`line ${example.line} runs every case of the kit under node:test`, async () => {
      const printed = await example.run({ 'my-store.ts': MY_STORE })
      expect(printed).toContain(`pass ${conformanceCases.length}\n`)
      expect(printed).toContain('fail 0\n')
    })
  }

  for (const { line, code } of underVitest) {
    it(`line ${line} runs every case of the kit under vitest`, async () => {
      // Inside the package, so that its name resolves.
      const folder = await mkdtemp(join(PACKAGE, '.readme-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      await writeFile(join(folder, 'my-store.ts'), MY_STORE)
      await writeFile(join(folder, 'my-store.test.ts'), code)
      const report = await runVitest(folder)
      expect(report).toMatchObject({ success: true, numPassedTests: conformanceCases.length })
    })
  }
})

async function runVitest(folder: string): Promise<unknown> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  // The inner run must not take itself for a worker of the outer one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
  const report = join(folder, 'report.json')
  const args = [vitest, 'run', '--root', folder, '--reporter=json', `--outputFile=${report}`]
  await promisify(execFile)(process.execPath, args, { cwd: folder, env })
  return JSON.parse(await readFile(report, 'utf8')) as unknown
}

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const PAGES = globSync(['*.md', 'docs/*.md', 'docs/decisions/*.md', '{packages,apps}/*/README.md'], { cwd: ROOT })
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** The code blocks of a page, by the language that they name. */
function blocksOf(page: string): { language: string; code: string }[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return Array.from(text.matchAll(/^ *```(\w*)\n(.*?)^ *```$/gms), ([, language = '', code = '']) => ({
    language,
    code,
  }))
}

/** Whether a line of a shell is about something that is here. */
function isKnown(line: string): boolean {
  const command = line.replace(/ +#.*$/, '').replace(/^[A-Z_]+=\S+ /, '')
  const [, script] = /^(?:npx -y -p node@24 -p pnpm@12 -- )?pnpm (?:--filter \S+ )?(\S+)/.exec(command) ?? []
  if (script !== undefined) return script in scripts || script === 'vitest'
  const [, names] = /^npm install (.+)$/.exec(command) ?? []
  if (names !== undefined)
    return names.split(' ').every((name) => existsSync(join(ROOT, name.replace('@x', 'packages'))))
  const [, file] = /^node (\S+)/.exec(command) ?? []
  if (file !== undefined) return existsSync(join(ROOT, file))
  const [, folder, rest = ''] = /^cd (\S+) && (.+)$/.exec(command) ?? []
  if (folder !== undefined) return existsSync(join(ROOT, folder)) && isKnown(rest)
  // Their own tests run these.
  return /^(x-cache (status|keys|get|clear|verify) |eval "\$\(x-demo completion bash\)")/.test(command)
}

const having = (language: string): string[] =>
  PAGES.filter((page) => blocksOf(page).some((block) => block.language === language))

describe('the code blocks of', () => {
  it.each(having('ts'))('%s in TypeScript are run by a test', (page) => {
    const test = page === 'docs/guide.md' ? 'test/guide.test.ts' : 'test/readme.test.ts'
    expect(readFileSync(join(ROOT, dirname(page), test), 'utf8')).toContain('readmeExamples(')
  })

  it.each(having('sh'))('%s for a shell have only commands that there are', (page) => {
    const blocks = blocksOf(page).filter(({ language }) => language === 'sh')
    const lines = blocks.flatMap(({ code }) => code.trim().split('\n'))
    expect(lines.filter((line) => line !== '' && !line.startsWith('#') && !isKnown(line))).toEqual([])
  })

  it('any page are of no kind that nothing runs', () => {
    // Drawings, what programs print, and a result whose schema the tests of the demo check.
    const shown = ['', 'mermaid', 'json']
    const languages = new Set(PAGES.flatMap(blocksOf).map(({ language }) => language))
    expect([...languages].filter((language) => !['ts', 'sh', ...shown].includes(language))).toEqual([])
  })
})

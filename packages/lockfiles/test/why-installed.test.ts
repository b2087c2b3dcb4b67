import { describe, expect, it } from 'vitest'

import { isLockfileError, type LockedPackage, parseLockfile, whyInstalled } from '../src/index.ts'
import { fixture, FIXTURES } from './fixtures.ts'

/** The tarball of another package than the entry's. */
const EVIL = 'https://registry.example/evil/-/evil-6.6.6.tgz'

const label = ({ name, version }: LockedPackage): string => (version === '' ? name : `${name}@${version}`)

/** `through a > b`, `direct`, or `unknown`, for every package of a file. */
function answers(path: string, text: string): Map<string, string> {
  const { packages } = parseLockfile(path, text)
  const chains = whyInstalled(path, text, packages)
  return new Map(packages.map((found, index) => [label(found), answerText(chains[index])]))
}

function answerText(chain: readonly LockedPackage[] | undefined): string {
  if (chain === undefined) return 'unknown'
  return chain.length === 0 ? 'direct' : `through ${chain.map(label).join(' > ')}`
}

describe('whyInstalled()', () => {
  it.each([
    ['npm-v3', 'js-tokens@4.0.0', 'through loose-envify@1.4.0'],
    ['npm-v3', 'isarray@2.0.5', 'through local-tgz@2.0.0'],
    ['npm-v3', 'ms@2.1.3', 'direct'],
    ['npm-v2', 'scheduler@0.23.2', 'through react-dom@18.3.1'],
    ['npm-v1', 'js-tokens@4.0.0', 'through @fixture/a > @fixture/b > react@18.3.1 > loose-envify@1.4.0'],
    ['npm-hidden', 'ms@2.0.0', 'unknown'],
    [
      'pnpm-v5',
      '@tybys/wasm-util@0.10.5',
      'through @tailwindcss/oxide-wasm32-wasi@4.1.4 > @napi-rs/wasm-runtime@0.2.12',
    ],
    ['pnpm-v6', 'scheduler@0.23.2', 'through react-dom@18.3.1'],
    ['pnpm-v9', 'scheduler@0.23.2', 'through react-dom@18.3.1'],
    ['pnpm-v9-12', 'js-tokens@4.0.0', 'through loose-envify@1.4.0'],
    ['yarn-classic', 'ms@2.0.0', 'through debug@2.6.9'],
    ['yarn-berry', 'yallist@5.0.0', 'through fsevents@2.3.3 > node-gyp@13.1.0 > tar@7.5.23'],
    ['yarn-berry', 'path-parse@1.0.7', 'through resolve@1.22.8'],
    ['bun', 'color-name@1.1.4', 'through chalk@4.1.2 > ansi-styles@4.3.0 > color-convert@2.0.1'],
    ['hand-requirements', 'jinja2@3.1.2', 'through Flask@2.3.2'],
    ['hand-pipfile', 'jinja2@3.1.2', 'unknown'],
    ['poetry', 'beta@0.9.1', 'through alpha-package@1.2.0'],
    ['hand-poetry-2.1', 'jinja2@3.1.2', 'through flask@2.3.2'],
    ['hand-pdm', 'jinja2@3.1.2', 'through flask@2.3.2'],
    ['hand-pylock', 'attrs@25.1.0', 'through cattrs@24.1.2'],
    ['hand-uv', 'pluggy@1.2.0', 'through pytest@7.4.0'],
    ['cargo', 'beta@1.2.3', 'through alpha@1.0.0'],
    ['hand-cargo-v1', 'winapi@0.2.8', 'through libc@0.2.20'],
    ['gemfile', 'beta@0.9.1', 'through alpha@1.2.0'],
    ['composer', 'acme/beta@v0.9.1', 'through acme/alpha@1.2.0'],
    ['hand-nuget', 'Serilog@2.12.0', 'through library'],
    ['go-sum', 'example.com/alpha@v1.2.3', 'unknown'],
    ['cyclonedx-npm', 'ms@2.1.2', 'through debug@4.3.4'],
    ['spdx-npm', 'ms@2.1.2', 'through debug@4.3.4'],
    ['spdx-npm', 'has-flag@4.0.0', 'through chalk@4.1.2 > supports-color@7.2.0'],
  ])('of the fixture %s, tells %s', (name, found, answer) => {
    const { fileName, text } = fixture(name)
    expect(answers(fileName, text).get(found)).toBe(answer)
  })

  it.each(FIXTURES)('of the fixture $name, begins with what is asked for, and goes on step by step', (file) => {
    const { packages } = parseLockfile(file.fileName, file.text)
    for (const [index, chain] of whyInstalled(file.fileName, file.text, packages).entries()) {
      expect(chain?.length === 0).toBe(packages[index]?.direct)
      if (chain === undefined || chain.length === 0) continue
      expect(chain[0]?.direct).toBe(true)
      const [earlier] = whyInstalled(file.fileName, `\uFEFF${file.text}`, chain.slice(-1))
      expect(earlier).toEqual(chain.slice(0, -1))
    }
  })

  it('takes what an SBOM of npm requires optionally or as a peer for what is required', () => {
    const ids = ['root', 'a', 'b', 'c']
    const packages = ids.map((name) => {
      const externalRefs = [{ referenceType: 'purl', referenceLocator: `pkg:npm/${name}@1.0.0` }]
      return { SPDXID: name, name, externalRefs }
    })
    const relationships = [
      { spdxElementId: 'a', relationshipType: 'OPTIONAL_DEPENDENCY_OF', relatedSpdxElement: 'root' },
      { spdxElementId: 'b', relationshipType: 'PREREQUISITE_FOR', relatedSpdxElement: 'a' },
      { spdxElementId: 'c', relationshipType: 'DEPENDENCY_MANIFEST_OF', relatedSpdxElement: 'root' },
    ]
    const document = { spdxVersion: 'SPDX-2.3', documentDescribes: ['root'], packages, relationships }
    expect(Object.fromEntries(answers('a.spdx.json', JSON.stringify(document)))).toEqual({
      'a@1.0.0': 'direct',
      'b@1.0.0': 'through a@1.0.0',
      'c@1.0.0': 'unknown',
    })
  })

  it('takes whoever is noted in requirements and is none of them for the project, as `uv export` has it', () => {
    const text = [
      '-e ./member',
      '    # via snowline-pm',
      'Flask==2.3.2 \\',
      '    --hash=sha256:00',
      '    # via snowline-pm',
      'jinja2==3.1.2',
      '    # via flask',
      'markupsafe==2.1.0',
      '    # via',
      '    #   jinja2[i18n]',
      '    #   snowline-pm',
      '',
    ].join('\n')
    expect(Object.fromEntries(answers('requirements.txt', text))).toEqual({
      member: 'direct',
      'Flask@2.3.2': 'direct',
      'jinja2@3.1.2': 'through Flask@2.3.2',
      'markupsafe@2.1.0': 'direct',
    })
  })

  it('knows what a uv.lock of a script or of a root without a project asks for', () => {
    const entry = (name: string, dependency = ''): string =>
      `[[package]]\nname = "${name}"\nversion = "1"\nsource = { registry = "x" }\ndependencies = [${dependency}]\n`
    const manifest =
      '[manifest]\nrequirements = [{ name = "a" }]\n[manifest.dependency-groups]\ndev = [{ name = "c" }]\n'
    const text = `version = 1\n${manifest}${entry('a', '{ name = "b" }')}${entry('b')}${entry('c', '{ name = "d" }')}${entry('d')}`
    expect(Object.fromEntries(answers('uv.lock', text))).toEqual({
      'a@1': 'direct',
      'b@1': 'through a@1',
      'c@1': 'direct',
      'd@1': 'through c@1',
    })
    const dev = parseLockfile('uv.lock', text).packages.filter((found) => found.dev)
    expect(dev.map(({ name }) => name)).toEqual(['c', 'd'])
  })

  it('tells entries of a file without line breaks apart', () => {
    const packages = {
      '': { dependencies: { a: '1', b: '1' } },
      'node_modules/a': { version: '1.0.0', dependencies: { c: '2' } },
      'node_modules/a/node_modules/c': { version: '2.0.0' },
      'node_modules/b': { version: '1.0.0', dependencies: { c: '1' } },
      'node_modules/c': { version: '1.0.0' },
    }
    const text = JSON.stringify({ lockfileVersion: 3, packages })
    expect(Object.fromEntries(answers('package-lock.json', text))).toEqual({
      'a@1.0.0': 'direct',
      'b@1.0.0': 'direct',
      'c@2.0.0': 'through a@1.0.0',
      'c@1.0.0': 'through b@1.0.0',
    })
  })

  it.each([
    [
      'package-lock.json',
      JSON.stringify(
        {
          lockfileVersion: 3,
          packages: {
            '': { dependencies: { top: '1' } },
            'node_modules/top': { version: '1.0.0', dependencies: { safe: '1' } },
            'node_modules/safe': { version: '1.0.0', resolved: EVIL, dependencies: { below: '1' } },
            'node_modules/below': { version: '1.0.0' },
          },
        },
        undefined,
        1,
      ),
    ],
    [
      'pnpm-lock.yaml',
      `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      top:
        specifier: ^1.0.0
        version: 1.0.0
packages:
  below@1.0.0: {resolution: {integrity: sha512-x}}
  safe@1.0.0: {resolution: {integrity: sha512-x, tarball: ${EVIL}}}
  top@1.0.0: {resolution: {integrity: sha512-x}}
snapshots:
  below@1.0.0: {}
  safe@1.0.0:
    dependencies:
      below: 1.0.0
  top@1.0.0:
    dependencies:
      safe: 1.0.0
`,
    ],
    [
      'yarn.lock',
      `# yarn lockfile v1

below@^1.0.0:
  version "1.0.0"

safe@^1.0.0:
  version "1.0.0"
  resolved "${EVIL}"
  dependencies:
    below "^1.0.0"

top@^1.0.0:
  version "1.0.0"
  dependencies:
    safe "^1.0.0"
`,
    ],
    [
      'yarn.lock',
      `__metadata:
  version: 8

"below@npm:^1.0.0":
  version: 1.0.0
  resolution: "below@npm:1.0.0"

"own@workspace:.":
  version: 0.0.0-use.local
  resolution: "own@workspace:."
  dependencies:
    top: "npm:^1.0.0"

"safe@npm:^1.0.0":
  version: 1.0.0
  resolution: "safe@npm:1.0.0::__archiveUrl=${encodeURIComponent(EVIL)}"
  dependencies:
    below: "npm:^1.0.0"

"top@npm:^1.0.0":
  version: 1.0.0
  resolution: "top@npm:1.0.0"
  dependencies:
    safe: "npm:^1.0.0"
`,
    ],
    [
      'bun.lock',
      `{
  "lockfileVersion": 1,
  "workspaces": { "": { "name": "own", "dependencies": { "top": "1" } } },
  "packages": {
    "below": ["below@1.0.0", "", {}, "sha512-x"],
    "safe": ["safe@1.0.0", "${EVIL}", { "dependencies": { "below": "1" } }, "sha512-x"],
    "top": ["top@1.0.0", "", { "dependencies": { "safe": "1" } }, "sha512-x"],
  }
}`,
    ],
  ])(
    'tells of a package that contradicts its tarball, as what it says and as what the tarball is: %s',
    (path, text) => {
      const told = answers(path, text)
      expect(told.get('safe@1.0.0')).toBe('through top@1.0.0')
      expect(told.get('evil@6.6.6')).toBe('through top@1.0.0')
      expect(told.get('below@1.0.0')).toBe('through top@1.0.0 > safe@1.0.0')
    },
  )

  it('tells of a package that stands only in the section that npm 6 installs from', () => {
    const packages = { '': { dependencies: { a: '1' } }, 'node_modules/a': { version: '1.0.0' } }
    const evil = { version: '6.6.6', requires: { worse: '6' }, dependencies: { worse: { version: '6.6.7' } } }
    const dependencies = { a: { version: '1.0.0', requires: { evil: '6' }, dependencies: { evil } } }
    const text = JSON.stringify({ lockfileVersion: 3, packages, dependencies })
    expect(Object.fromEntries(answers('package-lock.json', text))).toEqual({
      'a@1.0.0': 'direct',
      'evil@6.6.6': 'through a@1.0.0',
      'worse@6.6.7': 'through a@1.0.0 > evil@6.6.6',
    })
  })

  it('follows what resolutions of yarn 4 and its catalogs put in the place of what is asked for', () => {
    const text = `__metadata:
  version: 8

"is-even@npm:1.0.0":
  resolution: "is-even@npm:1.0.0"
  dependencies:
    is-odd: "npm:^0.1.2"

"is-number@npm:^1.1.0":
  resolution: "is-number@npm:1.1.2"

"is-odd@npm:0.1.1":
  resolution: "is-odd@npm:0.1.1"
  dependencies:
    is-number: "npm:^1.1.0"

"own@workspace:.":
  resolution: "own@workspace:."
  dependencies:
    is-even: "catalog:"
`
    expect(Object.fromEntries(answers('yarn.lock', text))).toEqual({
      'is-even@1.0.0': 'direct',
      'is-odd@0.1.1': 'through is-even@1.0.0',
      'is-number@1.1.2': 'through is-even@1.0.0 > is-odd@0.1.1',
      own: 'direct',
    })
  })

  it('takes the peers that a package is installed with into account', () => {
    const text = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0(p@1.0.0)
      other:
        specifier: ^1.0.0
        version: 1.0.0
packages:
  a@1.0.0: {resolution: {integrity: sha512-x}}
  b@1.0.0: {resolution: {integrity: sha512-x}}
  other@1.0.0: {resolution: {integrity: sha512-x}}
  p@1.0.0: {resolution: {integrity: sha512-x}}
snapshots:
  a@1.0.0(p@1.0.0): {}
  a@1.0.0(p@2.0.0):
    dependencies:
      b: 1.0.0
  b@1.0.0: {}
  other@1.0.0:
    dependencies:
      a: 1.0.0(p@2.0.0)
  p@1.0.0: {}
`
    expect(answers('pnpm-lock.yaml', text).get('b@1.0.0')).toBe('through other@1.0.0 > a@1.0.0')
  })

  it('ends where packages ask for each other, and does not guess how they came', () => {
    const text = `[[package]]
name = "a"
version = "1"
[package.dependencies]
b = "*"

[[package]]
name = "b"
version = "1"
[package.dependencies]
a = "*"
`
    expect([...answers('poetry.lock', text).values()]).toEqual(['unknown', 'unknown'])
  })

  it('takes a file whose entries all ask for all of them', () => {
    const entry = '[[package]]\nname = "a"\nversion = "1"\ndependencies = ["a"]\n'
    const text = `version = 4\n[[package]]\nname = "own"\nversion = "1"\ndependencies = ["a"]\n${entry.repeat(20_000)}`
    expect([...answers('Cargo.lock', text).values()]).toEqual(['direct', 'direct'])
  })

  it('takes a way through very many, and tells none of more than a hundred', () => {
    const entries = Array.from({ length: 5_000 }, (_, index) => {
      return `p${index}@1:\n  version "1.0.0"\n  dependencies:\n    p${index + 1} "1"\n\n`
    })
    const told = answers('yarn.lock', `# yarn lockfile v1\n\n${entries.join('')}`)
    expect(told.get('p100@1.0.0')?.split(' > ')).toHaveLength(100)
    expect(told.get('p101@1.0.0')).toBe('unknown')
    expect(told.get('p4999@1.0.0')).toBe('unknown')
  })

  it('takes a file of very many entries without line breaks, and one that asks for very many from a deep folder', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `p${index}`)
    const entries = names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }] as const)
    const deep = `node_modules/${'a/'.repeat(3_500)}node_modules/deep`
    const packages = {
      '': { dependencies: { deep: '1' } },
      [deep]: { version: '1.0.0', dependencies: Object.fromEntries(names.map((name) => [name, '1'])) },
      ...Object.fromEntries(entries),
      'node_modules/p0': { version: '1.0.0', dependencies: { deep: '1' } },
      'node_modules/deep': { version: '2.0.0', dependencies: { p0: '1' } },
    }
    const text = JSON.stringify({ lockfileVersion: 3, packages })
    const places = [{ name: 'p0', version: '1.0.0', line: 1 }]
    expect(whyInstalled('package-lock.json', text, places)[0]?.map(label)).toEqual(['deep@2.0.0'])
  })

  it.each([
    ['requirements.txt', (count: number) => 'a==1.0.0\n    # via a\n'.repeat(count)],
    [
      'bom.json',
      (count: number) =>
        JSON.stringify({
          bomFormat: 'CycloneDX',
          specVersion: '1.6',
          components: Array.from({ length: count }, () => ({
            'bom-ref': 'x',
            purl: 'pkg:npm/a@1.0.0',
            type: 'library',
          })),
          dependencies: [{ ref: 'x', dependsOn: Array.from({ length: count }, () => 'x') }],
        }),
    ],
    [
      'spdx.json',
      (count: number) =>
        JSON.stringify({
          spdxVersion: 'SPDX-2.3',
          packages: Array.from({ length: count }, () => ({
            SPDXID: 'x',
            externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:npm/a@1.0.0' }],
          })),
          relationships: Array.from({ length: count }, () => {
            return { spdxElementId: 'x', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'x' }
          }),
        }),
    ],
  ])('does as much work for each of very many like entries of %s', (path, textOf) => {
    expect(whyInstalled(path, textOf(8_000), [{ name: 'b', version: '1.0.0', line: 1 }])).toEqual([undefined])
  })

  it('knows nothing of a place that the file has not, and refuses what parseLockfile() refuses', () => {
    const { fileName, text } = fixture('npm-v3')
    expect(whyInstalled(fileName, text, [{ name: 'ms', version: '2.1.3', line: 1 }])).toEqual([undefined])
    const refusal = (path: string, content: string): unknown => {
      try {
        return whyInstalled(path, content, [])
      } catch (error) {
        return error
      }
    }
    expect(isLockfileError(refusal('package-lock.json', '{'), 'MALFORMED')).toBe(true)
    expect(isLockfileError(refusal('notes.txt', ''), 'UNKNOWN_FORMAT')).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'

import { isLockfileError, type ParsedLockfile, parseLockfile } from '../src/index.ts'

function codeOf(path: string, text: string): string {
  try {
    parseLockfile(path, text)
    return 'read'
  } catch (error) {
    return isLockfileError(error) ? error.code : 'another error'
  }
}

describe('parseLockfile', () => {
  it.each([
    ['bun.lock', '{"lockfileVersion": 3, "packages": {}}'],
    ['bun.lockb', '#!/usr/bin/env bun\nbun-lockfile-format-v0\n'],
    ['poetry.lock', '[metadata]\nlock-version = "3.0"\n'],
    ['uv.lock', 'version = 2\n'],
    ['pylock.toml', 'lock-version = "2.0"\n'],
    ['Cargo.lock', 'version = 5\n'],
    ['Package.resolved', '{"version": 4, "pins": []}'],
    ['packages.lock.json', '{"version": 3, "dependencies": {}}'],
    ['bom.json', '{"bomFormat": "CycloneDX", "specVersion": "2.0"}'],
    ['sbom.spdx.json', '{"spdxVersion": "SPDX-3.0"}'],
    ['sbom.spdx.json', '{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}'],
  ])('refuses a version of %s that it does not know: %s', (path, text) => {
    expect(codeOf(path, text)).toBe('UNSUPPORTED_VERSION')
  })

  it('refuses a bom.json that is no SBOM', () => {
    expect(codeOf('bom.json', '{"type": "bill"}')).toBe('UNKNOWN_FORMAT')
  })

  it.each([
    ['composer.lock', '[]'],
    ['Pipfile.lock', '{'],
    ['Cargo.lock', '[[package]\n'],
    ['pom.xml', '<!DOCTYPE project [<!ENTITY a "b">]><project/>'],
    ['pom.xml', '<html></html>'],
    ['mix.lock', 'System.cmd("x", [])'],
    ['mix.lock', '"text"'],
    ['pubspec.lock', 'a: *b\n'],
    ['package.json', '{"dependencies": {'],
  ])('refuses a malformed %s: %s', (path, text) => {
    expect(codeOf(path, text)).toBe('MALFORMED')
  })

  it.each([
    ['requirements.txt', 'a=1.0\n', 1],
    ['requirements.txt', '\n--unknown x\n', 2],
    ['requirements.txt', '-r https://registry.example/requirements.txt\n', 1],
    ['requirements.txt', '-r other.txt\n', 1],
    ['requirements.txt', '-r ../requirements.txt\n', 1],
    ['requirements.txt', '\n--extra-index-url https://x.example/simple -r hidden.txt\n', 2],
    ['requirements.txt', '--no-index -c c.txt\n', 1],
    ['requirements.txt', '--pre --requirem=hidden.txt\n', 1],
    ['requirements.txt', '--require-hashes --edit=./x\n', 1],
    ['requirements.txt', '-r requirements.txt -r x/../hidden.txt -r requirements.txt\n', 1],
    ['requirements.txt', '--pre "-r" hidden.txt\n', 1],
    ['requirements.txt', '--pre -""r hidden.txt\n', 1],
    ['requirements.txt', 'a>=x\n', 1],
    ['requirements.txt', 'a==${A}\n', 1],
    ['Pipfile.lock', '{"default": {\n"a": {"version": ">=1.0"}}}', 2],
    ['Pipfile.lock', '{"_meta": {}}', 1],
    ['poetry.lock', '[[package]]\nname = "a"\n', 2],
    ['poetry.lock', '[[package]]\nversion = "1.0"\n', 1],
    ['uv.lock', 'version = 1\n[[package]]\nname = "a"\nversion = "1.0"\nsource = { moon = "x" }\n', 3],
    ['pdm.lock', '[[package]]\nname = "a"\n', 2],
    ['pylock.toml', 'lock-version = "1.0"\n[[packages]]\nname = "a"\n', 3],
    ['Cargo.lock', '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "moon+x"\n', 2],
    ['Cargo.lock', 'package = 1\n', 1],
    ['go.mod', 'module a\nrequire a b\n', 2],
    ['go.mod', 'module a\nrequire (\n\ta v1.0.0\n', 4],
    ['go.mod', 'module a\nunknown b\n', 2],
    ['go.mod', 'module a\nreplace b\n', 2],
    ['go.sum', 'a v1.0.0\n', 1],
    ['Gemfile.lock', 'GEM\n  specs:\n    a\n', 3],
    ['Gemfile.lock', 'MOON\n', 1],
    ['Gemfile.lock', '<<<<<<< HEAD\n', 1],
    ['composer.lock', '{"packages": [\n{"name": "a"}]}', 2],
    ['composer.lock', '{}', 1],
    ['gradle.lockfile', 'a:b\n', 1],
    ['Package.resolved', '{"version": 2, "pins": [\n{"identity": "a"}]}', 2],
    ['packages.lock.json', '{"version": 1, "dependencies": {"net6.0": {\n"a": {"type": "Direct"}}}}', 2],
    ['mix.lock', '%{\n"a": {:moon, 1}}', 2],
    ['mix.lock', '%{\n# x\n"a": {:moon, 1}}', 3],
    ['pubspec.lock', 'packages:\n  a:\n    source: moon\n', 2],
    [
      'bom.json',
      '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [\n{"type": "library", "name": "a"}]}',
      2,
    ],
    ['bom.json', '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [\n{"name": "a", "purl": "x"}]}', 2],
    [
      'bom.json',
      '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [\n{"name": "a", "purl": "pkg:npm/a"}]}',
      2,
    ],
    ['a.spdx.json', '{"spdxVersion": "SPDX-2.3", "packages": [\n{"name": "a"}]}', 2],
    ['bun.lock', '{"lockfileVersion": 1, "packages": {\n"a": ["a@moon:x"]}}', 2],
    ['package.json', '{"dependencies": {\n"a": null}}', 2],
    ['package.json', '{"dependencies": {\n"a": "!!"}}', 2],
    ['package.json', '{"dependencies": {"a": "1"},\n"dependencies": {}}', 2],
    ['pyproject.toml', '[project]\ndependencies = ["=x"]\n', 2],
    ['Cargo.toml', '[dependencies]\na = "x y"\n', 2],
    ['pom.xml', '<project><dependencies>\n<dependency/></dependencies></project>', 2],
  ])('names the line of what it does not understand in %s: %j', (path, text, line) => {
    expect(parseLockfile(path, text).problems.map((problem) => problem.line)).toContain(line)
  })

  const CYCLONEDX = '"bomFormat": "CycloneDX", "specVersion": "1.6"'

  it.each([
    ['composer.lock', '{\n"packages": "a"}', 'packages', 'list'],
    ['composer.lock', '{"packages": [],\n"packages-dev": 1}', 'packages-dev', 'list'],
    ['packages.lock.json', '{"version": 1,\n"dependencies": [{"a": 1}]}', 'dependencies', 'object'],
    ['Package.resolved', '{"version": 2,\n"pins": {"a": 1}}', 'pins', 'list'],
    ['bom.json', `{${CYCLONEDX},\n"components": {"a": 1}}`, 'components', 'list'],
    ['bom.json', `{${CYCLONEDX}, "components": [{"type": "file",\n"components": {}}]}`, 'components', 'list'],
    ['a.spdx.json', '{"spdxVersion": "SPDX-2.3",\n"packages": {"a": 1}}', 'packages', 'list'],
    ['pubspec.lock', '# x\npackages:\n  - a\n', 'packages', 'object'],
    ['pyproject.toml', '\nproject = "a"\n', 'project', 'object'],
    ['pyproject.toml', '[project]\noptional-dependencies = ["a"]\n', 'optional-dependencies', 'object'],
    ['pyproject.toml', '[tool.hatch.envs]\ndefault = ["a"]\n', 'default', 'object'],
    ['pyproject.toml', '[tool.poetry.group]\ndocs = ["a"]\n', 'docs', 'object'],
    ['Cargo.toml', '\ndependencies = ["a"]\n', 'dependencies', 'object'],
    ['Cargo.toml', '\ntarget = ["a"]\n', 'target', 'object'],
    ['Cargo.toml', '[target]\nx = ["a"]\n', 'x', 'object'],
    ['Cargo.toml', '[patch]\ncrates-io = ["a"]\n', 'crates-io', 'object'],
    ['Cargo.toml', '[workspace]\ndependencies = ["a"]\n', 'dependencies', 'object'],
    ['bun.lock', '{"lockfileVersion": 1,\n"packages": ["a"]}', 'packages', 'object'],
    ['bun.lock', '{"lockfileVersion": 1, "packages": {},\n"workspaces": ["a"]}', 'workspaces', 'object'],
    ['package.json', '{\n"overrides": ["a"]}', 'overrides', 'object'],
    ['package.json', '{\n"resolutions": ["a"]}', 'resolutions', 'object'],
    ['package.json', '{"pnpm": {\n"overrides": ["a"]}}', 'overrides', 'object'],
    ['poetry.lock', '\npackage = {a = 1}\n', 'package', 'list'],
  ])('does not take a section of another kind in %s for an empty one: %j', (path, text, section, kind) => {
    const { problems } = parseLockfile(path, text)
    const line = text.slice(0, text.indexOf(section, text.indexOf('\n'))).split('\n').length
    expect(problems).toContainEqual({ line, reason: `The section "${section}" is no ${kind}.` })
  })

  it.each([
    ['composer.lock', '{"packages": [], "packages-dev": null}'],
    ['Package.resolved', '{"version": 2, "pins": null}'],
    ['bom.json', `{${CYCLONEDX}, "components": null}`],
    ['pubspec.lock', 'packages:\nsdks:\n  dart: x\n'],
  ])('takes a section of %s without a value for an empty one: %s', (path, text) => {
    expect(parseLockfile(path, text)).toEqual({ packages: [], ranges: [], problems: [] })
  })

  it('reads the values of an object where composer.lock should have a list, as Composer does', () => {
    const entry = (name: string): string => `{"name": "${name}", "version": "1.0.0", "require": {"a/b": "*"}}`
    const text = `{"packages": {"0": ${entry('c/d')}},\n"packages-dev": {\n"x": ${entry('a/b')}}}`
    const { packages, problems } = parseLockfile('composer.lock', text)
    expect(packages.map(({ name, line, direct, dev }) => [name, line, direct, dev])).toEqual([
      ['c/d', 1, true, false],
      ['a/b', 3, false, true],
    ])
    expect(problems).toEqual([])
  })

  it.each(['requirements.txt', 'go.mod', 'go.sum', 'Gemfile.lock', 'gradle.lockfile', 'mix.lock'])(
    'reads an empty %s as one that installs nothing',
    (path) => {
      expect(parseLockfile(path, '')).toEqual({ packages: [], ranges: [], problems: [] })
    },
  )

  const POM = '<project><build><plugins><plugin><artifactId>p</artifactId><version>1</version><configuration>'
  const DESCRIBED = '"spdxVersion": "SPDX-2.3", "documentDescribes": ["a", "b"]'
  const LOCATOR = '"referenceType": "http://spdx.org/rdf/references/purl", "referenceLocator"'

  it.each([
    ['requirements.txt', '# ok\rp==1.0\n', ['p 1.0']],
    ['requirements.txt', '# ok\x85p==1.0\n', ['p 1.0']],
    ['requirements.txt', 'p==1.0 # why \\\nq==2.0\nr==3.0', ['p 1.0', 'r 3.0']],
    ['requirements.txt', 'p==1.0 \\\n# why\nq==2.0', ['p 1.0', 'q 2.0']],
    ['requirements.txt', 'https://host.example/python-jose-1.0.tar.gz\n', ['python-jose 1.0']],
    ['requirements.txt', 'https://host.example/a_b-1.0-py3-none-any.whl#sha256=x\n', ['a_b 1.0']],
    ['requirements.txt', '--pre -e git+https://git.example/evil.git@abc#egg=evil\n', ['evil abc']],
    ['requirements.txt', '-e git+https://git.example/p.git@abc --config-settings a=b -C c=d --pre\n', ['p abc']],
    ['requirements.txt', '-r requirements.txt -e git+https://h/q@abc#/requirements.txt\n', ['q abc']],
    ['requirements.txt', 'git+https://git@host.example/o/p@v1.0\n', ['p v1.0']],
    ['requirements.txt', 'git+ssh://git@host.example/o/p.git@v1.0\n', ['p v1.0']],
    [
      'pylock.toml',
      'lock-version = "1.0"\n[[packages]]\nname = "p"\narchive = {url = "https://h/p-2.0.zip"}\n',
      ['p 2.0'],
    ],
    ['gradle/dependency-locks/compileClasspath.lockfile', 'g:p:1.0\n', ['g:p 1.0']],
    ['settings-gradle.lockfile', 'g:p:1.0=classpath\nempty=\n', ['g:p 1.0']],
    [
      'pom.xml',
      `${POM}<annotationProcessorPaths><path><groupId>g</groupId><artifactId>a</artifactId><version>2</version></path></annotationProcessorPaths></configuration></plugin></plugins></build></project>`,
      ['org.apache.maven.plugins:p 1', 'g:a 2'],
    ],
    ['uv.lock', 'version = 1\n[[distribution]]\nname = "p"\nversion = "1"\nsource = {registry = "x"}\n', ['p 1']],
    ['package.json', '{"dependencies": {"p": "patch:p@npm%3A1.0.0#~/p.patch"}}', ['p 1.0.0']],
    ['package.json', '{"resolutions": {"p@npm:^1": "patch:@s/q@npm%3A1.0.1#p"}}', ['@s/q 1.0.1']],
    [
      'pyproject.toml',
      '[tool.uv]\noverride-dependencies = ["p==1"]\nconstraint-dependencies = ["q==2"]\n',
      ['p 1', 'q 2'],
    ],
    ['pyproject.toml', '[tool.uv]\nbuild-constraint-dependencies = ["p==1"]\n', ['p 1']],
    ['pyproject.toml', '[tool.poetry.requires-plugins]\np = "1"\nq = {version = ">2"}\n', ['p 1', 'q ']],
    ['pyproject.toml', '[tool.pdm.resolution.overrides]\np = "1"\nq = "==2"\nr = "https://h/r.zip"\n', ['p 1', 'q 2']],
    [
      'pyproject.toml',
      '[tool.hatch.build]\ndependencies = ["p==1"]\n[tool.hatch.build.hooks.x]\ndependencies = ["q==2"]\n',
      ['p 1', 'q 2'],
    ],
    [
      'pyproject.toml',
      '[tool.hatch.build.targets.w]\ndependencies = ["p==1"]\n[tool.hatch.build.targets.w.hooks.x]\ndependencies = ["q==2"]\n',
      ['p 1', 'q 2'],
    ],
    [
      'a.spdx.json',
      `{${DESCRIBED}, "packages": [{"SPDXID": "a"}, {"SPDXID": "b", "externalRefs": [{${LOCATOR}: "pkg:npm/p@1.0.0"}]}]}`,
      ['p 1.0.0'],
    ],
    [
      'package-lock.json',
      '{"lockfileVersion": 2, "packages": {"": {}}, "dependencies": {"p": {"version": "1.0.0", "dependencies": {"q": {"version": "2.0.0"}}}}}',
      ['p 1.0.0', 'q 2.0.0'],
    ],
    [
      'pnpm-lock.yaml',
      'lockfileVersion: 5.4-inlineSpecifiers\ndependencies:\n  p:\n    specifier: ^1.0.0\n    version: 1.0.0\npackages:\n  /p/1.0.0:\n    resolution: {integrity: x}\n',
      ['p 1.0.0'],
    ],
  ])('misses nothing that is pinned in %s: %j', (path, text, expected) => {
    const { packages, ranges } = parseLockfile(path, text)
    const pinned = ranges.map(({ name, exact = '' }) => `${name} ${exact}`)
    expect([...packages.map(({ name, version }) => `${name} ${version}`), ...pinned]).toEqual(expected)
  })

  it('refuses a gradle.lockfile whose comment would hide an entry', () => {
    expect(codeOf('gradle.lockfile', '# ok\rg:p:1.0=x\n')).toBe('MALFORMED')
  })

  it('takes a line of a requirements file that has harmless options only for what says nothing', () => {
    const options = '--pre --require-hashes -i https://h/simple --extra-index-url=https://h/a-b --no-binary :all:\n'
    expect(parseLockfile('requirements.txt', options)).toEqual({ packages: [], ranges: [], problems: [] })
    const editable = parseLockfile('requirements.txt', '-e ./my-folder  --config-settings editable_mode=compat\n')
    expect(editable).toMatchObject({ packages: [{ name: 'my-folder', resolved: './my-folder' }], problems: [] })
  })

  it('takes what Poetry adds to a requirement for none of its own', () => {
    const added = ['a-b', 'c', 'd', 'e'].map((name) => `${name} = { source = "private" }\n`).join('')
    const project = '[project]\ndependencies = ["A_B>1"]\noptional-dependencies.x = ["c @ git+https://h/c"]\n'
    const text = `${project}[dependency-groups]\ny = ["d"]\n[tool.poetry.dependencies]\n${added}`
    const { ranges, problems } = parseLockfile('pyproject.toml', text)
    expect(ranges.map(({ name, range }) => `${name} ${range}`)).toEqual(['A_B >1', 'd '])
    expect(problems.map(({ line }) => line)).toEqual([10])
  })

  it('resolves what a requirements file includes from its own folder', () => {
    expect(parseLockfile('a/requirements/dev.txt', '-r base.txt\n-c ../constraints.txt\n').problems).toEqual([])
  })

  it('reads the requirements of a package.json, and leaves out what no registry answers', () => {
    const { ranges, problems } = parseLockfile(
      'package.json',
      JSON.stringify({
        dependencies: {
          a: '^1.0.0',
          b: 'npm:real@1.2.3',
          c: 'npm:@scope/real',
          d: 'npm:^2.0.0',
          e: 'latest',
          f: '',
          g: 'workspace:*',
          h: 'github:owner/name',
          i: 'owner/name#v1',
          j: 'file:../x',
          k: 'git+ssh://git@host/x.git',
          l: 'https://registry.example/l/-/l-3.0.0.tgz',
          m: 'https://host.example/m.tgz',
          n: 'catalog:',
          __proto__0: '1.0.0',
        },
        peerDependencies: { o: '>=1' },
        overrides: { p: '1.0.0', q: { '.': '2.0.0', 'r@^1': '3.0.0' }, s: '$a' },
        resolutions: { 't/**/@scope/u': '4.0.0' },
        pnpm: { overrides: { 'v>w@1': '5.0.0', x: '-', 'v@>=1>y@>=1.0.0 <1.2.3 || >2': '6.0.0', 'v@^1/z': '7.0.0' } },
      }),
    )
    expect(problems).toEqual([])
    expect(ranges.map(({ name, range, exact }) => [name, range, exact]).sort()).toEqual(
      [
        ['@scope/real', '*', undefined],
        ['@scope/u', '4.0.0', '4.0.0'],
        ['__proto__0', '1.0.0', '1.0.0'],
        ['a', '^1.0.0', undefined],
        ['d', '^2.0.0', undefined],
        ['e', 'latest', undefined],
        ['f', '', undefined],
        ['l', '3.0.0', '3.0.0'],
        ['o', '>=1', undefined],
        ['p', '1.0.0', '1.0.0'],
        ['q', '2.0.0', '2.0.0'],
        ['r', '3.0.0', '3.0.0'],
        ['real', '1.2.3', '1.2.3'],
        ['w', '5.0.0', '5.0.0'],
        ['y', '6.0.0', '6.0.0'],
        ['z', '7.0.0', '7.0.0'],
      ].sort(),
    )
  })

  it.each([
    ['pkg:cargo/a', '>= 0.4.0,< 0.5.0', 0],
    ['pkg:npm/a@%5E6.3.0', '^6.3.0', 0],
    ['pkg:npm/a@6.x', '6.x', 0],
    ['pkg:pypi/a', '= 1.0', 1],
    ['pkg:pypi/a', '== 1.0', 0],
    ['pkg:maven/g/a', '[1.0,2.0)', 0],
    ['pkg:golang/a', 'abcdef', 1],
  ])('takes the version of %s in an SBOM for the requirement that it is: %s', (purl, version, count) => {
    const spdx = { SPDXID: 'a', name: 'a', versionInfo: version }
    const externalRefs = [{ referenceType: 'purl', referenceLocator: purl }]
    const texts = [
      ['a.spdx.json', { spdxVersion: 'SPDX-2.3', packages: [{ ...spdx, externalRefs }] }],
      ['bom.json', { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'a', version, purl }] }],
    ] as const
    for (const [path, document] of texts) {
      const { packages, ranges, problems } = parseLockfile(path, JSON.stringify(document))
      expect(packages).toEqual([])
      expect(ranges).toMatchObject([{ range: version, line: 1 }])
      expect(problems).toHaveLength(count)
    }
  })

  it('takes a property of a pom.xml for all that the project and its profiles make of it', () => {
    const profile = (value: string): string => `<profile><properties><v>${value}</v></properties></profile>`
    const dependency = '<dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency>'
    const pom = (profiles: string): string =>
      `<project><properties><v>1</v></properties><profiles>${profiles}</profiles><dependencies>${dependency}</dependencies></project>`
    const rangesOf = (profiles: string): string[] =>
      parseLockfile('pom.xml', pom(profiles)).ranges.map(({ range }) => range)
    expect(rangesOf(profile('2') + profile('${elsewhere}') + profile('1'))).toEqual(['1', '2', ''])
    expect(rangesOf(Array.from({ length: 50 }, (_, index) => profile(String(index))).join(''))).toEqual([''])
  })

  it('says of a dependency in a pom.xml whose parts all have many meanings that it may be anything', () => {
    const profiles = Array.from({ length: 16 }, (_, index) => {
      return `<profile><properties><a>a${index}</a><b>b${index}</b><c>${index}</c></properties></profile>`
    })
    const read = (group: string, artifact: string): ParsedLockfile => {
      const names = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>`
      const dependency = `<dependency>${names}<version>\${c}</version></dependency>`
      const dependencies = `<dependencies>${dependency}</dependencies>`
      return parseLockfile('pom.xml', `<project><profiles>${profiles.join('')}</profiles>${dependencies}</project>`)
    }
    expect(read('one', 'two').ranges).toHaveLength(16)
    expect(read('${a}', 'two').ranges.map(({ name, range }) => [name, range])).toEqual(
      Array.from({ length: 16 }, (_, index) => [`a${index}:two`, '']),
    )
    expect(read('${a}', '${b}')).toMatchObject({ ranges: [], problems: [{ line: 1 }] })
  })

  it('lists what replaces a module that a go.mod before Go 1.17 leaves out', () => {
    const rest = 'require a v1.0.0\nreplace a => x v1.1.0\nreplace b v1.0.0 => y v2.0.0\nreplace c => ../c\n'
    const read = (text: string): string[] =>
      parseLockfile('go.mod', text).packages.map(({ line, name }) => `${line} ${name}`)
    expect(read(`module m\ngo 1.16\n${rest}`)).toEqual(['3 x', '5 y'])
    expect(read(`module m\n\n${rest}`)).toEqual(['3 x', '5 y'])
    expect(read(`module m\ngo 1.17\n${rest}`)).toEqual(['3 x'])
  })

  it('gives up on properties of a pom.xml that lead in a circle or grow without end', () => {
    const pom = (properties: string): string =>
      `<project><properties>${properties}</properties><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>\${a}</version></dependency></dependencies></project>`
    const grown = Array.from(
      { length: 30 },
      (_, index) => `<p${index}>\${p${index + 1}}\${p${index + 1}}</p${index}>`,
    ).join('')
    expect(parseLockfile('pom.xml', pom('<a>${b}</a><b>${a}</b>')).ranges[0]?.range).toBe('')
    expect(parseLockfile('pom.xml', pom(`<a>\${p0}</a>${grown}`)).ranges[0]?.range).toBe('')
    expect(parseLockfile('pom.xml', pom(`<a>\${b}</a><b>${'1'.repeat(1_024)}</b>`)).ranges[0]?.range).toBe('')
  })

  const MANY = 50_000
  const many = (piece: (index: number) => string): string =>
    Array.from({ length: MANY }, (_, index) => piece(index)).join('')

  it.each([
    ['requirements.txt', many((i) => `a${i}==1.0 \\\n`)],
    ['requirements.txt', `a${'-'.repeat(MANY)}`],
    ['requirements.txt', `a[${'['.repeat(MANY)}`],
    ['Cargo.lock', many((i) => `[[package]]\nname = "a${i}"\nversion = "1.0.0"\n`)],
    ['Cargo.lock', `a = [${'1,'.repeat(MANY)}]`],
    ['go.mod', many((i) => `replace a => b${i} v1.0.0\n`)],
    ['composer.lock', `{"packages": [${many((i) => `{"name": "a/${i}", "version": "1.0.0"},`)}{}]}`],
    ['pom.xml', `<project>${many(() => '<dependency>x</dependency>')}</project>`],
    ['pom.xml', `<project>${'<!--'.repeat(MANY)}`],
    ['pom.xml', `<project a${' '.repeat(MANY)}`],
    ['mix.lock', `%{${many((i) => `"a${i}": {:hex, :a, "1.0.0"},`)}}`],
    ['mix.lock', `%{${'#\n'.repeat(MANY)}`],
    ['bun.lock', `{"lockfileVersion": 1, "packages": {${many((i) => `"a${i}": ["a${i}@1.0.0", "", {}],`)}}}`],
    ['bun.lock', '/*'.repeat(MANY)],
    ['Gemfile.lock', `GEM\n  specs:\n${many((i) => `    a${i} (1.0)\n`)}`],
    ['go.sum', many((i) => `a${i} v1.0.0 h1:x=\n`)],
    ['package.json', `{"dependencies": {"a": "${'>'.repeat(900)}"}}`],
    ['package.json', `{"dependencies": {"a": "${' '.repeat(MANY)}x"}}`],
  ])(
    'reads %s in time that grows with its size alone: %.30j',
    (path, text) => {
      expect(['read', 'MALFORMED']).toContain(codeOf(path, text))
    },
    10_000,
  )
})

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { compareVersions, type Ecosystem, satisfies } from '../../src/index.ts'

/**
 * Asks the ecosystem's own tool, where this machine has it: `compare` is a list of pairs, `satisfy` of versions and requirements; the
 * answer is a list each, `null` for what the tool refuses.
 */
interface Tool {
  readonly ecosystem: Ecosystem
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly versions: fc.Arbitrary<string>
  readonly ranges: fc.Arbitrary<string> | undefined
}

interface Questions {
  readonly compare: readonly (readonly [string, string])[]
  readonly satisfy: readonly (readonly [string, string])[]
}

interface Answers {
  readonly compare: readonly (number | null)[]
  readonly satisfy: readonly (boolean | null)[]
}

const numbers = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(0, 0, 1, 2, 10), { minLength: 1, maxLength }).map((parts) => parts.join('.'))

const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(''))

const pythonVersion = joined(
  fc.constantFrom('', '', '', '1!', 'v'),
  numbers(4),
  fc.constantFrom('', '', 'a1', 'b2', 'rc1', '.alpha', '-c3'),
  fc.constantFrom('', '', '.post1', '-1', 'rev2'),
  fc.constantFrom('', '', '.dev0', '.dev3'),
  fc.constantFrom('', '', '', '+abc', '+1.2', '+ubuntu-1'),
)
const pythonSpecifier = fc.oneof(
  joined(
    fc.constantFrom('==', '!=', '<=', '>=', '~='),
    pythonVersion.map((version) => version.replace('v', '')),
  ),
  // What `<1.0.post1` leaves out differs among the versions of packaging.
  joined(fc.constantFrom('<', '>'), numbers(3)),
  joined(fc.constantFrom('==', '!='), numbers(3), fc.constant('.*')),
)

const PYTHON = `
import json, sys
from packaging.version import Version
from packaging.specifiers import SpecifierSet
def satisfy(version, text):
    # The versions of packaging differ in whether a prefix, which ~= implies, regards the epoch.
    if "!" in version and (".*" in text or "~=" in text):
        return None
    try:
        specifiers = SpecifierSet(text)
    except Exception:
        return None
    return specifiers.contains(version, prereleases=bool(specifiers.prereleases))
questions = json.load(sys.stdin)
order = lambda a, b: (a > b) - (a < b)
json.dump({
    "compare": [order(Version(a), Version(b)) for a, b in questions["compare"]],
    "satisfy": [satisfy(a, b) for a, b in questions["satisfy"]],
}, sys.stdout)
`

const RUBY = `
require 'json'
questions = JSON.parse(STDIN.read)
puts JSON.generate({
  compare: questions['compare'].map { |a, b| Gem::Version.new(a) <=> Gem::Version.new(b) },
  satisfy: questions['satisfy'].map { |a, b| Gem::Requirement.new(b.split(', ')).satisfied_by?(Gem::Version.new(a)) },
})
`

const PHP = `
require '/usr/share/php/Composer/Semver/autoload.php';
$questions = json_decode(file_get_contents('php://stdin'), true);
$parser = new Composer\\Semver\\VersionParser;
$answers = ['compare' => [], 'satisfy' => []];
foreach ($questions['compare'] as [$a, $b]) {
  [$a, $b] = [$parser->normalize($a), $parser->normalize($b)];
  $greater = Composer\\Semver\\Comparator::greaterThan($a, $b);
  $answers['compare'][] = $greater ? 1 : (Composer\\Semver\\Comparator::equalTo($a, $b) ? 0 : -1);
}
foreach ($questions['satisfy'] as [$a, $b]) {
  try { $answers['satisfy'][] = Composer\\Semver\\Semver::satisfies($a, $b); } catch (Throwable $e) { $answers['satisfy'][] = null; }
}
echo json_encode($answers);
`

/** Answers in one line each way: Java has no JSON of its own. */
const MAVEN_JARS = ['/usr/share/java/maven3-artifact.jar', '/usr/share/java/commons-lang3.jar']

const composerVersion = joined(
  fc.constantFrom('', '', 'v'),
  numbers(4),
  fc.constantFrom('', '', '', '-alpha1', '-beta', '-RC2', '-dev', '-patch1', '-beta.2', '-alpha1-dev'),
)
const composerConstraint = fc.oneof(
  joined(fc.constantFrom('^', '~', '>=', '<=', '>', '<', '', '!=', '='), composerVersion),
  joined(numbers(2), fc.constant('.*')),
  // Ascending: what composer makes of an empty one beside another depends on which it merges first.
  joined(fc.constantFrom('0.', 'v0.'), numbers(2), fc.constantFrom(' - 1', ' - 1.2', ' - v1.2.0-beta')),
)

const gemVersion = joined(numbers(4), fc.constantFrom('', '', '.a', '.b1', '.rc.2', '.pre', '.0.x', '-1', '-x'))

const TOOLS: readonly Tool[] = [
  {
    ecosystem: 'pypi',
    name: 'packaging of Python',
    command: ['python3', '-c', PYTHON],
    versions: pythonVersion,
    ranges: fc.array(pythonSpecifier, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')),
  },
  {
    ecosystem: 'gem',
    name: 'RubyGems',
    command: ['ruby', '-e', RUBY],
    versions: gemVersion,
    ranges: fc
      .array(joined(fc.constantFrom('= ', '!= ', '>= ', '<= ', '> ', '< ', '~> '), gemVersion), {
        minLength: 1,
        maxLength: 2,
      })
      .map((parts) => parts.join(', ')),
  },
  {
    ecosystem: 'composer',
    name: 'composer/semver',
    command: ['php', '-r', PHP],
    versions: composerVersion,
    ranges: fc
      .tuple(composerConstraint, fc.constantFrom(' || ', ' ', ','), composerConstraint)
      .map(([first, operator, second]) => first + operator + second),
  },
]

function ask({ command: [program, ...args] }: Tool, questions: Questions): Answers | undefined {
  const { status, stdout } = spawnSync(program, args, { input: JSON.stringify(questions), encoding: 'utf8' })
  return status === 0 ? (JSON.parse(stdout) as Answers) : undefined
}

const NOTHING: Questions = { compare: [], satisfy: [] }
/** Tools of another version may differ in what nobody has seen yet: a run must not fail by chance. */
const SEED = Number(process.env['X_SEED'] ?? 1)

describe.each(TOOLS)('$ecosystem beside $name', (tool) => {
  const { ecosystem, name, versions, ranges } = tool
  const isHere = ask(tool, NOTHING) !== undefined
  if (!isHere) process.stderr.write(`${name} is not on this machine: ${ecosystem} versions are not compared with it.\n`)

  it.runIf(isHere)('has the same order and admits the same versions', () => {
    const compare = fc.sample(fc.tuple(versions, versions), { numRuns: 500, seed: SEED })
    const satisfy = ranges === undefined ? [] : fc.sample(fc.tuple(versions, ranges), { numRuns: 1_500, seed: SEED })
    const answers = ask(tool, { compare, satisfy })
    const differences = [
      ...compare.map(([a, b], index) => [
        a,
        b,
        Math.sign(compareVersions(ecosystem, a, b) ?? Number.NaN),
        answers?.compare[index],
      ]),
      ...satisfy.map(([a, b], index) => [a, b, satisfies(ecosystem, a, b) ?? null, answers?.satisfy[index]]),
    ].filter(([, , ours, theirs]) => theirs !== null && ours !== theirs)
    expect(differences).toEqual([])
  })
})

const JAVA = 'java'
const JAVA_SOURCE = join(import.meta.dirname, 'CompareVersions.java')

describe('maven beside ComparableVersion', () => {
  const isHere = MAVEN_JARS.every((jar) => existsSync(jar)) && spawnSync(JAVA, ['-version']).status === 0
  if (!isHere) process.stderr.write('Maven is not on this machine: its versions are not compared with it.\n')

  it.runIf(isHere)('has the same order', () => {
    const piece = fc.constantFrom(
      ...[
        '1',
        '2',
        '0',
        '10',
        '00',
        'alpha',
        'beta',
        'rc',
        'cr',
        'snapshot',
        'ga',
        'final',
        'sp',
        'a',
        'b',
        'm',
        'x',
        'jre',
      ],
      ...['.', '.', '.', '-', '-', 'release'],
    )
    const version = fc.array(piece, { maxLength: 6 }).map((pieces) => `1${pieces.join('')}`)
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: 1_000, seed: SEED })
    const { stdout } = spawnSync(JAVA, ['-cp', MAVEN_JARS.join(':'), JAVA_SOURCE], {
      input: pairs.map((pair) => `${pair.join('\t')}\n`).join(''),
      encoding: 'utf8',
    })
    const theirs = stdout.trim().split('\n').map(Number)
    const differences = pairs
      .map(([a, b], index) => [a, b, Math.sign(compareVersions('maven', a, b) ?? Number.NaN), theirs[index]])
      .filter(([, , ours, other]) => ours !== other)
    expect(differences).toEqual([])
  })
})

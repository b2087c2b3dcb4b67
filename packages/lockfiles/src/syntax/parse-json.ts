import { LockfileFault, placeOf } from '../lockfile-fault.ts'

/** Four times what a lockfile of 64 MiB holds. `JSON.parse` took 3 GB for 32 million nested arrays (Node 24, November 2026). */
const MAX_CONTAINERS = 2_000_000

/**
 * `JSON.parse` whose error has a place.
 *
 * @throws LockfileFault `MALFORMED` with the line and column of the first character that cannot stand where it stands, or
 * of the object or array that is one too many.
 */
export function parseJson(text: string): unknown {
  refuseBomb(text)
  try {
    return JSON.parse(text) as unknown
  } catch {
    // V8's own message has an offset only sometimes.
    const { offset, expected } = findFault(text)
    const found = offset < text.length ? JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0)) : 'the end'
    throw new LockfileFault('MALFORMED', `Expected ${expected}, found ${found}.`, placeOf(text, offset))
  }
}

function refuseBomb(text: string): void {
  if (text.length <= MAX_CONTAINERS) return
  let count = 0
  for (const open of ['{', '[']) {
    for (let offset = text.indexOf(open); offset !== -1; offset = text.indexOf(open, offset + 1)) {
      if (++count > MAX_CONTAINERS) {
        throw new LockfileFault('MALFORMED', 'The file has too many objects and arrays.', placeOf(text, offset))
      }
    }
  }
}

type State = 'value' | 'first item' | 'first key' | 'key' | 'colon' | 'in object' | 'in array' | 'done'
type Step = State | 'open object' | 'open array' | 'value done' | 'close'

interface Rule {
  readonly expected: string
  readonly steps: Readonly<Record<string, Step>>
}

const VALUE = { '{': 'open object', '[': 'open array', '"': 'value done', '0': 'value done' } as const

/** What each token leads to; one that is not listed is the fault. `"` stands for any string, `0` for a number or literal. */
const GRAMMAR: Readonly<Record<State, Rule>> = {
  value: { expected: 'a value', steps: VALUE },
  'first item': { expected: 'a value or "]"', steps: { ...VALUE, ']': 'close' } },
  'first key': { expected: 'a key or "}"', steps: { '"': 'colon', '}': 'close' } },
  key: { expected: 'a key', steps: { '"': 'colon' } },
  colon: { expected: '":"', steps: { ':': 'value' } },
  'in object': { expected: '"," or "}"', steps: { ',': 'key', '}': 'close' } },
  'in array': { expected: '"," or "]"', steps: { ',': 'value', ']': 'close' } },
  done: { expected: 'the end', steps: {} },
}

const SPACE = /[ \t\r\n]*/y
const LITERAL = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

interface Fault {
  readonly offset: number
  readonly expected: string
}

/** Reads strictly and slowly, only to find where it stops. Its own stack: nesting must not overflow the call stack. */
function findFault(text: string): Fault {
  const containers: State[] = []
  let state: State = 'value'
  let offset = endOf(SPACE, text, 0)
  for (;;) {
    const rule: Rule = GRAMMAR[state]
    const token = tokenAt(text, offset)
    const step = Object.hasOwn(rule.steps, token.kind) ? rule.steps[token.kind] : undefined
    if (step === undefined) return { offset, expected: rule.expected }
    if (token.fault !== undefined) return token.fault
    state = nextState(step, containers)
    offset = endOf(SPACE, text, token.end)
  }
}

function nextState(step: Step, containers: State[]): State {
  if (step === 'open object') {
    containers.push('in object')
    return 'first key'
  }
  if (step === 'open array') {
    containers.push('in array')
    return 'first item'
  }
  if (step !== 'value done' && step !== 'close') return step
  if (step === 'close') containers.pop()
  return containers.at(-1) ?? 'done'
}

interface Token {
  readonly kind: string
  readonly end: number
  readonly fault?: Fault
}

function tokenAt(text: string, offset: number): Token {
  const character = text[offset] ?? 'end'
  if (character === '"') return stringAt(text, offset)
  const end = endOf(LITERAL, text, offset)
  return end > offset ? { kind: '0', end } : { kind: character === '0' ? '' : character, end: offset + 1 }
}

function stringAt(text: string, start: number): Token {
  let offset = start + 1
  for (;;) {
    const character = text[offset]
    if (character === '"') return { kind: '"', end: offset + 1 }
    const end = character === '\\' ? endOf(ESCAPE, text, offset) : offset + 1
    if (character === undefined || character < ' ' || end === offset) {
      const expected = character === '\\' ? 'a known escape' : "the string's closing quote"
      return { kind: '"', end: offset, fault: { offset, expected } }
    }
    offset = end
  }
}

/** Where the match of a sticky expression at `offset` ends; `offset` when there is none. */
function endOf(sticky: RegExp, text: string, offset: number): number {
  sticky.lastIndex = offset
  return sticky.test(text) ? sticky.lastIndex : offset
}

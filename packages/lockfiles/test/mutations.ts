import fc from 'fast-check'

const PIECES = [
  ...Array.from(' \n\r\t"\'\\{}[]:,#-?@&*!|>%()0aé\0'),
  '  ',
  '": {',
  '__proto__',
  '---\n',
  'null',
  ': ',
  '- ',
  'version: 1.10\n',
  '<<<<<<< HEAD\n',
]

/** Texts that differ from the given one in a few places: a piece cut, doubled, moved or put in. */
export function mutationsOf(text: string): fc.Arbitrary<string> {
  const edit = fc.record({
    kind: fc.constantFrom('cut', 'double', 'insert', 'replace', 'truncate'),
    at: fc.nat(text.length),
    length: fc.oneof(fc.nat(8), fc.nat(400)),
    piece: fc.constantFrom(...PIECES),
  })
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) =>
    edits.reduce((current, { kind, at, length, piece }) => {
      const [before, part, after] = [current.slice(0, at), current.slice(at, at + length), current.slice(at + length)]
      if (kind === 'cut') return before + after
      if (kind === 'double') return before + part + part + after
      if (kind === 'insert') return before + piece + part + after
      return kind === 'replace' ? before + piece + after : before
    }, text),
  )
}

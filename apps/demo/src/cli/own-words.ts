/** What the packages advise names options of theirs; a command has others. */
const OWN_WORDS: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/or raise commandTimeout/, 'and what --cache names'],
  [/, or raise busyTimeout/, ''],
  [
    /Check the path; remove the file, or open it with onCorrupt: .*$/,
    'Check --cache, or remove the file: it fills again.',
  ],
  [/longer than maxWait allows/, 'longer than --max-wait allows'],
]

/** An error's message with the options of the command line in place of those of a package. */
export function inOwnWords(message: string): string {
  return OWN_WORDS.reduce((text, [theirs, ours]) => text.replace(theirs, ours), message)
}

import { whyInstalled } from '@x/lockfiles'

import { type FileMatches } from './match-file.ts'

/** Whether a finding comes through others. */
export function needExplanation({ findings }: FileMatches): boolean {
  return findings.some(({ direct }) => !direct)
}

/**
 * Adds to the findings through what they come, as far as the file says. It reads the text again: only what has findings needs it.
 *
 * @param matches - of the parsed text.
 * @param path - as for `parseLockfile`.
 * @param text - what was parsed.
 */
export function explainMatches(matches: FileMatches, path: string, text: string): FileMatches {
  if (!needExplanation(matches)) return matches
  const { findings, warnings } = matches
  const chains = whyInstalled(
    path,
    text,
    findings.map(({ package: name, version, line }) => ({ name, version, line })),
  )
  return {
    warnings,
    findings: findings.map((finding, index) => {
      const chain = finding.direct ? undefined : chains[index]
      if (chain === undefined) return finding
      return { ...finding, through: chain.map(({ name, version }) => (version === '' ? name : `${name}@${version}`)) }
    }),
  }
}

import { type ParsedLockfile } from '@x/lockfiles'

import { type ContentStore } from '../files/content-store.ts'
import { type IocCatalog } from '../ioc/ioc-catalog.ts'
import { explainMatches, needExplanation } from './explain-matches.ts'
import { type FileGroup } from './file-group.ts'
import { type FileMatches, matchFile } from './match-file.ts'
import { type ScanLedger } from './scan-ledger.ts'
import { type ScanView } from './scan-view.ts'

/** What matches are made of, and who is told of them. */
export interface MatchNotesParts {
  /** What is looked for. */
  readonly catalog: IocCatalog
  /** Has the texts of what was parsed before. */
  readonly content: ContentStore
  /** Keeps what is found. */
  readonly ledger: ScanLedger
  /** Tells of it as it is found. */
  readonly view: ScanView
}

/** Matches parsed files, and notes what was found in each repository that has them. */
export class MatchNotes {
  readonly #parts: MatchNotesParts

  constructor(parts: MatchNotesParts) {
    this.#parts = parts
  }

  /** Of a text that was just parsed. */
  note(group: FileGroup, parsed: ParsedLockfile, text: string): void {
    this.#note(group, parsed, explainMatches(matchFile(this.#parts.catalog, parsed), group[0].path, text))
  }

  /** Of what was parsed before: its text is needed only where there is something to explain. */
  async noteKept(group: FileGroup, parsed: ParsedLockfile): Promise<void> {
    const [{ oid, path }] = group
    const matches = matchFile(this.#parts.catalog, parsed)
    const bytes = needExplanation(matches) ? await this.#parts.content.getBlob(oid) : undefined
    const isKept = bytes !== undefined
    this.#note(group, parsed, isKept ? explainMatches(matches, path, new TextDecoder().decode(bytes)) : matches)
  }

  #note(group: FileGroup, { problems }: ParsedLockfile, matches: FileMatches): void {
    const { ledger, view } = this.#parts
    // V8 makes a part of a text a reference into it: each finding would keep its whole file until the scan ends.
    const { findings, warnings } = structuredClone(matches)
    for (const { repository, path: file } of group) {
      const { fullName } = repository
      for (const { line, reason } of problems) ledger.addGap(fullName, `${file}:${line}: ${reason}`)
      for (const found of findings) {
        const finding = { repository: fullName, file, ...found }
        ledger.addFinding(finding)
        view.emit({ type: 'finding', finding })
      }
      for (const found of warnings) {
        const warning = { repository: fullName, file, ...found }
        ledger.addWarning(warning)
        view.emit({ type: 'warning', warning })
      }
      view.read(fullName, file)
    }
  }
}

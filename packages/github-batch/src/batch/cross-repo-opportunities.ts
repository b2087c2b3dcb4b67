import { type CrossRepoBatch } from './cross-repo-batch.ts'
import { baseNameOf, isImportantFile } from './prioritized-file.ts'
import { type Repository } from '../repository.ts'

/** Less is not worth asking together for. */
const LEAST_SAVINGS = 0.2
/** Some calls always remain. */
const MOST_SAVINGS = 0.79

/** Repositories with exactly the same important files. */
interface Group {
  readonly files: ReadonlySet<string>
  readonly repositories: Repository[]
}

/**
 * Groups repositories by the important files that they have in common, each group with all that is common to it, the most
 * savings first. A repository may be in several groups.
 */
export function findCrossRepoBatches(
  repositories: readonly Repository[],
  files: ReadonlyMap<string, readonly string[]>,
): CrossRepoBatch[] {
  const groups = groupByFiles(repositories, files)
  const batches = new Map<string, CrossRepoBatch>()
  for (const common of commonSets(groups)) {
    const members = groups.filter((group) => [...common].every((file) => group.files.has(file)))
    const together = members.flatMap((group) => group.repositories)
    // What every member has besides belongs to the group as well: its repositories are named once, with all of it.
    const shared = [...(members[0]?.files ?? [])].filter((file) => members.every((group) => group.files.has(file)))
    const savings = estimateSavings(together.length, shared)
    if (together.length < 2 || savings <= LEAST_SAVINGS) continue
    const commonFiles = shared.toSorted()
    batches.set(JSON.stringify(commonFiles), { repositories: together, commonFiles, estimatedSavings: savings })
  }
  return [...batches.values()].sort((a, b) => b.estimatedSavings - a.estimatedSavings)
}

/** Half for the repositories that share a call, a third for the files, a fifth for their importance, at most. */
function estimateSavings(repositories: number, commonFiles: readonly string[]): number {
  const important = commonFiles.filter(isImportantFile).length
  const savings =
    Math.min(0.5, 0.15 * (repositories - 1)) + Math.min(0.3, 0.05 * commonFiles.length) + Math.min(0.2, 0.1 * important)
  return Math.min(MOST_SAVINGS, savings)
}

function groupByFiles(repositories: readonly Repository[], files: ReadonlyMap<string, readonly string[]>): Group[] {
  const groups = new Map<string, Group>()
  for (const repository of repositories) {
    const names = new Set((files.get(repository.fullName) ?? []).filter(isImportantFile).map(baseNameOf))
    if (names.size === 0) continue
    const key = JSON.stringify([...names].sort())
    const group = groups.get(key) ?? { files: names, repositories: [] }
    group.repositories.push(repository)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** What any two groups share, and what the members of one group share, each once. */
function commonSets(groups: readonly Group[]): ReadonlySet<string>[] {
  const sets = new Map<string, ReadonlySet<string>>()
  for (const [index, group] of groups.entries()) {
    for (const other of groups.slice(index)) {
      const common = [...group.files].filter((file) => other.files.has(file)).sort()
      if (common.length > 0) sets.set(JSON.stringify(common), new Set(common))
    }
  }
  return [...sets.values()]
}

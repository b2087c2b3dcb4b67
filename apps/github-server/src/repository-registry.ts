import { createHash } from 'node:crypto'

import { type Caller } from './caller.ts'
import { GitRepository } from './git/git-repository.ts'
import { type ObjectSource } from './git/object-source.ts'
import { type RepositoryRecord } from './repository-record.ts'

/** A GraphQL `Int` has 31 bits. */
const LARGEST_ID = 0x7ffffffe

/** A repository that is offered: its record, its objects and its number. */
export interface Repository {
  readonly record: RepositoryRecord
  readonly git: GitRepository
  /** The same for the same name, in every run. */
  readonly id: number
  /** `owner/name`. */
  readonly fullName: string
}

/** Who has repositories here. */
export interface Owner {
  readonly login: string
  readonly type: RepositoryRecord['ownerType']
  readonly id: number
  readonly repositories: readonly Repository[]
}

/** Finds repositories by name, id and owner (letter case does not matter), and knows who may see them. */
export class RepositoryRegistry {
  readonly #byName = new Map<string, Repository>()
  readonly #byFormerName = new Map<string, Repository>()
  readonly #byId = new Map<number, Repository>()
  readonly #owners = new Map<string, Owner & { repositories: Repository[] }>()

  constructor(records: readonly RepositoryRecord[], source: ObjectSource) {
    for (const record of records) this.#add(record, source)
  }

  /** The repository, if it exists and the caller may see it. */
  find(fullName: string, caller: Caller): Repository | undefined {
    return visible(this.#byName.get(fullName.toLowerCase()), caller)
  }

  /** The repository that once had this name. */
  findMoved(formerName: string, caller: Caller): Repository | undefined {
    return visible(this.#byFormerName.get(formerName.toLowerCase()), caller)
  }

  findById(id: number, caller: Caller): Repository | undefined {
    return visible(this.#byId.get(id), caller)
  }

  owner(login: string): Owner | undefined {
    return this.#owners.get(login.toLowerCase())
  }

  /** An owner's repositories that the caller may see, in the order of the records. */
  listed({ repositories }: Owner, caller: Caller): Repository[] {
    return repositories.filter((repository) => visible(repository, caller) !== undefined)
  }

  #add(record: RepositoryRecord, source: ObjectSource): void {
    const fullName = `${record.owner}/${record.name}`
    const { gitDir, defaultBranch, objects } = record
    const git = new GitRepository({ gitDir, defaultBranch, source, objects })
    const repository = { record, git, id: numberOf(fullName.toLowerCase()), fullName }
    if (this.#byName.has(fullName.toLowerCase())) throw new TypeError(`Two repositories are called ${fullName}.`)
    this.#byName.set(fullName.toLowerCase(), repository)
    this.#byId.set(repository.id, repository)
    for (const name of record.movedFrom ?? []) this.#byFormerName.set(name.toLowerCase(), repository)
    const login = record.owner.toLowerCase()
    const owner = this.#owners.get(login)
    if (owner !== undefined) owner.repositories.push(repository)
    else {
      const id = numberOf(login)
      this.#owners.set(login, { login: record.owner, type: record.ownerType, id, repositories: [repository] })
    }
  }
}

function visible(repository: Repository | undefined, { token }: Caller): Repository | undefined {
  if (repository?.record.private !== true) return repository
  return token !== '' && repository.record.readableBy?.includes(token) === true ? repository : undefined
}

/** A positive 31-bit number that follows from the name. */
function numberOf(name: string): number {
  return (createHash('sha1').update(name).digest().readUInt32BE(0) % LARGEST_ID) + 1
}

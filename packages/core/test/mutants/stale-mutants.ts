import { type Duration, type GetOptions, type ScopeOptions, type SetOptions, toMilliseconds } from '../../src/index.ts'
import { ReferenceCache, type ReferenceEntry } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

type Entries = Iterable<readonly [key: string, value: unknown]>

const IgnoresGrace = withGrace(() => undefined)

/** Looks only at what is live when it removes something. */
const RemovesLiveOnly = class extends ReferenceCache {
  override remove(isWanted: (entry: ReferenceEntry) => boolean): number {
    return super.remove((entry) => isWanted(entry) && this.isLive(entry))
  }
}

const CountsKept = class extends ReferenceCache {
  override remove(isWanted: (entry: ReferenceEntry) => boolean): number {
    const before = this.entries.length
    super.remove(isWanted)
    return before - this.entries.length
  }
}

const REMOVALS = [
  'delete()',
  'deleteMany()',
  'invalidate() by key',
  'invalidate() by pattern',
  'invalidate() by category',
  'invalidate() by tag',
  'clear()',
]

export const staleMutants: readonly Mutant[] = [
  ...breaking('an entry is kept for its grace, for those who allow a stale value', {
    'it is kept at the end of its grace': class extends ReferenceCache {
      override isKept({ keptUntil }: ReferenceEntry): boolean {
        return this.clock.now() <= keptUntil
      }
    },
    'it goes a millisecond early': class extends ReferenceCache {
      override isKept({ keptUntil }: ReferenceEntry): boolean {
        return this.clock.now() < keptUntil - 1
      }
    },
    'it is not kept': IgnoresGrace,
    'the grace begins when it is stored': class extends ReferenceCache {
      override graceOf(life: number, options: SetOptions): number {
        return super.graceOf(life, options) - life
      }
    },
  }),
  ...breaking('setMany() keeps its entries for their grace', {
    'it does not': class extends ReferenceCache {
      override setMany(entries: Entries, options: SetOptions = {}): number {
        return super.setMany(entries, { ...options, grace: undefined })
      }

      override set(key: string, value: unknown, options?: SetOptions): boolean {
        return super.setMany([[key, value]], options) === 1
      }
    },
  }),
  ...breaking('no other read sees an entry in its grace', {
    'get() does': class extends ReferenceCache {
      override get<T>(key: string, options?: GetOptions): T | undefined {
        return super.get<T>(key, { ...options, allowStale: true })
      }
    },
    'get() that forbids it does': class extends ReferenceCache {
      override get<T>(key: string, options: GetOptions = {}): T | undefined {
        return super.get<T>(key, { ...options, allowStale: 'allowStale' in options })
      }
    },
    'has() does': class extends ReferenceCache {
      override has(key: string, options: ScopeOptions = {}): boolean {
        return this.find(key, this.categoryOf(options), (entry) => this.isKept(entry)) !== undefined
      }
    },
    'getMany() does': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options: ScopeOptions = {}): Map<string, T> {
        const values = keys.map((key) => [key, this.read<T>(key, options, (entry) => this.isKept(entry))] as const)
        return new Map(values.filter((pair): pair is readonly [string, Awaited<T>] => pair[1] !== undefined))
      }
    },
    'a read that does not see it removes it': class extends ReferenceCache {
      override get<T>(key: string, options: GetOptions = {}): T | undefined {
        if (options.allowStale !== true) this.entries = this.entries.filter((entry) => this.isLive(entry))
        return super.get<T>(key, options)
      }
    },
    'a stale read does not look at the category': class extends ReferenceCache {
      override get<T>(key: string, options: GetOptions = {}): T | undefined {
        return super.get<T>(key, options.allowStale === true ? { allowStale: true } : options)
      }
    },
  }),
  ...breaking('an entry without a grace is gone at its deadline for everybody', {
    'it is always kept a while': class extends ReferenceCache {
      override graceOf(life: number, options: SetOptions): number {
        return Math.max(1, super.graceOf(life, options))
      }
    },
    'less than 0 is endless': withGrace((grace) => (toMilliseconds(grace ?? 0) < 0 ? Infinity : grace)),
  }),
  ...breaking('a grace is milliseconds, a number with a unit, or Infinity', {
    'a number is seconds': withGrace((grace) => (typeof grace === 'number' ? grace * 1_000 : grace)),
    'units are ignored': withGrace((grace) => (typeof grace === 'string' ? Number.parseFloat(grace) : grace)),
    'Infinity is none': withGrace((grace) => (grace === Infinity ? 0 : grace)),
  }),
  ...REMOVALS.flatMap((how) =>
    breaking(`${how} removes an entry in its grace, and does not count it`, {
      'it stays': RemovesLiveOnly,
      'it counts': CountsKept,
    }),
  ),
  ...breaking('overwriting an entry replaces its grace', {
    'the earlier one stays': class extends ReferenceCache {
      override setMany(entries: Entries, options: SetOptions = {}): number {
        const keptUntil = Math.max(0, ...this.entries.map((entry) => entry.keptUntil))
        const stored = super.setMany(entries, options)
        this.entries = this.entries.map((entry) => ({ ...entry, keptUntil: Math.max(keptUntil, entry.keptUntil) }))
        return stored
      }
    },
    'the earlier entry stays, and is found first': class extends ReferenceCache {
      override setMany(entries: Entries, options: SetOptions = {}): number {
        const stale = this.entries.filter((entry) => !this.isLive(entry))
        const stored = super.setMany(entries, options)
        this.entries = [...stale, ...this.entries]
        return stored
      }
    },
  }),
  ...breaking('an entry with a ttl of 0 or less is gone at once, whatever its grace', {
    'it is kept for its grace': class extends ReferenceCache {
      override graceOf(_life: number, options: SetOptions): number {
        return super.graceOf(1, options)
      }
    },
    'the one before it stays': class extends ReferenceCache {
      override set(key: string, value: unknown, options: SetOptions = {}): boolean {
        return toMilliseconds(options.ttl ?? 1) > 0 && super.set(key, value, options)
      }
    },
  }),
  ...breaking('a read that answers with a stale value counts as a hit, and touches nothing', {
    'it counts as a miss': class extends ReferenceCache {
      override countRead(key: string, category: string, isHit: boolean): void {
        super.countRead(key, category, isHit && this.find(key, category) !== undefined)
      }
    },
    'it counts as nothing': class extends ReferenceCache {
      override countRead(): void {
        // Nothing.
      }
    },
    'it touches the key': class extends ReferenceCache {
      override get<T>(key: string, options: GetOptions = {}): T | undefined {
        if (options.allowStale === true) this.touch(this.categoryOf(options))
        return super.get<T>(key, options)
      }
    },
  }),
  ...breaking('a refused load leaves an entry in its grace', {
    'it removes it': class extends ReferenceCache {
      override setMany(entries: Entries, options: SetOptions = {}): number {
        if (options.ifEpoch !== undefined) this.entries = this.entries.filter((entry) => this.isLive(entry))
        return super.setMany(entries, options)
      }
    },
    'a deadline that has passed lets it through': class extends ReferenceCache {
      override setMany(entries: Entries, options: SetOptions = {}): number {
        const isLive = this.entries.some((entry) => this.isLive(entry))
        return super.setMany(entries, isLive ? options : { ...options, ifEpoch: undefined })
      }
    },
  }),
  ...breaking('a grace that is no duration is a RangeError and changes nothing', {
    'it is taken for none': withGrace((grace) => (isDuration(grace) ? grace : undefined)),
    'it is read only where it matters': class extends ReferenceCache {
      override graceOf(life: number, options: SetOptions): number {
        return life > 0 ? super.graceOf(life, options) : 0
      }
    },
    'the earlier value goes first': class extends ReferenceCache {
      override set(key: string, value: unknown, options?: SetOptions): boolean {
        this.delete(key, options)
        return super.set(key, value, options)
      }
    },
  }),
]

function withGrace(change: (grace: Duration | undefined) => Duration | undefined): ReferenceCacheClass {
  return class extends ReferenceCache {
    override graceOf(life: number, options: SetOptions): number {
      return super.graceOf(life, { ...options, grace: change(options.grace) })
    }
  }
}

function isDuration(grace: Duration | undefined): boolean {
  try {
    toMilliseconds(grace ?? 0)
    return true
  } catch {
    return false
  }
}

import { methodKey } from './call-key.ts'
import { assertKey } from './group-function.ts'

/** How calls of a function that blocks are told apart. */
export interface BlockingGroupOptions<KeyArgs extends readonly unknown[] = readonly unknown[]> {
  /**
   * Makes the key from the arguments, called with the same `this` as the function. It must contain all that the answer
   * depends on, and the name of what is asked for: other threads know a call by nothing else.
   *
   * @defaultValue the identity of the function and of the object it is called on, and `encodeKey` of the arguments. A
   * function has no identity in another thread, so without `key` a function shares with no other thread.
   */
  readonly key?: ((...args: KeyArgs) => string) | undefined
}

/** Makes a function that blocks share its concurrent calls. It keeps its type. */
export type BlockingGrouper<KeyArgs extends readonly unknown[]> = <Fn extends (...args: never[]) => unknown>(
  fn: Fn & Takes<KeyArgs, Fn>,
) => Fn

/** Allows only functions whose arguments the key function can take. */
type Takes<KeyArgs extends readonly unknown[], Fn extends (...args: never[]) => unknown> = ((
  ...args: KeyArgs
) => unknown) extends (...args: Parameters<Fn>) => unknown
  ? unknown
  : never

/** Makes functions whose calls go through `share`. */
export function createBlockingGrouper<KeyArgs extends readonly unknown[]>(
  key: ((...args: KeyArgs) => string) | undefined,
  share: (key: string, run: () => unknown) => unknown,
): BlockingGrouper<KeyArgs> {
  const group = (fn: (...args: never[]) => unknown): unknown => {
    const grouped = function (this: unknown, ...args: never[]): unknown {
      const own = key === undefined ? methodKey(fn, this, args) : assertKey(Reflect.apply(key, this, args))
      return share(own, () => Reflect.apply(fn, this, args))
    }
    return Object.defineProperty(grouped, 'name', { value: fn.name, configurable: true })
  }
  return group as BlockingGrouper<KeyArgs>
}

import { methodKey } from './call-key.ts'
import { rejection } from './rejection.ts'

/** How calls of a grouped function are told apart. */
export interface GroupOptions<KeyArgs extends readonly unknown[] = readonly unknown[]> {
  /**
   * Makes the key from the arguments, called with the same `this` as the function. It must contain all that the answer
   * depends on.
   *
   * @defaultValue the identity of the function and of the object it is called on, and `encodeKey` of the arguments;
   * with `lease` and `store` there is none, since a function has no identity outside its process
   */
  readonly key?: ((...args: KeyArgs) => string) | undefined
}

/** Makes a function share its concurrent calls. One that returns promises keeps its type. */
export interface Grouper<KeyArgs extends readonly unknown[]> {
  <Fn extends AsyncFunction>(fn: Fn & Takes<KeyArgs, Fn>): Fn
  <Fn extends AnyFunction>(fn: Fn & Takes<KeyArgs, Fn>): (...args: Parameters<Fn>) => Promise<Awaited<ReturnType<Fn>>>
}

// Not `never[]`, which would become the type of parameters that have none but a default.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyFunction = (...args: any[]) => unknown
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AsyncFunction = (...args: any[]) => Promise<unknown>

/** Allows only functions whose arguments the key function can take. */
type Takes<KeyArgs extends readonly unknown[], Fn extends AnyFunction> = ((...args: KeyArgs) => unknown) extends (
  ...args: Parameters<Fn>
) => unknown
  ? unknown
  : never

/** Runs a function under a key. */
type Share = (key: string, fn: (...args: never[]) => unknown, args: readonly never[]) => Promise<unknown>

/** Makes functions whose calls go through `share`; what cannot have a key rejects. */
export function createGrouper<KeyArgs extends readonly unknown[]>(
  key: ((...args: KeyArgs) => string) | undefined,
  share: Share,
): Grouper<KeyArgs> {
  const group = (fn: (...args: never[]) => unknown): unknown => {
    const grouped = function (this: unknown, ...args: never[]): Promise<unknown> {
      try {
        const own = key === undefined ? methodKey(fn, this, args) : assertKey(Reflect.apply(key, this, args))
        return share(own, this === undefined ? fn : fn.bind(this), args)
      } catch (error) {
        return rejection(error)
      }
    }
    return Object.defineProperty(grouped, 'name', { value: fn.name, configurable: true })
  }
  return group as Grouper<KeyArgs>
}

/** @throws TypeError for a key that is no string. */
export function assertKey(key: unknown): string {
  if (typeof key === 'string') return key
  throw new TypeError(`Not a key: ${String(key)}. Give a string, or { key: string, … }.`)
}

import { setImmediate as nextTurn } from 'node:timers/promises'

import { describe, expect, it, vi } from 'vitest'

import { coarseClock, systemClock } from '../src/index.ts'

describe('coarseClock', () => {
  it('stands still until the event loop turns', async () => {
    await nextTurn()
    const before = systemClock.now()
    const first = coarseClock.now()
    expect(first).toBeGreaterThanOrEqual(before)
    letTimePass()
    await Promise.resolve()
    expect(coarseClock.now()).toBe(first)
    await nextTurn()
    expect(coarseClock.now()).toBeGreaterThan(first)
  })

  it('has the loop turn before it waits, so that the event which ends the wait does not find the time of its beginning', async () => {
    await nextTurn()
    const before = pendingImmediates()
    coarseClock.now()
    coarseClock.now()
    expect(pendingImmediates()).toBe(before + 1)
  })

  it('goes on where timers were replaced for a while', async () => {
    await nextTurn()
    vi.useFakeTimers({ toFake: ['setImmediate'] })
    const first = coarseClock.now()
    vi.useRealTimers()
    letTimePass()
    await nextTurn()
    expect(coarseClock.now()).toBeGreaterThan(first)
  })
})

function letTimePass(): void {
  const start = systemClock.now()
  while (systemClock.now() === start);
}

/** Those that keep the loop from waiting. */
function pendingImmediates(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length
}

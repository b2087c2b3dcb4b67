import { expect, it } from 'vitest'

import { ProcessorTime } from '../src/budget/processor-time.ts'

/** How much work a process has done after a minute, where it sends as soon as it may. */
function workInAMinute(kind: 'core' | 'graphql', users: number): number {
  const processorTime = new ProcessorTime()
  let worked = 0
  for (let now = 0; now <= 60_000; now += 100) {
    while (processorTime.readyAt(kind, now, users) <= now) {
      processorTime.take(kind)(1_200)
      worked += 1_000
    }
  }
  return worked
}

it.each([1, 2, 5])('%i processes together ask for no more of a minute than GitHub allows', (users) => {
  expect(workInAMinute('core', users) * users).toBeLessThanOrEqual(90_000)
  expect(workInAMinute('graphql', users) * users).toBeLessThanOrEqual(60_000)
})

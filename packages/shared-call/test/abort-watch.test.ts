import { afterEach, describe, expect, it } from 'vitest'

import { AsyncSharedCall, watchAbort } from '../src/index.ts'
import { settled } from './settled.ts'

afterEach(() => {
  process.setUncaughtExceptionCaptureCallback(null)
})

describe('watchAbort()', () => {
  it('has everybody hear of the abort though one callback throws, whose error is an uncaught exception', async () => {
    const uncaught: unknown[] = []
    process.setUncaughtExceptionCaptureCallback((error) => uncaught.push(error))
    const failure = new Error('broken')
    const controller = new AbortController()
    const { signal } = controller
    const outcomes: unknown[] = []
    watchAbort(signal, () => {
      throw failure
    })
    const call = new AsyncSharedCall().call({ key: 'f', signal }, () => new Promise(() => undefined))
    call.catch((error: unknown) => outcomes.push(error))
    controller.abort('gone')
    await settled()
    expect(outcomes).toEqual(['gone'])
    expect(uncaught).toEqual([failure])
  })
})

import { describe, expect, it } from 'vitest'

import { NetworkMonitor } from '../src/client/network-monitor.ts'

const KILOBYTE = 1_024

describe('NetworkMonitor', () => {
  it('says nothing by too few requests, or without any quick one', () => {
    const monitor = new NetworkMonitor()
    for (let request = 0; request < 4; request += 1) monitor.record({ answered: true, latencyMs: 40 })
    expect(monitor.conditions).toBeUndefined()
    const graphql = new NetworkMonitor()
    for (let request = 0; request < 10; request += 1) graphql.record({ answered: true })
    expect(graphql.conditions).toBeUndefined()
  })

  it('takes the quickest answer for the latency, and what came to nothing for errors', () => {
    const monitor = new NetworkMonitor()
    for (const latencyMs of [90, 40, 2_000]) monitor.record({ answered: true, latencyMs })
    monitor.record({ answered: true })
    monitor.record({ answered: false })
    expect(monitor.conditions).toEqual({ latencyMs: 40, bandwidthMbps: Number.POSITIVE_INFINITY, errorRate: 0.2 })
  })

  it('takes the fastest of the longer answers for the bandwidth', () => {
    const monitor = new NetworkMonitor()
    for (let request = 0; request < 5; request += 1) monitor.record({ answered: true, latencyMs: 40 })
    monitor.recordTransfer(1_000_000, 1_000)
    monitor.recordTransfer(1_000_000, 400)
    monitor.recordTransfer(10 * KILOBYTE, 0.01)
    expect(monitor.conditions?.bandwidthMbps).toBe(20)
  })

  it('forgets what was long ago', () => {
    const monitor = new NetworkMonitor()
    for (let request = 0; request < 50; request += 1) monitor.record({ answered: false })
    for (let request = 0; request < 50; request += 1) monitor.record({ answered: true, latencyMs: 300 })
    expect(monitor.conditions).toMatchObject({ latencyMs: 300, errorRate: 0 })
  })
})

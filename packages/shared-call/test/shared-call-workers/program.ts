import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

import { SharedCall, type SharedCallHandle } from '../../src/index.ts'

if (isMainThread) {
  const shared = new SharedCall()
  const worker = new Worker(new URL(import.meta.url), { workerData: shared.handle })
  const value = shared.call('key', () => {
    while (shared.getStats().hits === 0);
    return 42
  })
  worker.once('message', (answer: unknown) => {
    console.log(`worker: ${String(answer)}`)
  })
  if (value !== 42) process.exitCode = 1
} else {
  parentPort?.postMessage(SharedCall.from(workerData as SharedCallHandle).call('key', () => 'not shared'))
}

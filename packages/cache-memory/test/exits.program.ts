import { AdvancedCacheManager, ServiceOptimizer } from '../src/index.ts'

// Everything that has a timer; nothing is closed.
const optimizer = new ServiceOptimizer({ ttl: 1, maxSize: 10 })
const manager = new AdvancedCacheManager(optimizer)
manager.setMemoryConfig({ maxMemoryUsage: 1, checkInterval: '1h', estimatedItemSize: 10 })
manager.setWarmingConfig('ok', { patterns: ['*'], interval: '1h', priority: 1, load: () => [['ok-1', 1]] })
const load = (): Promise<never> => Promise.reject(new Error('unreachable'))
manager.setWarmingConfig('failing', { patterns: ['*'], interval: '1h', priority: 1, retryDelay: '1h', load })
const hang = (): Promise<never> => new Promise(() => undefined)
// Of one manager, no other service is warmed while one waits or hangs.
const other = new AdvancedCacheManager(optimizer)
other.setWarmingConfig('hanging', { patterns: ['*'], interval: '1h', priority: 1, load: hang })
const options = { timeout: { soft: 1, hard: '1h' }, staleIfError: '1h' } as const
await optimizer.withOptimization('k', () => 1, options)
await new Promise((resolve) => setTimeout(resolve, 5))
await optimizer.withOptimization('k', hang, options)
await optimizer.withOptimization('x', load, options).catch(String)
process.stdout.write('done\n')

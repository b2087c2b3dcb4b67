export { Limiter, type LimiterOptions, type LimiterRunOptions } from './limiter.ts'

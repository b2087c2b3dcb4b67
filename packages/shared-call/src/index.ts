export { AsyncSharedCall, type SharedCallStats } from './async-shared-call.ts'

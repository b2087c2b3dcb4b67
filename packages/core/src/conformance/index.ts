export type { ConformanceCase, StoreHarness } from './conformance-case.ts'

export { conformanceCases } from './conformance-cases.ts'
export type { ConformanceCase, ConformanceOptions, StoreHarness } from './conformance-case.ts'

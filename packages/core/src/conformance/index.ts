export { conformanceCases } from './conformance-cases.ts'
export type { ConformanceCase, ConformanceOptions, SharingHarness, StoreHarness } from './conformance-case.ts'
export { sharingCases } from './sharing-cases.ts'

import { AsyncSharedCall } from './async-shared-call.ts'

/** One for the whole thread, for those who need no other. Its keys are everybody's: make one where that matters. */
export const asyncShared: AsyncSharedCall = new AsyncSharedCall()

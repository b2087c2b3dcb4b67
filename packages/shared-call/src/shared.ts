import { SharedCall } from './shared-call.ts'

/** One for the whole thread, for those who need no other. Its keys are everybody's: make one where that matters. */
export const shared: SharedCall = new SharedCall()

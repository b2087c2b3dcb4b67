import { type Bucket } from './rate-limiter.ts'

/** What is made up of GitHub's work: so much for each answer, and so much for each 1,000 bytes of it. */
const WORK: Readonly<Record<Bucket, { readonly answerMs: number; readonly kilobyteMs: number }>> = {
  core: { answerMs: 30, kilobyteMs: 0.05 },
  graphql: { answerMs: 50, kilobyteMs: 0.3 },
}

/** Milliseconds of processor time that an answer of so many bytes takes GitHub: simulated, for GitHub does not say. */
export function processorMsOf(bucket: Bucket, bytes: number): number {
  const { answerMs, kilobyteMs } = WORK[bucket]
  return answerMs + (kilobyteMs * bytes) / 1_000
}

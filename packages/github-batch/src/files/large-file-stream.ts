import { streamBlob } from '../client/blob-stream.ts'
import { DEFAULT_BATCH_PLAN } from '../batch/batch-plan.ts'
import { locateFiles } from './file-locator.ts'
import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type Repository } from '../repository.ts'
import { textChunks } from './text-chunks.ts'

/** How to stream. */
export interface StreamFileOptions extends GitHubCallOptions {
  /**
   * Bytes of UTF-8 in a chunk at most: a whole number from 4, so that any character fits.
   *
   * @defaultValue 8192
   */
  readonly chunkSize?: number | undefined
}

/** The text of a file in chunks: see `GitHubClient.streamLargeFileContent`. */
export async function* streamFile(
  client: GitHubClient,
  { repository, path }: { readonly repository: Repository; readonly path: string },
  { chunkSize, ...call }: StreamFileOptions & { readonly chunkSize: number },
): AsyncGenerator<string, void, undefined> {
  const [file] = await locateFiles(client, [{ repository, path }], { ...call, plan: DEFAULT_BATCH_PLAN })
  if (file instanceof Error) throw file
  if (file !== undefined) yield* textChunks(streamBlob(client, { ...file, repository }, call), chunkSize)
}

import { type BatchPlan, DEFAULT_BATCH_PLAN } from '../batch/batch-plan.ts'
import { type FileContent } from './file-content.ts'
import { isFileNotFoundError } from './file-not-found-error.ts'
import { FileReader } from './file-reader.ts'
import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type Repository, revisionOf } from '../repository.ts'

/** The paths wanted of each repository, all at one revision of it; a `Map` will do. */
export type RepositoryFiles = Iterable<readonly [repository: Repository, paths: readonly string[]]>

/**
 * Reads files of many repositories. A path that a repository does not have is left out; every repository is in the answer.
 *
 * @throws TypeError for two revisions of one repository: the answer has its name alone.
 * @throws the first error that kept a file back; the signal's reason when it aborts.
 */
export async function readContents(
  client: GitHubClient,
  repositoryFiles: RepositoryFiles,
  {
    requestsAtOnce = DEFAULT_BATCH_PLAN.requestsAtOnce,
    ...call
  }: GitHubCallOptions & Partial<Pick<BatchPlan, 'requestsAtOnce'>>,
): Promise<Map<string, Map<string, FileContent>>> {
  const contents = new Map<string, Map<string, FileContent>>()
  const revisions = new Map<string, string>()
  const requests = [...repositoryFiles].flatMap(([repo, paths]) => {
    const { fullName } = repo
    const revision = revisionOf(repo)
    const other = revisions.get(fullName) ?? revision
    if (other !== revision) {
      throw new TypeError(`Two revisions of ${fullName}: ${other} and ${revision}. Ask for each in a call of its own.`)
    }
    revisions.set(fullName, revision)
    contents.set(fullName, new Map())
    return paths.map((filePath) => ({ repo, filePath }))
  })
  const plan = { ...DEFAULT_BATCH_PLAN, requestsAtOnce }
  for (const { request, content, error } of await new FileReader({ client }).read(requests, { ...call, plan })) {
    if (content !== undefined) contents.get(request.repo.fullName)?.set(content.path, content)
    else if (error !== undefined && !isFileNotFoundError(error)) throw error
  }
  return contents
}

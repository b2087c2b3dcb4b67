/** `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, `constraints.txt`, and any text in a folder `requirements`. */
const NAME =
  /(?:^|\/)(?:(?:[\w.-]+[-_.])?(?:requirements|constraints)(?:[-_.][\w.-]+)?\.txt|requirements\/[\w.-]+\.txt)$/

/** Whether a path, with `/` between folders, is that of a requirements file of pip. */
export function isRequirementsFile(path: string): boolean {
  return NAME.test(path)
}

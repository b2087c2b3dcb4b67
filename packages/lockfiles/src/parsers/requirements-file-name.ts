/** Files: `requirements.txt`, `requirements-dev.txt`, `requirements3.txt`, `dev-requirements.txt`, `constraints.txt`. */
const NAME = /(?:^|.[-_.])(?:requirements|constraints)/
const SUFFIX = '.txt'

/** Whether a path, with `/` between folders, is that of a requirements file of pip: by its name, or any text in a folder `requirements`. */
export function isRequirementsFile(path: string): boolean {
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1, -SUFFIX.length)
  if (!path.endsWith(SUFFIX) || !/^[\w.-]+$/.test(name)) return false
  return NAME.test(name) || /(?:^|\/)requirements$/.test(path.slice(0, Math.max(0, slash)))
}

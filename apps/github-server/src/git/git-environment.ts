/** Settings that GitHub's own git servers have: partial clones, any reachable object, and no owner check on the folders. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['uploadpack.allowFilter', 'true'],
  ['uploadpack.allowAnySHA1InWant', 'true'],
]

/** The environment for a git child process: the caller's own `GIT_*` variables (a hook's, say) must not reach it. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const settings = SETTINGS.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return Object.fromEntries([
    ...inherited,
    ...settings,
    ['GIT_CONFIG_COUNT', String(SETTINGS.length)],
    ['GIT_CONFIG_NOSYSTEM', '1'],
    ['GIT_OPTIONAL_LOCKS', '0'],
  ]) as NodeJS.ProcessEnv
}

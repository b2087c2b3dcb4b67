/** What `--cache` takes, for every command that has it. */
export const CACHE_OPTION_ABOUT: string =
  'Where to keep what was read: a file; redis://, rediss:// or unix:// and an address; redis for the one that REDIS_URL, or REDIS_HOST, ' +
  'REDIS_PORT, REDIS_PASSWORD and REDIS_DB name; or :memory: for nowhere.'

import { HEADER_LENGTH, STAMP_START } from './entry-text.ts'
import { bytesScript, redisScript, type RedisScript } from './redis-script.ts'

/** Reads what stands under a key: its kind ("x1e", "x1m", "x1p", or "" for none and foreign ones), marks and liveness. */
const INSPECT = `
local HEADER = ${HEADER_LENGTH}
local function inspect(key)
  local kind = redis.pcall('GETRANGE', key, 0, 2)
  if kind == 'x1e' then return kind, '', true, HEADER end
  if kind == 'x1p' then return kind, '', false, HEADER end
  if kind ~= 'x1m' then return '', '', false, HEADER end
  local head = redis.call('GETRANGE', key, 0, 255)
  local stop = string.find(head, ':%:', HEADER + 1, true)
  if not stop then
    head = redis.call('GET', key)
    stop = string.find(head, ':%:', HEADER + 1, true)
  end
  if not stop then return '', '', false, HEADER end
  local marks = string.sub(head, HEADER + 1, stop)
  local grace = tonumber(string.match(marks, '^(%d+):')) or 0
  local left = redis.call('PTTL', key)
  local live = grace == 0 or left == -1 or left > grace
  return kind, marks, live, stop + 2
end
`

/**
 * Removes what stands under the keys, or, given ":tag:" and a stamp, only entries with this tag. Whoever loads any of them must not
 * store any more: placeholders always go, and what stays gets the stamp.
 *
 * @returns the positions, from 1, of the live entries that went.
 */
export const removeScript: RedisScript<number[]> = redisScript(
  'xCacheRemove1',
  `${INSPECT}
local tag, stamp = ARGV[1], ARGV[2]
local removed = {}
for position, key in ipairs(KEYS) do
  local kind, marks, live = inspect(key)
  if kind == 'x1p' or not tag or (kind == 'x1m' and string.find(marks, tag, 1, true)) then
    if redis.call('UNLINK', key) == 1 and live then removed[#removed + 1] = position end
  elseif kind ~= '' and type(redis.pcall('SETRANGE', key, ${STAMP_START}, stamp)) == 'table' then
    -- Out of memory: it goes, as anything may in a cache.
    redis.call('UNLINK', key)
  end
end
return removed`,
)

/** The size of each payload in bytes, or -1 where there is no live entry. */
export const measureScript: RedisScript<number[]> = redisScript(
  'xCacheMeasure1',
  `${INSPECT}
local sizes = {}
for position, key in ipairs(KEYS) do
  local kind, marks, live, before = inspect(key)
  sizes[position] = live and redis.call('STRLEN', key) - before or -1
end
return sizes`,
)

/** What stands under each key, or nil where there is no live entry. */
export const readLiveScript: RedisScript<(Buffer | null)[]> = bytesScript(
  'xCacheReadLive1',
  `${INSPECT}
local texts = {}
for position, key in ipairs(KEYS) do
  local kind, marks, live = inspect(key)
  texts[position] = live and redis.call('GET', key) or false
end
return texts`,
)

/** Stores (text, milliseconds or "") if the header is still the one expected: 1, else 0. */
export const storeIfScript: RedisScript<number> = redisScript(
  'xCacheStoreIf1',
  `local header = redis.pcall('GETRANGE', KEYS[1], 0, ${HEADER_LENGTH - 1})
if header ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`,
)

/** The header under a key; where there is none of ours, the placeholder given is put there, for these milliseconds. */
export const openEpochScript: RedisScript<string> = redisScript(
  'xCacheOpenEpoch1',
  `local header = redis.pcall('GETRANGE', KEYS[1], 0, ${HEADER_LENGTH - 1})
if type(header) == 'string' and #header == ${HEADER_LENGTH} and string.match(header, '^x1[emp]:[%w_-]+:$') then return header end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`,
)

/**
 * Adds to the integer of an entry and keeps its deadline; an absent one is made with this head and these milliseconds (or
 * ""). An error reply with "NOTINTEGER" when it is none, or none that is exact afterwards. A text: ioredis 6 reads the largest
 * integers one too high.
 */
export const incrementScript: RedisScript<string> = redisScript(
  'xCacheIncrement1',
  `${INSPECT}
local amount, stamp, ttl = ARGV[1], ARGV[2], ARGV[3]
local kind, marks, live, before = inspect(KEYS[1])
if not live then
  local text = 'x1e:' .. stamp .. ':' .. amount
  if ttl == '' then redis.call('SET', KEYS[1], text) else redis.call('SET', KEYS[1], text, 'PX', ttl) end
  return amount
end
local text = redis.call('GET', KEYS[1])
local payload = string.sub(text, before + 1)
if not string.match(payload, '^%-?%d+$') then return redis.error_reply('NOTINTEGER') end
local sum = tonumber(payload) + tonumber(amount)
if sum > 9007199254740991 or sum < -9007199254740991 then return redis.error_reply('NOTINTEGER') end
local exact = string.format('%.0f', sum)
redis.call('SET', KEYS[1], kind .. ':' .. stamp .. ':' .. marks .. (marks == '' and '' or '%:') .. exact, 'KEEPTTL')
return exact`,
)

/** How long an entry still lives in milliseconds; -1: for ever; -2: there is none. */
export const ttlScript: RedisScript<number> = redisScript(
  'xCacheTtl1',
  `${INSPECT}
local kind, marks, live = inspect(KEYS[1])
if not live then return -2 end
local left = redis.call('PTTL', KEYS[1])
return left == -1 and -1 or left - (tonumber(string.match(marks, '^(%d+):')) or 0)`,
)

/**
 * Gives a live entry another deadline, in milliseconds from now or "" for none, and leaves it its grace: 1, else 0. One with tags only
 * when its marks are those given, which have been noted; else nothing is done, and they are the answer.
 */
export const expireScript: RedisScript<number | string> = redisScript(
  'xCacheExpire1',
  `${INSPECT}
local kind, marks, live = inspect(KEYS[1])
if not live then return 0 end
if string.find(marks, ':.') and marks ~= ARGV[2] then return marks end
if ARGV[1] == '' then redis.call('PERSIST', KEYS[1]) return 1 end
local grace = tonumber(string.match(marks, '^(%d+):')) or 0
return redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[1] + grace))`,
)

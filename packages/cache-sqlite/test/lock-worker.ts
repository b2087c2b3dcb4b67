/** Holds the write lock of a file for a time: `node lock-worker.ts '{ "path": …, "holdsMs": … }'`; says `locked` once it does. */
import { lockFile } from './lock-file.ts'

const { path, holdsMs } = JSON.parse(process.argv[2] ?? '') as { path: string; holdsMs: number }
const lock = lockFile(path)
process.stdout.write('locked\n')
setTimeout(() => {
  lock.release()
}, holdsMs)

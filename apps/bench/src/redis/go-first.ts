import { constants, setPriority } from 'node:os'

/** Puts a process ahead of all others, where that is allowed: who waits for it then waits for its work, and not for a processor. */
export function goFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST)
  } catch {
    // A privilege, which is not needed.
  }
}

import { EXIT_CODES } from '@x/core'

import { ProgramError } from '../../cli/program-error.ts'

/** Starts a server, and says of a port that is taken which option chooses another. */
export async function onPort<Server>(port: number, start: () => Promise<Server>): Promise<Server> {
  try {
    return await start()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new ProgramError(`Port ${port} is taken. Choose another with --port.`, EXIT_CODES.general, { cause })
  }
}

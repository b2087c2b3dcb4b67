import { readFileSync } from 'node:fs'

/** How the program is called: from its sources it is a script of this repository, once built it is a command. */
export const PROGRAM: string = import.meta.filename.endsWith('.ts') ? 'pnpm demo' : 'x-demo'

/** The name of the built command, also the one that is completed. */
export const COMMAND_NAME = 'x-demo'

/** Begins the name of every environment variable that stands for an option. */
export const ENVIRONMENT_PREFIX = 'X_DEMO_'

/** As package.json has it. */
export function programVersion(): string {
  // Both src/cli/ and dist/ are asked: what is built lies in one folder.
  for (const place of ['../../package.json', '../package.json']) {
    const manifest = readManifest(new URL(place, import.meta.url))
    if (manifest?.name === '@x/demo') return manifest.version
  }
  return 'unknown'
}

function readManifest(url: URL): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(url, 'utf8')) as { name: string; version: string }
  } catch {
    return undefined
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

import { run } from './run.ts'

/** An npm registry on this machine: our packages are only what is published to it, all others come from npm's. */
export interface LocalRegistry extends Disposable {
  readonly url: string
  /** Makes pnpm and npm publish to it and install from it. */
  readonly env: Readonly<Record<string, string>>
}

/** Starts a registry that keeps everything in a folder, and answers once it listens. */
export async function startLocalRegistry(folder: string): Promise<LocalRegistry> {
  mkdirSync(folder, { recursive: true })
  const upstream = (await run('npm', ['config', 'get', 'registry'], { cwd: folder })).trim()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  // By default two slow answers make it say for five minutes that no other package exists.
  writeFileSync(
    join(folder, 'config.yaml'),
    `storage: ./storage
max_body_size: 50mb
uplinks:
  npm:
    url: ${upstream}
    timeout: 120s
    max_fails: 1000
packages:
  '@x/*':
    access: $all
    publish: $all
  '**':
    access: $all
    proxy: npm
log: { type: file, path: ./verdaccio.log, level: warn }
`,
  )
  writeFileSync(join(folder, 'npmrc'), `registry=${url}\n//127.0.0.1:${port}/:_authToken=local\n`)
  const child = await startVerdaccio(folder, port)
  return {
    url,
    env: {
      npm_config_registry: url,
      npm_config_userconfig: join(folder, 'npmrc'),
      npm_config_cache: join(folder, 'cache'),
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

async function startVerdaccio(folder: string, port: number): Promise<ChildProcess> {
  const home = dirname(createRequire(import.meta.url).resolve('verdaccio/package.json'))
  const child = spawn(
    process.execPath,
    [join(home, 'bin', 'verdaccio'), '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => (complaint += String(chunk)))
  // It tells a parent process when it listens.
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => {
      resolve()
    })
    child.once('exit', (code) => {
      reject(new Error(`The local registry ended with ${String(code)} before it listened.\n${complaint}`))
    })
  })
  return child
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.')
  return address.port
}

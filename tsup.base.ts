import { defineConfig, type Options } from 'tsup'

/** How every package is built: ES modules, declarations and source maps, from the named entries. */
export function library(...entry: readonly string[]): ReturnType<typeof defineConfig> {
  const options: Options = {
    entry: [...entry],
    format: 'esm',
    target: 'node22.12',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
  }
  return defineConfig(options)
}

import { defineConfig } from 'tsup'

/** One program: our packages and what they bring are in it, but for the SQLite driver and the servers to try it with. */
export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node22.18',
  platform: 'node',
  splitting: true,
  clean: true,
  noExternal: [/^(?!better-sqlite3$|@x\/\w+-server$)/],
  // What is bundled may still be CommonJS that asks for Node's own modules.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
})

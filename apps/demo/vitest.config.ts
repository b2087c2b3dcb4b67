import { mergeConfig } from 'vitest/config'

import base from '../../vitest.base.ts'

/** The tests start programs and wait for them: more files at once than there are cores, and longer where those are busy. */
export default mergeConfig(base, { test: { globalSetup: 'test/global-setup.ts', maxWorkers: 3, testTimeout: 60_000 } })

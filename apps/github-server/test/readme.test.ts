import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { readmeExamples } from '../../../scripts/readme-examples.ts'

describe('the examples of the README', () => {
  for (const example of readmeExamples(join(import.meta.dirname, '..'))) {
    it(`line ${example.line} prints what it says`, async () => {
      expect(await example.run()).toBe(example.output)
    })
  }
})

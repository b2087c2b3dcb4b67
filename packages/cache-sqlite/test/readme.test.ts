import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { readmeExamples } from '../../../scripts/readme-examples.ts'

const examples = readmeExamples(fileURLToPath(new URL('..', import.meta.url)))

it('has examples', () => {
  expect(examples.length).toBe(5)
})

it.each(examples)('the example on line $line of the README prints what it says', async ({ run, output }) => {
  expect(await run()).toBe(output)
})

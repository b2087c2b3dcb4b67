import { isCacheError } from '@x/core'
import { createJiraSite, startJiraServer } from '@x/jira-server'
import { describe, expect, it } from 'vitest'

import { createJiraClient } from '../src/index.ts'

const site = createJiraSite({ issues: 1 })

describe('createJiraClient()', () => {
  it('asks as the account whose token it has, or with a personal access token alone', async () => {
    await using server = await startJiraServer({ site })
    const { token, email } = site
    for (const client of [
      createJiraClient({ baseUrl: server.url, email, token }),
      createJiraClient({ baseUrl: server.url, token }),
    ]) {
      const { data } = await client.request({ method: 'GET', endpoint: '/rest/api/3/myself' })
      expect(data).toEqual(site.users[0])
    }
  })

  it.each([
    [{ email: 'a@b.test', token: '' }, 'The Jira token is missing. Make one, and set it.'],
    [{ token: undefined as unknown as string }, 'The Jira token is missing. Make one, and set it.'],
    [{ email: '', token: 't' }, 'The username is missing. Set it again.'],
  ])('refuses %j as a bad configuration', (credentials, message) => {
    try {
      createJiraClient({ baseUrl: 'https://site.test', ...credentials })
      expect.unreachable()
    } catch (error) {
      expect(isCacheError(error, 'INVALID_CONFIGURATION') && error.message).toBe(message)
    }
  })
})

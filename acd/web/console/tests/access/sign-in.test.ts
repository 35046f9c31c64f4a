import { describe, expect, test } from 'vitest'
import { cancelled, comeBack, passkeysWork, providersLogOut } from '../../src/access/sign-in'
import { refuse, serve } from '../support/server'

const ways = {
  passkey: true,
  oidc: { zh: '公司账号', en: 'Company', log_out: 'https://id.example.com/out?client_id=x' },
}

describe('the identity provider', () => {
  test('what it has put into the address is sent on, and nothing else', async () => {
    const requests = serve(() => ({ status: 200 }))
    await comeBack('?state=s%2B1&code=c%20d&iss=https%3A%2F%2Fid.example.com&session_state=x&to=https://evil.example')
    expect(requests).toEqual([
      {
        method: 'POST',
        path: '/api/log-in/oidc',
        body: { state: 's+1', code: 'c d', iss: 'https://id.example.com', error: '' },
      },
    ])
  })

  test('its refusal is sent on as one', async () => {
    const requests = serve(() => refuse(403, 'provider-refused'))
    await expect(comeBack('?state=s&error=access_denied')).rejects.toMatchObject({ code: 'provider-refused' })
    expect(requests[0]?.body).toMatchObject({ error: 'access_denied', code: '' })
  })

  test('whoever came by it is led to its log-out, others are not', async () => {
    const requests = serve(() => ({ body: ways }))
    expect(await providersLogOut('oidc:li.na')).toBe(ways.oidc.log_out)
    expect(await providersLogOut('operator')).toBe('')
    expect(requests).toHaveLength(1)
  })

  test.each([
    ['no answer', 'no connection' as const],
    ['a refusal', refuse(503, 'away')],
    ['no provider any more', { body: { passkey: false, oidc: null } }],
  ])('with %s the page just logs out', async (_, answer) => {
    serve(() => answer)
    expect(await providersLogOut('oidc:li.na')).toBe('')
  })
})

describe('passkeys', () => {
  test.each(['NotAllowedError', 'AbortError', 'InvalidStateError'])('%s is no fault', (name) => {
    expect(cancelled(new DOMException('x', name))).toBe(true)
  })

  test.each([new DOMException('x', 'SecurityError'), new Error('x'), 'x', null])('%s is one', (error) => {
    expect(cancelled(error)).toBe(false)
  })

  test('a browser without them offers none', () => {
    expect(passkeysWork()).toBe(false)
  })
})

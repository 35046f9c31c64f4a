import { describe, expect, test, vi } from 'vitest'
import { address, get, post, Problem } from '../../src/shared/api'
import { refuse, serve } from '../support/server'

const refusalOf = (asking: Promise<unknown>) => asking.then(() => null).catch((error: unknown) => error)

describe('asking the interface', () => {
  test('an address leaves out what is empty or not given, and keeps a zero', () => {
    expect(address('/api/calls', { day: '2026-11-22', search: '', queue: undefined, offset: 0 })).toBe(
      '/api/calls?day=2026-11-22&offset=0',
    )
    expect(address('/api/calls', { search: '' })).toBe('/api/calls')
  })

  test('what was typed cannot change the address', () => {
    expect(address('/api/calls', { search: 'a&day=b#c d' })).toBe('/api/calls?search=a%26day%3Db%23c+d')
  })

  test('a post without a body sends an empty one', async () => {
    const requests = serve(() => ({ status: 204 }))
    expect(await post('/api/desk/ready')).toBeUndefined()
    expect(requests).toEqual([{ method: 'POST', path: '/api/desk/ready', body: {} }])
  })

  test('a refusal is a Problem with its code, its sentence and all that was said', async () => {
    serve(() => refuse(409, 'card-changed', { by: '1002', incident: 'i7' }))
    const problem = await refusalOf(get('/api/calls/c1/card'))
    expect(problem).toBeInstanceOf(Problem)
    expect(problem).toMatchObject({
      status: 409,
      code: 'card-changed',
      message: 'refused: card-changed',
      incident: 'i7',
    })
    expect((problem as Problem).said.by).toBe('1002')
  })

  test('an answer that is no JSON is a Problem of the server and not of the page', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<h1>Bad Gateway</h1>', { status: 502 })))
    expect(await refusalOf(get('/api/me'))).toMatchObject({ status: 502, code: 'our-fault' })
  })

  test('without a connection there is a Problem too', async () => {
    serve(() => 'no connection')
    expect(await refusalOf(get('/api/me'))).toMatchObject({ status: 0, code: 'no-connection' })
  })
})

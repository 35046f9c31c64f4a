import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { forgetDraft, useDraft } from '../../src/desk/draft'
import { inComponent } from '../support/component'
import { refuse, serve, underWay, type Answer, type Request } from '../support/server'

const KEPT = 'sanxiang-draft-c1'
let unmount = (): void => undefined

function draft() {
  const { made, unmount: off } = inComponent(() => useDraft('c1'))
  unmount = off
  return made
}
/** What was sent as the draft, in order. */
const sent = (requests: Request[]) => requests.filter((one) => one.method === 'POST').map((one) => one.body?.text)
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
  sessionStorage.clear()
})
afterEach(() => {
  unmount()
  vi.useRealTimers()
})

describe('the draft of a note', () => {
  test('is sent once, shortly after the last key', async () => {
    const requests = serve(() => ({ body: { text: '' } }))
    const { text, state } = draft()
    await pass(0)
    for (const now of ['W', 'Wa', 'Wan']) {
      text.value = now
      await pass(399)
    }
    expect(sent(requests)).toEqual([])
    expect([state.value, sessionStorage.getItem(KEPT)]).toEqual(['here', 'Wan'])
    await pass(1)
    expect(sent(requests)).toEqual(['Wan'])
    expect(requests.at(-1)?.path).toBe('/api/calls/c1/draft')
    expect([state.value, sessionStorage.getItem(KEPT)]).toEqual(['kept', null])
  })

  test('stays in this tab and is sent again while there is no connection', async () => {
    let away = true
    const requests = serve(({ method }): Answer => (away && method === 'POST' ? 'no connection' : { body: {} }))
    const { text, state } = draft()
    text.value = 'Wang'
    await pass(400 + 2 * 2000)
    expect(sent(requests)).toEqual(['Wang', 'Wang', 'Wang'])
    expect([state.value, sessionStorage.getItem(KEPT)]).toEqual(['here', 'Wang'])
    away = false
    await pass(2000)
    expect([state.value, sessionStorage.getItem(KEPT)]).toEqual(['kept', null])
    await pass(60_000)
    expect(sent(requests)).toHaveLength(4)
  })

  test('what may not be written down is kept nowhere, not even in this tab, and not sent again', async () => {
    const requests = serve(({ method }) => (method === 'POST' ? refuse(400, 'password') : { body: {} }))
    const { text, state, problem } = draft()
    text.value = 'the password is 1234'
    await pass(60_000)
    expect(sent(requests)).toHaveLength(1)
    expect([state.value, sessionStorage.getItem(KEPT)]).toEqual(['refused', null])
    expect(problem.value).toMatchObject({ code: 'password' })
    expect(text.value).toBe('the password is 1234')
  })

  test('once the refused text is mended, it is kept and the refusal is gone', async () => {
    serve(({ body }) => (String(body?.text).includes('1234') ? refuse(400, 'password') : { body: {} }))
    const { text, state, problem } = draft()
    text.value = 'the password is 1234'
    await pass(400)
    text.value = 'a new password was set'
    await pass(400)
    expect([state.value, problem.value]).toEqual(['kept', null])
  })

  test('typing on while it is being sent: the longer text is not taken for kept', async () => {
    const { answer, arrive } = underWay()
    const requests = serve(({ body }) => (body?.text === 'Wang' ? answer : { body: {} }))
    const { text, state } = draft()
    await pass(0)
    text.value = 'Wang'
    await pass(400)
    text.value = 'Wang wants'
    arrive({ body: {} })
    await pass(0)
    expect([state.value, sessionStorage.getItem(KEPT)]).toEqual(['here', 'Wang wants'])
    await pass(400)
    expect(sent(requests)).toEqual(['Wang', 'Wang wants'])
    expect(state.value).toBe('kept')
  })

  test('a text that a reload found in this tab is sent at once, and the server is not asked for its own', async () => {
    sessionStorage.setItem(KEPT, 'Wang')
    const requests = serve(() => ({ body: {} }))
    const { text, state } = draft()
    expect([text.value, state.value]).toEqual(['Wang', 'here'])
    await pass(0)
    expect(requests.map((one) => one.method)).toEqual(['POST'])
    expect([state.value, sessionStorage.getItem(KEPT)]).toEqual(['kept', null])
  })

  test('what the server has is shown, and is not sent back', async () => {
    const requests = serve(() => ({ body: { text: 'from another desk' } }))
    const { text, state } = draft()
    await pass(60_000)
    expect([text.value, state.value]).toEqual(['from another desk', 'kept'])
    expect([sent(requests), sessionStorage.getItem(KEPT)]).toEqual([[], null])
  })

  test('what the server has does not replace what was typed before its answer', async () => {
    const { answer, arrive } = underWay()
    serve(({ method }) => (method === 'GET' ? answer : { body: {} }))
    const { text } = draft()
    text.value = 'Wang'
    arrive({ body: { text: 'old' } })
    await pass(1000)
    expect(text.value).toBe('Wang')
  })

  test('an emptied draft is sent as empty, and nothing is said to be kept', async () => {
    const requests = serve(({ method }) => ({ body: method === 'GET' ? { text: 'old' } : {} }))
    const { text, state } = draft()
    await pass(0)
    text.value = ''
    await pass(400)
    expect(sent(requests)).toEqual([''])
    expect(state.value).toBe('')
  })

  test('nothing is sent once the field has left the page; what was typed stays in this tab', async () => {
    const requests = serve(() => ({ body: {} }))
    const { text } = draft()
    await pass(0)
    text.value = 'Wang'
    unmount()
    await pass(60_000)
    expect(sent(requests)).toEqual([])
    expect(sessionStorage.getItem(KEPT)).toBe('Wang')
  })
})

test('a note that stands on the card is kept in this tab no longer', () => {
  sessionStorage.setItem(KEPT, 'Wang')
  forgetDraft('c1')
  expect(sessionStorage.getItem(KEPT)).toBeNull()
})

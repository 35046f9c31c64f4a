import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { age, listenTo, since, stale, stop } from '../../src/shared/stream'
import { FakeEvents } from '../support/events'
import { refuse, serve } from '../support/server'

const START = Date.parse('2026-11-22T08:00:00Z')
/** The instant so many seconds after the start, as the server writes it. */
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString()
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)
const refused = vi.fn()
const heard: string[] = []

function listen(): void {
  const note = (name: string) => (data: { at: string; word?: string }) => void heard.push(`${name} ${data.word ?? ''}`)
  listenTo('/api/events', { snapshot: note('snapshot'), change: note('change'), beat: note('beat') }, refused)
}

beforeEach(() => {
  vi.useFakeTimers({ now: START })
  FakeEvents.install()
  heard.length = 0
  refused.mockReset()
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

describe('the live stream', () => {
  test('hands on each message under its name, in order', () => {
    listen()
    expect(FakeEvents.last.path).toBe('/api/events')
    FakeEvents.last.send('snapshot', { at: at(0), word: 'a' })
    FakeEvents.last.send('change', { at: at(0), word: 'b' })
    FakeEvents.last.send('beat', { at: at(1) })
    expect(heard).toEqual(['snapshot a', 'change b', 'beat '])
  })

  test("durations are reckoned by the server's clock, however wrong the browser's is", async () => {
    vi.setSystemTime(START - 2 * 3600_000)
    listen()
    FakeEvents.last.send('snapshot', { at: at(0) })
    expect(since(at(-10))).toBe(10)
    await pass(3)
    expect(since(at(-10))).toBe(13)
    expect(since(at(60))).toBe(0)
    expect([since(null), since(undefined)]).toEqual([0, 0])
  })

  test('is stale once nothing has come for more than five seconds, and fresh with the next message', async () => {
    listen()
    expect([age.value, stale.value]).toEqual([Infinity, true])
    FakeEvents.last.send('snapshot', { at: at(0) })
    expect(stale.value).toBe(false)
    await pass(5)
    expect([age.value, stale.value]).toEqual([5, false])
    await pass(1)
    expect(stale.value).toBe(true)
    FakeEvents.last.send('beat', { at: at(6) })
    expect([age.value, stale.value]).toEqual([0, false])
  })

  test('a line that has gone silent is closed and opened anew after twelve seconds', async () => {
    listen()
    const first = FakeEvents.last
    first.send('snapshot', { at: at(0) })
    await pass(12)
    expect(FakeEvents.opened).toHaveLength(1)
    await pass(1)
    expect(FakeEvents.opened).toHaveLength(2)
    expect(first.readyState).toBe(FakeEvents.CLOSED)
    FakeEvents.last.send('snapshot', { at: at(13), word: 'again' })
    expect(heard.at(-1)).toBe('snapshot again')
  })

  test('a server that stays silent is asked every few seconds, not each second, and the page stays stale', async () => {
    listen()
    FakeEvents.last.send('snapshot', { at: at(0) })
    await pass(13)
    for (let second = 0; second < 60; second++) {
      await pass(1)
      expect(stale.value).toBe(true)
    }
    expect(FakeEvents.opened.length).toBeGreaterThanOrEqual(2 + 60 / 13 - 1)
    expect(FakeEvents.opened.length).toBeLessThanOrEqual(2 + 60 / 6)
  })

  test('a broken line is left to the browser, which tries again by itself', async () => {
    const requests = serve(() => ({}))
    listen()
    FakeEvents.last.send('snapshot', { at: at(0) })
    FakeEvents.last.fail(false)
    await pass(5)
    expect([requests.length, FakeEvents.opened.length]).toEqual([0, 1])
  })

  test('a stream that is refused because the session has ended says so and is not opened again', async () => {
    const requests = serve(() => refuse(401, 'not-logged-in'))
    listen()
    FakeEvents.last.fail(true)
    await pass(10)
    expect(requests.map((one) => one.path)).toEqual(['/api/me'])
    expect(refused).toHaveBeenCalledOnce()
    expect(FakeEvents.opened).toHaveLength(1)
  })

  test.each([
    ['the server cannot be reached', 'no connection' as const],
    ['the server is in trouble', refuse(503, 'store-away')],
    ['the session is good', {}],
  ])('a stream that is refused while %s is opened again after two seconds', async (_, answer) => {
    serve(() => answer)
    listen()
    FakeEvents.last.fail(true)
    await pass(1.9)
    expect(FakeEvents.opened).toHaveLength(1)
    await pass(0.1)
    expect(FakeEvents.opened).toHaveLength(2)
    expect(refused).not.toHaveBeenCalled()
  })

  test('once stopped it is closed, and a try that was due does not open it again', async () => {
    serve(() => 'no connection')
    listen()
    const first = FakeEvents.last
    first.send('snapshot', { at: at(0) })
    first.fail(true)
    await pass(1)
    stop()
    await pass(60)
    expect(FakeEvents.opened).toHaveLength(1)
    expect(first.readyState).toBe(FakeEvents.CLOSED)
    expect(age.value).toBe(Infinity)
  })

  test('listening to another stream closes the one before, whose late error changes nothing', async () => {
    const requests = serve(() => refuse(401, 'not-logged-in'))
    listen()
    const first = FakeEvents.last
    listenTo('/api/desk/events', {}, refused)
    first.fail(true)
    await pass(5)
    expect(FakeEvents.opened.map((one) => one.path)).toEqual(['/api/events', '/api/desk/events'])
    expect([requests.length, refused.mock.calls.length]).toEqual([0, 0])
  })
})

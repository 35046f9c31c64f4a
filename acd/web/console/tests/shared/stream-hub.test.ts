import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Hub, type FromPage, type Port, type ToPage } from '../../src/shared/stream-hub'
import { Kept } from '../../src/shared/stream-kept'
import type { Listener, Name } from '../../src/shared/stream-source'

const START = Date.parse('2026-11-22T08:00:00Z')
const at = new Date(START).toISOString()

/** A page, as the worker sees it. */
class Page implements Port {
  onmessage: Port['onmessage'] = null
  heard: ToPage[] = []
  constructor(hub: Hub) {
    hub.connect(this)
  }
  postMessage(message: ToPage) {
    this.heard.push(structuredClone(message))
  }
  close() {}
  say(message: FromPage) {
    this.onmessage?.({ data: message })
    return this
  }
  listen(path = '/api/events', account = 'operator') {
    return this.say({ do: 'listen', path, account })
  }
  get told() {
    return this.heard.flatMap((one) => ('told' in one ? [one.told] : []))
  }
  get refused() {
    return this.heard.some((one) => 'refused' in one)
  }
}
interface Opened {
  path: string
  account: string
  listener: Listener
  closed: boolean
}
let opened: Opened[]
let hub: Hub
const tell = (name: Name, data: object = {}, stream = opened.at(-1)!) =>
  stream.listener.told({ name, data: { at, ...data }, heardAt: Date.now() })
const open = () => opened.filter((one) => !one.closed).length

beforeEach(() => {
  vi.useFakeTimers({ now: START })
  opened = []
  hub = new Hub((path, account, listener) => {
    const one = { path, account, listener, closed: false }
    opened.push(one)
    return { close: () => (one.closed = true) }
  })
})
afterEach(() => void vi.useRealTimers())

describe('the pages of one browser', () => {
  test('have one stream, and all hear the same', () => {
    const pages = [new Page(hub).listen(), new Page(hub).listen(), new Page(hub).listen()]
    tell('snapshot', { queues: [] })
    tell('change', { pbx: false })
    expect(open()).toBe(1)
    for (const page of pages) expect(page.told.map((one) => one.name)).toEqual(['snapshot', 'change'])
  })

  test('whoever comes later gets the whole at once, dated as it was heard', async () => {
    new Page(hub).listen()
    tell('snapshot', { queues: [{ name: 'a', waiting: 0 }], calls: [{ call: 'c1' }, { call: 'c2' }], pbx: true })
    tell('change', { queues: [{ name: 'a', waiting: 1 }], gone: { calls: ['c1'] }, pbx: false })
    await vi.advanceTimersByTimeAsync(30_000)
    const later = new Page(hub).listen()
    expect(later.told).toEqual([
      {
        name: 'snapshot',
        heardAt: START,
        data: { at, pbx: false, queues: [{ name: 'a', waiting: 1 }], calls: [{ call: 'c2' }] },
      },
    ])
  })

  test.each([
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ])('the stream ends with the last page and not before, closed in the order %d %d %d', (...order) => {
    const pages = [new Page(hub).listen(), new Page(hub).listen(), new Page(hub).listen()]
    tell('snapshot')
    for (const [n, closed] of order.entries()) {
      expect(open()).toBe(1)
      pages[closed]!.say({ do: 'leave' })
      tell('beat')
      expect(pages[closed]!.told.map((one) => one.name)).toEqual(['snapshot', ...Array(n).fill('beat')])
    }
    expect(open()).toBe(0)
    new Page(hub).listen()
    expect(open()).toBe(1)
  })

  test('two accounts never share a stream, nor do the floor and a desk', () => {
    new Page(hub).listen('/api/events', 'operator')
    new Page(hub).listen('/api/events', 'supervisor')
    new Page(hub).listen('/api/desk/events', '1001')
    expect(open()).toBe(3)
  })

  test('a session that has ended is told to all, and nothing of it is kept', () => {
    const pages = [new Page(hub).listen(), new Page(hub).listen()]
    tell('snapshot', { pbx: true })
    opened[0]!.listener.refused()
    expect(pages.map((page) => page.refused)).toEqual([true, true])
    const again = new Page(hub).listen()
    expect([opened.length, again.told]).toEqual([2, []])
  })

  test('a page that ends without a word is forgotten, one that says it is here is not', async () => {
    const [silent, present] = [new Page(hub).listen(), new Page(hub).listen()]
    tell('snapshot')
    for (let s = 0; s < 180; s += 20) {
      present.say({ do: 'here' })
      await vi.advanceTimersByTimeAsync(20_000)
    }
    tell('beat')
    expect([silent.told.length, present.told.length]).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(200_000)
    expect(open()).toBe(0)
  })

  test('each page hears every few seconds that the worker lives', async () => {
    const page = new Page(hub).listen()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(page.heard.filter((one) => 'alive' in one)).toHaveLength(5)
  })
})

describe('what is kept of a stream', () => {
  test('a change before the first snapshot is of nothing', () => {
    const kept = new Kept(true)
    kept.take('change', { at, ...{ pbx: true } })
    expect(kept.whole()).toBeNull()
  })

  test('of a desk each change carries whole values', () => {
    const kept = new Kept(false)
    kept.take('snapshot', { at, ...{ agent: { agent: '1001' }, calls: [{ call: 'c1' }], card: { call: 'c1' } } })
    kept.take('change', { at, ...{ calls: [], card: null } })
    expect(kept.whole()).toEqual({ at, agent: { agent: '1001' }, calls: [], card: null })
  })

  test('a snapshot begins anew', () => {
    const kept = new Kept(true)
    kept.take('snapshot', { at, ...{ calls: [{ call: 'c1' }], trunks: [] } })
    kept.take('snapshot', { at, ...{ calls: [{ call: 'c2' }] } })
    expect(kept.whole()).toEqual({ at, calls: [{ call: 'c2' }] })
  })
})

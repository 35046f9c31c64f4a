import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { callsChanged, floor, listen, longestWait } from '../../src/floor/live'
import { stop } from '../../src/shared/stream'
import { FakeEvents } from '../support/events'
import { agentRow, callRow, queueRow, selfCallRow } from '../support/rows'

const AT = '2026-11-22T08:00:30Z'
const keys = () => [[...floor.queues.keys()], [...floor.agents.keys()], [...floor.calls.keys()]]

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(AT) })
  FakeEvents.install()
  listen(() => undefined)
  FakeEvents.last.send('snapshot', {
    at: AT,
    behind: 0,
    pbx: true,
    queues: [queueRow('orders'), queueRow('returns')],
    agents: [agentRow('1001'), agentRow('1002')],
    calls: [callRow('c1'), callRow('c2')],
    counts: { day: '2026-11-22' },
  })
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

describe('the floor', () => {
  test('a change replaces the rows that it names and leaves the others', () => {
    FakeEvents.last.send('change', { at: AT, behind: 4, agents: [agentRow('1002', { state: 'talking' })] })
    expect(floor.agents.get('1002')?.state).toBe('talking')
    expect(keys()).toEqual([
      ['orders', 'returns'],
      ['1001', '1002'],
      ['c1', 'c2'],
    ])
    expect([floor.behind, floor.pbx, floor.counts.day]).toEqual([4, true, '2026-11-22'])
  })

  test('what is gone is taken off', () => {
    FakeEvents.last.send('change', {
      at: AT,
      behind: 0,
      gone: { queues: ['returns'], agents: ['1001'], calls: ['c1'] },
    })
    expect(keys()).toEqual([['orders'], ['1002'], ['c2']])
  })

  test('a new snapshot leaves nothing of what was there before', () => {
    FakeEvents.last.send('snapshot', { at: AT, behind: 0, queues: [queueRow('vip')], agents: [], calls: [] })
    expect(keys()).toEqual([['vip'], [], []])
  })

  test('the trunks come as a whole, and a change of others leaves them', () => {
    const said = { zh: '未注册', en: 'NOT REGISTERED' }
    const counts = { refused: 0, carried: 0, failed: 0 }
    const ill = { name: 'carrier', state: 'not-registered', well: false, since: AT, said, ...counts }
    FakeEvents.last.send('change', { at: AT, behind: 0, trunks: [ill] })
    FakeEvents.last.send('change', { at: AT, behind: 0, calls: [callRow('c3')] })
    expect(floor.trunks).toEqual([ill])
    FakeEvents.last.send('snapshot', { at: AT, behind: 0, queues: [], agents: [], calls: [] })
    expect(floor.trunks).toEqual([])
  })

  test('the calls of the hotline to itself come as a whole, too', () => {
    const rows = [selfCallRow(''), selfCallRow('carrier', { ok: false })]
    FakeEvents.last.send('change', { at: AT, behind: 0, self_calls: rows })
    FakeEvents.last.send('change', { at: AT, behind: 0, trunks: [] })
    expect(floor.selfCalls).toEqual(rows)
    FakeEvents.last.send('change', { at: AT, behind: 0, self_calls: [selfCallRow('')] })
    expect(floor.selfCalls.map((one) => one.trunk)).toEqual([''])
    FakeEvents.last.send('snapshot', { at: AT, behind: 0, queues: [], agents: [], calls: [] })
    expect(floor.selfCalls).toEqual([])
  })

  test('that Asterisk is away is told by a change, and a beat does not take it back', () => {
    FakeEvents.last.send('change', { at: AT, behind: 0, pbx: false })
    FakeEvents.last.send('beat', { at: AT, behind: 2 })
    expect([floor.pbx, floor.behind]).toEqual([false, 2])
  })

  test('lists of calls are asked for again after a change of a call, and only then', () => {
    const before = callsChanged.value
    FakeEvents.last.send('change', { at: AT, behind: 0, agents: [agentRow('1001')] })
    FakeEvents.last.send('beat', { at: AT, behind: 0 })
    expect(callsChanged.value).toBe(before)
    FakeEvents.last.send('change', { at: AT, behind: 0, calls: [callRow('c3')] })
    FakeEvents.last.send('change', { at: AT, behind: 0, gone: { calls: ['c3'] } })
    expect(callsChanged.value).toBe(before + 2)
  })

  test('the longest wait of a queue is that of its waiting callers, and grows each second', async () => {
    FakeEvents.last.send('change', {
      at: AT,
      behind: 0,
      calls: [
        callRow('c1', { asked_at: '2026-11-22T08:00:20Z' }),
        callRow('c2', { asked_at: '2026-11-22T08:00:00Z', stage: 'talking' }),
        callRow('c3', { asked_at: '2026-11-22T07:59:00Z', queue: 'returns' }),
      ],
    })
    expect([longestWait('orders'), longestWait('returns'), longestWait('vip')]).toEqual([10, 90, 0])
    await vi.advanceTimersByTimeAsync(2000)
    expect(longestWait('orders')).toBe(12)
  })
})

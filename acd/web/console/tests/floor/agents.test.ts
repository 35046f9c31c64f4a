import { describe, expect, test } from 'vitest'
import { countsByState, fits, inOrder, mark, MARKS, pending } from '../../src/floor/agents'
import type { AgentToday } from '../../src/shared/api'
import { agentRow } from '../support/rows'

const AT = Date.parse('2026-11-22T08:00:00Z')
const none = { text: '', states: new Set<string>(), queue: '', team: '' }
const names = (rows: { agent: string }[]) => rows.map((one) => one.agent)
const day = (agent: string, more: Partial<AgentToday>): [string, AgentToday] => [
  agent,
  {
    ...{ agent, talks: 0, hung_up_first: 0, handling_s: null, occupancy: null },
    ...{ three_ring_rate: null, offers_rang: 0, no_answer: 0, mos: null },
    ...more,
  },
]

describe('the list of agents', () => {
  const rows = [
    agentRow('1001', { state: 'talking', name: 'Zoë', team: 'a', serves: ['orders'] }),
    agentRow('102', { state: 'idle', name: 'محمد', team: 'b', serves: ['returns'] }),
    agentRow('1003', { state: 'idle', name: '李娜 🎧', team: 'a', serves: [] }),
  ]

  test.each([
    [{ text: 'zoË' }, ['1001']],
    [{ text: 'محمد' }, ['102']],
    [{ text: '🎧' }, ['1003']],
    [{ text: '10' }, ['1001', '102', '1003']],
    [{ states: new Set(['idle']) }, ['102', '1003']],
    [{ states: new Set(['idle', 'talking']), team: 'a' }, ['1001', '1003']],
    [{ queue: 'orders' }, ['1001']],
    [{ text: 'nobody' }, []],
  ])('%j finds %j', (wanted, found) => {
    expect(names(rows.filter((one) => fits(one, { ...none, ...wanted })))).toEqual(found)
  })

  test('is counted by state and sorted by number, not by letters', () => {
    expect(countsByState(rows)).toEqual(
      new Map([
        ['talking', 1],
        ['idle', 2],
      ]),
    )
    expect(names(inOrder(rows, { by: 'agent', down: false }, new Map()))).toEqual(['102', '1001', '1003'])
  })

  test('agents without a figure stand last, whichever way it is sorted', () => {
    const today = new Map([day('1001', { talks: 3 }), day('1003', { talks: 5 })])
    expect(names(inOrder(rows, { by: 'talks', down: true }, today))).toEqual(['1003', '1001', '102'])
    expect(names(inOrder(rows, { by: 'talks', down: false }, today))).toEqual(['1001', '1003', '102'])
  })

  test('a thousand are filtered and sorted within the time of a frame or two', () => {
    const many = Array.from({ length: 1000 }, (_, n) => agentRow(String(1000 + n), { name: `Agent ${n}` }))
    const began = performance.now()
    for (let n = 0; n < 20; n++) {
      inOrder(
        many.filter((one) => fits(one, { ...none, text: '9' })),
        { by: 'since', down: true },
        new Map(),
      )
    }
    // Generous: a machine that is busy with other things makes no failure of it.
    expect((performance.now() - began) / 20).toBeLessThan(500)
  })
})

describe('what is marked', () => {
  test.each([
    ['not ready', 899, ''],
    ['not ready', 900, 'red'],
    ['hold', 120, 'red'],
    ['talking', 600, 'amber'],
    ['idle', 9000, ''],
  ] as const)('%s for %i s is %j', (state, seconds, marked) => {
    const since = new Date(AT - seconds * 1000).toISOString()
    expect(mark(agentRow('1', { state, state_since: since }), AT, MARKS)).toBe(marked)
  })

  test('a wrap-up is marked when it is nearly over', () => {
    const ends = (seconds: number) =>
      agentRow('1', { state: 'wrap-up', wrap_up_ends_at: new Date(AT + seconds * 1000).toISOString() })
    expect([11, 10, 0].map((seconds) => mark(ends(seconds), AT, MARKS))).toEqual(['', 'amber', 'amber'])
  })

  test('what an act waits for is told only while the agent is in a call', () => {
    const one = (state: string, logged_in: boolean, ready: boolean) =>
      pending(agentRow('1', { state, logged_in, ready }))
    expect([
      one('talking', false, false),
      one('talking', true, false),
      one('talking', true, true),
      one('idle', true, true),
      one('logged out', false, false),
    ]).toEqual(['log-out', 'not-ready', '', '', ''])
  })
})

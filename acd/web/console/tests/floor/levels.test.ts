import { describe, expect, test } from 'vitest'
import { inProgress, levelLately, levelLight, levelToday, LIMITS, waitLight } from '../../src/floor/levels'
import { callRow, queueRow } from '../support/rows'

const AT = '2026-11-22T08:00:30Z'
const waits: Record<string, number> = { c1: 20, c2: 5, c3: 20, c4: 20, c5: 20 }
const calls = [
  callRow('c1', { asked_at: AT, stage: 'waiting', in_time: null }),
  callRow('c2', { asked_at: AT, stage: 'waiting', in_time: null }),
  callRow('c3', { asked_at: AT, stage: 'talking', in_time: true }),
  callRow('c4', { asked_at: AT, stage: 'waiting', in_time: true }),
  callRow('c5', { asked_at: AT, stage: 'talking', in_time: false, queue: 'returns' }),
  callRow('c6', { asked_at: null, stage: 'menu' }),
]
const running = inProgress(
  calls,
  () => 15,
  (call) => waits[call.call] ?? 0,
)

describe('the level of the moment', () => {
  test('who waits past the target is missed at once; who was answered counts as it was decided, also back in the queue', () => {
    expect(running.get('orders')).toEqual({ within: 2, missed: 0, overdue: 1 })
    expect(running.get('returns')).toEqual({ within: 0, missed: 1, overdue: 0 })
    expect(running.get('')).toEqual({ within: 2, missed: 1, overdue: 1 })
  })

  test('it joins the calls that have ended to those that go on', () => {
    expect(levelToday({ within_target: 7, ended_asked: 9 }, running.get('orders'))).toEqual({ value: 9 / 12, of: 12 })
    expect(levelToday(undefined)).toEqual({ value: null, of: 0 })
  })

  test('the last half hour knows the decided calls already', () => {
    const recent = [
      { queue: 'orders', brand: '', asked: 4, within_target: 4 },
      { queue: 'orders', brand: 'acme', asked: 5, within_target: 0 },
      { queue: 'returns', brand: '', asked: 1, within_target: 0 },
    ]
    const all = (): boolean => true
    expect(levelLately({ recent }, 'orders', all, running.get('orders'))).toEqual({ value: 0.4, of: 10 })
    expect(levelLately({ recent }, 'orders', (brand) => brand === 'acme')).toEqual({ value: 0, of: 5 })
    expect(levelLately({}, '', all)).toEqual({ value: null, of: 0 })
  })

  test.each([
    [{ value: 1, of: 9 }, 'none'],
    [{ value: 0.9, of: 10 }, 'green'],
    [{ value: 0.86, of: 10 }, 'amber'],
    [{ value: 0.667, of: 10 }, 'red'],
    [{ value: null, of: 0 }, 'none'],
  ] as const)('%j against 90 percent is %s', (level, light) => {
    expect(levelLight(level, 0.9, LIMITS)).toBe(light)
  })

  test('a wait is near its target shortly before it, and nobody who waits makes no light', () => {
    const queue = queueRow('orders', { waiting: 1, target: { answer_within_s: 15, within_share: 0.9 } })
    expect([11, 12, 15, 16].map((seconds) => waitLight(seconds, queue, LIMITS))).toEqual(['', 'amber', 'amber', 'red'])
    expect(waitLight(99, { ...queue, waiting: 0 }, LIMITS)).toBe('')
  })
})

import { expect, test } from 'vitest'
import { drawn, type Stretch } from '../../src/agents/agents'

const stretch = (from: string, seconds: number, state: string): Stretch => ({
  from_at: `2026-11-29T${from}Z`,
  to_at: null,
  state,
  reason: '',
  seconds,
})

test('a day is drawn from the hour of the first log-in to that of the last log-out', () => {
  const { bars, hours } = drawn([
    stretch('00:00:00', 30600, 'logged out'),
    stretch('08:30:00', 1800, 'idle'),
    stretch('09:00:00', 3600, 'talking'),
    stretch('10:00:00', 9000, 'logged out'),
  ])
  expect(bars.map((bar) => [bar.state, bar.left, bar.width])).toEqual([
    ['idle', 25, 25],
    ['talking', 50, 50],
  ])
  expect(hours.map((hour) => hour.left)).toEqual([0, 50, 100])
})

test('who was not there has no bars', () => {
  expect(drawn([stretch('00:00:00', 86400, 'logged out')]).bars).toEqual([])
  expect(drawn([]).bars).toEqual([])
})

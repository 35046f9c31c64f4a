import { expect, test } from 'vitest'
import type { Line } from '../../src/shared/api'
import { supervised } from '../../src/calls/supervised'

const row = (s: number, state: string, mode = 'barge', listener = 'a'): Line => ({
  at: new Date(Date.UTC(2026, 2, 3, 12, 0, s)).toISOString(),
  kind: 'listening',
  agent: '1001',
  offer: 'c-1',
  zh: '',
  en: '',
  detail: { state, mode, listener, account: `boss ${listener}` },
})
const told = (lines: Line[]) => supervised(lines).map((part) => [part.account, part.deed, part.seconds])

test('who waits to be in the talk listens; a hold is a time apart', () => {
  const lines = [row(5, 'began'), row(8, 'joined'), row(20, 'left'), row(30, 'joined'), row(31, 'ended')]
  expect(told(lines)).toEqual([
    ['boss a', 'listen', 3],
    ['boss a', 'barge', 12],
    ['boss a', 'listen', 10],
    ['boss a', 'barge', 1],
  ])
})

test('two at once are kept apart, who still listens has no end, and who never answered did nothing', () => {
  const lines = [
    row(0, 'began', 'listen', 'a'),
    row(2, 'began', 'whisper', 'b'),
    row(3, 'failed', 'listen', 'c'),
    row(4, 'ended', 'listen', 'a'),
  ]
  expect(told(lines)).toEqual([
    ['boss a', 'listen', 4],
    ['boss b', 'whisper', null],
  ])
})

test('in the talk a switch to taking over is no part of its own', () => {
  const lines = [row(0, 'began', 'listen'), row(1, 'switched'), row(1, 'joined'), row(9, 'switched', 'take-over')]
  expect(told([...lines, row(9, 'took over', 'take-over'), row(15, 'left', 'take-over'), row(15, 'ended')])).toEqual([
    ['boss a', 'listen', 1],
    ['boss a', 'barge', 8],
    ['boss a', 'take-over', 6],
  ])
})

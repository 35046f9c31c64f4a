import { expect, test } from 'vitest'
import { keepOrder, neighbours } from '../../src/shared/filters'
import { nameOfSpan, spanOfDays } from '../../src/shared/spans'
import { isDay, weekday } from '../../src/shared/format'

test('what stands beside an entry of the list that was left', () => {
  keepOrder('calls', ['c', 'b', 'a'])
  expect(neighbours('calls', 'b')).toEqual({ before: 'c', after: 'a' })
  expect(neighbours('calls', 'c')).toEqual({ before: '', after: 'b' })
  expect(neighbours('calls', 'x')).toEqual({ before: '', after: '' })
})

test.each([
  ['today', ['2026-03-01', '2026-03-01']],
  ['yesterday', ['2026-02-28', '2026-02-28']],
  ['days7', ['2026-02-23', '2026-03-01']],
  ['days30', ['2026-01-31', '2026-03-01']],
] as const)('%s', (name, span) => {
  expect(spanOfDays(name, '2026-03-01')).toEqual(span)
  expect(nameOfSpan(span[0], span[1], '2026-03-01')).toBe(name)
})

test('days that have no name are one’s own', () => {
  expect(nameOfSpan('2026-01-01', '2026-01-09', '2026-03-01')).toBe('own')
})

test.each([
  ['2026-11-29', true],
  ['2026-02-30', false],
  ['2026-1-1', false],
  ['11/29/2026', false],
  ['', false],
])('%j is a day: %s', (text, is) => {
  expect(isDay(text)).toBe(is)
})

test('the weekday does not depend on where the browser is', () => {
  expect([weekday('2026-11-29', 'en'), weekday('2026-11-29', 'zh')]).toEqual(['Sun', '周日'])
})

import { describe, expect, test } from 'vitest'
import { bar, columns, spanOf, written, type ReportAnswer, type ReportFigure } from '../../src/reports/reports'

describe('a span by its name', () => {
  test.each([
    ['today', '2026-11-29', ['2026-11-29', '2026-11-29']],
    ['yesterday', '2026-03-01', ['2026-02-28', '2026-02-28']],
    ['week', '2026-11-29', ['2026-11-23', '2026-11-29']], // a Sunday
    ['week', '2026-11-30', ['2026-11-30', '2026-11-30']], // a Monday
    ['lastWeek', '2026-01-01', ['2025-12-22', '2025-12-28']],
    ['month', '2026-11-29', ['2026-11-01', '2026-11-29']],
    ['lastMonth', '2028-03-31', ['2028-02-01', '2028-02-29']],
    ['lastMonth', '2026-01-15', ['2025-12-01', '2025-12-31']],
  ] as const)('%s on %s', (preset, today, span) => {
    expect(spanOf(preset, today)).toEqual(span)
  })
})

test.each([
  ['share', 0.9349, '93.5%'],
  ['count', 12345, '12345'],
  ['seconds', 12.34, '0:12'],
  ['seconds', 83, '1:23'],
  ['time', 7325.4, '2:02:05'],
  ['share', null, '–'],
] as const)('a %s of %s is written %s', (kind, value, said) => {
  expect(written(kind, value)).toBe(said)
})

const words = { zh: 'x', en: 'x' }
const row = (name: string, values: Record<string, number | null>) => ({
  name,
  label: words,
  values,
  few: [],
  missed: [],
})
const figure = (name: string, kind: ReportFigure['kind']): ReportFigure => ({
  name,
  kind,
  label: words,
  definition: words,
  anchor: 'x',
  target: null,
})
const answer: ReportAnswer = {
  by: 'queues',
  first: '2026-11-28',
  last: '2026-11-29',
  whole: true,
  figures: [],
  rows: [row('orders', { calls: 40, connect_rate: 0.9 }), row('billing', { calls: 10, connect_rate: null })],
  total: row('', { calls: 50, connect_rate: 0.8 }),
  days: [
    { day: '2026-11-28', figures: row('', { calls: 20, answered: 18 }) },
    { day: '2026-11-29', figures: row('', { calls: 30, answered: null }) },
  ],
}

test('the chart shows all calls and the answered ones of each day', () => {
  expect(columns(answer)).toEqual([
    [20, 30],
    [18, 0],
  ])
})

test('a share fills its bar by itself, a count beside the largest, and the total has none', () => {
  const [orders, billing] = answer.rows
  expect(bar(answer, figure('connect_rate', 'share'), orders!)).toBe(0.9)
  expect(bar(answer, figure('connect_rate', 'share'), billing!)).toBe(null)
  expect(bar(answer, figure('calls', 'count'), billing!)).toBe(0.25)
  expect(bar(answer, figure('calls', 'count'), answer.total)).toBe(null)
  expect(bar(answer, figure('abandoned', 'count'), orders!)).toBe(null)
})

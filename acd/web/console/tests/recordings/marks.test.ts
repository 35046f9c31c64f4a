import { expect, test } from 'vitest'
import { marksOf, ROWS, type Found } from '../../src/recordings/marks'

const found = (from_s: number | null, kind: Found['kind'] = 'dead-air'): Found => ({
  kind,
  side: '',
  from_s,
  to_s: null,
  value: null,
  limit: null,
  name_zh: '',
  name_en: '',
  zh: '',
  en: '',
})

test('a finding stands at its second, and one without a second nowhere', () => {
  const marks = marksOf([found(30), found(null, 'no-note'), found(0)], 120)
  expect(marks.map(({ at, left, row }) => [at, left, row])).toEqual([
    [0, 0, 0],
    [30, 25, 0],
  ])
})

test('findings close together stand below each other, the next free one in the first row again', () => {
  expect(marksOf([found(10), found(11), found(12), found(40)], 100).map((mark) => mark.row)).toEqual([0, 1, 2, 0])
})

test('however many there are at one second, there are no more rows', () => {
  const rows = marksOf(
    Array.from({ length: 9 }, () => found(5)),
    60,
  ).map((mark) => mark.row)
  expect(Math.max(...rows)).toBe(ROWS - 1)
})

test('a finding beyond the sound stands at its end; without a length all stand at the beginning', () => {
  expect(marksOf([found(70)], 60)[0]).toMatchObject({ at: 60, left: 100 })
  expect(marksOf([found(70)], 0)[0]).toMatchObject({ at: 0, left: 0 })
})

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clock, day, dayAndClock, duration, exact, fromHouse, moment, share, toHouse } from '../../src/shared/format'
import { vocabulary } from '../../src/shared/house'
import { i18n } from '../../src/shared/language'
import { vocabularyRow } from '../support/rows'

beforeEach(() => {
  vocabulary.value = vocabularyRow('Europe/Berlin')
})
afterEach(() => {
  vi.useRealTimers()
  vocabulary.value = null
})

describe('durations and shares', () => {
  test.each([
    [0, '0:00'],
    [59.9, '0:59'],
    [60, '1:00'],
    [605, '10:05'],
    [3599.99, '59:59'],
    [3600, '1:00:00'],
    [3600 * 25 + 61, '25:01:01'],
  ])('%d seconds are shown as %s: begun seconds do not count', (seconds, shown) => {
    expect(duration(seconds)).toBe(shown)
  })

  test('what is not known is a dash and not a zero', () => {
    expect([duration(null), duration(undefined), exact(null), exact(undefined), share(null)]).toEqual(
      Array(5).fill('–'),
    )
    expect([duration(0), exact(0), share(0)]).toEqual(['0:00', '0.0 s', '0.0%'])
  })

  test('exact seconds and shares have one digit', () => {
    i18n.global.locale.value = 'en'
    expect(exact(12.345)).toBe('12.3 s')
    // What is not over does not count, neither a tenth nor a second.
    expect([exact(39.97), duration(39.97)]).toEqual(['39.9 s', '0:39'])
    expect([64.1, 8.7, 0.3, 1.1].map(exact)).toEqual(['64.1 s', '8.7 s', '0.3 s', '1.1 s'])
    i18n.global.locale.value = 'zh'
    expect(exact(12.345)).toBe('12.3 秒')
    i18n.global.locale.value = 'en'
    expect(share(0.98765)).toBe('98.8%')
  })
})

describe("instants on the hotline's own clock", () => {
  test('an instant in UTC is shown with the time of the hotline', () => {
    expect(clock('2026-11-22T08:05:09Z')).toBe('09:05:09')
    expect(clock('2026-07-22T08:05:09.471Z', true)).toBe('10:05:09.4')
  })

  test('midnight is hour 00, not hour 24', () => {
    expect(clock('2026-11-21T23:00:05Z')).toBe('00:00:05')
    expect(toHouse('2026-11-21T23:00:05Z')).toBe('2026-11-22T00:00')
  })

  test('the day changes at the midnight of the hotline', () => {
    expect(day('2026-11-21T22:59:59Z')).toBe('2026-11-21')
    expect(day('2026-11-21T23:00:00Z')).toBe('2026-11-22')
  })

  test('a row of several days has its day with the weekday: last Tuesday is looked for, not the 24th', () => {
    i18n.global.locale.value = 'en'
    expect(dayAndClock('2026-11-24T08:05:09Z', true)).toBe('11-24 Tue 09:05:09')
    expect(dayAndClock('2026-11-24T08:05:09Z', false)).toBe('09:05:09')
    i18n.global.locale.value = 'zh'
    expect(dayAndClock('2026-11-23T23:05:09Z', true)).toBe('11-24 周二 00:05:09')
    i18n.global.locale.value = 'en'
  })

  test('an instant of today is shown without its day, any other with it', () => {
    vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') })
    expect(moment('2026-11-22T13:30:00Z')).toBe('14:30')
    expect(moment('2026-11-21T13:30:00Z')).toBe('2026-11-21 14:30')
    expect(moment('2026-11-22T23:30:00Z')).toBe('2026-11-23 00:30')
    expect([moment(null), moment(undefined), clock(null)]).toEqual(['–', '–', '–'])
  })
})

describe('a time that was typed on the clock of the hotline', () => {
  /** In 2026 the clocks of these places change on one of these days, or never. */
  const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01']
  const halfHours = changes.flatMap((change) =>
    Array.from({ length: 3 * 48 }, (_, n) => Date.parse(`${change}T00:00:00Z`) + (n - 48) * 30 * 60_000),
  )

  test.each(['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'])(
    'means the same time again in %s, each half hour around every change of a clock',
    (timezone) => {
      vocabulary.value = vocabularyRow(timezone)
      // An hour that is there twice has one reading; shown again, it is the same time on the clock.
      expect(halfHours.map(toHouse).filter((local) => toHouse(fromHouse(local)) !== local)).toEqual([])
    },
  )

  test('is taken with the offset that holds on that day', () => {
    expect(fromHouse('2026-01-15T12:00')).toBe('2026-01-15T11:00:00.000Z')
    expect(fromHouse('2026-07-15T12:00')).toBe('2026-07-15T10:00:00.000Z')
    // The first minutes after both changes of the clock.
    expect(fromHouse('2026-03-29T03:00')).toBe('2026-03-29T01:00:00.000Z')
    expect(fromHouse('2026-10-25T03:00')).toBe('2026-10-25T02:00:00.000Z')
  })
})

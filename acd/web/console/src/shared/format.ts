/** Durations, instants and shares as people read them. */
import { vocabulary } from './house'
import { i18n } from './language'

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–'
  const whole = Math.floor(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** Seconds with their tenth, with the unit in the language of the page. Columns of durations use `duration`. */
export function exact(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–'
  // A tenth that has begun does not count, as a second does not: 39.97 s are 0:39 and not 40.0 s.
  return `${(Math.floor(seconds * 10 + 1e-6) / 10).toFixed(1)} ${i18n.global.locale.value === 'zh' ? '秒' : 's'}`
}

export function share(value: number | null, digits = 1): string {
  return value === null ? '–' : `${(value * 100).toFixed(digits)}%`
}

/** The time of day on the hotline's own clock. */
export function clock(instant: string | null, fraction = false): string {
  if (!instant) return '–'
  const how: Intl.DateTimeFormatOptions = { hour12: false, hour: '2-digit', minute: '2-digit', second: '2-digit' }
  if (fraction) how.fractionalSecondDigits = 1
  return new Intl.DateTimeFormat('en-GB', { ...how, timeZone: vocabulary.value?.timezone }).format(new Date(instant))
}

/** The day on the hotline's own clock, as 2026-11-22. */
export function day(instant: string | number | Date = Date.now()): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: vocabulary.value?.timezone }).format(new Date(instant))
}

/** An instant on the hotline's own clock as an input of type datetime-local has it: 2026-11-22T14:30. */
export function toHouse(instant: string | number | Date): string {
  const how: Intl.DateTimeFormatOptions = {
    timeZone: vocabulary.value?.timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  }
  return new Intl.DateTimeFormat('sv-SE', how).format(new Date(instant)).replace(' ', 'T')
}

/** The instant that such an input means, in UTC. */
export function fromHouse(local: string): string {
  const asUtc = Date.parse(`${local}:00Z`)
  let instant = asUtc
  // Twice: where the clock is changed between the two instants, the second look sees the right side of it.
  for (let n = 0; n < 2; n++) instant += asUtc - Date.parse(`${toHouse(instant)}:00Z`)
  return new Date(instant).toISOString()
}

/** Today: 14:30; else 2026-11-21 14:30. */
export function moment(instant: string | null | undefined): string {
  if (!instant) return '–'
  const [date, time] = toHouse(instant).split('T')
  return date === day() ? (time ?? '') : `${date} ${time}`
}

/** Whether this is a day as 2026-11-22. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const moment = new Date(`${text}T12:00:00Z`)
  return !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === text
}

/** Whether this is a time of day as 09:30. */
export const isTime = (text: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

/** The weekday of a day, as "Tue" or 周二. */
export function weekday(of: string, language: string): string {
  const how = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'short', timeZone: 'UTC' })
  return how.format(new Date(`${of}T12:00:00Z`))
}

/** An instant with its day and weekday where several days are shown: 11-24 Tue 14:30:05. */
export function dayAndClock(instant: string | null, withDay: boolean): string {
  if (!instant) return '–'
  const of = day(instant)
  return withDay ? `${of.slice(5)} ${weekday(of, i18n.global.locale.value)} ${clock(instant)}` : clock(instant)
}

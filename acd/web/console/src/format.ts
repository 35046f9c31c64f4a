/** Durations, instants and shares as people read them. */
import { vocabulary } from './house'

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–'
  const whole = Math.floor(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

export function exact(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? '–' : `${seconds.toFixed(1)} s`
}

export function share(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(1)} %`
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

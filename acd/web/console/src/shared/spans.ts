/** Spans of days by their names, on the hotline's own clock. */
import { day } from './format'

export const SPANS = ['today', 'yesterday', 'days7', 'days30', 'days90', 'own'] as const
export type SpanName = (typeof SPANS)[number]
const BACK: Record<string, [number, number]> = {
  today: [0, 0],
  yesterday: [1, 1],
  days7: [6, 0],
  days30: [29, 0],
  days90: [89, 0],
}

/** So many days before that one, as 2026-11-22. */
export function daysBefore(of: string, days: number): string {
  const moment = new Date(`${of}T12:00:00Z`)
  moment.setUTCDate(moment.getUTCDate() - days)
  return moment.toISOString().slice(0, 10)
}

/** First and last day of a span that has a name. */
export function spanOfDays(name: SpanName, today = day()): [string, string] {
  const [first, last] = BACK[name] ?? [0, 0]
  return [daysBefore(today, first), daysBefore(today, last)]
}

/** The name of these days; "own": they have none. */
export function nameOfSpan(first: string, last: string, today = day()): SpanName {
  return SPANS.find((name) => name !== 'own' && spanOfDays(name, today).join() === `${first},${last}`) ?? 'own'
}

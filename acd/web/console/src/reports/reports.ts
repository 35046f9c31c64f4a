/** Reports as the page asks for them: rows of the interface, spans of days, and what a chart is drawn from. */
import { day, duration, share } from '../shared/format'

export type By = 'queues' | 'agents'
export interface BothWords {
  zh: string
  en: string
}
export interface ReportFigure {
  name: string
  kind: 'count' | 'share' | 'seconds' | 'time'
  label: BothWords
  definition: BothWords
  anchor: string
  target: number | null
}
export interface ReportRow {
  name: string
  label: BothWords
  values: Record<string, number | null>
  few: string[]
  missed: string[]
}
export interface ReportDay {
  day: string
  figures: ReportRow
}
export interface ReportAnswer {
  by: By
  first: string
  last: string
  whole: boolean
  figures: ReportFigure[]
  rows: ReportRow[]
  total: ReportRow
  days: ReportDay[]
}
export interface ConfiguredReport {
  name: string
  every: 'daily' | 'weekly' | 'monthly'
  formats: string[]
  folder: string
  mails: number
  next_at: string
  trouble: string
}
export interface MadeReport {
  number: number
  name: string
  first: string
  last: string
  made_at: string
  why: string
  files: string[]
  mail: string
}
export const PRESETS = ['today', 'yesterday', 'week', 'lastWeek', 'month', 'lastMonth', 'own'] as const
export type Preset = (typeof PRESETS)[number]

/** The day that is so many days later. Days are names of the calendar, so no clock comes into it. */
function later(from: string, days: number): string {
  return new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** First and last day of a span by name; weeks begin on Monday. */
export function spanOf(preset: Exclude<Preset, 'own'>, today = day()): [first: string, last: string] {
  const monday = later(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7))
  const month = `${today.slice(0, 7)}-01`
  const before = later(month, -1)
  switch (preset) {
    case 'today':
      return [today, today]
    case 'yesterday':
      return [later(today, -1), later(today, -1)]
    case 'week':
      return [monday, today]
    case 'lastWeek':
      return [later(monday, -7), later(monday, -1)]
    case 'month':
      return [month, today]
    case 'lastMonth':
      return [`${before.slice(0, 7)}-01`, before]
  }
}

export function written(kind: ReportFigure['kind'], value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (kind === 'share') return share(value)
  if (kind === 'count') return String(value)
  return duration(Math.round(value))
}

/** What the chart of the days shows: this figure of all, by day; empty: calls and answered ones, of agents the talks. */
export function columns(answer: ReportAnswer, shown = ''): number[][] {
  const figure = answer.figures.find((one) => one.name === shown)
  if (figure) return [answer.days.map((one) => drawn(figure, one.figures.values[shown]))]
  const names = answer.by === 'queues' ? ['calls', 'answered'] : ['talks']
  return names.map((name) => answer.days.map((one) => one.figures.values[name] ?? 0))
}

/** A share in percent, a time in seconds; what has no value is drawn as nothing. */
function drawn(figure: ReportFigure, value: number | null | undefined): number {
  return figure.kind === 'share' ? (value ?? 0) * 100 : (value ?? 0)
}

/** How long the bar in a cell is, from 0 to 1; null: this figure has none. The longest of a column without a whole is 1. */
export function bar(answer: ReportAnswer, figure: ReportFigure, row: ReportRow): number | null {
  const value = row.values[figure.name]
  if (figure.kind === 'share') return value ?? null
  if (!['calls', 'talks'].includes(figure.name) || !row.name) return null
  const most = Math.max(...answer.rows.map((one) => one.values[figure.name] ?? 0))
  return most ? (value ?? 0) / most : null
}

/** What callers say of the service: the answer of /api/surveys, and how its figures are shown. */
import { share } from '../shared/format'

export interface SurveyFigure {
  value: number | null
  answers: number
  too_few: boolean
}
export type FigureName = 'response' | 'csat' | 'nps' | 'solved' | 'fcr'
export const FIGURES: FigureName[] = ['response', 'csat', 'nps', 'solved', 'fcr']
export interface SurveyRow extends Record<FigureName, SurveyFigure> {
  who: string
  asked: number
  answered: number
  answered_last: number
  fcr_open: number
  low: number
  callbacks: number
  words: number
}
export interface SurveyAnswer {
  by: 'queue' | 'agent'
  all: SurveyRow
  rows: SurveyRow[]
}

/** The value alone: shares in percent, the NPS as points from -100 to 100. */
export function shown(name: FigureName, figure: SurveyFigure): string {
  if (figure.value === null) return '–'
  if (name !== 'nps') return share(figure.value)
  const points = Math.round(figure.value * 100)
  return points > 0 ? `+${points}` : points < 0 ? `−${-points}` : '0'
}

/** The first instant of the days up to now, as the interface takes it. */
export function since(days: number, now = new Date()): string {
  return new Date(now.getTime() - days * 86_400_000).toISOString()
}

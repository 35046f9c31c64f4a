/** Talks that people grade, as the interface sends them, and a form that is being filled. */
import type { Sent } from '../shared/interface-check'

export type OpenReview = Sent<'OpenReview'>
export type GivenReview = Sent<'GivenReview'>
export type ReviewForm = Sent<'ReviewForm'>
export type ReviewItem = Sent<'ReviewItem'>
export type OneReview = Sent<'OneReview'>
export type ScoredTalk = Sent<'ScoredTalk'>
export type Answer = number | string
export type Answers = Record<string, Answer>
export interface Pinned {
  at_s: number
  item: string
  text: string
}

/** The keys that answer an item with yes, no or not applicable. */
const KEYS: Record<string, string> = { y: 'yes', n: 'no', a: 'na' }

export const itemsOf = (form: ReviewForm): ReviewItem[] => form.groups.flatMap((group) => group.items)

/** What a key answers; undefined: nothing. Keys with a modifier are the browser's. */
export function answerOf(item: ReviewItem, event: KeyboardEvent): string | undefined {
  if (item.kind !== 'yes-no' || event.ctrlKey || event.altKey || event.metaKey) return undefined
  return KEYS[event.key.toLowerCase()]
}

/** Whether the item is answered as the form wants it. */
export function isAnswered(item: ReviewItem, answer: Answer | undefined): boolean {
  if (item.kind === 'yes-no') return answer === 'yes' || answer === 'no' || answer === 'na'
  return typeof answer === 'number' && Number.isInteger(answer) && answer >= 0 && answer <= 100
}

/** The names of the items that are not answered yet. */
export const openItems = (form: ReviewForm, answers: Answers): string[] =>
  itemsOf(form)
    .filter((item) => !isAnswered(item, answers[item.name]))
    .map((item) => item.name)

/** The address of a review behind #/reviews/: the talk and its number. */
export const idOf = (one: { offer: string; number: number }): string => `${one.offer}.${one.number}`
export const pathOf = (id: string): string => `/api/reviews/${id.split('.').map(encodeURIComponent).join('/')}`

/** The review whose score counts: the decision of the appeal, else the first. */
export const counts = (talk: ScoredTalk): GivenReview =>
  talk.history.find((one) => one.kind === 'appeal') ?? talk.history.find((one) => one.kind === 'first')!

/** The fatal items that were answered with no, as the form of the score that counts has them. */
export function fatalItems(talk: ScoredTalk, forms: ReviewForm[]): ReviewItem[] {
  const { form, version } = counts(talk)
  const known = forms.find((one) => one.name === form && one.version === version)
  return known ? itemsOf(known).filter((item) => talk.fatal.includes(item.name)) : []
}

/** Each agent's talks and their mean score, the lowest first; talks to which no item applied have none. */
export function meanScores(talks: ScoredTalk[]): { agent: string; talks: number; mean: number | null }[] {
  const scores = new Map<string, number[]>()
  const number = new Map<string, number>()
  for (const { agent, score } of talks) {
    number.set(agent, (number.get(agent) ?? 0) + 1)
    scores.set(agent, [...(scores.get(agent) ?? []), ...(score === null ? [] : [score])])
  }
  const rows = [...scores].map(([agent, each]) => ({
    agent,
    talks: number.get(agent) ?? 0,
    mean: each.length ? each.reduce((sum, score) => sum + score, 0) / each.length : null,
  }))
  return rows.sort((a, b) => (a.mean ?? 101) - (b.mean ?? 101) || a.agent.localeCompare(b.agent))
}

/** What a grader has filled in and not given yet, of one talk. */
export interface Filled {
  answers: Answers
  comment: string
  pinned: Pinned[]
}
const keptOf = (account: string, id: string) => `sanxiang-review-${account}-${id}`

/** Kept in this tab until the score is given, so that a page that was left loses nothing. */
export const keepFilled = (account: string, id: string, filled: Filled): void =>
  sessionStorage.setItem(keptOf(account, id), JSON.stringify(filled))
export function keptFilled(account: string, id: string): Filled | null {
  const kept = sessionStorage.getItem(keptOf(account, id))
  return kept ? (JSON.parse(kept) as Filled) : null
}
export const forgetFilled = (account: string, id: string): void => sessionStorage.removeItem(keptOf(account, id))

/** Talks that people grade, as the interface sends them, and a form that is being filled. */
import type { Sent } from '../shared/interface-check'

export type OpenReview = Sent<'OpenReview'>
export type GivenReview = Sent<'GivenReview'>
export type ReviewForm = Sent<'ReviewForm'>
export type ReviewItem = Sent<'ReviewItem'>
export type OneReview = Sent<'OneReview'>
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

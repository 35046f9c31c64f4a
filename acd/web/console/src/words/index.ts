/** Words for what the interface says in its own terms: states, outcomes, endings, and refusals. */
import { useI18n } from 'vue-i18n'
import { Problem } from '../shared/api'
import { queueName } from '../shared/house'

/** Two codes mean two things. */
function meaning(error: Problem): string {
  if (error.code === 'not-allowed' && error.status !== 403) return 'not-on-list' // a number, and not one's role
  if (error.code === 'too-long' && error.said.field) return 'text-too-long' // what was written, and not the journal
  return error.code
}

export function useWords() {
  const { t, te, locale } = useI18n()
  /** The word of a table; what the table does not know is shown as it is. */
  const word = (table: string, key: string | null | undefined): string => {
    if (!key || /["[\]\\]/.test(key)) return key ?? '' // what a person has written is no key
    const path = `${table}["${key}"]`
    return te(path) ? t(path) : key
  }
  /** A skill by the label of the queue that is called alike, or as the language that it is; else its own name. */
  const skillName = (skill: string): string => {
    const queue = queueName(skill, locale.value)
    return queue === skill ? word('desk.speaks', skill) : queue
  }
  /** The keys that a caller pressed: zh/1/2 as 中文 › 1 › 2. */
  const menuPath = (path: string): string =>
    path
      .split('/')
      .map((step) => word('desk.speaks', step))
      .join(' › ')
  /** Why a recording is not complete; that a caller declined is told by its state. */
  const whyIncomplete = (one: { state: string; reason: string; reason_zh: string }): string =>
    one.state === 'declined' ? '' : locale.value === 'zh' ? one.reason_zh : one.reason
  /** Several of a kind, one behind the other. */
  const listed = (items: string[]): string => items.join(locale.value === 'zh' ? '、' : ', ')
  /** A name, and what is said of it. */
  const named = (name: string, said: string): string => `${name}${locale.value === 'zh' ? '：' : ': '}${said}`
  /** What is added to something, in brackets. */
  const inBrackets = (text: string): string => (locale.value === 'zh' ? `（${text}）` : ` (${text})`)
  /** What the carrier says of a caller's number: a verdict, and the letter of its attestation. */
  const identity = (code: string): string => {
    const [verdict, letter] = code.split('-')
    return [word('identity', verdict), letter?.toUpperCase()].filter(Boolean).join(' · ')
  }
  const refusal = (error: unknown): string => {
    if (!(error instanceof Problem)) return String(error)
    const path = `problem['${meaning(error)}']`
    const told: Record<string, unknown> = { ...(error.said.words as Record<string, unknown>), told: error.message }
    if (typeof told.state === 'string') told.state = word('state', told.state)
    // Somebody else was first: what they did, in a part of a sentence.
    if (meaning(error) === 'acted-on')
      return t('floor.actedOn', {
        by: String(told.by ?? ''),
        did: t(`floor.act["${String(told.what)}"]`, { now: String(told.now ?? '') }),
      })
    const sentence = te(path) ? t(path, told) : error.message
    // The id helps where it is our fault; what one can mend oneself needs none.
    return error.incident && error.status >= 500
      ? sentence + inBrackets(t('problem.incident', { id: error.incident }))
      : sentence
  }
  return { t, locale, word, skillName, menuPath, whyIncomplete, identity, refusal, listed, named, inBrackets }
}

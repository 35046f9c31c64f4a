/** Words for what the interface says in its own terms: states, outcomes, endings, and refusals. */
import { useI18n } from 'vue-i18n'
import { Problem } from '../api'

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
  /** What the carrier says of a caller's number: a verdict, and the letter of its attestation. */
  const identity = (code: string): string => {
    const [verdict, letter] = code.split('-')
    return [word('identity', verdict), letter?.toUpperCase()].filter(Boolean).join(' · ')
  }
  const refusal = (error: unknown): string => {
    if (!(error instanceof Problem)) return String(error)
    const path = `problem['${meaning(error)}']`
    const told = { ...(error.said.words as Record<string, unknown> | undefined) }
    if (typeof told.state === 'string') told.state = word('state', told.state)
    const sentence = te(path) ? t(path, told) : error.message
    // The id helps where it is our fault; what one can mend oneself needs none.
    return error.incident && error.status >= 500
      ? `${sentence} (${t('problem.incident', { id: error.incident })})`
      : sentence
  }
  return { t, locale, word, identity, refusal }
}

/** Names of people, reasons, languages and targets as the desk shows them. */
import { queueName, vocabulary } from '../house'
import { useWords } from '../words'
import { desk } from './desk'

export function useNames() {
  const { t, locale, word } = useWords()
  const person = (agent: string, name = '') => (name ? `${agent} ${name}` : agent)
  const reasonOf = (reason: string): string => {
    if (!reason) return t('desk.noReason')
    const known = desk.value?.reasons.find((one) => one.reason === reason)
    if (known) return locale.value === 'zh' ? known.zh : known.en
    return word('desk.reason', reason)
  }
  const queueOf = (queue: string): string => queueName(queue, locale.value)
  const targetOf = (kind: string, to: string): string => (kind === 'queue' ? queueOf(to) : to)
  const notReadyReason = (reason: string): string => {
    if (reason === 'ring no answer') return t('rona')
    const known = [...(desk.value?.not_ready_reasons ?? []), ...(vocabulary.value?.not_ready_reasons ?? [])].find((one) => one.reason === reason)
    return known ? (locale.value === 'zh' ? known.zh : known.en) : reason
  }
  return { person, reasonOf, queueOf, targetOf, notReadyReason }
}

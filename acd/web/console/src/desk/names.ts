/** Names of people, reasons, languages and targets as the desk shows them. */
import { watch } from 'vue'
import { queueName, vocabulary } from '../shared/house'
import { agentName } from '../shared/people'
import { useWords } from '../words'
import { desk } from './desk'

/** Colleagues' names, as they have been told in offers, consults and targets. */
const names = new Map<string, string>()
export const knows = (agent: string, name: string) => void names.set(agent, name)
watch(desk, (now) => {
  const { offer, consult } = now ?? {}
  if (offer?.from) names.set(offer.from.agent, offer.from.name)
  if (consult) names.set(consult.first, consult.first_name).set(consult.receiver, consult.receiver_name)
})

export function useNames() {
  const { t, locale, word, skillName } = useWords()
  /** An agent hears of colleagues by what they are told of; who sees the floor knows them all. */
  const person = (agent: string, name = names.get(agent)) => (name ? `${agent} ${name}` : agentName(agent))
  const reasonOf = (reason: string): string => {
    if (!reason) return t('desk.noReason')
    // A supervisor who reads the card has no desk.
    const known = [...(desk.value?.reasons ?? []), ...(vocabulary.value?.transfer_reasons ?? [])].find(
      (one) => one.reason === reason,
    )
    if (known) return locale.value === 'zh' ? known.zh : known.en
    return word('desk.reason', reason)
  }
  /** By what somebody was verified. */
  const wayOf = (how: string): string => {
    const known = [...(desk.value?.verify ?? []), ...(vocabulary.value?.verify ?? [])].find((one) => one.how === how)
    return known ? (locale.value === 'zh' ? known.zh : known.en) : word('desk.way', how)
  }
  const dispositionOf = (code: string): string => {
    const known = [...(desk.value?.dispositions ?? []), ...(vocabulary.value?.dispositions ?? [])].find(
      (one) => one.code === code,
    )
    return known ? (locale.value === 'zh' ? known.zh : known.en) : code
  }
  const queueOf = (queue: string): string => queueName(queue, locale.value)
  const targetOf = (kind: string, to: string): string =>
    kind === 'queue' ? queueOf(to) : kind === 'agent' ? person(to) : kind === 'skill' ? skillName(to) : to
  const notReadyReason = (reason: string): string => {
    const own = word('ownReason', reason)
    if (own !== reason) return own
    const known = [...(desk.value?.not_ready_reasons ?? []), ...(vocabulary.value?.not_ready_reasons ?? [])].find(
      (one) => one.reason === reason,
    )
    return known ? (locale.value === 'zh' ? known.zh : known.en) : reason
  }
  /** Why a transfer came to nothing: an offer's outcome, the code of a refusal, or what the receiver said. */
  const whyOf = (code: string) => (word('outcome', code) === code ? word('desk.cant', code) : word('outcome', code))
  return { whyOf, person, reasonOf, dispositionOf, wayOf, queueOf, targetOf, notReadyReason }
}

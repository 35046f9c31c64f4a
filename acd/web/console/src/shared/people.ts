/** Agents, reasons and dispositions by the names that the configuration gives them. */
import { floor } from '../floor/live'
import { queueName, vocabulary } from './house'
import { useWords } from '../words'

/** "1002 Li Na"; one of whom no name is known by the extension alone. */
export function agentName(agent: string): string {
  const name = floor.agents.get(agent)?.name
  return name && name !== agent ? `${agent} ${name}` : agent
}

export function useNames() {
  const { locale, word } = useWords()
  const of = (label: { zh: string; en: string }) => (locale.value === 'zh' ? label.zh : label.en)
  const reasonName = (reason: string): string => {
    const known = vocabulary.value?.transfer_reasons?.find((one) => one.reason === reason)
    return known ? of(known) : word('desk.reason', reason)
  }
  const dispositionName = (code: string): string => {
    const known = vocabulary.value?.dispositions?.find((one) => one.code === code)
    return known ? of(known) : code
  }
  /** What an alarm is about: a queue and an agent by name, all else as it is called. */
  const subjectName = (subject: string): string => agentName(queueName(subject, locale.value))
  return { reasonName, dispositionName, subjectName }
}

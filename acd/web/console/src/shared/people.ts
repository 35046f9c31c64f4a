/** Agents, reasons and dispositions by the names that the configuration gives them. */
import { floor } from '../floor/live'
import { queueName, vocabulary } from './house'
import { useWords } from '../words'

/** "1002 Li Na"; one of whom no name is known by the extension alone. */
export function agentName(agent: string): string {
  const name = floor.agents.get(agent)?.name
  return name && name !== agent ? `${agent} ${name}` : agent
}

const isCall = (subject: string) => /^c\d+-\d+-\d+$/.test(subject)

export function useNames() {
  const { locale, word, skillName, listed } = useWords()
  const of = (label: { zh: string; en: string }) => (locale.value === 'zh' ? label.zh : label.en)
  const reasonName = (reason: string): string => {
    const known = vocabulary.value?.transfer_reasons?.find((one) => one.reason === reason)
    return known ? of(known) : word('desk.reason', reason)
  }
  const dispositionName = (code: string): string => {
    const known = vocabulary.value?.dispositions?.find((one) => one.code === code)
    return known ? of(known) : code
  }
  /** Where a call goes or has gone: "queue orders", "agent 1002", "skill en" by its name; a number as it is. */
  const targetName = (kind: string, to: string): string =>
    kind === 'queue'
      ? queueName(to, locale.value)
      : kind === 'agent'
        ? agentName(to)
        : kind === 'skill'
          ? skillName(to)
          : to
  /** Skills with their levels, as "Orders 5, English 9". */
  const skillLevels = (skills: Record<string, number> | undefined): string =>
    listed(Object.entries(skills ?? {}).map(([skill, level]) => `${skillName(skill)} ${level}`))
  /** What an alarm is about: a queue and an agent by name, a call that goes on by its caller, all else as it is called. */
  const subjectName = (subject: string): string =>
    isCall(subject) ? word('who', floor.calls.get(subject)?.caller ?? '') : agentName(queueName(subject, locale.value))
  return { reasonName, dispositionName, subjectName, targetName, skillLevels }
}

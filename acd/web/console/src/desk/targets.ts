/** Whom a caller can go to, as lines of one list: proposed first, then queues, people, others, the free ones first; none moves while it is looked at. */
import type { Targets } from './rows'

export interface Target {
  key: string
  kind: 'agent' | 'queue' | 'skill' | 'number'
  to: string
  name: string
  /** What stands beside the name: queues, waiting, the number itself. */
  about: string
  /** The state of an agent, and why not ready; "" for other targets. */
  state: string
  reason: string
  available: number | null
  free: boolean
  proposed: boolean
  /** "" when the target can be chosen; else the code of the refusal. */
  cant: string
}

interface Spoken {
  zh: string
  en: string
}

export function lines(
  found: Targets,
  zh: boolean,
  queueName: (name: string) => string,
  waiting: (n: number) => string,
): Target[] {
  const label = (one: Spoken) => (zh ? one.zh : one.en)
  const rest = (one: { allowed: boolean; why: string | null; proposed: boolean }) => ({
    state: '',
    reason: '',
    proposed: one.proposed,
    cant: one.allowed ? '' : (one.why ?? 'not-allowed'),
  })
  return [
    ...found.agents.map((one): Target => ({
      ...rest(one),
      key: `agent:${one.agent}`,
      kind: 'agent',
      to: one.agent,
      name: one.name,
      about: one.queues.map(queueName).join(zh ? '、' : ', '),
      state: one.state,
      reason: one.reason,
      available: null,
      free: one.free,
    })),
    ...found.queues.map((one): Target => ({
      ...rest(one),
      key: `queue:${one.name}`,
      kind: 'queue',
      to: one.name,
      name: label(one),
      about: waiting(one.waiting),
      available: one.available,
      free: one.available > 0,
    })),
    // A skill that people call by the name of its queue is in the list already.
    ...found.skills
      // One that has no label has no meaning to people: "en" is how the hotline is built, and no place to go.
      .filter((one) => label(one) && label(one) !== one.skill)
      .filter((one) => !found.queues.some((queue) => label(queue) === label(one) || queue.name === one.skill))
      .map((one): Target => ({
        ...rest(one),
        key: `skill:${one.skill}`,
        kind: 'skill',
        to: one.skill,
        name: label(one) || one.skill,
        about: '',
        available: one.available,
        free: one.available > 0,
      })),
    ...found.numbers.map((one): Target => ({
      ...rest(one),
      key: `number:${one.number}`,
      kind: 'number',
      to: one.number,
      name: label(one) || one.number,
      about: one.number,
      available: null,
      free: true,
    })),
  ]
}

const KINDS = ['queue', 'agent', 'skill', 'number']
const rank = (one: Target) => (one.proposed && !one.cant ? 0 : one.cant ? 2 : 1)
const busy = (one: Target) => (one.free ? 0 : 1)

export type Tab = 'all' | 'queue' | 'agent' | 'other'
export const inTab = (one: Target, tab: Tab): boolean =>
  tab === 'all' || (tab === 'other' ? one.kind === 'skill' || one.kind === 'number' : one.kind === tab)

export function inOrder(found: Target[]): Target[] {
  return [...found].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      busy(a) - busy(b) ||
      a.to.localeCompare(b.to, undefined, { numeric: true }),
  )
}

/** The new states in the old order; who is new comes last. */
export function renewed(shown: Target[], fresh: Target[]): Target[] {
  const by = new Map(fresh.map((one) => [one.key, one]))
  const stay = shown.flatMap((one) => by.get(one.key) ?? [])
  const known = new Set(shown.map((one) => one.key))
  return [...stay, ...fresh.filter((one) => !known.has(one.key))]
}

export function fits(one: Target, typed: string): boolean {
  const wanted = typed.trim().toLowerCase()
  return !wanted || `${one.to} ${one.name} ${one.about}`.toLowerCase().includes(wanted)
}

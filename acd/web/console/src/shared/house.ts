/** What is known of the house and of who looks at it. */
import { ref } from 'vue'
import { get, type Me, type Vocabulary } from './api'
import { floor } from '../floor/live'
import { listenAs } from './stream'

export const me = ref<Me | null>(null)
export const vocabulary = ref<Vocabulary | null>(null)

/** An agent sees the own desk and nothing else. */
export const isAgent = () => me.value?.roles.includes('agent') ?? false
/** Whether the roles of this account have the permission: acd/web/access/roles.py. */
export const may = (permission: string) => me.value?.may?.includes(permission) ?? false
/** The name of an agent's team; empty: none. */
export function teamName(team: string | undefined, language: string): string {
  const known = vocabulary.value?.teams?.find((one) => one.team === team)
  return known ? (language === 'zh' ? known.zh : known.en) : (team ?? '')
}
/** A second factor must be set up first. */
export const isEnrolling = () => me.value?.roles.includes('enrolling') ?? false

export async function enter(): Promise<void> {
  const found = await get<Me>('/api/me')
  // Before anything is shown: days are those of the hotline's clock, which the vocabulary tells.
  if (!found.roles.includes('enrolling')) vocabulary.value = await get<Vocabulary>('/api/vocabulary')
  listenAs(found.account)
  me.value = found
}

export function queueName(name: string | null, language: string): string {
  // The floor knows a queue that a reload has brought; the vocabulary is as old as the page.
  const queue = floor.queues.get(name ?? '') ?? vocabulary.value?.queues.find((one) => one.name === name)
  return queue ? (language === 'zh' ? queue.zh : queue.en) : (name ?? '')
}

/** `ours`: the reasons that the engine sets by itself, in words. */
export function reasonName(reason: string, language: string, ours: (reason: string) => string): string {
  const own = ours(reason)
  if (own !== reason) return own
  const known = vocabulary.value?.not_ready_reasons.find((one) => one.reason === reason)
  return known ? (language === 'zh' ? known.zh : known.en) : reason
}

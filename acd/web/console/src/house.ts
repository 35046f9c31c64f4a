/** What is known of the house and of who looks at it. */
import { ref } from 'vue'
import { get, type Me, type Vocabulary } from './api'
import { floor } from './live'

export const me = ref<Me | null>(null)
export const vocabulary = ref<Vocabulary | null>(null)

export const isQa = () => me.value?.roles.includes('qa') ?? false
/** An agent sees the own desk and nothing else. */
export const isAgent = () => me.value?.roles.includes('agent') ?? false
export const isOperator = () => me.value?.roles.includes('operator') ?? false

export async function enter(): Promise<void> {
  me.value = await get<Me>('/api/me')
  vocabulary.value = await get<Vocabulary>('/api/vocabulary')
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

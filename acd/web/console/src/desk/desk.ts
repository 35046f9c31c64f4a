/** The desk of the agent who is logged in, as its stream tells it, and the agent's actions. */
import { computed, ref, shallowRef } from 'vue'
import { post } from '../api'
import { listenTo } from '../stream'
import type { Card, Desk } from './rows'

export const desk = shallowRef<Desk | null>(null)
/** What was refused last, until the next deed. */
export const refused = ref<unknown>(null)
export const busy = ref('')

export const card = computed(() => desk.value?.card ?? null)
export const callId = computed(() => card.value?.call ?? desk.value?.call?.call ?? desk.value?.offer?.call ?? '')
/** What was done last, as a sentence, until the next call. */
export const done = ref('')

export function listenToDesk(whenRefused: () => void): void {
  const hear = (data: Desk) => (desk.value = { ...(desk.value ?? data), ...data })
  listenTo<Desk>('/api/desk/events', { snapshot: (data) => (desk.value = data), change: hear }, whenRefused)
}

/** A card that the interface has answered with is newer than the stream's until that speaks again. */
export function takeCard(fresh: Card): void {
  const now = desk.value
  if (now?.card && now.card.call === fresh.call && now.card.version <= fresh.version) {
    desk.value = { ...now, card: { ...now.card, ...fresh } }
  }
}

/** Carries out one deed at a time; whether it was taken. What is refused stands in `refused`. */
export async function press(path: string, body: unknown = {}): Promise<boolean> {
  if (busy.value) return false
  busy.value = path
  refused.value = null
  try {
    await post(path, body)
    return true
  } catch (error) {
    refused.value = error
    return false
  } finally {
    busy.value = ''
  }
}

export const ofCall = (what: string, call = callId.value) => `/api/calls/${encodeURIComponent(call)}/${what}`

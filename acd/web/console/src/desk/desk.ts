/** The desk of the agent who is logged in, as its stream tells it, and the agent's actions. */
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'
import { get, post } from '../shared/api'
import { listenTo } from '../shared/stream'
import type { Card, Desk } from './rows'

export const desk = shallowRef<Desk | null>(null)
/** What was refused last, until the next deed. */
export const refused = ref<unknown>(null)
export const busy = ref('')

export const card = computed(() => desk.value?.card ?? null)
export const callId = computed(() => card.value?.call ?? desk.value?.call?.call ?? desk.value?.offer?.call ?? '')
/** Cards as last known, by call: the desk's, and those of own calls that the agent has opened again. */
export const cards = shallowReactive(new Map<string, Card>())
const CARDS_KEPT = 20
/** The own call whose card the agent has opened again; empty: none. */
export const opened = ref('')
/** What was done last, as a sentence, until the next call. */
export const done = ref('')

export function listenToDesk(whenRefused: () => void): void {
  const hear = (data: Desk) => (desk.value = { ...(desk.value ?? data), ...data })
  listenTo<Desk>('/api/desk/events', { snapshot: (data) => (desk.value = data), change: hear }, whenRefused)
}

function keep(fresh: Card): void {
  const had = cards.get(fresh.call)
  if (had && had.version > fresh.version) return
  cards.delete(fresh.call)
  cards.set(fresh.call, { ...had, ...fresh })
  for (const call of [...cards.keys()].slice(0, -CARDS_KEPT)) cards.delete(call)
}
watch(
  () => desk.value?.card,
  (fresh) => fresh && keep(fresh),
  { flush: 'sync' },
)

/** Shows the card of an own call again; raises what the interface refuses with. */
export async function openCard(call: string): Promise<void> {
  keep(await get<Card>(ofCall('card', call)))
  opened.value = call === card.value?.call ? '' : call
}

/** A card that the interface has answered with is newer than the stream's until that speaks again. */
export function takeCard(fresh: Card): void {
  keep(fresh)
  const now = desk.value
  if (now?.card && now.card.call === fresh.call && now.card.version <= fresh.version) {
    desk.value = { ...now, card: { ...now.card, ...fresh } }
  }
}

let last: Promise<unknown> = Promise.resolve()
let latest = ''
let waiting = 0

/** Carries out one deed after the other, so that none of the keys that an agent presses quickly is lost; the latest deed once more, before it
 * is done, is the same deed. Whether it was taken; what is refused stands in `refused`. */
export function press(path: string, body: unknown = {}): Promise<boolean> {
  const deed = `${path} ${JSON.stringify(body)}`
  if (waiting && deed === latest) return Promise.resolve(false)
  latest = deed
  waiting++
  busy.value ||= path
  refused.value = null
  const taken = last.then(() => carriedOut(path, body))
  last = taken
  return taken
}

async function carriedOut(path: string, body: unknown): Promise<boolean> {
  busy.value = path
  try {
    await post(path, body)
    return true
  } catch (error) {
    refused.value = error
    return false
  } finally {
    waiting--
    if (!waiting) busy.value = ''
  }
}

export const ofCall = (what: string, call = callId.value) => `/api/calls/${encodeURIComponent(call)}/${what}`

/** Muted or heard, as the agent wants it last, until the stream tells it; null: as the stream tells it. */
let wanted: boolean | null = null
/** Mutes the agent, or lets them be heard again: the opposite of what they last asked for, told yet or not. */
export async function mute(): Promise<void> {
  const muted = !(wanted ?? desk.value?.call?.muted)
  wanted = muted
  if (!(await press(ofCall('mute'), { muted })) || desk.value?.call?.muted === wanted) wanted = null
}
watch(
  () => [desk.value?.call?.call, desk.value?.call?.muted],
  () => (wanted = waiting ? wanted : null),
  { flush: 'sync' },
)

/** The floor as the live stream tells it: a snapshot, then changes. Comes back by itself, whatever broke it. */
import { computed, reactive, ref } from 'vue'
import type { Counts, Floor, LiveAgent, LiveCall, LiveQueue } from './api'

const OLD_AFTER_S = 5
const GIVE_UP_AFTER_S = 12
const AGAIN_AFTER_MS = 2000

export const floor = reactive({
  queues: new Map<string, LiveQueue>(),
  agents: new Map<string, LiveAgent>(),
  calls: new Map<string, LiveCall>(),
  counts: {} as Counts,
  pbx: true,
  behind: 0,
  known: false,
})
/** Goes up with each change to a call: lists of calls ask again then. */
export const callsChanged = ref(0)
const heardAt = ref(0)
const tick = ref(Date.now())
let offset = 0

/** Server time in ms, once a second. */
export const now = computed(() => tick.value + offset)
export const age = computed(() => (heardAt.value ? Math.max(0, (tick.value - heardAt.value) / 1000) : Infinity))
export const stale = computed(() => age.value > OLD_AFTER_S)

let source: EventSource | null = null
let clock = 0
let whenRefused: () => void = () => {}

export function listen(refused: () => void): void {
  whenRefused = refused
  stop()
  clock = window.setInterval(watch, 1000)
  open()
}

export function stop(): void {
  window.clearInterval(clock)
  source?.close()
  source = null
}

function open(): void {
  source?.close()
  source = new EventSource('/api/events')
  source.addEventListener('snapshot', (message) => heard(message, snapshot))
  source.addEventListener('change', (message) => heard(message, change))
  source.addEventListener('beat', (message) => heard(message, () => {}))
  source.onerror = () => {
    // The browser tries again by itself after a broken line, but not after a refusal.
    if (source?.readyState === EventSource.CLOSED) void again()
  }
}

async function again(): Promise<void> {
  const answer = await fetch('/api/me', { cache: 'no-store' }).catch(() => null)
  if (answer?.status === 401) whenRefused()
  else window.setTimeout(() => source && open(), AGAIN_AFTER_MS)
}

function watch(): void {
  tick.value = Date.now()
  if (heardAt.value && age.value > GIVE_UP_AFTER_S) {
    heardAt.value = Date.now() - OLD_AFTER_S * 1000 - 1000
    open()
  }
}

function heard(message: MessageEvent<string>, use: (data: Change) => void): void {
  const data = JSON.parse(message.data) as Change
  heardAt.value = tick.value = Date.now()
  offset = Date.parse(data.at) - heardAt.value
  floor.behind = data.behind
  use(data)
}

type Change = Partial<Floor> & { at: string; behind: number; gone?: Record<string, string[]> }

function snapshot(data: Change): void {
  floor.queues.clear()
  floor.agents.clear()
  floor.calls.clear()
  change(data)
  floor.known = true
  callsChanged.value++
}

function change(data: Change): void {
  for (const row of data.queues ?? []) floor.queues.set(row.name, row)
  for (const row of data.agents ?? []) floor.agents.set(row.agent, row)
  for (const row of data.calls ?? []) floor.calls.set(row.call, row)
  for (const key of data.gone?.queues ?? []) floor.queues.delete(key)
  for (const key of data.gone?.agents ?? []) floor.agents.delete(key)
  for (const key of data.gone?.calls ?? []) floor.calls.delete(key)
  if (data.counts) floor.counts = data.counts
  if (data.pbx !== undefined) floor.pbx = data.pbx
  if (data.calls || data.gone?.calls) callsChanged.value++
}

/** Seconds that have passed since an instant, by the server's clock. */
export function since(instant: string | null): number {
  return instant ? Math.max(0, (now.value - Date.parse(instant)) / 1000) : 0
}

/** The longest of those who wait in this queue, reckoned anew each second. */
export function longestWait(queue: string): number {
  let longest = 0
  for (const call of floor.calls.values()) {
    if (call.queue === queue && call.stage === 'waiting') longest = Math.max(longest, since(call.asked_at))
  }
  return longest
}

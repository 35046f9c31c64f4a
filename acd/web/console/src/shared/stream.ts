/** The live stream as the page sees it: what is told, how old it is, and the server's clock. One stream serves all pages of a browser
 * (stream-page.ts); it comes back by itself, whatever broke it. */
import { computed, ref } from 'vue'
import { openStream } from './stream-page'
import type { Dated, Name, Open } from './stream-source'

const OLD_AFTER_S = 5

type Hearing<T extends Dated> = Partial<Record<Name, (data: T) => void>>

const heardAt = ref(0)
const tick = ref(Date.now())
let offset = 0

/** Server time in ms, once a second. */
export const now = computed(() => tick.value + offset)
export const age = computed(() => (heardAt.value ? Math.max(0, (tick.value - heardAt.value) / 1000) : Infinity))
export const stale = computed(() => age.value > OLD_AFTER_S)
/** Goes up with each snapshot after the first: the daemon, or the line to it, was away. */
export const comebacks = ref(0)

let stream: Open | null = null
let clock = 0
let account = ''

/** Whose data is told from now on. */
export function listenAs(name: string): void {
  account = name
}

/** Listens from now on; `whenRefused`: the session has ended. */
export function listenTo<T extends Dated>(path: string, hearing: Hearing<T>, whenRefused: () => void): void {
  stop()
  let snapshots = 0
  clock = window.setInterval(() => (tick.value = Date.now()), 1000)
  stream = openStream(path, account, {
    told: ({ name, data, heardAt: when }) => {
      tick.value = Date.now()
      heardAt.value = when
      offset = Date.parse(data.at) - when
      hearing[name]?.(data as T)
      if (name === 'snapshot' && snapshots++) comebacks.value++
    },
    refused: whenRefused,
  })
}

export function stop(): void {
  window.clearInterval(clock)
  stream?.close()
  stream = null
  heardAt.value = 0
}

/** Seconds that have passed since an instant, by the server's clock. */
export function since(instant: string | null | undefined): number {
  return instant ? Math.max(0, (now.value - Date.parse(instant)) / 1000) : 0
}

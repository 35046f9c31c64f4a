/** A live stream of Server-Sent Events, one to a page. Comes back by itself, whatever broke it; keeps the server's clock. */
import { computed, ref } from 'vue'

const OLD_AFTER_S = 5
const GIVE_UP_AFTER_S = 12
const AGAIN_AFTER_MS = 2000

interface Dated {
  at: string
}
type Hearing<T extends Dated> = Partial<Record<'snapshot' | 'change', (data: T) => void>> & { beat?: (data: T) => void }

const heardAt = ref(0)
const tick = ref(Date.now())
let offset = 0

/** Server time in ms, once a second. */
export const now = computed(() => tick.value + offset)
export const age = computed(() => (heardAt.value ? Math.max(0, (tick.value - heardAt.value) / 1000) : Infinity))
export const stale = computed(() => age.value > OLD_AFTER_S)

let source: EventSource | null = null
let clock = 0
let open = (): void => {}
let refused = (): void => {}

/** Listens from now on; `whenRefused`: the session has ended. */
export function listenTo<T extends Dated>(path: string, hearing: Hearing<T>, whenRefused: () => void): void {
  stop()
  refused = whenRefused
  open = () => {
    source?.close()
    const stream = (source = new EventSource(path))
    for (const name of ['snapshot', 'change', 'beat'] as const) {
      stream.addEventListener(name, (message: MessageEvent<string>) => {
        const data = JSON.parse(message.data) as T
        heardAt.value = tick.value = Date.now()
        offset = Date.parse(data.at) - heardAt.value
        hearing[name]?.(data)
      })
    }
    stream.onerror = () => {
      // The browser tries again by itself after a broken line, but not after a refusal.
      if (stream === source && stream.readyState === EventSource.CLOSED) void again()
    }
  }
  clock = window.setInterval(watch, 1000)
  open()
}

export function stop(): void {
  window.clearInterval(clock)
  source?.close()
  source = null
  heardAt.value = 0
}

async function again(): Promise<void> {
  const answer = await fetch('/api/me', { cache: 'no-store' }).catch(() => null)
  if (answer?.status === 401) refused()
  else window.setTimeout(() => source && open(), AGAIN_AFTER_MS)
}

function watch(): void {
  tick.value = Date.now()
  if (heardAt.value && age.value > GIVE_UP_AFTER_S) {
    heardAt.value = Date.now() - OLD_AFTER_S * 1000 - 1000
    open()
  }
}

/** Seconds that have passed since an instant, by the server's clock. */
export function since(instant: string | null | undefined): number {
  return instant ? Math.max(0, (now.value - Date.parse(instant)) / 1000) : 0
}

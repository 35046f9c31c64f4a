/** A page's way to the stream: by the worker that all pages share, else a stream of its own. */
import type { FromPage, ToPage } from './stream-hub'
import { openSource, type Listener, type Open } from './stream-source'

const HERE_EVERY_MS = 20_000
/** The worker gives a sign every five seconds. */
const DEAD_AFTER_MS = 15_000
const ANSWERS_WITHIN_MS = 4000

function worker(): SharedWorker | null {
  if (typeof SharedWorker === 'undefined') return null
  try {
    return new SharedWorker(new URL('./stream-worker.ts', import.meta.url), { type: 'module', name: 'sanxiang' })
  } catch {
    return null // A browser's setting may forbid it.
  }
}

/** Listens until it is closed. A worker that does not answer, or not any more, is replaced by a stream of the page's own. */
export function openStream(path: string, account: string, listener: Listener): Open {
  const shared = worker()
  if (!shared) return openSource(path, account, listener)
  const port = shared.port
  let own: Open | null = null
  let lastSign = 0
  const say = (message: FromPage) => port.postMessage(message)
  const leave = () => say({ do: 'leave' })
  const back = (event: PageTransitionEvent) => event.persisted && !own && say({ do: 'listen', path, account })

  const close = () => {
    clearInterval(clock)
    clearTimeout(late)
    window.removeEventListener('pagehide', leave)
    window.removeEventListener('pageshow', back)
    leave()
    port.onmessage = null
    port.close()
    own?.close()
  }
  const alone = () => {
    if (own) return
    close()
    own = openSource(path, account, listener)
  }
  port.onmessage = ({ data }: MessageEvent<ToPage>) => {
    lastSign = Date.now()
    if ('told' in data) listener.told(data.told)
    else if ('refused' in data) {
      close()
      listener.refused()
    }
  }
  shared.onerror = alone
  const late = setTimeout(() => !lastSign && alone(), ANSWERS_WITHIN_MS)
  const clock = setInterval(() => {
    if (lastSign && Date.now() - lastSign > DEAD_AFTER_MS + HERE_EVERY_MS) alone()
    else say({ do: 'here' })
  }, HERE_EVERY_MS)
  window.addEventListener('pagehide', leave)
  window.addEventListener('pageshow', back)
  say({ do: 'listen', path, account })
  return { close }
}

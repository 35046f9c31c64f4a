/** One stream of Server-Sent Events from the daemon. Comes back by itself, whatever broke it. Runs in a page and in a worker. */

/** A line that is silent for longer is opened anew: the daemon sends a beat each second. */
const GIVE_UP_AFTER_MS = 12_000
const AGAIN_AFTER_MS = 2000

export const NAMES = ['snapshot', 'change', 'beat'] as const
export type Name = (typeof NAMES)[number]
/** What every message has: the daemon's time. */
export interface Dated {
  at: string
}
export interface Told {
  name: Name
  data: Dated
  /** When it came, by this machine's clock, in ms. */
  heardAt: number
}
export interface Listener {
  told: (message: Told) => void
  /** The session has ended, or another account has logged in with this browser: nothing more is told. */
  refused: () => void
}
/** An open stream, to be closed. */
export interface Open {
  close: () => void
}

/** `account`: whose data it is; a line that comes back with another account's session is refused. */
export function openSource(path: string, account: string, listener: Listener): Open {
  let stream: EventSource | null = null
  let over = false
  let later: ReturnType<typeof setTimeout> | undefined
  let lastSign = Date.now()
  let opened = 0

  const close = () => {
    over = true
    clearInterval(watch)
    clearTimeout(later)
    stream?.close()
  }
  const refuse = () => {
    if (over) return
    close()
    listener.refused()
  }
  /** Who is logged in: this account, nobody or somebody else, or not known at this moment. */
  async function whose(): Promise<'ours' | 'other' | 'unknown'> {
    const answer = await fetch('/api/me', { cache: 'no-store' }).catch(() => null)
    if (answer?.status === 401) return 'other'
    const said = (answer?.ok ? await answer.json().catch(() => ({})) : {}) as { account?: string }
    return said.account === undefined ? 'unknown' : !account || said.account === account ? 'ours' : 'other'
  }
  async function again(): Promise<void> {
    if ((await whose()) === 'other') refuse()
    else if (!over) later = setTimeout(open, AGAIN_AFTER_MS)
  }
  function open(): void {
    if (over) return
    stream?.close()
    lastSign = Date.now()
    const mine = (stream = new EventSource(path))
    for (const name of NAMES) {
      mine.addEventListener(name, (message: MessageEvent<string>) => {
        if (over || mine !== stream) return
        lastSign = Date.now()
        listener.told({ name, data: JSON.parse(message.data) as Dated, heardAt: lastSign })
      })
    }
    mine.onopen = () => {
      if (mine !== stream || opened++ === 0) return
      void whose().then((who) => who === 'other' && refuse())
    }
    mine.onerror = () => {
      // The browser tries again by itself after a broken line, but not after a refusal.
      if (!over && mine === stream && mine.readyState === EventSource.CLOSED) void again()
    }
  }
  const watch = setInterval(() => {
    if (Date.now() - lastSign > GIVE_UP_AFTER_MS) open()
  }, 1000)
  open()
  return { close }
}

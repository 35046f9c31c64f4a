/** All pages of a browser on one stream. Runs in the shared worker; a page is a port.
 *
 * A page says `listen`, then `here` now and then, and `leave`. The first page opens the stream, the last one closes it. A page that
 * comes later gets what is known as a snapshot, dated as it was heard, so that old data is shown as old. A page that has ended
 * without a word is forgotten after a while; the worker itself ends with the last page.
 */
import { keptOf, type Kept } from './stream-kept'
import { openSource, type Listener, type Open, type Told } from './stream-source'

export type FromPage = { do: 'listen'; path: string; account: string } | { do: 'here' } | { do: 'leave' }
export type ToPage = { told: Told } | { refused: true } | { alive: true }
export interface Port {
  postMessage: (message: ToPage) => void
  onmessage: ((event: { data: FromPage }) => void) | null
  close: () => void
}
type Opening = (path: string, account: string, listener: Listener) => Open

const ALIVE_EVERY_MS = 5000
/** Browsers let the clock of a hidden page tick once a minute. */
const FORGOTTEN_AFTER_MS = 150_000

interface Shared {
  source: Open
  kept: Kept
  heardAt: number
  /** Each port with when it was heard last. */
  ports: Map<Port, number>
}

export class Hub {
  private streams = new Map<string, Shared>()

  constructor(private readonly opening: Opening = openSource) {
    setInterval(() => this.tick(), ALIVE_EVERY_MS)
  }

  connect(port: Port): void {
    port.onmessage = ({ data }) => {
      if (data.do === 'listen') this.listen(port, data.path, data.account)
      else if (data.do === 'leave') this.leave(port)
      else for (const { ports } of this.streams.values()) if (ports.has(port)) ports.set(port, Date.now())
    }
    port.postMessage({ alive: true })
  }

  private listen(port: Port, path: string, account: string): void {
    this.leave(port)
    // Two accounts never share: what one may see, the other perhaps may not.
    const key = JSON.stringify([path, account])
    const shared = this.streams.get(key) ?? this.open(key, path, account)
    shared.ports.set(port, Date.now())
    const data = shared.kept.whole()
    if (data) port.postMessage({ told: { name: 'snapshot', data, heardAt: shared.heardAt } })
  }

  private open(key: string, path: string, account: string): Shared {
    const [kept, ports] = [keptOf(path), new Map<Port, number>()]
    const tell = (message: ToPage) => [...ports.keys()].forEach((port) => port.postMessage(message))
    const shared: Shared = { kept, ports, heardAt: 0, source: { close: () => {} } }
    this.streams.set(key, shared)
    shared.source = this.opening(path, account, {
      told: (message) => {
        kept.take(message.name, message.data)
        shared.heardAt = message.heardAt
        tell({ told: message })
      },
      refused: () => {
        if (this.streams.get(key) === shared) this.streams.delete(key)
        tell({ refused: true })
      },
    })
    return shared
  }

  private leave(port: Port): void {
    for (const [key, shared] of this.streams) {
      if (!shared.ports.delete(port) || shared.ports.size) continue
      shared.source.close()
      this.streams.delete(key)
    }
  }

  private tick(): void {
    for (const shared of [...this.streams.values()]) {
      for (const [port, heard] of [...shared.ports]) {
        if (Date.now() - heard > FORGOTTEN_AFTER_MS) this.leave(port)
        else port.postMessage({ alive: true })
      }
    }
  }
}

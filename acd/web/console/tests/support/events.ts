/** An EventSource whose server is the test. */
import { vi } from 'vitest'

export class FakeEvents extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSED = 2
  /** Every stream that was opened, in order. */
  static opened: FakeEvents[] = []

  readyState = FakeEvents.OPEN
  onerror: (() => void) | null = null

  constructor(readonly path: string) {
    super()
    FakeEvents.opened.push(this)
  }

  static install(): void {
    FakeEvents.opened = []
    vi.stubGlobal('EventSource', FakeEvents)
  }

  /** The stream that was opened last. */
  static get last(): FakeEvents {
    const last = FakeEvents.opened.at(-1)
    if (!last) throw new Error('no stream was opened')
    return last
  }

  send(name: 'snapshot' | 'change' | 'beat', data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }))
  }

  /** The line breaks; `refused`: the server has answered with an error, after which a browser does not try again. */
  fail(refused: boolean): void {
    this.readyState = refused ? FakeEvents.CLOSED : FakeEvents.CONNECTING
    this.onerror?.()
  }

  close(): void {
    this.readyState = FakeEvents.CLOSED
  }
}

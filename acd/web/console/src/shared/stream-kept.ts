/** What a stream has told so far, so that a page that comes later has the whole at once. Plain data, in the shape it is sent in. */
import type { Dated, Name } from './stream-source'

type Row = Record<string, unknown>
type Data = Dated & Record<string, unknown> & { gone?: Record<string, string[]> }

/** Tables of the floor whose rows come one by one, and what a row goes by. Everything else comes whole. */
export const ROW_KEYS: Record<string, string> = { queues: 'name', agents: 'agent', calls: 'call' }

export class Kept {
  private tables = new Map<string, Map<string, Row>>()
  private rest: Record<string, unknown> | null = null

  /** `byRow`: tables are sent as the rows that changed; else each change carries whole values. */
  constructor(private readonly byRow: boolean) {}

  take(name: Name, data: Dated): void {
    if (name === 'snapshot') {
      this.tables.clear()
      this.rest = {}
    }
    if (!this.rest) return // A change of something that is not known yet.
    const { gone, ...told } = data as Data
    for (const [word, value] of Object.entries(told)) {
      const key = this.byRow ? ROW_KEYS[word] : undefined
      if (!key || !Array.isArray(value)) this.rest[word] = value
      else for (const row of value as Row[]) this.table(word).set(String(row[key]), row)
    }
    for (const [word, keys] of Object.entries(gone ?? {})) for (const key of keys) this.table(word).delete(key)
  }

  /** As a snapshot would say it now; null: none has come. */
  whole(): Dated | null {
    if (!this.rest) return null
    const tables = [...this.tables].map(([word, rows]) => [word, [...rows.values()]] as const)
    return { ...(this.rest as Record<string, unknown> & Dated), ...Object.fromEntries(tables) }
  }

  private table(word: string): Map<string, Row> {
    const found = this.tables.get(word) ?? new Map<string, Row>()
    this.tables.set(word, found)
    return found
  }
}

/** What is kept of the stream at this path: a desk is sent whole, the floor and the wall by rows. */
export const keptOf = (path: string) => new Kept(!path.startsWith('/api/desk'))

/** The rows of a call's log in groups: menu and queue, then each agent's leg, then the end; rows of little weight are folded. */
import type { Line } from '../shared/api'

/** What is looked for seldom: it stands behind "more". */
const MINOR = new Set([
  'ringing',
  'muted',
  'crossed',
  'recorded',
  'leg quality',
  'agent state',
  'phone',
  'ignored',
  'line',
])
/** After these the caller is with nobody. */
const BETWEEN = new Set(['queued', 'returned', 'overflow', 'callback', 'message left', 'kept', 'sent on'])

export interface Group {
  kind: 'begin' | 'leg' | 'consult' | 'between' | 'end'
  offer: string
  agent: string
  lines: Line[]
  minor: Line[]
}

/** Of rows that say something, in their order. A row that belongs to no leg stands with what it happened in. */
export function grouped(lines: Line[]): Group[] {
  const consults = new Set(lines.filter((line) => line.kind === 'consult ended').map((line) => line.offer))
  const groups: Group[] = []
  const begin = (kind: Group['kind'], offer = '', agent = ''): Group => {
    const group = { kind, offer, agent, lines: [], minor: [] }
    groups.push(group)
    return group
  }
  let now: Group | null = null
  for (const line of lines.filter((one) => one.zh || one.en)) {
    // What an agent writes names no leg: it belongs to the last one of theirs.
    const own = line.offer
      ? groups.find((group) => group.offer === line.offer)
      : line.kind === 'card' && line.agent
        ? groups.findLast((group) => group.agent === line.agent)
        : undefined
    if (MINOR.has(line.kind)) {
      ;(own ?? now ?? (now = begin('begin'))).minor.push(line)
      continue
    }
    if (line.kind === 'ended') now = begin('end')
    else if (own) now = own
    else if (line.offer) now = begin(consults.has(line.offer) ? 'consult' : 'leg', line.offer, line.agent)
    else if (!now) now = begin('begin')
    else if (now.offer && BETWEEN.has(line.kind)) now = begin('between')
    now.lines.push(line)
  }
  return groups
}

/** What supervisors did in a call: from the rows of its log, a part for each thing that each of them did. */
import type { Line } from '../shared/api'

export type Deed = 'listen' | 'whisper' | 'barge' | 'take-over'
export interface Part {
  account: string
  deed: Deed
  from: string
  /** Null: they still do. */
  until: string | null
  seconds: number | null
}

/** Shorter is the moment between two things done. */
const SHORTEST_S = 0.5
const secondsOf = (from: string, until: string) => (Date.parse(until) - Date.parse(from)) / 1000

/** In the order in which they began. Whoever waits to be in the talk hears the caller meanwhile, and so listens. */
export function supervised(lines: Line[]): Part[] {
  const parts: Part[] = []
  const open = new Map<string, Part>()
  for (const line of lines.filter((one) => one.kind === 'listening')) {
    const { state, listener, account, mode } = line.detail as Record<string, string>
    const now = open.get(listener!)
    const does = (deed: Deed | null) => {
      if (now) {
        now.until = line.at
        now.seconds = secondsOf(now.from, line.at)
      }
      open.delete(listener!)
      if (!deed) return
      const part: Part = { account: account!, deed, from: line.at, until: null, seconds: null }
      parts.push(part)
      open.set(listener!, part)
    }
    const apart: Deed = mode === 'whisper' ? 'whisper' : 'listen'
    if (state === 'began' || state === 'left') does(apart)
    else if (state === 'joined') does('barge')
    else if (state === 'took over') does('take-over')
    else if (state === 'ended' || state === 'failed') does(null)
    // In the talk another mode changes nothing until they have left it, or have the caller alone.
    else if (state === 'switched' && now?.deed !== 'barge' && now?.deed !== apart) does(apart)
  }
  return parts.filter((part) => part.seconds === null || part.seconds >= SHORTEST_S)
}

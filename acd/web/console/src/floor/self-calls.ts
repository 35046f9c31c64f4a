/** What the page says of the hotline's calls to itself. */
import type { LiveSelfCall } from '../shared/api'

export type Verdict = 'calling' | 'never' | 'well' | 'faults'

export function verdict(one: LiveSelfCall): Verdict {
  if (one.under_way) return 'calling'
  if (one.ok === null) return 'never'
  return one.ok ? 'well' : 'faults'
}

/** One such call at a time, whoever asked for it. */
export const mayCall = (all: LiveSelfCall[]) => !all.some((one) => one.under_way)

/** A call over a trunk may cost money; one by the local loop does not. */
export const costs = (one: LiveSelfCall) => one.trunk !== ''

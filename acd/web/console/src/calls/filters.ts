/** Filters of the list of calls, and as the API takes them. */
import { day } from '../shared/format'

export const ENDINGS = [
  'answered',
  'served by menu',
  'turned away',
  'abandoned in IVR',
  'abandoned in queue',
  'abandoned while ringing',
  'sent to another number',
  'left a message',
  'withdrawn',
  'callback not reached',
  'lost',
]
/** Those that stand behind "More filters". */
export const RARE = ['agent', 'reason', 'disposition', 'finding', 'over', 'under', 'transferred', 'promise'] as const
/** What the automatic checks look for, in the order of docs/analysis.md; tests hold it against the daemon's. */
export const FINDINGS = [
  'greeting-late',
  'dead-air',
  'interruption',
  'talk-share',
  'raised-voice',
  'holds-many',
  'hold-long',
  'agent-hung-up',
  'not-announced',
  'transfer-without-reason',
  'note-late',
  'no-note',
  'no-disposition',
]

export const noFilters = () => ({
  first: day(),
  last: day(),
  search: '',
  queue: '',
  ending: '',
  agent: '',
  reason: '',
  disposition: '',
  /** A kind, or any; empty: found or not. */
  finding: '',
  /** Of the talk, in minutes. */
  over: '',
  under: '',
  transferred: false,
  promise: false,
})
export type CallFilters = ReturnType<typeof noFilters>

const seconds = (minutes: string) => (minutes === '' ? undefined : Number(minutes) * 60)

/** As /api/calls takes them. */
export function asQuery(wanted: CallFilters, brand: string) {
  const { over, under, transferred, promise, ...same } = wanted
  return {
    ...same,
    brand,
    transferred: transferred ? 'true' : '',
    promise: promise ? 'true' : '',
    shortest_s: seconds(String(over)),
    longest_s: seconds(String(under)),
  }
}

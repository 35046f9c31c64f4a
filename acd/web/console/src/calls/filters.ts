/** Filters of the list of calls, and as the API takes them. */
import { day, isTime } from '../shared/format'

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
export const RARE = [
  'from_time',
  'to_time',
  'agent',
  'reason',
  'disposition',
  'finding',
  'over',
  'under',
  'transferred',
  'promise',
] as const
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
  /** Of the first day and of the last, as 09:30. */
  from_time: '',
  to_time: '',
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

/** What is being typed is no time yet, and filters nothing. */
const time = (typed: string) => (isTime(typed) ? typed : '')

/** As /api/calls takes them. */
export function asQuery(wanted: CallFilters, brand: string) {
  const { over, under, transferred, promise, ...same } = wanted
  return {
    ...same,
    from_time: time(same.from_time),
    to_time: time(same.to_time),
    brand,
    transferred: transferred ? 'true' : '',
    promise: promise ? 'true' : '',
    shortest_s: seconds(String(over)),
    longest_s: seconds(String(under)),
  }
}

/** The service level of the moment: who is answered counts from the bridge on, who waits past the target counts as missed while they wait. */
import type { Counted, Counts, Light, LiveCall, LiveQueue } from '../shared/api'

export interface Level {
  /** 0 to 1; null: nothing is decided yet. */
  value: number | null
  /** From how many callers. */
  of: number
}
/** Calls in progress of one queue: decided in time, decided too late, and waiting past the target. */
export interface InProgress {
  within: number
  missed: number
  overdue: number
}
const NONE: InProgress = { within: 0, missed: 0, overdue: 0 }

/** By queue, "" all of them. `waitOf`: seconds since the caller asked for a person. */
export function inProgress(
  calls: Iterable<LiveCall>,
  targetOf: (queue: string) => number,
  waitOf: (call: LiveCall) => number,
): Map<string, InProgress> {
  const found = new Map<string, InProgress>()
  for (const call of calls) {
    if (!call.asked_at) continue
    const queue = call.queue ?? ''
    const waits = call.stage === 'waiting' || call.stage === 'offered'
    const of: keyof InProgress | null =
      call.in_time === true
        ? 'within'
        : call.in_time === false
          ? 'missed'
          : waits && waitOf(call) > targetOf(queue)
            ? 'overdue'
            : null
    if (!of) continue
    for (const key of queue ? [queue, ''] : ['']) {
      const row = found.get(key) ?? { ...NONE }
      row[of] += 1
      found.set(key, row)
    }
  }
  return found
}

export function levelToday(counted: Counted | undefined, live: InProgress = NONE): Level {
  const within = (counted?.within_target ?? 0) + live.within
  const of = (counted?.ended_asked ?? 0) + live.within + live.missed + live.overdue
  return { value: of ? within / of : null, of }
}

/** Of the last 30 minutes; calls in progress that are decided are among them already. `queue` "": all. */
export function levelLately(
  counts: Counts,
  queue: string,
  isShown: (brand: string) => boolean,
  live: InProgress = NONE,
): Level {
  let [within, of] = [0, live.overdue]
  for (const row of counts.recent ?? []) {
    if ((queue && row.queue !== queue) || !isShown(row.brand)) continue
    within += row.within_target
    of += row.asked
  }
  return { value: of ? within / of : null, of }
}

export interface Limits {
  near_points: number
  near_percent: number
  few: number
}
export const LIMITS: Limits = { near_points: 5, near_percent: 20, few: 10 }

export function levelLight(level: Level, target: number, limits: Limits): Light {
  if (level.value === null || level.of < limits.few) return 'none'
  if (level.value >= target) return 'green'
  return level.value >= target - limits.near_points / 100 ? 'amber' : 'red'
}

/** Of the longest wait of a queue: red past the target, amber shortly before; empty: nobody waits, or all is well. */
export function waitLight(seconds: number, queue: LiveQueue, limits: Limits): Light | '' {
  const within = queue.target.answer_within_s
  if (!queue.waiting) return ''
  return seconds > within ? 'red' : seconds >= within * (1 - limits.near_percent / 100) ? 'amber' : ''
}

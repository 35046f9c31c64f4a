/** An agent's day as /api/agents/ID tells it, and as the page draws it. */

export interface Stretch {
  from_at: string
  to_at: string | null
  state: string
  reason: string
  seconds: number
}
export interface AgentFigures {
  offers: number
  three_ring_rate: number | null
  no_answer: number
  talks: number
  talk_s: number
  hold_s: number
  wrap_up_s: number
  handling_s: number | null
  logged_in_s: number
  idle_s: number
  busy_s: number
  not_ready_s: number
  occupancy: number | null
}
export interface AgentDayAnswer {
  agent: { agent: string; name: string; state: string; team?: string }
  skills: Record<string, number>
  queues: string[]
  day: string
  stretches: Stretch[]
  times: { state: string; reason: string; times: number; seconds: number }[]
  figures: AgentFigures
}
export interface Bar extends Stretch {
  /** Of the whole width, in percent. */
  left: number
  width: number
}
export interface Drawn {
  bars: Bar[]
  hours: { at: number; left: number }[]
  begin: number
  end: number
}

const HOUR = 3_600_000

/** Bars from the first log-in to the last log-out, on whole hours; none where the agent was logged out all day. */
export function drawn(stretches: Stretch[]): Drawn {
  const end = (one: Stretch) => Date.parse(one.from_at) + one.seconds * 1000
  const there = stretches.filter((one) => one.state !== 'logged out' && one.seconds > 0)
  if (!there.length) return { bars: [], hours: [], begin: 0, end: 0 }
  const from = Math.floor(Date.parse(there[0]!.from_at) / HOUR) * HOUR
  const to = Math.max(from + HOUR, Math.ceil(Math.max(...there.map(end)) / HOUR) * HOUR)
  const percent = (at: number) => ((at - from) / (to - from)) * 100
  const bars = there.map((one) => {
    const left = percent(Date.parse(one.from_at))
    return { ...one, left, width: Math.max(0.1, percent(end(one)) - left) }
  })
  const step = Math.ceil((to - from) / HOUR / 12) * HOUR
  const hours = []
  for (let at = from; at <= to; at += step) hours.push({ at, left: percent(at) })
  return { bars, hours, begin: from, end: to }
}

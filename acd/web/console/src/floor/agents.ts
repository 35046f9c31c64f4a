/** The agents of the floor as a list: who is in it, in which order, and what of it is marked. No more than this is known of the page. */
import type { AgentToday, LiveAgent } from '../shared/api'

/** In the order in which a supervisor asks for them. */
export const STATES = [
  'idle',
  'reserved',
  'ringing',
  'talking',
  'hold',
  'consult',
  'wrap-up',
  'not ready',
  'unreachable',
  'logged out',
] as const
export const SIGNS: Record<string, string> = {
  'logged out': '○',
  'not ready': '■',
  unreachable: '✖',
  idle: '✔',
  reserved: '◇',
  ringing: '◔',
  talking: '●',
  hold: '‖',
  consult: '⇄',
  'wrap-up': '✎',
}
const BUSY = new Set(['reserved', 'ringing', 'talking', 'hold', 'consult', 'wrap-up'])
export const isBusy = (one: LiveAgent) => BUSY.has(one.state)
/** What an act that was asked for waits for the end of the call to do. */
export function pending(one: LiveAgent): '' | 'log-out' | 'not-ready' {
  if (!isBusy(one)) return ''
  return !one.logged_in ? 'log-out' : !one.ready ? 'not-ready' : ''
}

export interface Wanted {
  text: string
  states: Set<string>
  queue: string
  team: string
}
const plain = (text: string) => text.normalize('NFKC').toLowerCase().trim()

export function fits(one: LiveAgent, wanted: Wanted): boolean {
  const text = plain(wanted.text)
  return (
    (!wanted.states.size || wanted.states.has(one.state)) &&
    (!wanted.queue || !one.serves || one.serves.includes(wanted.queue)) &&
    (!wanted.team || one.team === wanted.team) &&
    (!text || one.agent.includes(text) || plain(one.name).includes(text))
  )
}

export function countsByState(agents: Iterable<LiveAgent>): Map<string, number> {
  const found = new Map<string, number>()
  for (const one of agents) found.set(one.state, (found.get(one.state) ?? 0) + 1)
  return found
}

export const COLUMNS = [
  'agent',
  'state',
  'since',
  'talks',
  'handling_s',
  'occupancy',
  'three_ring_rate',
  'hung_up_first',
  'mos',
] as const
export type Column = (typeof COLUMNS)[number]
export interface Order {
  by: Column
  down: boolean
}
const byNumber = (a: LiveAgent, b: LiveAgent) => a.agent.localeCompare(b.agent, undefined, { numeric: true })

/** Agents without the value stand last, whichever way it is sorted; among equals by extension. */
export function inOrder(agents: LiveAgent[], order: Order, today: Map<string, AgentToday>): LiveAgent[] {
  if (order.by === 'agent') return [...agents].sort((a, b) => (order.down ? -1 : 1) * byNumber(a, b))
  const by = order.by
  const key = (one: LiveAgent): number | null => {
    if (by === 'state') return STATES.indexOf(one.state as (typeof STATES)[number])
    if (by === 'since') return -Date.parse(one.state_since) // the longest in state is the largest
    return today.get(one.agent)?.[by] ?? null
  }
  const keyed = agents.map((one) => ({ one, key: key(one) }))
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null)
      return Number(a.key === null) - Number(b.key === null) || byNumber(a.one, b.one)
    return (order.down ? b.key - a.key : a.key - b.key) || byNumber(a.one, b.one)
  })
  return keyed.map(({ one }) => one)
}

export interface Marks {
  not_ready_s: number
  talk_s: number
  hold_s: number
  wrap_up_left_s: number
}
export const MARKS: Marks = { not_ready_s: 900, talk_s: 600, hold_s: 120, wrap_up_left_s: 10 }

/** Whether the time in the state is to be marked: amber soon or long, red too long; empty: not. `now`: ms. */
export function mark(one: LiveAgent, now: number, marks: Marks): '' | 'amber' | 'red' {
  const lasted = (now - Date.parse(one.state_since)) / 1000
  if (one.state === 'not ready') return lasted >= marks.not_ready_s ? 'red' : ''
  if (one.state === 'hold') return lasted >= marks.hold_s ? 'red' : ''
  if (one.state === 'talking') return lasted >= marks.talk_s ? 'amber' : ''
  if (one.state === 'wrap-up' && one.wrap_up_ends_at)
    return (Date.parse(one.wrap_up_ends_at) - now) / 1000 <= marks.wrap_up_left_s ? 'amber' : ''
  return ''
}

/** The interface's rows as the page uses them, and how they are asked for. A refusal becomes a Problem. */

export type Light = 'green' | 'amber' | 'red' | 'none'
export interface LiveQueue {
  name: string
  zh: string
  en: string
  waiting: number
  longest_wait_s: number
  staffed: number
  available: number
  open: boolean
  closed: boolean
  closed_by?: string
  closed_at?: string | null
  median_s: number
  p90_s: number
  target: { answer_within_s: number; within_share: number }
  brand?: string
}
export interface LiveAgent {
  agent: string
  /** The supervisor who set them not ready or logged them out. */
  set_by?: string
  name: string
  state: string
  reason: string
  state_since: string
  reachable: boolean
  outside?: boolean
  habits?: Record<string, number>
  phone_test?: string
  ready: boolean
  logged_in: boolean
  call: string | null
  queues?: string[]
  skills?: Record<string, number>
  /** The queues whose required skills the agent reaches, of those that the agent takes. */
  serves?: string[]
  wrap_up_ends_at?: string | null
  team?: string
  /** The call whose disposition the agent owes. */
  to_class?: string | null
  brands?: string[]
  kept_by?: string[]
  /** Asked for, granted, or begun. */
  break?: LiveBreak | null
  /** The agent asks for help. */
  hand?: { since: string; note: string } | null
  worked_since?: string | null
  /** For longer than a rest may be put off. */
  worked_long?: boolean
  /** Queues left for a while, each with the reason. */
  queues_left?: Record<string, string>
}
export interface LiveBreak {
  reason: string
  state: 'asked' | 'granted' | 'on'
  since: string
  ends_at?: string | null
  overdue?: boolean
  leave?: boolean
  waits?: string
  place?: number | null
}
export interface LiveCall {
  call: string
  caller: string
  /** Of the customer whose number it is; empty: nobody's, or not found yet. */
  customer_name?: string
  brand?: string
  trunk?: string
  identity?: string
  nuisance?: string
  queue: string | null
  stage: string
  agent: string | null
  position: number | null
  /** What the caller is told. */
  position_in_queue?: number | null
  asked_at: string | null
  /** Of a caller who waits: since asking, or since the return to the queue. */
  waiting_since?: string | null
  /** Whether the first bridge came within the target; null: there was none yet. */
  in_time?: boolean | null
  waited_s: number
  priority: number
  virtual: boolean
  kept_for: string | null
  held?: Held | null
  held_since?: string | null
  muted?: boolean
  /** The recordings of the call hold silence since then, until then at most; null: they are not masked. */
  masked_since?: string | null
  masked_until?: string | null
  /** Why the recording is not masked though somebody asked for it. */
  mask_failed?: string
  /** "caller", "agent" to what is wrong with that line at this moment. */
  line?: Partial<Record<'caller' | 'agent', string[]>>
  transfer?: Transfer | null
  /** Supervisors who listen, or whose telephone rings for it. */
  listeners?: LiveListener[]
}
export interface LiveListener {
  listener: string
  account: string
  telephone: string
  mode: string
  /** ringing, listening, joined */
  state: string
  took_over: boolean
  since: string
}
export type Held = 'hold' | 'consult' | 'three-way'
/** A transfer that is under way. */
export interface Transfer {
  number: number
  state: string
  first: string
  kind: string
  to: string
  receiver: string
  reason: string
  note: string
  warm: boolean
  how: string
  amount: number
  since: string
}
export interface LiveTrunk {
  name: string
  state: string
  well: boolean
  since: string | null
  said: Record<string, string>
  refused: number
  carried: number
  failed: number
}
export interface FaultWords {
  what: string
  remedy: string
}
/** A way on which the hotline can call itself, and the last such call; an empty trunk is the local loop. */
export interface LiveSelfCall {
  trunk: string
  under_way: boolean
  at: string | null
  why: string
  ok: boolean | null
  faults: { code: string; zh: FaultWords; en: FaultWords }[]
  lines: Record<string, string[]>
}
/** An alarm: open while `cleared_at` is null. Titles and sentences come in both languages. */
export interface Alarm {
  number: number
  kind: string
  subject: string
  severity: 'warning' | 'critical'
  title: Record<string, string>
  said: Record<string, string>
  raised_at: string
  last_at: string
  times: number
  call: string
  agent: string
  queue: string
  seen: { by: string; at: string }[]
  cleared_at: string | null
  cleared_by: string
}
export interface Floor {
  at: string
  behind: number
  pbx: boolean
  queues: LiveQueue[]
  agents: LiveAgent[]
  calls: LiveCall[]
  trunks?: LiveTrunk[]
  self_calls?: LiveSelfCall[]
  alarms?: Alarm[]
  counts: Counts
}
export type Counted = Record<string, number | null | undefined>
export interface Counts {
  day?: string
  total?: Counted
  queues?: Record<string, Counted>
  /** Callers of the last 30 minutes of whom it is decided whether they were answered in time. */
  recent?: { queue: string; brand: string; asked: number; within_target: number }[]
  /** Of brands that had calls today. */
  brands?: Record<string, { total: Counted; queues: Record<string, Counted> }>
}
export interface Vocabulary {
  hotline: string
  not_ready_reasons: { reason: string; zh: string; en: string }[]
  transfer_reasons?: { reason: string; zh: string; en: string }[]
  dispositions?: { code: string; zh: string; en: string }[]
  /** Ways of verifying a customer. */
  verify?: { how: string; zh: string; en: string }[]
  queues: { name: string; zh: string; en: string }[]
  teams?: { team: string; zh: string; en: string }[]
  brands?: { name: string; zh: string; en: string }[]
  /** Of customers. */
  classes?: { name: string; zh: string; en: string }[]
  target: Record<string, number>
  floor?: Record<string, number>
  ring_s: number
  rings: number
  /** What a point of priority is worth, in seconds of waiting. */
  priority_s: number
  timezone: string
}
export interface Call {
  call: string
  caller: string
  /** Of the customer whose number it was; empty: nobody's. */
  customer_name?: string
  customer_class?: string
  dialled: string
  language: string
  menu_path: string
  queue: string
  arrived_at: string
  asked_at: string | null
  answered_at: string | null
  ended_at: string | null
  agent: string
  offers: number
  wait_s: number | null
  talk_s: number | null
  ending: string | null
  /** Of completed transfers: kind and target, as "agent 1002". */
  transferred_to?: string[]
  /** In lists: all who talked with the caller, in order. */
  agents?: string[]
  reasons?: string[]
  matter?: string
  disposition?: string
  promise?: string
  promise_due_at?: string
  recordings?: { offer: string; kind: string }[]
}
export interface Line {
  at: string
  kind: string
  agent: string
  offer: string
  zh: string
  en: string
  detail: Record<string, unknown>
}
export interface Offer {
  offer: string
  agent: string
  queue: string
  number: number
  offered_at: string
  outcome: string | null
  connected_at?: string | null
  wait_s?: number | null
  ring_s: number | null
  rings: number | null
  talk_s: number | null
}
export interface Considered {
  agent: string
  verdict: string
  state: string
  zh: string
  detail: { skills: Record<string, number>; in_state_s: number; queues?: string[]; reason?: string }
}
export interface Choice {
  rule: string
  rule_zh: string
  strategy: string
  strategy_zh: string
  waited_s: number | null
  runners_up: string[]
  passed_over: Record<string, number>
  passed_over_zh: Record<string, number>
  rows: { row: number; why: string; zh: string; en: string }[]
  outcome: string | null
  whole: { agents: Considered[]; callers: { call: string; place: string; priority: number }[] } | null
}
export interface Step extends Line {
  detail: Record<string, unknown>
  choice: Choice | null
}
export interface Explained {
  steps: Step[]
  full: boolean
  note: { zh: string; en: string } | null
}
export interface CallRecording {
  offer: string
  /** talk, message, consult or word. */
  kind?: string
  /** Of a consult: the first agent; `agent` is the receiver. */
  first?: string
  agent: string
  state: string
  seconds: number | null
  talk_s: number | null
  sha256: string
  reason: string
  reason_zh: string
  silent: string
}
/** A part of a recording, in seconds from its beginning; where nothing of it was recorded both ends are the same. */
export interface RecordingSpan {
  kind: string
  from_s: number
  to_s: number
  lasted_s: number
  /** The supervisor who was in the talk; else empty. */
  by?: string
}
export interface OneRecording {
  recording: Recording
  verdict: string
  spans: RecordingSpan[]
  lines: LegLine[]
}
export interface Recording extends CallRecording {
  recorded_s?: number | null
  call: string
  caller: string
  queue: string
  offered_at: string
  deleted_at?: string | null
  deleted_by?: string
  deleted_why?: string
  held_at?: string | null
  /** The whole call is held, and not this recording alone. */
  held_call?: boolean
  held_by?: string
  held_why?: string
  /** What was wrong with the line; empty: it was good; null: not measured. */
  caller_problems: string[] | null
  agent_problems: string[] | null
}
/** How well one leg's line carried speech; `zh` and `en` say what was wrong with it. */
export interface LegLine {
  offer: string
  side: 'caller' | 'agent'
  party: string
  agent: string
  seconds: number
  codec: string
  loss_percent: number
  jitter_ms: number
  sent_loss_percent: number | null
  sent_jitter_ms: number | null
  round_trip_ms: number | null
  mos: number
  sent_mos: number | null
  problems: string[]
  zh: string
  en: string
}
export interface OneCall {
  call: Call
  timeline: Line[]
  offers: Offer[]
  recordings: CallRecording[]
  lines: LegLine[]
}
export interface Figure {
  value: number | null
  target: number
  unit: 'share' | 's'
  light: Light
  /** What it was counted from. */
  of: number
}
export interface Kpi {
  calls: number
  answered: number
  connect_rate: Figure
  within_15_s: Figure
  three_ring_rate: Figure
  promises_kept_rate: Figure
  asa_s: Figure
  aht_s: Figure
}
/** An agent's day so far. */
export interface AgentToday {
  agent: string
  talks: number
  hung_up_first: number
  handling_s: number | null
  occupancy: number | null
  three_ring_rate: number | null
  offers_rang: number
  no_answer: number
  mos: number | null
}
export interface Me {
  account: string
  roles: string[]
  name?: string
  teams?: string[]
  /** Those that the account is limited to; none: it is not. */
  brands?: string[]
  /** The permissions of these roles. */
  may?: string[]
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly incident: string,
    /** The whole answer: some refusals carry more than a sentence. */
    readonly said: Record<string, unknown> = {},
  ) {
    super(detail)
  }
}

type Words = Record<string, string | number | undefined>

export function address(path: string, query: Words = {}): string {
  const words = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(words.map(([name, value]) => [name, String(value)])).toString()
  return text ? `${path}?${text}` : path
}

export function get<T>(path: string, query: Words = {}): Promise<T> {
  return ask<T>(address(path, query), { method: 'GET' })
}

export function post<T>(path: string, body?: unknown): Promise<T> {
  const headers = { 'Content-Type': 'application/json' }
  return ask<T>(path, { method: 'POST', headers, body: JSON.stringify(body ?? {}) })
}

async function ask<T>(path: string, how: RequestInit): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(path, { ...how, credentials: 'same-origin', cache: 'no-store' })
  } catch {
    throw new Problem(0, 'no-connection', 'No connection to the hotline.', '')
  }
  if (answer.status === 204) return undefined as T
  const said = await answer.json().catch(() => ({}))
  if (!answer.ok)
    throw new Problem(answer.status, said.code ?? 'our-fault', said.detail ?? '', said.incident ?? '', said)
  return said as T
}

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
  median_s: number
  p90_s: number
  target: { answer_within_s: number; within_share: number }
}
export interface LiveAgent {
  agent: string
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
}
export interface LiveCall {
  call: string
  caller: string
  trunk?: string
  identity?: string
  nuisance?: string
  queue: string | null
  stage: string
  agent: string | null
  position: number | null
  asked_at: string | null
  waited_s: number
  priority: number
  virtual: boolean
  kept_for: string | null
  held?: Held | null
  held_since?: string | null
  muted?: boolean
  /** "caller", "agent" to what is wrong with that line at this moment. */
  line?: Partial<Record<'caller' | 'agent', string[]>>
  transfer?: Transfer | null
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
}
export interface Vocabulary {
  hotline: string
  not_ready_reasons: { reason: string; zh: string; en: string }[]
  queues: { name: string; zh: string; en: string }[]
  target: Record<string, number>
  ring_s: number
  rings: number
  timezone: string
}
export interface Call {
  call: string
  caller: string
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
}
export interface Line {
  at: string
  kind: string
  agent: string
  offer: string
  zh: string
  en: string
}
export interface Offer {
  offer: string
  agent: string
  queue: string
  number: number
  offered_at: string
  outcome: string | null
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
  agent: string
  state: string
  seconds: number | null
  talk_s: number | null
  sha256: string
  reason: string
  silent: string
}
export interface Recording extends CallRecording {
  call: string
  caller: string
  queue: string
  offered_at: string
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
}
export interface Kpi {
  calls: number
  answered: number
  connect_rate: Figure
  within_15_s: Figure
  three_ring_rate: Figure
  asa_s: Figure
  aht_s: Figure
}
export interface Me {
  account: string
  roles: string[]
  name?: string
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

/** What the interface tells an agent's desk: state, call, context card, transfer targets. */
import type { LiveAgent, LiveCall } from '../shared/api'

export interface Named {
  zh: string
  en: string
}

/** Found out before the line ended: to be read, and to be verified again. */
export interface VerifiedBefore {
  call: string
  level: 'number' | 'full'
  how: string
  by: string
  at: string
}
export interface Verified {
  level: 'none' | 'number' | 'full'
  how: string
  by: string
  at: string | null
  before: VerifiedBefore | null
}
export interface Entry {
  at: string
  by: string
  queue: string
  what: 'note' | 'promise' | 'disposition'
  text: string
  due_at?: string | null
  code?: string
}
export interface HandedOver {
  number: number
  at: string
  from: string
  kind: string
  to: string
  receiver: string
  reason: string
  note: string
  warm: boolean
  how: string
  amount: number
  state: string
  why: string
  returned_to: string
}
export interface Leg {
  offer: string
  agent: string
  queue: string
  from_at: string
  to_at: string | null
  talk_s: number | null
  hold_s: number | null
  consult_s: number | null
}
export interface Contact {
  call: string
  at: string
  queue: string
  /** Those who had the caller, in turn. */
  agents: string[]
  /** Empty while the call goes on. */
  ending: string
}
export interface LookedUp {
  at: string
  lookup: string
  by: string
  state: 'found' | 'not-found' | 'refused' | 'failed'
  why: string
  took_s: number
  answer: Record<string, string>
}

export interface Card {
  call: string
  contact: string
  continues: string
  version: number
  caller: string
  /** As E.164, where it is in full. */
  number?: string
  trunk?: string
  /** What the carrier says of the number; empty: nothing. */
  identity?: string
  /** The caller does not want to be recorded. */
  recording_declined?: boolean
  /** What is known of this caller, from the configuration; empty: nothing. */
  nuisance?: string
  region: Named
  /** Whose number it is, as the record was when the call came; null: nobody's, or not found in time. */
  customer?: {
    id: string
    customer_class: string
    class_label: Named
    last_order: string
    area: string
    do_not_call: boolean
    complaint_ticket: string
    complaint_owner: string
  } | null
  name: string
  value: string
  language: string
  dialled: string
  menu_path: string
  asked: { queue: string; skills: Record<string, number>; at: string } | null
  verified: Verified
  matter: string
  /** What the menu has looked up for the caller. */
  lookups?: LookedUp[]
  entries: Entry[]
  transfers: HandedOver[]
  legs: Leg[]
  holds: number
  /** What was with the call whose line dropped. */
  before: { transfers: HandedOver[]; legs: Leg[] }
  /** The manual's line for each transfer that came to its end, in their order. */
  lines?: Record<'zh' | 'en', string[]>
  arrived_at: string
  ended_at: string | null
  ending: string | null
  updated_at: string
  updated_by: string
}

export interface DeskCall extends Named, LiveCall {
  offer: string | null
  /** Who of the supervisors the agent may know of: [supervision] agents_see. */
  supervised?: { account: string; mode: string }[]
}
/** How a call comes to this agent: who hands it over and why; null: straight from its queue. */
export interface From {
  agent: string
  name: string
  reason: string
  note: string
  warm: boolean
}
export interface DeskOffer extends Named {
  call: string
  offer: string
  kind: 'call' | 'consult'
  state: string
  since: string
  caller: string
  queue: string | null
  from: From | null
}
export interface Consult {
  call: string
  role: 'first' | 'receiver'
  first: string
  first_name: string
  receiver: string
  receiver_name: string
  kind: string
  to: string
  state: string
  reason: string
  note: string
  since: string
}
export interface ToExplain {
  call: string
  number: number
  to: string
  receiver: string
  at: string
}
export interface Reason extends Named {
  reason: string
  key?: string
  amount?: boolean
}
export interface Disposition extends Named {
  code: string
}
export interface Way extends Named {
  how: string
}

export interface Desk {
  at: string
  pbx: boolean
  agent: LiveAgent
  call: DeskCall | null
  offer: DeskOffer | null
  card: Card | null
  /** The hotline that the caller has dialled, where there are several. */
  brand?: { name: string; zh: string; en: string; greeting: { zh?: string; en?: string } } | null
  consult: Consult | null
  wrap_up: { call: string | null; since: string; ends_at: string | null; extensions: number } | null
  explain: ToExplain[]
  rules: { hold_reminder_s: number; hold_limit_s: number; ring_s: number; rings: number }
  /** Of supervisors, oldest first. */
  messages?: { message: string; text: string; by: string; at: string; until: string; seen_at: string | null }[]
  own_queues?: { queue: string; zh: string; en: string; left: string }[]
  /** Empty: breaks are not planned. */
  break_kinds?: { reason: string; zh: string; en: string; minutes: number; leave: boolean }[]
  not_ready_reasons: Reason[]
  reasons: Reason[]
  dispositions: Disposition[]
  verify: Way[]
  /** The company's pages about a caller. */
  links?: (Named & { url: string })[]
}

/** `why`: the code of a refusal, where it is not allowed. */
interface Goal {
  allowed: boolean
  why: string | null
  proposed: boolean
}
export interface Targets {
  agents: (Goal & {
    agent: string
    name: string
    queues: string[]
    state: string
    reason: string
    free: boolean
    tier: number
  })[]
  queues: (Goal &
    Named & { name: string; waiting: number; available: number; staffed: number; median_s: number; open: boolean })[]
  skills: (Goal & Named & { skill: string; staffed: number; available: number })[]
  numbers: (Goal & Named & { number: string })[]
  reasons: Reason[]
}

/** Rows as the interface sends them, with only what a test names changed. */
import type { LiveAgent, LiveCall, LiveQueue, LiveSelfCall, Vocabulary } from '../../src/shared/api'
import type { Card, Desk, Targets } from '../../src/desk/rows'

export const queueRow = (name: string, more: Partial<LiveQueue> = {}): LiveQueue => ({
  name,
  zh: `队列 ${name}`,
  en: `queue ${name}`,
  waiting: 0,
  longest_wait_s: 0,
  staffed: 1,
  available: 1,
  open: true,
  closed: false,
  median_s: 0,
  p90_s: 0,
  target: { answer_within_s: 15, within_share: 0.8 },
  ...more,
})

export const agentRow = (agent: string, more: Partial<LiveAgent> = {}): LiveAgent => ({
  agent,
  name: `Agent ${agent}`,
  state: 'idle',
  reason: '',
  state_since: '2026-11-22T08:00:00Z',
  reachable: true,
  ready: true,
  logged_in: true,
  call: null,
  ...more,
})

export const callRow = (call: string, more: Partial<LiveCall> = {}): LiveCall => ({
  call,
  caller: '13800000001',
  queue: 'orders',
  stage: 'waiting',
  agent: null,
  position: 1,
  asked_at: '2026-11-22T08:00:00Z',
  waited_s: 0,
  priority: 0,
  virtual: false,
  kept_for: null,
  ...more,
})

export const selfCallRow = (trunk: string, more: Partial<LiveSelfCall> = {}): LiveSelfCall => ({
  trunk,
  under_way: false,
  at: '2026-11-22T03:30:10Z',
  why: 'nightly',
  ok: true,
  faults: [],
  lines: { zh: ['正常'], en: ['all is well'] },
  ...more,
})

export const vocabularyRow = (timezone: string, more: Partial<Vocabulary> = {}): Vocabulary => ({
  hotline: 'Test',
  not_ready_reasons: [],
  queues: [],
  target: {},
  ring_s: 5,
  rings: 3,
  priority_s: 30,
  timezone,
  ...more,
})

export const cardRow = (call: string, version: number, more: Partial<Card> = {}): Card => ({
  call,
  contact: call,
  continues: '',
  version,
  caller: '13800000001',
  region: { zh: '北京', en: 'Beijing' },
  name: '',
  value: '',
  language: 'zh',
  dialled: '4001',
  menu_path: '',
  asked: null,
  verified: { level: 'none', how: '', by: '', at: null, before: null },
  matter: '',
  entries: [],
  transfers: [],
  legs: [],
  holds: 0,
  before: { transfers: [], legs: [] },
  arrived_at: '2026-11-22T08:00:00Z',
  ended_at: null,
  ending: null,
  updated_at: '2026-11-22T08:00:00Z',
  updated_by: '',
  ...more,
})

export const deskRow = (more: Partial<Desk> = {}): Desk => ({
  at: '2026-11-22T08:00:00Z',
  pbx: true,
  agent: agentRow('1001'),
  call: null,
  offer: null,
  card: null,
  consult: null,
  wrap_up: null,
  explain: [],
  rules: { hold_reminder_s: 60, hold_limit_s: 180, ring_s: 5, rings: 3 },
  not_ready_reasons: [],
  reasons: [],
  dispositions: [],
  verify: [],
  ...more,
})

type Rows<K extends keyof Targets> = Targets[K][number]
const allowed = { allowed: true, why: null, proposed: false }

export const targetAgent = (agent: string, more: Partial<Rows<'agents'>> = {}): Rows<'agents'> => ({
  ...allowed,
  agent,
  name: `Agent ${agent}`,
  queues: ['orders'],
  state: 'idle',
  reason: '',
  free: true,
  tier: 1,
  ...more,
})

export const targetQueue = (name: string, more: Partial<Rows<'queues'>> = {}): Rows<'queues'> => ({
  ...allowed,
  name,
  zh: `队列 ${name}`,
  en: `queue ${name}`,
  waiting: 0,
  available: 1,
  staffed: 1,
  median_s: 0,
  open: true,
  ...more,
})

export const targetSkill = (skill: string, more: Partial<Rows<'skills'>> = {}): Rows<'skills'> => ({
  ...allowed,
  skill,
  zh: `技能 ${skill}`,
  en: `skill ${skill}`,
  staffed: 1,
  available: 1,
  ...more,
})

export const targetNumber = (number: string, more: Partial<Rows<'numbers'>> = {}): Rows<'numbers'> => ({
  ...allowed,
  number,
  zh: '',
  en: '',
  ...more,
})

export const targets = (more: Partial<Targets> = {}): Targets => ({
  agents: [],
  queues: [],
  skills: [],
  numbers: [],
  reasons: [],
  ...more,
})

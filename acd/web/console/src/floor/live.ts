/** The floor as the live stream tells it: a snapshot, then changes. */
import { reactive, ref } from 'vue'
import type { Alarm, Counts, Floor, LiveAgent, LiveCall, LiveQueue, LiveSelfCall, LiveTrunk } from '../shared/api'
import { listenTo, since } from '../shared/stream'

export const floor = reactive({
  queues: new Map<string, LiveQueue>(),
  agents: new Map<string, LiveAgent>(),
  calls: new Map<string, LiveCall>(),
  trunks: [] as LiveTrunk[],
  selfCalls: [] as LiveSelfCall[],
  alarms: [] as Alarm[],
  counts: {} as Counts,
  pbx: true,
  behind: 0,
  known: false,
})
/** Goes up with each change to a call: lists of calls ask again then. */
export const callsChanged = ref(0)

type Change = Partial<Floor> & { at: string; behind: number; gone?: Record<string, string[]> }

/** `path`: of the stream; a wall has one of its own, without callers and agents. */
export function listen(whenRefused: () => void, path = '/api/events'): void {
  const beat = (data: Change) => (floor.behind = data.behind)
  listenTo<Change>(path, { snapshot, change, beat }, whenRefused)
}

function snapshot(data: Change): void {
  floor.queues.clear()
  floor.agents.clear()
  floor.calls.clear()
  floor.trunks = []
  floor.selfCalls = []
  floor.alarms = []
  change(data)
  floor.known = true
  callsChanged.value++
}

function change(data: Change): void {
  floor.behind = data.behind
  for (const row of data.queues ?? []) floor.queues.set(row.name, row)
  for (const row of data.agents ?? []) floor.agents.set(row.agent, row)
  for (const row of data.calls ?? []) floor.calls.set(row.call, row)
  for (const key of data.gone?.queues ?? []) floor.queues.delete(key)
  for (const key of data.gone?.agents ?? []) floor.agents.delete(key)
  for (const key of data.gone?.calls ?? []) floor.calls.delete(key)
  if (data.trunks) floor.trunks = data.trunks
  if (data.self_calls) floor.selfCalls = data.self_calls
  if (data.alarms) floor.alarms = data.alarms
  if (data.counts) floor.counts = data.counts
  if (data.pbx !== undefined) floor.pbx = data.pbx
  if (data.calls || data.gone?.calls) callsChanged.value++
}

/** The longest of those who wait in this queue, reckoned anew each second. */
export function longestWait(queue: string): number {
  let longest = 0
  for (const call of floor.calls.values()) {
    if (call.queue === queue && call.stage === 'waiting')
      longest = Math.max(longest, since(call.waiting_since ?? call.asked_at))
  }
  return longest
}

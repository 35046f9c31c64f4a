/** What is owed to customers, from three lists: callbacks that are open, messages that were left, promises on cards. */
import type { Call } from '../shared/api'
import type { Callback } from './callbacks'

export interface Owed {
  key: string
  kind: 'callback' | 'message' | 'promise'
  /** Until when; empty: no time was told. */
  due: string
  caller: string
  queue: string
  agent: string
  what: string
  call: string
  recording: string
}

/** The earliest first; what has no time comes last. A message for which a callback is open is that callback. */
export function owed(callbacks: Callback[], messages: Call[], promises: Call[]): Owed[] {
  const answered = new Set(callbacks.map((one) => one.of_call).filter(Boolean))
  const rows: Owed[] = [
    ...callbacks.map((one) => ({
      key: one.callback,
      kind: 'callback' as const,
      due: one.until ?? '',
      caller: one.number,
      queue: one.queue,
      agent: one.owner,
      what: one.note,
      call: one.of_call ?? '',
      recording: '',
    })),
    ...messages
      .filter((call) => !answered.has(call.call))
      .map((call) => ({
        key: `${call.call}-message`,
        kind: 'message' as const,
        due: '',
        caller: call.caller,
        queue: call.queue,
        agent: '',
        what: call.matter ?? '',
        call: call.call,
        recording: call.recordings?.find((one) => one.kind === 'message')?.offer ?? '',
      })),
    ...promises.map((call) => ({
      key: `${call.call}-promise`,
      kind: 'promise' as const,
      due: call.promise_due_at ?? '',
      caller: call.caller,
      queue: call.queue,
      agent: call.agent,
      what: call.promise ?? '',
      call: call.call,
      recording: '',
    })),
  ]
  const at = (one: Owed) => (one.due ? Date.parse(one.due) : Infinity)
  return rows.sort((one, other) => (at(one) === at(other) ? 0 : at(one) - at(other)))
}

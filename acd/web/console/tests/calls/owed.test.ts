import { expect, test } from 'vitest'
import type { Call } from '../../src/shared/api'
import type { Callback } from '../../src/calls/callbacks'
import { owed } from '../../src/calls/owed'

const call = (id: string, more: Partial<Call> = {}) =>
  ({ call: id, caller: '138****1111', queue: 'orders', agent: '1001', ...more }) as Call
const callback = (id: string, more: Partial<Callback> = {}) =>
  ({ callback: id, number: '138****2222', queue: 'orders', owner: '', note: '', until: null, ...more }) as Callback

test('what is owed is in one list by its time, and a message with an open callback is not told twice', () => {
  const rows = owed(
    [callback('p1', { until: '2026-11-30T10:00:00Z', of_call: 'm1' }), callback('p2')],
    [call('m1'), call('m2', { recordings: [{ offer: 'm2-m1', kind: 'message' }] })],
    [call('c1', { promise: 'money', promise_due_at: '2026-11-30T17:00:00+08:00' })],
  )
  expect(rows.map((one) => [one.key, one.recording])).toEqual([
    ['c1-promise', ''],
    ['p1', ''],
    ['p2', ''],
    ['m2-message', 'm2-m1'],
  ])
})

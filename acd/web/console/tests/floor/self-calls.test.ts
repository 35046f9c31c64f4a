import { describe, expect, test } from 'vitest'
import { costs, mayCall, verdict } from '../../src/floor/self-calls'
import en from '../../src/words/en'
import { selfCallRow } from '../support/rows'

describe('a call of the hotline to itself', () => {
  test.each([
    ['never', { ok: null, at: null }],
    ['well', { ok: true }],
    ['faults', { ok: false }],
    ['calling', { ok: false, under_way: true }],
    ['calling', { ok: null, at: null, under_way: true }],
  ] as const)('is told as %s', (said, more) => {
    expect(verdict(selfCallRow('carrier', more))).toBe(said)
    expect(en.selfCall[said]).toBeTruthy()
  })

  test('is not begun while another one is under way, on whichever way', () => {
    expect(mayCall([selfCallRow(''), selfCallRow('carrier')])).toBe(true)
    expect(mayCall([selfCallRow(''), selfCallRow('carrier', { under_way: true })])).toBe(false)
    expect(mayCall([])).toBe(true)
  })

  test('costs something over a trunk, and nothing by the local loop', () => {
    expect([costs(selfCallRow('')), costs(selfCallRow('carrier'))]).toEqual([false, true])
  })
})

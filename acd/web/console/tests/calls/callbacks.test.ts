import { describe, expect, it } from 'vitest'
import { asInstant, asLocal } from '../../src/calls/callbacks'

describe('times of promised callbacks in a form', () => {
  it('come back as the instant that they were', () => {
    for (const at of ['2026-11-29T22:30:00.000Z', '2027-03-01T00:00:00.000Z']) expect(asInstant(asLocal(at))).toBe(at)
  })
  it('are left out where nothing is written', () => {
    expect(asLocal(null)).toBe('')
    expect(asInstant('')).toBeNull()
  })
})

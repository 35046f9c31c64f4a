import { describe, expect, it } from 'vitest'
import { base64, blank, changes, numbersOf } from '../../src/customers/customers'

describe('a customer’s form', () => {
  it('sends what was changed, and nothing else', () => {
    const before = { ...blank(), name: '张三', numbers: ['13800001111'] }
    expect(changes(before, { ...before })).toEqual({})
    expect(changes(before, { ...before, numbers: [], do_not_call: true })).toEqual({ numbers: [], do_not_call: true })
  })
  it('takes a number a line', () => {
    expect(numbersOf(' 138 0000 1111\n\n010-88886666 \n')).toEqual(['138 0000 1111', '010-88886666'])
  })
  it('sends a file’s bytes as they are, however many', () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, at) => at % 256)
    expect(Uint8Array.from(atob(base64(bytes)), (letter) => letter.charCodeAt(0))).toEqual(bytes)
  })
})

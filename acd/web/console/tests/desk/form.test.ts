import { beforeEach, describe, expect, test } from 'vitest'
import { begun, dropForm, formOf, isBegun } from '../../src/desk/form'
import { deedOf, isKey, keys, pressedKey, resetKeys, setKey } from '../../src/desk/keys'

const press = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...more })

describe('forms of calls', () => {
  test('what is written about a call is there again, however many calls came between', () => {
    formOf('c1').promise = 'call back'
    for (let n = 0; n < 60; n++) formOf(`other-${n}`)
    expect(formOf('c1').promise).toBe('call back')
    expect(begun.value).toEqual(['c1'])
    dropForm('c1')
    expect([begun.value, isBegun(formOf('c1'))]).toEqual([[], false])
  })
})

describe('keys', () => {
  beforeEach(resetKeys)

  test.each([
    [press('F2'), 'F2'],
    [press('F2', { shiftKey: true }), 'Shift+F2'],
    [press('å', { altKey: true, code: 'KeyA' }), 'Alt+A'],
    [press('Shift', { shiftKey: true }), ''],
  ])('a key has one name %#', (event, name) => expect(pressedKey(event)).toBe(name))

  test('letters, and keys that browsers need, can not be had', () => {
    for (const key of ['a', ' ', 'Tab', 'F5', 'F11', 'Enter', 'Shift+Tab', 'ArrowDown', ''])
      expect(isKey(key)).toBe(false)
    expect(setKey('hold', 'F5')).toBe(false)
    expect(keys.hold).toBe('F2')
  })

  test('a key that another deed has changes places with the old one', () => {
    expect(setKey('hold', 'F8')).toBe(true)
    expect([keys.hold, keys.mute]).toEqual(['F8', 'F2'])
    expect(deedOf(press('F8'))).toBe('hold')
    expect(deedOf(press('F2'))).toBe('mute')
  })
})

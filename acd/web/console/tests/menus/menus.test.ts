import { expect, test } from 'vitest'
import { changed } from '../../src/menus/menus'

test('only files that were edited are sent', () => {
  const inForce = { 'hotline.toml': 'a', 'sub.toml': 'b' }
  expect(changed(inForce, { ...inForce })).toEqual({})
  expect(changed(inForce, { ...inForce, 'sub.toml': 'c', 'new.toml': '' })).toEqual({ 'sub.toml': 'c', 'new.toml': '' })
})

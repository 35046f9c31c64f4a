import { expect, test } from 'vitest'
import { fitting } from '../../src/shared/fitting'

test.each([
  [[40, 40, 40], 120, 50, 3],
  [[40, 40, 40], 119, 50, 1],
  [[40, 40, 40], 130, 50, 3],
  [[40, 40, 40, 40], 130, 50, 2],
  [[40, 40], 60, 50, 0],
  [[], 0, 50, 0],
])('of %j in %i, with %i for more: %i', (widths, room, more, count) => {
  expect(fitting(widths, room, more)).toBe(count)
})

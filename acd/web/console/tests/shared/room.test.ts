import { describe, expect, test } from 'vitest'
import { partOf } from '../../src/shared/room'

describe('the columns of a wide table on a narrow page', () => {
  test.each([
    ['a telephone: as many as have room', 16, 0, 390, { from: 0, to: 3 }],
    ['the next ones', 16, 3, 390, { from: 3, to: 6 }],
    ['the last ones are a full part', 16, 15, 390, { from: 13, to: 16 }],
    ['never before the first', 16, -3, 390, { from: 0, to: 3 }],
    ['a tablet', 16, 0, 748, { from: 0, to: 7 }],
    ['a table that fits', 6, 0, 748, { from: 0, to: 6 }],
    ['turned over and then made wide', 6, 3, 748, { from: 0, to: 6 }],
    ['a desk of 1280 px: all, in small writing', 16, 5, 1225, { from: 0, to: 16 }],
    ['a desk that has no room for all of them: a part, and nothing beside the pane', 16, 0, 980, { from: 0, to: 9 }],
    ['before it is painted: all', 16, 0, 0, { from: 0, to: 16 }],
    ['a pane narrower than the heading: one', 16, 4, 80, { from: 4, to: 5 }],
    ['no columns', 0, 0, 390, { from: 0, to: 0 }],
  ])('%s', (_, total, at, width, part) => {
    expect(partOf(total, at, width)).toEqual(part)
  })
})

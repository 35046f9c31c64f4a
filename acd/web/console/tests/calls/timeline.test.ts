import { expect, test } from 'vitest'
import type { Line } from '../../src/shared/api'
import { grouped } from '../../src/calls/timeline'

const line = (kind: string, offer = '', agent = ''): Line => ({
  at: '',
  kind,
  agent,
  offer,
  zh: kind,
  en: kind,
  detail: {},
})

test('a call is told by legs, and what weighs little is folded into the leg that it belongs to', () => {
  const groups = grouped([
    line('arrived'),
    line('queued'),
    line('offered', 'c-1', '1001'),
    line('ringing', 'c-1', '1001'),
    line('connected', 'c-1', '1001'),
    line('card'),
    line('transfer', '', '1001'),
    line('consult ended', 'c-2', '1002'),
    line('talk ended', 'c-1', '1001'),
    line('returned'),
    line('offered', 'c-3', '1003'),
    line('ended'),
    line('recorded', 'c-1', '1001'),
    { ...line('offer ended'), zh: '', en: '' },
  ])
  expect(groups.map((group) => [group.kind, group.agent, group.lines.length, group.minor.length])).toEqual([
    ['begin', '', 2, 0],
    ['leg', '1001', 5, 2],
    ['consult', '1002', 1, 0],
    ['between', '', 1, 0],
    ['leg', '1003', 1, 0],
    ['end', '', 1, 0],
  ])
})

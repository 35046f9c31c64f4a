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

test('what the receiver writes while the first row after it still names another leg stands with the receiver', () => {
  const groups = grouped([
    line('offered', 'c-1', '1001'),
    line('offered', 'c-2', '1003'),
    line('connected', 'c-2', '1003'),
    line('transfer', 'c-1', '1001'),
    line('card', '', '1003'),
    line('card', '', '1001'),
    line('card', '', '1009'),
  ])
  expect(groups.map((group) => [group.agent, group.lines.map((one) => [one.kind, one.agent].join(' '))])).toEqual([
    ['1001', ['offered 1001', 'transfer 1001', 'card 1001', 'card 1009']],
    ['1003', ['offered 1003', 'connected 1003', 'card 1003']],
  ])
})

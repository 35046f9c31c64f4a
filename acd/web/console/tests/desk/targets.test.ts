import { describe, expect, test } from 'vitest'
import { fits, inOrder, lines, renewed, type Target } from '../../src/desk/targets'
import type { Targets } from '../../src/desk/rows'
import { targetAgent, targetNumber, targetQueue, targets, targetSkill } from '../support/rows'

const shown = (found: Partial<Targets>, zh = false): Target[] =>
  lines(
    targets(found),
    zh,
    (name) => `queue ${name}`,
    (n) => `${n} waiting`,
  )
const keys = (found: Target[]) => found.map((one) => one.key)

describe('the lines of the list', () => {
  test('an agent stands with name, queues and state; a queue with those who wait; a number with itself', () => {
    const found = shown({
      agents: [
        targetAgent('1002', { queues: ['orders', 'returns'], state: 'not ready', reason: 'lunch', free: false }),
      ],
      queues: [targetQueue('returns', { waiting: 3, available: 2 })],
      numbers: [targetNumber('01055550000', { en: 'Courier' })],
    })
    expect(found).toMatchObject([
      {
        key: 'agent:1002',
        name: 'Agent 1002',
        about: 'queue orders, queue returns',
        state: 'not ready',
        reason: 'lunch',
      },
      { key: 'queue:returns', name: 'queue returns', about: '3 waiting', available: 2, free: true, state: '' },
      { key: 'number:01055550000', name: 'Courier', about: '01055550000', available: null, free: true },
    ])
  })

  test('names are in the language of the page', () => {
    const found = { queues: [targetQueue('returns')], skills: [targetSkill('refund')] }
    expect(shown(found, true).map((one) => one.name)).toEqual(['队列 returns', '技能 refund'])
    expect(shown(found).map((one) => one.name)).toEqual(['queue returns', 'skill refund'])
  })

  test('a queue without a free agent is not free', () => {
    expect(shown({ queues: [targetQueue('orders', { available: 0 })] })[0]).toMatchObject({ free: false, cant: '' })
  })

  test('a skill that people call by the name of a queue is listed once', () => {
    const found = { queues: [targetQueue('returns')], skills: [targetSkill('returns', { en: 'queue returns' })] }
    expect(keys(shown(found))).toEqual(['queue:returns'])
    expect(keys(shown(found, true))).toEqual(['queue:returns'])
  })

  test('a number without a name is called by itself, and a skill without one is no place to go', () => {
    const skills = [targetSkill('vip', { zh: '', en: '' }), targetSkill('zh', { zh: 'zh', en: 'zh' })]
    const found = shown({ numbers: [targetNumber('110')], skills })
    expect(found.map((one) => one.name)).toEqual(['110'])
  })

  test('what is not allowed says why, also when the server gives no reason', () => {
    const found = shown({
      agents: [targetAgent('1002', { allowed: false, why: 'circle' }), targetAgent('1003', { allowed: false })],
    })
    expect(found.map((one) => one.cant)).toEqual(['circle', 'not-allowed'])
  })
})

describe('the order of the list', () => {
  test('proposed first, then free, then busy, and last what cannot be chosen', () => {
    const found = shown({
      agents: [
        targetAgent('1', { allowed: false, why: 'circle', proposed: true }),
        targetAgent('2', { free: false }),
        targetAgent('3'),
        targetAgent('4', { free: false, proposed: true }),
      ],
    })
    expect(keys(inOrder(found))).toEqual(['agent:4', 'agent:3', 'agent:2', 'agent:1'])
  })

  test('queues come before people, skills and numbers, and numbers count as numbers', () => {
    const found = shown({
      numbers: [targetNumber('110')],
      skills: [targetSkill('refund')],
      queues: [targetQueue('orders')],
      agents: [targetAgent('1010'), targetAgent('999'), targetAgent('1002')],
    })
    const order = ['queue:orders', 'agent:999', 'agent:1002', 'agent:1010', 'skill:refund', 'number:110']
    expect(keys(inOrder(found))).toEqual(order)
    expect(keys(inOrder([...found].reverse()))).toEqual(order)
  })

  test('putting in order leaves the given list as it was', () => {
    const found = shown({ agents: [targetAgent('2'), targetAgent('1')] })
    inOrder(found)
    expect(keys(found)).toEqual(['agent:2', 'agent:1'])
  })

  test('a renewed list has the new states in the old order; what is new comes last, what has left is gone', () => {
    const before = shown({ agents: [targetAgent('3'), targetAgent('1'), targetAgent('2')] })
    const fresh = shown({
      agents: [targetAgent('1', { free: false }), targetAgent('4'), targetAgent('3', { state: 'talking' })],
    })
    const after = renewed(before, fresh)
    expect(keys(after)).toEqual(['agent:3', 'agent:1', 'agent:4'])
    expect(after[0]?.state).toBe('talking')
    expect(after[1]?.free).toBe(false)
  })
})

describe('the search', () => {
  const [agent] = shown({ agents: [targetAgent('1002', { name: 'Li Na', queues: ['returns'] })] })

  test.each(['', '  ', '1002', '00', 'li na', 'LI', ' na ', 'Returns'])('%j finds the agent', (typed) => {
    expect(fits(agent!, typed)).toBe(true)
  })

  test.each(['1003', 'wang', 'orders', 'li  na'])('%j does not', (typed) => {
    expect(fits(agent!, typed)).toBe(false)
  })
})

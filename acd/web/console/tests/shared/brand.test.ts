import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { brand, brandName, showsAgent, showsCall, showsQueue } from '../../src/shared/brand'
import { vocabulary } from '../../src/shared/house'
import { floor } from '../../src/floor/live'
import { agentRow } from '../support/rows'

beforeEach(() => {
  vocabulary.value = {
    hotline: 'Hotline',
    not_ready_reasons: [],
    queues: [],
    brands: [{ name: 'acme', zh: '极光', en: 'Acme' }],
    target: {},
    ring_s: 5,
    rings: 3,
    priority_s: 30,
    timezone: 'UTC',
  }
  brand.value = ''
})
afterEach(() => floor.agents.clear())

describe('the chosen brand', () => {
  test('without a choice everything is shown', () => {
    expect([showsQueue('acme'), showsQueue(''), showsCall('other'), showsAgent(agentRow('1001'))]).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  test('its queues and those open to all are shown, its calls alone', () => {
    brand.value = 'acme'
    expect(['acme', '', 'other', undefined].map(showsQueue)).toEqual([true, true, false, true])
    expect(['acme', '', 'other', undefined].map(showsCall)).toEqual([true, false, false, false])
  })

  test('its team is shown; of a brand without one, whoever is shared', () => {
    const [mine, kept, shared] = [
      agentRow('1001', { brands: ['acme'] }),
      agentRow('1002', { brands: ['other'], kept_by: ['other'] }),
      agentRow('1003'),
    ]
    for (const one of [mine, kept, shared]) floor.agents.set(one.agent, one)
    brand.value = 'acme'
    expect([mine, kept, shared].map(showsAgent)).toEqual([true, false, false])
    floor.agents.delete('1001')
    expect([kept, shared].map(showsAgent)).toEqual([false, true])
  })

  test('a brand that is no longer configured is shown by its name', () => {
    expect([brandName('acme', 'zh'), brandName('acme', 'en'), brandName('gone', 'en')]).toEqual([
      '极光',
      'Acme',
      'gone',
    ])
  })
})

import { expect, test } from 'vitest'
import { asQuery, FINDINGS, noFilters, RARE } from '../../src/calls/filters'
import en from '../../src/words/history-en'
import zh from '../../src/words/history-zh'

test('a finding is asked for as it is chosen, beside the others', () => {
  const wanted = { ...noFilters(), finding: 'dead-air', over: '2', under: '', transferred: true }
  expect(asQuery(wanted, 'acme')).toMatchObject({
    finding: 'dead-air',
    shortest_s: 120,
    longest_s: undefined,
    transferred: 'true',
    brand: 'acme',
  })
  expect(asQuery(noFilters(), '').finding).toBe('')
})

test.each([
  ['10:30', '10:30'],
  ['', ''],
  ['10:3', ''],
  ['24:00', ''],
])('the time %j filters as %j: what is being typed is no time yet', (typed, sent) => {
  expect(asQuery({ ...noFilters(), from_time: typed, to_time: typed }, '')).toMatchObject({
    from_time: sent,
    to_time: sent,
  })
})

test('a finding opens the rarer filters', () => {
  expect(RARE).toContain('finding')
})

test.each(FINDINGS)('%s has a name in both languages', (kind) => {
  const names = [en.finding, zh.finding] as Record<string, string>[]
  expect(names.map((words) => words[kind])).toEqual([
    expect.stringMatching(/^[A-Z]/),
    expect.stringMatching(/\p{Script=Han}/u),
  ])
})

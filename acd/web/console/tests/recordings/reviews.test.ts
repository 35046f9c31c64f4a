import { describe, expect, test } from 'vitest'
import {
  answerOf,
  idOf,
  isAnswered,
  keepFilled,
  keptFilled,
  forgetFilled,
  meanScores,
  openItems,
  pathOf,
  type ReviewForm,
  type ReviewItem,
  type ScoredTalk,
} from '../../src/recordings/reviews'

const item = (name: string, kind: 'points' | 'yes-no'): ReviewItem => ({
  name,
  kind,
  zh: name,
  en: name,
  weight: 50,
  fatal: false,
  guide_zh: '',
  guide_en: '',
})
const form: ReviewForm = {
  name: 'small',
  version: 1,
  zh: '表',
  en: 'form',
  groups: [
    { name: 'all', zh: '组', en: 'group', weight: 100, items: [item('tone', 'points'), item('note', 'yes-no')] },
  ],
}
const pressed = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...more })

describe('a form that is filled', () => {
  test('keys answer items with yes and no, and nothing else', () => {
    const [points, choice] = form.groups[0]!.items as [ReviewItem, ReviewItem]
    expect(['y', 'N', 'a', 'x'].map((key) => answerOf(choice, pressed(key)))).toEqual(['yes', 'no', 'na', undefined])
    expect(answerOf(choice, pressed('a', { ctrlKey: true }))).toBeUndefined()
    expect(answerOf(points, pressed('y'))).toBeUndefined()
  })
  test('points are whole numbers from 0 to 100', () => {
    const points = form.groups[0]!.items[0]!
    expect([0, 100, 101, -1, 1.5, 'yes', undefined].map((answer) => isAnswered(points, answer))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })
  test('what is not answered yet is named', () => {
    expect(openItems(form, {})).toEqual(['tone', 'note'])
    expect(openItems(form, { tone: 80, note: 'maybe' })).toEqual(['note'])
    expect(openItems(form, { tone: 80, note: 'na' })).toEqual([])
  })
  test('a review is addressed by its talk and its number', () => {
    expect(pathOf(idOf({ offer: 'c1-1', number: 2 }))).toBe('/api/reviews/c1-1/2')
  })
})

test('what was filled in is kept for its account and talk alone, until it is forgotten', () => {
  const filled = { answers: { tone: 80 }, comment: 'calm', pinned: [] }
  keepFilled('qa', 'c1-1.1', filled)
  expect(keptFilled('qa', 'c1-1.1')).toEqual(filled)
  expect([keptFilled('second', 'c1-1.1'), keptFilled('qa', 'c1-1.2')]).toEqual([null, null])
  forgetFilled('qa', 'c1-1.1')
  expect(keptFilled('qa', 'c1-1.1')).toBeNull()
})

test('the agent with the lowest mean comes first; a talk without a score counts as a talk', () => {
  const talk = (agent: string, score: number | null) => ({ agent, score }) as ScoredTalk
  expect(
    meanScores([talk('1001', 90), talk('1002', 60), talk('1001', null), talk('1002', 71), talk('1003', null)]),
  ).toEqual([
    { agent: '1002', talks: 2, mean: 65.5 },
    { agent: '1001', talks: 2, mean: 90 },
    { agent: '1003', talks: 1, mean: null },
  ])
})

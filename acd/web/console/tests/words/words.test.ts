import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Problem } from '../../src/shared/api'
import { i18n } from '../../src/shared/language'
import { useWords } from '../../src/words'
import en from '../../src/words/en'
import zh from '../../src/words/zh'
import { inComponent } from '../support/component'

interface Words {
  [key: string]: string | Words
}
type Sentence = [path: string, text: string]

/** Every sentence with its path as the page asks for it: desk["reason"]["by telephone"]. */
function sentences(words: Words, path = ''): Sentence[] {
  return Object.entries(words).flatMap(([key, value]): Sentence[] => {
    const here = path ? `${path}["${key}"]` : key
    return typeof value === 'string' ? [[here, value]] : sentences(value, here)
  })
}
const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]))].sort()

const languages = { zh: sentences(zh), en: sentences(en) }

describe('the words of both languages', () => {
  test('the two languages have the same keys', () => {
    const keys = (of: Sentence[]) => of.map(([path]) => path).sort()
    expect(keys(languages.zh)).toEqual(keys(languages.en))
    expect(languages.en.length).toBeGreaterThan(300)
  })

  test('a placeholder of one language is in the other too', () => {
    const other = new Map(languages.zh)
    const uneven = languages.en.filter(
      ([path, text]) => placeholders(text).join() !== placeholders(other.get(path) ?? '').join(),
    )
    expect(uneven).toEqual([])
  })

  test.each(['zh', 'en'] as const)('no sentence in %s is empty or has blanks around it', (language) => {
    expect(languages[language].filter(([, text]) => !text || text !== text.trim())).toEqual([])
  })

  test.each(['zh', 'en'] as const)('every sentence in %s is shown as it is written, with its values', (language) => {
    // A stray @, | or { is syntax for vue-i18n: the sentence would be cut or fail only when it is shown.
    const complaints = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')].map((spy) => spy.mockReturnValue())
    const values = Object.fromEntries(
      languages[language].flatMap(([, text]) => placeholders(text).map((one) => [one, 'X'])),
    )
    const wrong = languages[language].filter(
      ([path, text]) => i18n.global.t(path, values, { locale: language }) !== text.replace(/\{\w+\}/g, 'X'),
    )
    expect(wrong).toEqual([])
    expect(complaints.flatMap((spy) => spy.mock.calls)).toEqual([])
  })
})

describe('what the interface says in its own terms', () => {
  const { made, unmount } = inComponent(useWords)
  const { word, refusal } = made

  beforeEach(() => {
    i18n.global.locale.value = 'en'
  })
  afterEach(unmount)

  test('a code is shown by its word, in the language of the page', () => {
    expect(word('state', 'idle')).toBe(en.state.idle)
    i18n.global.locale.value = 'zh'
    expect(word('state', 'idle')).toBe(zh.state.idle)
  })

  test.each([
    ['a code that the table does not know', 'never-heard-of'],
    ['a text that a person has written', 'said "idle"] and left'],
    ['a path with a bracket', 'idle["x"]'],
  ])('%s is shown as it is', (_, key) => {
    expect(word('state', key)).toBe(key)
  })

  test('no code is no word', () => {
    expect([word('state', null), word('state', undefined), word('state', '')]).toEqual(['', '', ''])
  })

  test('a refusal is told by the sentence of its code', () => {
    expect(refusal(new Problem(404, 'no-such-call', 'x', ''))).toBe(en.problem['no-such-call'])
  })

  test('a refusal without a sentence is told as the server says it', () => {
    expect(refusal(new Problem(418, 'teapot', 'The server is a teapot.', ''))).toBe('The server is a teapot.')
  })

  test('the values of a refusal are put in, and a state among them by its word', () => {
    const problem = new Problem(409, 'not-available', '', '', { words: { state: 'wrap-up' } })
    expect(refusal(problem)).toBe(en.problem['not-available'].replace('{state}', en.state['wrap-up']))
  })

  test('not-allowed means the role with 403, and the list of numbers otherwise', () => {
    expect(refusal(new Problem(403, 'not-allowed', '', ''))).toBe(en.problem['not-allowed'])
    expect(refusal(new Problem(400, 'not-allowed', '', ''))).toBe(en.problem['not-on-list'])
  })

  test('too-long means the text where a field is named, and the journal otherwise', () => {
    expect(refusal(new Problem(400, 'too-long', '', '', { field: 'text' }))).toBe(en.problem['text-too-long'])
    expect(refusal(new Problem(400, 'too-long', '', ''))).toBe(en.problem['too-long'])
  })

  test('the incident is named where the fault is the server’s, and only there', () => {
    expect(refusal(new Problem(500, 'our-fault', '', 'i42'))).toContain('i42')
    expect(refusal(new Problem(404, 'no-such-call', '', 'i42'))).not.toContain('i42')
  })
})

import { beforeEach, describe, expect, test, vi } from 'vitest'

/** The module as a page finds it that is opened now. */
async function opened(kept: string | null, browser: string) {
  if (kept !== null) localStorage.setItem('sanxiang-language', kept)
  vi.spyOn(navigator, 'language', 'get').mockReturnValue(browser)
  vi.resetModules()
  return import('../../src/shared/language')
}

beforeEach(() => {
  localStorage.clear()
  document.documentElement.lang = ''
})

describe('the language of the page', () => {
  test.each([
    ['zh-CN', 'zh'],
    ['zh-TW', 'zh'],
    ['ZH', 'zh'],
    ['en-GB', 'en'],
    ['de', 'en'],
  ])('a browser in %s gets the page in %s', async (browser, language) => {
    const { i18n } = await opened(null, browser)
    expect(i18n.global.locale.value).toBe(language)
  })

  test('what was chosen once goes before the language of the browser', async () => {
    const { i18n } = await opened('en', 'zh-CN')
    expect(i18n.global.locale.value).toBe('en')
  })

  test('a language that the page does not have is not taken from the store', async () => {
    const { i18n } = await opened('fr', 'zh-CN')
    expect(i18n.global.locale.value).toBe('zh')
  })

  test('the document says its language from the start, for screen readers and fonts', async () => {
    await opened(null, 'zh-CN')
    expect(document.documentElement.lang).toBe('zh-CN')
  })

  test('a choice changes page and document, and holds when the page is opened again', async () => {
    const { i18n, speak } = await opened(null, 'zh-CN')
    speak('en')
    expect(i18n.global.locale.value).toBe('en')
    expect(document.documentElement.lang).toBe('en')
    expect((await opened(null, 'zh-CN')).i18n.global.locale.value).toBe('en')
  })
})

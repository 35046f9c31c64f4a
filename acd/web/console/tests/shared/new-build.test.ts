import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isIdle, isNewBuild, lookForNewBuild, newBuild, reloadOnce, reloadWhenIdle } from '../../src/shared/new-build'

const START = Date.parse('2026-11-22T08:00:00Z')
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)
const serve = (script: string) =>
  vi.stubGlobal('fetch', async () => new Response(`<script type="module" crossorigin src="${script}"></script>`))

/** happy-dom loads no script, and says so unless it is told not to. */
const { happyDOM } = window as unknown as { happyDOM: { settings: Record<string, boolean> } }

beforeEach(() => {
  happyDOM.settings.handleDisabledFileLoadingAsSuccess = true
  vi.useFakeTimers({ now: START })
  sessionStorage.clear()
  document.body.innerHTML = ''
  document.head.innerHTML = '<script type="module" src="/assets/index-a.js"></script>'
  vi.spyOn(location, 'reload').mockReturnValue()
  newBuild.value = false
})
afterEach(() => void vi.useRealTimers())

describe('a new build of the page', () => {
  test.each([
    ['/assets/index-a.js', false],
    ['/assets/index-b.js', true],
  ])('is known by its first script: %s', async (script, is) => {
    serve(script)
    await lookForNewBuild()
    expect(newBuild.value).toBe(is)
  })

  test('is not taken from a daemon that has no page, or does not answer', async () => {
    vi.stubGlobal('fetch', async () => new Response('<h1>not built</h1>'))
    await lookForNewBuild()
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')))
    await lookForNewBuild()
    expect(newBuild.value).toBe(false)
  })

  test.each([
    'TypeError: Failed to fetch dynamically imported module: http://x/assets/CallList-a.js',
    'TypeError: error loading dynamically imported module: http://x/assets/CallList-a.js',
    'TypeError: Importing a module script failed.',
    'Error: Unable to preload CSS for /assets/ReportView-a.css',
  ])('is suspected where a file is gone: %s', (error) => expect(isNewBuild(error)).toBe(true))
})

describe('the page is loaded anew', () => {
  test('once, and not again for half a minute', () => {
    expect([reloadOnce('#/calls'), reloadOnce('#/calls')]).toEqual([true, false])
    expect(reloadOnce('#/calls', START + 31_000)).toBe(true)
    expect(location.reload).toHaveBeenCalledTimes(2)
    expect(location.hash).toBe('#/calls')
  })

  test('when nobody has touched it for a minute, and nobody is at work', async () => {
    let busy = true
    reloadWhenIdle(() => busy)
    window.dispatchEvent(new Event('keydown'))
    await pass(120)
    newBuild.value = true
    await pass(10)
    expect(location.reload).not.toHaveBeenCalled()
    busy = false
    window.dispatchEvent(new Event('pointerdown'))
    await pass(55)
    expect(location.reload).not.toHaveBeenCalled()
    await pass(15)
    expect(location.reload).toHaveBeenCalledOnce()
  })

  test.each(['<dialog open></dialog>', '<textarea></textarea>', '<input type="text">'])('not over %s', (html) => {
    document.body.innerHTML = html
    const field = document.querySelector<HTMLInputElement>('textarea, input')
    if (field) field.value = 'half a sentence'
    expect(isIdle(START + 600_000)).toBe(false)
    document.body.innerHTML = ''
    expect(isIdle(START + 600_000)).toBe(true)
  })
})

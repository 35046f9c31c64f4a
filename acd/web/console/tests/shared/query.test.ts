import { createApp, nextTick, watch } from 'vue'
import { createMemoryHistory, createRouter, createWebHashHistory, type Router } from 'vue-router'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useQuery, useQueryFlag, useTyped } from '../../src/shared/query'

const component = { render: () => null }
let router: Router
let unmount = () => {}

/** What a page of the list makes of the address. */
async function open<T>(address: string, compose: () => T, history = createMemoryHistory()): Promise<T> {
  const paths = ['/calls', '/calls/:id', '/live']
  router = createRouter({ history, routes: paths.map((path) => ({ path, component })) })
  await router.push(address)
  let made!: T
  const app = createApp({ setup: () => ((made = compose()), () => null) })
  app.use(router).mount(document.createElement('div'))
  unmount = () => app.unmount()
  return made
}
const settled = () => new Promise((resolve) => setTimeout(resolve))
beforeEach(() => (unmount = () => {}))
afterEach(() => unmount())

describe('what is chosen on a page', () => {
  test('is read from the address, else it is as at the beginning', async () => {
    const [day, queue] = await open('/calls?day=2026-11-01', () => [useQuery('day', '2026-11-30'), useQuery('queue')])
    expect([day!.value, queue!.value]).toEqual(['2026-11-01', ''])
  })

  test('goes into the address at once, several changes as one step', async () => {
    const [day, queue] = await open('/calls?ending=lost', () => [useQuery('day'), useQuery('queue')])
    let steps = 0
    router.afterEach(() => void steps++)
    day!.value = '2026-11-01'
    queue!.value = 'orders'
    expect([day!.value, queue!.value]).toEqual(['2026-11-01', 'orders'])
    await settled()
    expect(router.currentRoute.value.query).toEqual({ ending: 'lost', day: '2026-11-01', queue: 'orders' })
    expect(steps).toBe(1)
  })

  test('a change while another is on its way is not lost', async () => {
    const day = await open('/calls', () => useQuery('day'))
    day.value = '1'
    await Promise.resolve()
    day.value = '2'
    await settled()
    expect([day.value, router.currentRoute.value.query.day]).toEqual(['2', '2'])
  })

  test('what is as at the beginning leaves the address', async () => {
    const day = await open('/calls?day=2026-11-01', () => useQuery('day', '2026-11-30'))
    day.value = '2026-11-30'
    await settled()
    expect(router.currentRoute.value.fullPath).toBe('/calls')
  })

  test('a flag is there or not', async () => {
    const bad = await open('/calls?bad=1', () => useQueryFlag('bad'))
    expect(bad.value).toBe(true)
    bad.value = false
    await settled()
    expect(router.currentRoute.value.fullPath).toBe('/calls')
  })

  test('does not change while the page is being left', async () => {
    const seen: string[] = []
    await open('/calls?day=2026-11-01', () => {
      const day = useQuery('day')
      watch(day, (now) => void seen.push(now))
      return day
    })
    await router.push('/live')
    await nextTick()
    expect(seen).toEqual([])
  })

  test('"back" brings what was chosen before', async () => {
    const day = await open('/calls', () => useQuery('day'))
    day.value = '2026-11-01'
    await settled()
    await router.push('/calls/c1')
    await new Promise<void>((resolve) => (router.afterEach(() => resolve()), router.back()))
    expect([router.currentRoute.value.fullPath, day.value]).toEqual(['/calls?day=2026-11-01', '2026-11-01'])
  })
})

describe('what is typed into a search', () => {
  const stepped = (step: () => void) => new Promise<void>((resolve) => (router.afterEach(() => resolve()), step()))
  const opened = (address: string) =>
    open(address, () => [useTyped('search'), useQuery('day')] as const, createWebHashHistory())

  test('stands in no address, and another filter does not lose it', async () => {
    const [search, day] = await opened('/calls')
    search.value = '13800001234'
    day.value = '2026-11-01'
    await settled()
    expect([search.value, location.hash]).toEqual(['13800001234', '#/calls?day=2026-11-01'])
  })

  test('is found again by "back", and is not there in a list opened anew', async () => {
    const [search] = await opened('/calls')
    search.value = '13800001234'
    await router.push('/calls/c1')
    expect(JSON.stringify(history.state)).not.toContain('13800001234')
    await stepped(() => router.back())
    expect(search.value).toBe('13800001234')
    await router.push('/calls?day=2026-11-01')
    expect(search.value).toBe('')
  })

  test('that an address brings is taken, and leaves the address with the next change', async () => {
    const [search] = await opened('/calls?search=1234')
    expect(search.value).toBe('1234')
    search.value = ''
    await settled()
    expect([search.value, router.currentRoute.value.fullPath]).toEqual(['', '/calls'])
  })
})

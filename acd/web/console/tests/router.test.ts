import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressOf, home, isAllowed, makeRouter } from '../src/router'
import { routes } from '../src/routes'
import { me } from '../src/shared/house'

// What the pages show is not asked here, and takes seconds to load.
for (const one of routes) if (one.component) one.component = { render: () => null }

const logIn = (may: string[], roles = ['operator']) => (me.value = { account: 'x', roles, may })
const EVERYTHING = [...new Set(routes.flatMap((one) => one.meta?.need ?? []))]

/** A router that the page has opened at this address. */
async function at(hash: string) {
  location.hash = hash
  const router = makeRouter()
  await router.push(router.options.history.location)
  return router
}
beforeEach(() => void logIn(EVERYTHING))
afterEach(() => {
  me.value = null
  location.hash = ''
})

describe('the addresses of the pages', () => {
  test.each([
    ['#live', 'live', undefined],
    ['#calls', 'calls', undefined],
    ['#/calls', 'calls', undefined],
    ['#calls/c1', 'calls-one', 'c1'],
    ['#recordings/c1%2F2', 'recordings-one', 'c1/2'],
    ['#wall', 'wall', undefined],
    ['#nowhere', 'unknown', undefined],
    ['#calls/c1/more', 'unknown', undefined],
  ])('%s shows the page %s', async (hash, name, id) => {
    const { currentRoute } = await at(hash)
    expect([currentRoute.value.name, currentRoute.value.params.id]).toEqual([name, id])
  })

  test.each(['c1', 'a/b', '50%', '三响', 'a b#c', 'ليلى', '🙂'])('the id %s comes back as it went in', async (id) => {
    const router = await at('#calls')
    await router.push({ name: 'calls-one', params: { id } })
    const again = await at(location.hash)
    expect(again.currentRoute.value.params.id).toBe(id)
  })

  test('every page has a name of its own, a view and a title', () => {
    expect(new Set(routes.map((one) => one.name)).size).toBe(routes.length)
    expect(routes.filter((one) => !one.meta?.view || !one.meta.title)).toEqual([])
  })
})

describe('the first page', () => {
  test.each([
    [EVERYTHING, 'live'],
    [['accounts'], 'accounts'],
    [['recordings-hear', 'reports-see'], 'recordings'],
    [[], undefined],
  ])('with %j it is %s', (may, name) => {
    logIn(may)
    expect(home()).toBe(name)
  })

  test('is where an address without a page leads', async () => {
    logIn(['accounts'])
    const { currentRoute } = await at('')
    expect(currentRoute.value.path).toBe('/accounts')
  })

  test('for whom there is none, the address stays and says so', async () => {
    logIn([])
    const { currentRoute } = await at('')
    expect(currentRoute.value.name).toBe('home')
  })
})

describe('who may see a page', () => {
  test('is said by its permission', async () => {
    const { currentRoute } = await at('#recordings')
    expect(isAllowed(currentRoute.value)).toBe(true)
    logIn(['calls-see'])
    expect(isAllowed(currentRoute.value)).toBe(false)
  })

  test('no page is opened before somebody is logged in', async () => {
    me.value = null
    location.hash = '#calls/c1'
    const router = makeRouter()
    const opening = router.push(router.options.history.location)
    await new Promise((resolve) => setTimeout(resolve))
    expect(router.currentRoute.value.matched).toEqual([])
    logIn(['calls-see'])
    await opening
    expect(router.currentRoute.value.params.id).toBe('c1')
  })

  test('an address that is typed during the log-in is the one that is opened', async () => {
    me.value = null
    const router = makeRouter()
    const opening = router.push('/')
    location.hash = '#calls/c1'
    window.dispatchEvent(new PopStateEvent('popstate', { state: null }))
    logIn(['calls-see'])
    await opening
    expect(router.currentRoute.value.fullPath).toBe('/calls/c1')
  })
})

describe('a link', () => {
  const click = (link: string, how: MouseEventInit = {}) => {
    document.body.innerHTML = `<a ${link}><b>x</b></a><div id="main"></div>`
    const event = new MouseEvent('click', { bubbles: true, cancelable: true, ...how })
    let address: string | undefined
    const asked = (click: Event) => {
      address = addressOf(click as MouseEvent)
      click.preventDefault()
    }
    document.addEventListener('click', asked, { once: true })
    document.querySelector('b')!.dispatchEvent(event)
    return address
  }

  test.each([
    ['href="#calls/c1"', '/calls/c1'],
    ['href="#/calls?day=2026-11-29"', '/calls?day=2026-11-29'],
    ['href="#main"', undefined],
    ['href="#"', undefined],
    ['href="#calls" target="_blank"', undefined],
  ])('%s leads to %s', (link, address) => expect(click(link)).toBe(address))

  test.each([{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { button: 1 }])(
    'with %j is left to the browser',
    (how) => expect(click('href="#calls"', how)).toBeUndefined(),
  )
})

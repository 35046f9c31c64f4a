/** Which page is shown: the router, whose addresses stand behind the hash (#/calls/ID, and #calls/ID as they were). */
import { watch } from 'vue'
import {
  createRouter,
  createWebHashHistory,
  START_LOCATION,
  type RouteLocationNormalized,
  type Router,
} from 'vue-router'
import { isAgent, isEnrolling, may, me } from './shared/house'
import { isNewBuild, reloadOnce } from './shared/new-build'
import { scrolling } from './shared/scroll'
import { routes } from './routes'

/** Whether the account that is logged in may see this page. */
export const isAllowed = (to: RouteLocationNormalized) => !to.meta.need || may(to.meta.need)

/** The first page of the bar that this account may see; undefined: there is none. */
export function home(): string | undefined {
  return routes.find((one) => one.meta?.bar && (!one.meta.need || may(one.meta.need)))?.name as string | undefined
}

/** Comes true once somebody is logged in who has pages: agents have a desk, which has no address. */
function entered(): Promise<void> {
  return new Promise((resolve) => {
    const stop = watch(
      () => me.value && !isAgent() && !isEnrolling(),
      (now) => {
        if (!now) return
        resolve()
        queueMicrotask(() => stop())
      },
      { immediate: true },
    )
  })
}

export function makeRouter(): Router {
  const history = createWebHashHistory()
  const router = createRouter({ history, routes, scrollBehavior: scrolling })
  /** The router hears of no other address until the first page is open: one may have been typed, or a link followed,
   * during the log-in or while the first page was fetched. */
  let heard = history.location
  const typedSince = (from: RouteLocationNormalized) => {
    if (from !== START_LOCATION || history.location === heard) return undefined
    heard = history.location
    const { path, query } = router.resolve(heard)
    return { path, query, replace: true }
  }
  // No page is fetched before it is known who looks; what a page may not show, the interface does not send either.
  router.beforeEach(async (to, from) => {
    await entered()
    const typed = typedSince(from)
    if (typed) return typed
    if (to.name !== 'home') return true
    const name = home()
    return name ? { name, query: to.query, replace: true } : true
  })
  router.beforeResolve((_, from) => typedSince(from) ?? true)
  router.onError((error, to) => {
    if (isNewBuild(error)) reloadOnce(router.resolve(to).href)
  })
  return router
}

/** The address within the page that a link leads to; undefined: it leads elsewhere, or the browser shall see to it. */
export function addressOf(click: MouseEvent): string | undefined {
  if (click.defaultPrevented || click.button || click.altKey || click.ctrlKey || click.metaKey || click.shiftKey) return
  const link = click.target instanceof Element ? click.target.closest<HTMLAnchorElement>('a[href^="#"]') : null
  if (!link || (link.target && link.target !== '_self')) return
  const address = link.getAttribute('href')!.slice(1)
  if (!address || document.getElementById(address)) return // a part of this page
  return address.startsWith('/') ? address : `/${address}`
}

/** Links as #calls/ID go by the router, which then knows where "back" leads. */
export function followLinks(router: Router): void {
  document.addEventListener('click', (click) => {
    const address = addressOf(click)
    if (address === undefined) return
    click.preventDefault()
    void router.push(address)
  })
}

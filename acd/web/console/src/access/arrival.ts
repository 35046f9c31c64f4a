/** How the page was opened: what stands behind the question mark is read once, and leaves the address at once. */
import { isLedBack } from './sign-in'

export interface Arrival {
  /** By the identity provider, with what it has put into the address. */
  ledBack: boolean
  search: string
  /** By a one-time link that no longer holds. */
  spent: boolean
  /** By one that holds, where a second factor is asked for. */
  codeFirst: boolean
}

export function arrive(): Arrival {
  const [search, ledBack] = [location.search, isLedBack()]
  history.replaceState(null, '', (ledBack ? '/' : location.pathname) + location.hash)
  return { ledBack, search, spent: search.includes('link=spent'), codeFirst: search.includes('log-in=code') }
}

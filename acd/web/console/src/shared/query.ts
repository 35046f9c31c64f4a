/** What a person has chosen on a page, kept in its address behind a question mark: #/calls?day=2026-11-29&queue=orders.
 *
 * A reload, a link sent to a colleague, and "back" then show the same. Nothing stands in the address that is as it is at the
 * beginning.
 */
import { computed, ref, watch, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw, type Router } from 'vue-router'

/** Changes that have not reached the address yet: several in one step make one. */
const waiting = ref<Record<string, string> | null>(null)
let carrying = false

async function carry(router: Router): Promise<void> {
  if (carrying) return
  carrying = true
  await Promise.resolve()
  while (waiting.value) {
    const now = waiting.value
    const query: LocationQueryRaw = { ...router.currentRoute.value.query, ...now }
    for (const name of Object.keys(query)) if (query[name] === '') delete query[name]
    await router.replace({ query })
    if (waiting.value === now) waiting.value = null
  }
  carrying = false
}

/** A word of the address. `initial`: what it is where the address does not say.
 *
 *     const queue = useQuery('queue')
 *     const chosen = useQuery('day', day())
 */
export function useQuery(name: string, initial = ''): WritableComputedRef<string> {
  const [route, router] = [useRoute(), useRouter()]
  const here = route.path
  let last = initial
  return computed({
    get: () => {
      if (route.path !== here) return last // The page is being left.
      const said = waiting.value?.[name] ?? route.query[name]
      const text = Array.isArray(said) ? said.at(-1) : said
      return (last = text || initial)
    },
    set: (value) => {
      waiting.value = { ...waiting.value, [name]: value === initial ? '' : value }
      void carry(router)
    },
  })
}

/** A word of the address that is there or not: `?bad=1`. */
export function useQueryFlag(name: string): WritableComputedRef<boolean> {
  const word = useQuery(name)
  return computed({ get: () => word.value === '1', set: (is) => (word.value = is ? '1' : '') })
}

/** A word that a person has typed and that may name a customer: a telephone number, a name. It stands in the browser's entry of this page,
 * which a reload and "back" find again, and not in the address, which is sent on, shown on a screen and kept in lists of pages. A word that
 * an address brings is taken, and leaves the address with the next change.
 */
export function useTyped(name: string): WritableComputedRef<string> {
  const [route, router] = [useRoute(), useRouter()]
  const here = route.path
  const key = `typed-${name}`
  const inAddress = () => [route.query[name]].flat().at(-1) ?? ''
  const read = () => String((history.state as Record<string, unknown> | null)?.[key] ?? inAddress())
  const word = ref(read())
  watch(
    () => route.fullPath,
    () => route.path === here && (word.value = read()),
    { flush: 'sync' },
  )
  return computed({
    get: () => word.value,
    set: (value) => {
      word.value = value
      history.replaceState({ ...history.state, [key]: value }, '')
      if (!inAddress()) return
      waiting.value = { ...waiting.value, [name]: '' }
      void carry(router)
    },
  })
}

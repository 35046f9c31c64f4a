/** What a list is filtered by, kept in the address (query.ts); the rows of a list that is left, for the way back; and what stands beside a
 * row of it. */
import { reactive } from 'vue'
import { useRoute } from 'vue-router'
import { useQuery, useQueryFlag, useTyped } from './query'

type Filters = Record<string, string | boolean>

/** The filters by name; each is a word of the address while it is not at its default. Those of `typed`, whose default is empty, may hold a
 * customer's number or name and stand in no address. */
export function useFilters<T extends Filters>(defaults: T, typed: (keyof T & string)[] = []) {
  const filter = (name: string, value: string | boolean) =>
    typeof value === 'boolean' ? useQueryFlag(name) : typed.includes(name) ? useTyped(name) : useQuery(name, value)
  const words = Object.entries(defaults).map(([name, value]) => [name, filter(name, value)])
  const wanted = reactive(Object.fromEntries(words)) as T
  const clear = () => void Object.assign(wanted, defaults)
  const isFiltered = () => Object.entries(defaults).some(([name, value]) => wanted[name] !== value)
  return { wanted, clear, isFiltered }
}

const kept = new Map<string, { key: string; state: unknown }>()

/** The rows of this list as it was left with the same filters (`key`); undefined: it was not. `keep` is called with each state of its rows. */
export function useKept<S>(key: string): { found: S | undefined; keep: (key: string, state: S) => void } {
  const { path } = useRoute()
  const before = kept.get(path)
  const keep = (now: string, state: S) => void kept.set(path, { key: now, state })
  return { found: before?.key === key ? (before.state as S) : undefined, keep }
}

/** The ids of the list that was left, in its order: for "next" and "previous". */
const orders = new Map<string, string[]>()
export const keepOrder = (view: string, ids: string[]) => void orders.set(view, ids)
export function neighbours(view: string, id: string): { before: string; after: string } {
  const ids = orders.get(view) ?? []
  const at = ids.indexOf(id)
  return { before: at > 0 ? ids[at - 1]! : '', after: at >= 0 ? (ids[at + 1] ?? '') : '' }
}

/** Writing on the card: by version, so that two who write at once both see it, and nobody's text is lost. */
import { ref } from 'vue'
import { get, post, Problem } from '../shared/api'
import { cards, ofCall, takeCard } from './desk'
import type { Card } from './rows'

export interface Conflict {
  by: string
  at: string
  theirs: string
}
const TRIES = 4

/** `what` as the interface calls it, on the card of `call`; `seen`: the part of it that this writing would replace or follow. */
export function useWriting(call: string, what: string, seen: (card: Card) => string) {
  const problem = ref<unknown>(null)
  const conflict = ref<Conflict | null>(null)
  const saving = ref(false)
  let base: { version: number; value: string } | null = null

  /** From here on somebody else's change is a conflict: the writer has begun from what is shown now. */
  function begin(): void {
    problem.value = null
    const card = cards.get(call)
    if (card) base ??= { version: card.version, value: seen(card) }
  }
  function forget(): void {
    base = null
    conflict.value = null
    problem.value = null
  }

  /** Whether it stands on the card now. */
  async function write(detail: Record<string, unknown>): Promise<boolean> {
    begin()
    let begun = base
    if (!begun || saving.value) return false
    const path = ofCall('card', call)
    saving.value = true
    problem.value = conflict.value = null
    try {
      for (let n = 0; n < TRIES; n++) {
        try {
          takeCard(await post<Card>(path, { version: begun.version, what, ...detail }))
          base = null
          return true
        } catch (error) {
          if (!(error instanceof Problem && error.code === 'card-changed')) throw error
          const fresh = await get<Card>(path)
          takeCard(fresh)
          const theirs = seen(fresh)
          const same = theirs === begun.value
          base = begun = { version: fresh.version, value: theirs }
          if (same) continue // Something else on the card has changed.
          conflict.value = { by: String(error.said.by ?? ''), at: String(error.said.at ?? ''), theirs }
          return false
        }
      }
    } catch (error) {
      problem.value = error
    } finally {
      saving.value = false
    }
    return false
  }
  return { problem, conflict, saving, begin, forget, write }
}

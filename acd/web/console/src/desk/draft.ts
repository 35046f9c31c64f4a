/** The note that is being typed: kept by the interface, and in this tab as long as the interface has not got it. */
import { onUnmounted, ref, watch } from 'vue'
import { get, post, Problem } from '../shared/api'
import { ofCall } from './desk'

const SOON_MS = 400
const AGAIN_MS = 2000
const KEPT = 'sanxiang-draft-'

/** The note stands on the card: nothing of it is kept in this tab any more. */
export const forgetDraft = (call: string): void => sessionStorage.removeItem(KEPT + call)

export function useDraft(call: string) {
  const kept = KEPT + call
  const text = ref(sessionStorage.getItem(kept) ?? '')
  /** ""; "kept" by the interface; "here": only in this tab so far; "refused": kept nowhere, see `problem`. */
  const state = ref<'' | 'kept' | 'here' | 'refused'>(text.value ? 'here' : '')
  const problem = ref<unknown>(null)
  let due = 0
  let typed = !!text.value

  function later(after: number): void {
    window.clearTimeout(due)
    due = window.setTimeout(send, after)
  }
  async function send(): Promise<void> {
    const sent = text.value
    try {
      await post(ofCall('draft', call), { text: sent })
      if (text.value !== sent) return
      sessionStorage.removeItem(kept)
      state.value = sent ? 'kept' : ''
      problem.value = null
    } catch (error) {
      const forbidden = error instanceof Problem && error.status === 400
      if (!forbidden) later(AGAIN_MS)
      else if (text.value === sent) {
        // What may not be written down is not kept in the browser either.
        sessionStorage.removeItem(kept)
        state.value = 'refused'
        problem.value = error
      }
    }
  }
  watch(
    text,
    (now) => {
      typed = true
      sessionStorage.setItem(kept, now)
      state.value = now ? 'here' : ''
      later(SOON_MS)
    },
    { flush: 'sync' },
  )

  if (typed) later(0)
  else {
    void get<{ text: string }>(ofCall('draft', call))
      .then((found) => {
        if (typed || !found?.text) return
        text.value = found.text
        state.value = 'kept'
        sessionStorage.removeItem(kept)
        window.clearTimeout(due)
      })
      .catch(() => undefined)
  }
  onUnmounted(() => window.clearTimeout(due))
  return { text, state, problem }
}

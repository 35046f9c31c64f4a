/** Where a page stands after a step: at its top; after "back" where it was left, once its rows are there. */
import type { RouterScrollBehavior } from 'vue-router'

const WAIT_MS = 4000

/** Resolves once the document is tall enough to be scrolled to `top`: true; false when it stays short, or a person scrolls first. */
export function tallEnough(top: number): Promise<boolean> {
  const root = document.documentElement
  const reaches = () => root.scrollHeight >= top + window.innerHeight
  return new Promise((resolve) => {
    const settle = (is: boolean) => {
      watcher.disconnect()
      window.clearTimeout(late)
      for (const sign of ['wheel', 'touchmove', 'keydown'] as const) window.removeEventListener(sign, own)
      resolve(is)
    }
    const own = () => settle(false)
    const watcher = new MutationObserver(() => reaches() && settle(true))
    const late = window.setTimeout(() => settle(reaches()), WAIT_MS)
    for (const sign of ['wheel', 'touchmove', 'keydown'] as const) window.addEventListener(sign, own, { passive: true })
    if (reaches()) settle(true)
    else watcher.observe(document.body, { childList: true, subtree: true, characterData: true })
  })
}

export const scrolling: RouterScrollBehavior = async (to, from, saved) => {
  if (saved) return (await tallEnough(saved.top)) ? saved : false
  // Another filter of the same list is no other page.
  return to.path === from.path ? false : { top: 0 }
}

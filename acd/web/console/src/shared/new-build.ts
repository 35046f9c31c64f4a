/** The daemon has been changed under an open page: the page of the new build is loaded once nobody is at work on the old one. */
import { ref } from 'vue'

const KEPT = 'sanxiang-reloaded'
/** Not again so soon: where the new page lacks the same file, a reload does not help. */
const PAUSE_MS = 30_000
const IDLE_AFTER_MS = 60_000
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const

/** The daemon serves another page than this one. */
export const newBuild = ref(false)
let touchedAt = Date.now()

/** Whether a page's file could not be had. Browsers say it in words of their own. */
export function isNewBuild(error: unknown): boolean {
  return /dynamically imported module|importing a module script|preload CSS/i.test(String(error))
}

/** Loads the page anew at this address (#/calls). Whether it does: not twice within half a minute. */
export function reloadOnce(address = location.hash, now = Date.now()): boolean {
  if (now - Number(sessionStorage.getItem(KEPT)) < PAUSE_MS) return false
  sessionStorage.setItem(KEPT, String(now))
  history.replaceState(history.state, '', address)
  location.reload()
  return true
}

/** The script that a page begins with; its name changes with the build. */
const scriptOf = (html: string) => /<script[^>]*\ssrc="([^"]+)"/.exec(html)?.[1]

/** Asks the daemon which page it serves now. */
export async function lookForNewBuild(): Promise<void> {
  const own = document.querySelector<HTMLScriptElement>('script[type=module][src]')?.getAttribute('src')
  const answer = await fetch('/', { cache: 'no-store' }).catch(() => null)
  const now = answer?.ok ? scriptOf(await answer.text()) : undefined
  newBuild.value = Boolean(own && now && now !== own)
}

/** Nobody has touched the page for a minute, no question is open and nothing is being written. */
export function isIdle(now = Date.now()): boolean {
  const written = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('textarea, input')]
  return (
    now - touchedAt > IDLE_AFTER_MS &&
    !document.querySelector('dialog[open]') &&
    !written.some((field) => ['textarea', 'text', 'password', 'tel'].includes(field.type) && field.value)
  )
}

/** Looks after each coming back of the stream, and reloads when the page is idle. `busy`: a person is at work on it all the same. */
export function reloadWhenIdle(busy: () => boolean): void {
  for (const sign of SIGNS) window.addEventListener(sign, () => (touchedAt = Date.now()), { passive: true })
  window.setInterval(() => newBuild.value && !busy() && isIdle() && reloadOnce(), 5000)
}

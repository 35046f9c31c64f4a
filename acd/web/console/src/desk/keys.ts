/** Shortcuts of the desk: which key does what, kept in this browser. The keys of delivery are none that browsers use. */
import { reactive } from 'vue'

export const DEEDS = ['hold', 'mute', 'mask', 'transfer', 'save', 'ready', 'wrapUp', 'writing'] as const
export type Deed = (typeof DEEDS)[number]
const DELIVERED: Record<Deed, string> = {
  hold: 'F2',
  transfer: 'F4',
  mute: 'F8',
  mask: 'Shift+F8',
  save: 'F9',
  writing: 'Shift+F4',
  ready: 'Shift+F2',
  wrapUp: 'Shift+F9',
}
const KEPT = 'sanxiang-keys'
/** Keys without which a page can't be used, and those that the browser or the system takes. */
const NEVER = /^(Shift\+)?(Tab|Enter|Escape|Space|Backspace|Delete|Arrow\w+|F1|F3|F5|F6|F7|F10|F11|F12|.)$/

export const keys = reactive<Record<Deed, string>>({ ...DELIVERED, ...kept() })

function kept(): Partial<Record<Deed, string>> {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, unknown>
    const known = Object.entries(found).filter(
      ([deed, key]) => DEEDS.includes(deed as Deed) && typeof key === 'string' && isKey(key),
    )
    return Object.fromEntries(known) as Partial<Record<Deed, string>>
  } catch {
    return {}
  }
}
export function isKey(key: string): boolean {
  return !!key && !NEVER.test(key)
}
export const keyOf = (deed: Deed): string => keys[deed]

/** The key with its modifiers, as "Shift+F2" or "Alt+K"; empty while only modifiers are pressed. */
export function pressedKey(event: KeyboardEvent): string {
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return ''
  const name = /^Key[A-Z]$|^Digit\d$/.test(event.code) ? event.code.slice(-1) : event.key
  const held = [event.ctrlKey && 'Ctrl', event.altKey && 'Alt', event.metaKey && 'Meta', event.shiftKey && 'Shift']
  return [...held.filter(Boolean), name].join('+')
}
export function deedOf(event: KeyboardEvent): Deed | undefined {
  const key = pressedKey(event)
  return key ? DEEDS.find((deed) => keys[deed] === key) : undefined
}

/** Sets the key of a deed; what had that key gets the one that is free now. False: the key can't be had. */
export function setKey(deed: Deed, key: string): boolean {
  if (!isKey(key)) return false
  const had = DEEDS.find((one) => keys[one] === key)
  if (had) keys[had] = keys[deed]
  keys[deed] = key
  localStorage.setItem(KEPT, JSON.stringify(keys))
  return true
}
export function resetKeys(): void {
  Object.assign(keys, DELIVERED)
  localStorage.removeItem(KEPT)
}

/** Promised callbacks as the interface tells them, and times as the fields of a form have them. */
export interface Callback {
  callback: string
  number: string
  queue: string
  source: string
  of_call?: string
  how: string
  owner: string
  note: string
  begins: string | null
  until: string | null
  state: 'open' | 'due' | 'late' | 'over'
  tries: number
  outcome: string
  in_time: boolean
}
export interface CallbackStory extends Callback {
  steps: { at: string; zh: string; en: string }[]
}

/** An instant as a `datetime-local` field has it, by the browser's clock; empty for none. */
export function asLocal(at: string | null): string {
  if (!at) return ''
  const local = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const date = [local.getFullYear(), two(local.getMonth() + 1), two(local.getDate())].join('-')
  return `${date}T${two(local.getHours())}:${two(local.getMinutes())}`
}

/** What such a field has, as an instant; null where it is empty. */
export function asInstant(written: string): string | null {
  return written ? new Date(written).toISOString() : null
}

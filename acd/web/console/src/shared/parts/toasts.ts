/** Short sentences about what was just done. What went well leaves by itself; what was refused stays until it is read. */
import { ref } from 'vue'

export interface Toast {
  number: number
  text: string
  bad: boolean
}
const LEAVES_AFTER_MS = 8000
const MOST = 4

export const toasts = ref<Toast[]>([])
let last = 0

export function tell(text: string, bad = false): void {
  const number = ++last
  toasts.value = [...toasts.value, { number, text, bad }].slice(-MOST)
  if (!bad) window.setTimeout(() => dismiss(number), LEAVES_AFTER_MS)
}

export function dismiss(number: number): void {
  toasts.value = toasts.value.filter((one) => one.number !== number)
}

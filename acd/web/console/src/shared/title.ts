/** The browser's title: the page's own, so that tabs can be told apart: "Calls · Sanxiang". */
import { onUnmounted, ref, watchEffect } from 'vue'

const own = ref('')

/** What stands in the title. `general`: the page's name; a page may say it more exactly by `useTitle`. */
export function titleOf(general: string, product: string): string {
  return [own.value || general, product].filter(Boolean).join(' · ')
}

/** The title of what is shown, as a caller's name, while the component is on the page; empty: the page's own. */
export function useTitle(said: () => string): void {
  watchEffect(() => (own.value = said()))
  onUnmounted(() => (own.value = ''))
}

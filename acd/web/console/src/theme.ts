/** Light or dark, kept in this browser; the wall is always dark. */
import { ref, watchEffect } from 'vue'
import { place } from './place'

const KEPT = 'sanxiang-theme'
const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'

export const theme = ref(localStorage.getItem(KEPT) ?? system)

export function toggle(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEPT, theme.value)
}

watchEffect(() => {
  document.documentElement.dataset.theme = place.value.view === 'wall' ? 'dark' : theme.value
})

/** Light or dark, kept in this browser; the wall has a choice of its own, which begins dark. */
import { computed, ref, watchEffect } from 'vue'

const KEPT = 'sanxiang-theme'
const KEPT_OF_WALL = 'sanxiang-wall-theme'
const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
const own = ref(localStorage.getItem(KEPT) ?? system)
const ofWall = ref(localStorage.getItem(KEPT_OF_WALL) ?? 'dark')

/** The page that is shown is the wall. */
export const onWall = ref(false)
/** Of what is shown now. */
export const theme = computed(() => (onWall.value ? ofWall.value : own.value))

export function toggle(): void {
  const other = theme.value === 'dark' ? 'light' : 'dark'
  if (onWall.value) ofWall.value = other
  else own.value = other
  localStorage.setItem(onWall.value ? KEPT_OF_WALL : KEPT, other)
}

watchEffect(() => {
  document.documentElement.dataset.theme = theme.value
})

/** Which columns of a wide table are shown on a narrow page: as many as have room, and the others by turning over. */
import { computed, onMounted, onUnmounted, ref, watch, type Ref } from 'vue'

/** From the column `from` on, up to and without `to`. */
export interface Part {
  from: number
  to: number
}

/** From this width on all columns are shown, and the pane scrolls where it must. */
export const WIDE_PX = 864
const HEADING_PX = 124
const COLUMN_PX = 88

/** Of `total` columns the part that begins at `at`, or the last full one, for a pane of this width; 0: it is not painted yet. */
export function partOf(total: number, at: number, width: number): Part {
  const isWide = !width || width >= WIDE_PX
  const room = isWide ? total : Math.max(1, Math.floor((width - HEADING_PX) / COLUMN_PX))
  const from = Math.max(0, Math.min(at, total - room))
  return { from, to: Math.min(total, from + room) }
}

/** The part that fits into `pane`, and how to turn over. */
export function useRoom(pane: Ref<HTMLElement | null>, total: () => number) {
  const width = ref(0)
  const at = ref(0)
  const part = computed(() => partOf(total(), at.value, width.value))
  const measure = () => (width.value = pane.value?.clientWidth ?? 0)
  const watched = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(measure)
  watch(
    pane,
    (now, before) => {
      if (before) watched?.unobserve(before)
      if (now) watched?.observe(now)
      measure()
    },
    { immediate: true, flush: 'post' },
  )
  onMounted(measure)
  onUnmounted(() => watched?.disconnect())
  const turn = (by: 1 | -1) => (at.value = Math.max(0, part.value.from + by * (part.value.to - part.value.from)))
  const shows = (index: number) => index >= part.value.from && index < part.value.to
  const isNarrow = computed(() => width.value > 0 && width.value < WIDE_PX)
  return { part, isNarrow, shows, turn }
}

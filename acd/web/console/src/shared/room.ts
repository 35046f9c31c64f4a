/** Which columns of a table of figures are shown: as many as have room, and the others by turning over. */
import { computed, onMounted, onUnmounted, ref, watch, type Ref } from 'vue'

/** From the column `from` on, up to and without `to`. */
export interface Part {
  from: number
  to: number
}

const HEADING_PX = 124
/** What a column needs where others wait to be turned over to, and what it needs at least, in small writing. */
const COLUMN_PX = 88
const CLOSE_PX = 68
/** Whether so many columns fit into a pane of this width, each of them `each` wide. */
const fits = (total: number, width: number, each: number) => width >= HEADING_PX + total * each

/** Of `total` columns the part that begins at `at`, or the last full one, for a pane of this width; 0: it is not painted yet.
 * All of them wherever they fit in small writing: figures beside each other are compared, and nothing lies beside the pane. */
export function partOf(total: number, at: number, width: number): Part {
  const isWhole = !width || fits(total, width, CLOSE_PX)
  const room = isWhole ? total : Math.max(1, Math.floor((width - HEADING_PX) / COLUMN_PX))
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
  /** A part is shown: each of its columns has the same room. */
  const isNarrow = computed(() => part.value.to - part.value.from < total())
  /** All are shown, in small writing. */
  const isClose = computed(() => width.value > 0 && !isNarrow.value && !fits(total(), width.value, COLUMN_PX))
  return { part, isNarrow, isClose, shows, turn }
}

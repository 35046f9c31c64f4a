/** Several hotlines on one installation: which of them the page shows. The choice stays while the page is open. */
import { computed, ref } from 'vue'
import type { LiveAgent } from './api'
import { vocabulary } from './house'
import { floor } from '../floor/live'

/** The brand's name; empty: all of them. */
export const brand = ref('')

export const brands = computed(() => vocabulary.value?.brands ?? [])

/** Whether a queue is shown: those of the chosen brand, and those that are open to all. */
export const showsQueue = (of: string | undefined) => !brand.value || !of || of === brand.value

/** Whether a call is shown. */
export const showsCall = (of: string | undefined) => !brand.value || of === brand.value

const hasTeam = computed(() => [...floor.agents.values()].some((one) => one.brands?.includes(brand.value)))

/** Whether an agent is shown: the brand's team; of a brand without one, all whom no brand keeps to itself. */
export function showsAgent(one: LiveAgent): boolean {
  if (!brand.value) return true
  return hasTeam.value ? (one.brands?.includes(brand.value) ?? false) : !one.kept_by?.length
}

export function brandName(name: string | undefined, language: string): string {
  const known = brands.value.find((one) => one.name === name)
  return known ? (language === 'zh' ? known.zh : known.en) : (name ?? '')
}

/** Each queue's level of the moment and its light, reckoned once a second for the whole page. */
import { computed } from 'vue'
import type { Counted, Light, LiveQueue } from '../shared/api'
import { brand, showsCall, showsQueue } from '../shared/brand'
import { me, vocabulary } from '../shared/house'
import { since } from '../shared/stream'
import { inProgress, levelLately, levelLight, levelToday, LIMITS, type Level, type Limits } from './levels'
import { floor } from './live'
import { MARKS, type Marks } from './agents'

export const limits = computed<Limits>(() => ({ ...LIMITS, ...vocabulary.value?.floor }))
export const marks = computed<Marks>(() => ({ ...MARKS, ...vocabulary.value?.floor }))
export const shownQueues = computed(() => [...floor.queues.values()].filter((one) => showsQueue(one.brand)))
const targetOf = (queue: string) =>
  floor.queues.get(queue)?.target.answer_within_s ?? vocabulary.value?.target.answer_within_s ?? 15
const running = computed(() =>
  inProgress(
    [...floor.calls.values()].filter((call) => showsCall(call.brand)),
    targetOf,
    (call) => since(call.asked_at),
  ),
)

/** Today's counts of a queue, "" of all; of the calls of the chosen brand. A supervisor of teams is told of the queues alone. */
export function countsOf(queue: string): Counted {
  const ofBrand = brand.value && !me.value?.teams?.length ? floor.counts.brands?.[brand.value] : undefined
  if (brand.value && !me.value?.teams?.length) return (queue ? ofBrand?.queues[queue] : ofBrand?.total) ?? {}
  return (queue ? floor.counts.queues?.[queue] : floor.counts.total) ?? {}
}
export const today = (queue: string): Level => levelToday(countsOf(queue), running.value.get(queue))
export const lately = (queue: string): Level =>
  levelLately(floor.counts, queue, (of) => showsCall(of || undefined), running.value.get(queue))
export const lightOf = (level: Level, queue: LiveQueue): Light =>
  levelLight(level, queue.target.within_share, limits.value)

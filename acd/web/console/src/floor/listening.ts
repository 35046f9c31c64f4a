/** Listening to calls: what this account does at the moment, and how it is asked for. */
import { computed } from 'vue'
import { post, type LiveCall, type LiveListener } from '../shared/api'
import { me } from '../shared/house'
import { floor } from './live'

export type ListenMode = 'listen' | 'whisper' | 'barge' | 'take-over'
export const MODES: ListenMode[] = ['listen', 'whisper', 'barge', 'take-over']
/** The permission that each needs: acd/web/api/listening.py. */
export const NEEDS: Record<ListenMode, string> = {
  listen: 'calls-listen',
  whisper: 'calls-join',
  barge: 'calls-join',
  'take-over': 'calls-join',
}

export interface Own {
  call: LiveCall
  listener: LiveListener
}
/** To what this account listens, or is about to. */
export const own = computed<Own[]>(() =>
  [...floor.calls.values()].flatMap((call) =>
    (call.listeners ?? []).filter((one) => one.account === me.value?.account).map((listener) => ({ call, listener })),
  ),
)

const key = () => `listen-telephone:${me.value?.account ?? ''}`
/** The telephone that this account used last in this browser. */
export const lastTelephone = (): string => localStorage.getItem(key()) ?? ''

/** Raises Problem. */
export async function doInCall(call: string, mode: ListenMode, telephone = ''): Promise<void> {
  await post(`/api/calls/${call}/${mode}`, telephone ? { telephone } : {})
  if (telephone) localStorage.setItem(key(), telephone)
}

/** Raises Problem. */
export const leave = (call: string, listener: string): Promise<unknown> =>
  post(`/api/calls/${call}/leave`, { listener })

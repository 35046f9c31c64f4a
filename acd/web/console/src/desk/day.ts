/** The agent's own day, as GET /api/desk/day tells it. */
import { ref } from 'vue'
import { get } from '../shared/api'
import type { Named } from './rows'

export interface OwnCall {
  call: string
  at: string
  queue: string
  caller: string
  name: string
  matter: string
  talk_s: number | null
  ended_by: string
  disposition: { code: string | null; text: string | null } | null
}
export interface OwnDay {
  day: string
  figures: {
    talks: number
    handling_s: number | null
    occupancy: number | null
    ended_by_agent: number
    ended_by_caller: number
  }
  queues: (Named & { name: string; waiting: number; longest_wait_s: number })[]
  calls: OwnCall[]
  promises: { call: string; caller: string; name: string; text: string; due_at: string }[]
  callbacks: { promise: string; number: string; queue: string; begins: string; until: string; note: string }[]
}

export const ownDay = ref<OwnDay | null>(null)
/** Why the day could not be had; what was told last stays. */
export const dayRefused = ref<unknown>(null)

export async function askDay(): Promise<void> {
  try {
    ownDay.value = await get<OwnDay>('/api/desk/day')
    dayRefused.value = null
  } catch (error) {
    dayRefused.value = error
  }
}

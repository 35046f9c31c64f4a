/** Agents' figures of today, asked for while the live view is open and looked at. The server asks the database at most once in ten seconds. */
import { onMounted, onUnmounted, ref } from 'vue'
import { get, type AgentToday } from '../shared/api'

const EVERY_MS = 15_000

export function useToday() {
  const today = ref(new Map<string, AgentToday>())
  let timer = 0

  async function load(): Promise<void> {
    if (document.hidden) return
    try {
      const found = await get<{ agents: AgentToday[] }>('/api/agents/today')
      today.value = new Map(found.agents.map((one) => [one.agent, one]))
    } catch {
      // The database is away: what was known last stays, and the bar above says that lists are incomplete.
    }
  }
  onMounted(() => {
    void load()
    timer = window.setInterval(load, EVERY_MS)
    document.addEventListener('visibilitychange', load)
  })
  onUnmounted(() => {
    window.clearInterval(timer)
    document.removeEventListener('visibilitychange', load)
  })
  return today
}

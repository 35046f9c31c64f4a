/** Where we are, kept in the address: #live, #calls/ID, #recordings/OFFER, #wall, #alarms. A reload stays there. */
import { computed, ref } from 'vue'

const hash = ref(location.hash)
window.addEventListener('hashchange', () => (hash.value = location.hash))

export const place = computed(() => {
  const [view = '', id = ''] = hash.value.replace(/^#/, '').split('/')
  return { view: ['calls', 'recordings', 'wall', 'alarms'].includes(view) ? view : 'live', id: decodeURIComponent(id) }
})

export function go(view: string, id = ''): void {
  location.hash = id ? `${view}/${encodeURIComponent(id)}` : view
}

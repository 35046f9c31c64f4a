/** A call is heard and seen though another window is in front: a tone, and a notification of the system. Both are switched in this browser. */
import { ref, watch } from 'vue'

const KEPT = 'sanxiang-ringing'
const EVERY_MS = 2000

function kept(name: 'sound' | 'notify', otherwise: boolean): boolean {
  const found = localStorage.getItem(`${KEPT}-${name}`)
  return found === null ? otherwise : found === 'on'
}
export const sound = ref(kept('sound', true))
export const notify = ref(kept('notify', false))
/** The browser lets no page sound before somebody has clicked or typed in it. */
export const silent = ref(false)
watch(sound, (now) => localStorage.setItem(`${KEPT}-sound`, now ? 'on' : 'off'))
watch(notify, (now) => localStorage.setItem(`${KEPT}-notify`, now ? 'on' : 'off'))

let context: AudioContext | null = null
let timer = 0
let shown: Notification | null = null

async function tone(): Promise<void> {
  context ??= new AudioContext()
  if (context.state === 'suspended') await Promise.race([context.resume(), new Promise((go) => setTimeout(go, 300))])
  silent.value = context.state !== 'running'
  if (silent.value) return
  for (const [n, pitch] of [660, 880].entries()) {
    const begins = context.currentTime + n * 0.25
    const volume = context.createGain()
    volume.gain.setValueAtTime(0.0001, begins)
    volume.gain.exponentialRampToValueAtTime(0.25, begins + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, begins + 0.22)
    const oscillator = context.createOscillator()
    oscillator.frequency.value = pitch
    oscillator.connect(volume).connect(context.destination)
    oscillator.start(begins)
    oscillator.stop(begins + 0.24)
  }
}

function tell(title: string, body: string): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  shown?.close()
  shown = new Notification(title, { body, tag: 'sanxiang-call' })
  shown.onclick = () => window.focus()
}

/** From now on until `stopRinging`. What a notification says is seen on a locked screen too: no number, no name. */
export function ring(title: string, body: string): void {
  stopRinging()
  if (notify.value && !document.hasFocus()) tell(title, body)
  if (!sound.value) return
  void tone()
  timer = window.setInterval(() => void tone(), EVERY_MS)
}
export function stopRinging(): void {
  window.clearInterval(timer)
  shown?.close()
  shown = null
}

/** Once, to hear and see it; asks the browser for leave where it has given none. */
export async function tryRinging(title: string, body: string): Promise<void> {
  if (notify.value && 'Notification' in window && Notification.permission === 'default')
    await Notification.requestPermission()
  if (notify.value) tell(title, body)
  if (sound.value) await tone()
}
export const isDenied = (): boolean => 'Notification' in window && Notification.permission === 'denied'

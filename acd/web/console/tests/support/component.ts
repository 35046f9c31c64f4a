/** Runs a composable inside a component, as the page does; the test takes the component off the page. */
import { createApp } from 'vue'
import { i18n } from '../../src/shared/language'

export function inComponent<T>(compose: () => T): { made: T; unmount: () => void } {
  let made!: T
  const app = createApp({
    setup() {
      made = compose()
      return () => null
    },
  })
  app.use(i18n).mount(document.createElement('div'))
  return { made, unmount: () => app.unmount() }
}

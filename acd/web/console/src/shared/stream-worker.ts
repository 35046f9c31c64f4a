/** The shared worker: one for all pages of a browser that have the same build. */
import { Hub, type Port } from './stream-hub'

const hub = new Hub()
const scope = self as unknown as { onconnect: ((event: MessageEvent) => void) | null }
scope.onconnect = (event) => hub.connect(event.ports[0] as unknown as Port)

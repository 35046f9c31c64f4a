/** A server that answers the page's requests as a test says, and remembers them. */
import { vi } from 'vitest'

export interface Request {
  method: string
  path: string
  body: Record<string, unknown> | undefined
}
/** What is answered: status and body, or a promise of it; "no connection" when nothing is reached. */
export type Answer = { status?: number; body?: unknown } | 'no connection'
type Answering = (request: Request) => Answer | Promise<Answer>

export function serve(answering: Answering): Request[] {
  const requests: Request[] = []
  vi.stubGlobal('fetch', async (path: string, how: RequestInit = {}) => {
    const body = typeof how.body === 'string' ? (JSON.parse(how.body) as Record<string, unknown>) : undefined
    const request = { method: how.method ?? 'GET', path, body }
    requests.push(request)
    const answer = await answering(request)
    if (answer === 'no connection') throw new TypeError('Failed to fetch')
    const status = answer.status ?? 200
    return new Response(status === 204 ? null : JSON.stringify(answer.body ?? {}), { status })
  })
  return requests
}

export const refuse = (status: number, code: string, more: Record<string, unknown> = {}): Answer => ({
  status,
  body: { code, detail: `refused: ${code}`, incident: '', ...more },
})

/** A promise that the test settles itself: an answer that is still under way. */
export function underWay(): { answer: Promise<Answer>; arrive: (answer: Answer) => void } {
  let arrive: (answer: Answer) => void = () => undefined
  const answer = new Promise<Answer>((resolve) => (arrive = resolve))
  return { answer, arrive }
}

import { beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../../src/shared/api'
import { cards, desk } from '../../src/desk/desk'
import type { Card } from '../../src/desk/rows'
import { useWriting } from '../../src/desk/writing'
import { cardRow, deskRow } from '../support/rows'
import { refuse, serve, underWay, type Answer } from '../support/server'

const CHANGED = refuse(409, 'card-changed', { by: '1002', at: '2026-11-22T08:01:00Z' })
const matter = (card: Card) => card.matter
const onDesk = (card: Card) => (desk.value = deskRow({ card }))

/** A server that holds one card: a writing is taken by its version only. `meanwhile`: runs before each writing. */
function holding(card: Card, meanwhile: (writing: number) => Partial<Card> | null = () => null) {
  let held = card
  let writings = 0
  const requests = serve(({ method, body }): Answer => {
    if (method === 'GET') return { body: held }
    const change = meanwhile(++writings)
    if (change) held = { ...held, ...change, version: held.version + 1 }
    if (body?.version !== held.version) return CHANGED
    held = { ...held, matter: String(body.text), version: held.version + 1 }
    return { body: held }
  })
  return { requests, held: () => held }
}

beforeEach(() => {
  desk.value = null
  cards.clear()
})

describe('writing on the card', () => {
  test('what is written goes out with the version that was seen, and the answer stands on the desk', async () => {
    onDesk(cardRow('c1', 3))
    const { requests } = holding(cardRow('c1', 3))
    expect(await useWriting('c1', 'matter', matter).write({ text: 'Refund' })).toBe(true)
    expect(requests).toEqual([
      { method: 'POST', path: '/api/calls/c1/card', body: { version: 3, what: 'matter', text: 'Refund' } },
    ])
    expect(desk.value?.card).toMatchObject({ version: 4, matter: 'Refund' })
  })

  test('without a card nothing is sent', async () => {
    const { requests } = holding(cardRow('c1', 3))
    expect(await useWriting('c1', 'matter', matter).write({ text: 'Refund' })).toBe(false)
    expect(requests).toEqual([])
  })

  test('a change elsewhere on the card does not trouble the writer', async () => {
    onDesk(cardRow('c1', 3))
    const { held } = holding(cardRow('c1', 3), (writing) => (writing === 1 ? { name: 'Wang' } : null))
    const { write, conflict, problem } = useWriting('c1', 'matter', matter)
    expect(await write({ text: 'Refund' })).toBe(true)
    expect(held()).toMatchObject({ name: 'Wang', matter: 'Refund', version: 5 })
    expect(desk.value?.card).toMatchObject({ name: 'Wang', matter: 'Refund' })
    expect([conflict.value, problem.value]).toEqual([null, null])
  })

  test('a change of the same part is a conflict: nothing is overwritten, and both texts are there', async () => {
    onDesk(cardRow('c1', 3, { matter: 'old' }))
    const server = holding(cardRow('c1', 3, { matter: 'old' }), (writing) =>
      writing === 1 ? { matter: 'theirs' } : null,
    )
    const { write, conflict } = useWriting('c1', 'matter', matter)
    expect(await write({ text: 'mine' })).toBe(false)
    expect(conflict.value).toEqual({ by: '1002', at: '2026-11-22T08:01:00Z', theirs: 'theirs' })
    expect(server.held().matter).toBe('theirs')
    expect(desk.value?.card?.matter).toBe('theirs')
  })

  test('whoever has seen the conflict and writes again replaces it', async () => {
    onDesk(cardRow('c1', 3, { matter: 'old' }))
    const server = holding(cardRow('c1', 3, { matter: 'old' }), (writing) =>
      writing === 1 ? { matter: 'theirs' } : null,
    )
    const { write, conflict } = useWriting('c1', 'matter', matter)
    await write({ text: 'mine' })
    expect(await write({ text: 'mine' })).toBe(true)
    expect(server.held().matter).toBe('mine')
    expect(conflict.value).toBeNull()
  })

  test('a second change after a conflict is a conflict again', async () => {
    onDesk(cardRow('c1', 3, { matter: 'old' }))
    holding(cardRow('c1', 3, { matter: 'old' }), (writing) => ({ matter: `theirs ${writing}` }))
    const { write, conflict } = useWriting('c1', 'matter', matter)
    await write({ text: 'mine' })
    expect(await write({ text: 'mine' })).toBe(false)
    expect(conflict.value?.theirs).toBe('theirs 2')
  })

  test('a change that came by the stream after the writer had begun is a conflict too', async () => {
    onDesk(cardRow('c1', 3, { matter: 'old' }))
    holding(cardRow('c1', 4, { matter: 'theirs' }))
    const { begin, write, conflict } = useWriting('c1', 'matter', matter)
    begin()
    onDesk(cardRow('c1', 4, { matter: 'theirs' }))
    expect(await write({ text: 'mine' })).toBe(false)
    expect(conflict.value?.theirs).toBe('theirs')
  })

  test('after forgetting, the next writing begins from what is seen then', async () => {
    onDesk(cardRow('c1', 3, { matter: 'old' }))
    holding(cardRow('c1', 4, { matter: 'theirs' }))
    const { begin, forget, write, conflict } = useWriting('c1', 'matter', matter)
    begin()
    forget()
    onDesk(cardRow('c1', 4, { matter: 'theirs' }))
    expect(await write({ text: 'mine' })).toBe(true)
    expect(conflict.value).toBeNull()
  })

  test('a card that changes at each try is given up after four', async () => {
    onDesk(cardRow('c1', 3))
    const { requests } = holding(cardRow('c1', 3), (writing) => ({ name: `Wang ${writing}` }))
    const { write, saving } = useWriting('c1', 'matter', matter)
    expect(await write({ text: 'Refund' })).toBe(false)
    expect(requests.filter((one) => one.method === 'POST')).toHaveLength(4)
    expect(saving.value).toBe(false)
  })

  test('any other refusal is shown and not tried again', async () => {
    onDesk(cardRow('c1', 3))
    const requests = serve(() => refuse(400, 'card-number'))
    const { write, problem, saving } = useWriting('c1', 'matter', matter)
    expect(await write({ text: '6222020000000000000' })).toBe(false)
    expect(problem.value).toBeInstanceOf(Problem)
    expect(problem.value).toMatchObject({ status: 400, code: 'card-number' })
    expect(requests).toHaveLength(1)
    expect(saving.value).toBe(false)
  })

  test('a second press while the first is under way sends nothing', async () => {
    onDesk(cardRow('c1', 3))
    const { answer, arrive } = underWay()
    const requests = serve(() => answer)
    const { write, saving } = useWriting('c1', 'matter', matter)
    const first = write({ text: 'Refund' })
    expect(saving.value).toBe(true)
    expect(await write({ text: 'Refund' })).toBe(false)
    arrive({ body: cardRow('c1', 4, { matter: 'Refund' }) })
    expect(await first).toBe(true)
    expect(requests).toHaveLength(1)
  })
})

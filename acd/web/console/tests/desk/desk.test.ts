import { beforeEach, describe, expect, test } from 'vitest'
import { busy, callId, desk, ofCall, press, refused, takeCard } from '../../src/desk/desk'
import { cardRow, callRow, deskRow } from '../support/rows'
import { refuse, serve, underWay } from '../support/server'

beforeEach(() => {
  desk.value = deskRow({ card: cardRow('c1', 3) })
  refused.value = null
})

describe("the agent's desk", () => {
  test('the call is that of the card; without a card, the one that is talked in', () => {
    desk.value = deskRow({ card: cardRow('c1', 3), call: { ...callRow('c2'), zh: '', en: '', offer: null } })
    expect(callId.value).toBe('c1')
    desk.value = deskRow({ call: { ...callRow('c2'), zh: '', en: '', offer: null } })
    expect(callId.value).toBe('c2')
    desk.value = null
    expect(callId.value).toBe('')
  })

  test('a call stands in an address as one word, whatever its id holds', () => {
    expect(ofCall('card')).toBe('/api/calls/c1/card')
    expect(ofCall('card', 'a/b?c')).toBe('/api/calls/a%2Fb%3Fc/card')
  })

  test('a newer card is taken, an older one and that of another call are not', () => {
    takeCard(cardRow('c1', 4, { matter: 'newer' }))
    takeCard(cardRow('c1', 2, { matter: 'older' }))
    takeCard(cardRow('c2', 9, { matter: 'of another call' }))
    expect(desk.value?.card).toMatchObject({ call: 'c1', version: 4, matter: 'newer' })
  })

  test('a second press while the first is under way is not sent', async () => {
    const { answer, arrive } = underWay()
    const requests = serve(() => answer)
    const first = press('/api/desk/ready')
    expect(await press('/api/desk/not-ready')).toBe(false)
    arrive({ status: 204 })
    expect(await first).toBe(true)
    expect(requests.map((one) => one.path)).toEqual(['/api/desk/ready'])
    expect(busy.value).toBe('')
  })

  test('a refusal stands until the next press', async () => {
    serve(({ path }) => (path.endsWith('/hold') ? refuse(409, 'not-talking') : { status: 204 }))
    expect(await press('/api/calls/c1/hold')).toBe(false)
    expect(refused.value).toMatchObject({ code: 'not-talking' })
    expect(await press('/api/desk/ready')).toBe(true)
    expect(refused.value).toBeNull()
  })
})

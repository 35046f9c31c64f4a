import { beforeEach, describe, expect, test } from 'vitest'
import { busy, callId, desk, mute, ofCall, press, refused, takeCard } from '../../src/desk/desk'
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

  test('the same press while the first is under way is not sent, another is sent after it', async () => {
    const { answer, arrive } = underWay()
    const requests = serve(({ path }) => (path === '/api/desk/ready' ? answer : { status: 204 }))
    const first = press('/api/desk/ready')
    expect(await press('/api/desk/ready')).toBe(false)
    const second = press('/api/calls/c1/hold')
    expect(busy.value).toBe('/api/desk/ready')
    arrive({ status: 204 })
    expect([await first, await second]).toEqual([true, true])
    expect(requests.map((one) => one.path)).toEqual(['/api/desk/ready', '/api/calls/c1/hold'])
    expect(busy.value).toBe('')
  })

  test.each([
    ['before the first is answered', false],
    ['when it is answered and the stream has not told it', true],
  ])('mute pressed again %s is heard again', async (_, answered) => {
    desk.value = deskRow({ call: { ...callRow('c1'), zh: '', en: '', offer: null, muted: false } })
    const { answer, arrive } = underWay()
    const requests = serve(() => answer)
    const first = mute()
    arrive({ status: 204 })
    if (answered) await first
    await Promise.all([first, mute()])
    await mute()
    expect(requests.map((one) => one.body)).toEqual([{ muted: true }, { muted: false }, { muted: true }])
    desk.value = deskRow({ call: { ...callRow('c1'), zh: '', en: '', offer: null, muted: true } })
    await mute()
    expect(requests.at(-1)?.body).toEqual({ muted: false })
    desk.value = deskRow({ call: { ...callRow('c1'), zh: '', en: '', offer: null, muted: false } })
  })

  test('a mute that was refused leaves the agent as they were', async () => {
    desk.value = deskRow({ call: { ...callRow('c1'), zh: '', en: '', offer: null, muted: false } })
    const requests = serve(() => refuse(409, 'not-talking'))
    await mute()
    await mute()
    expect(requests.map((one) => one.body)).toEqual([{ muted: true }, { muted: true }])
  })

  test('a refusal stands until the next press', async () => {
    serve(({ path }) => (path.endsWith('/hold') ? refuse(409, 'not-talking') : { status: 204 }))
    expect(await press('/api/calls/c1/hold')).toBe(false)
    expect(refused.value).toMatchObject({ code: 'not-talking' })
    expect(await press('/api/desk/ready')).toBe(true)
    expect(refused.value).toBeNull()
  })
})

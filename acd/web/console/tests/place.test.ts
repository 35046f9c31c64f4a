import { describe, expect, test } from 'vitest'
import { go, place } from '../src/place'

function visit(hash: string) {
  location.hash = hash
  window.dispatchEvent(new HashChangeEvent('hashchange'))
  return place.value
}

describe('the place in the address', () => {
  test.each([
    ['', 'live', ''],
    ['#live', 'live', ''],
    ['#nowhere', 'live', ''],
    ['#calls', 'calls', ''],
    ['#calls/c1', 'calls', 'c1'],
    ['#recordings/c1%2F2', 'recordings', 'c1/2'],
    ['#wall', 'wall', ''],
  ])('%j shows the view %s', (hash, view, id) => {
    expect(visit(hash)).toEqual({ view, id })
  })

  test('an id comes back as it went in, whatever it holds', () => {
    for (const id of ['c1', 'a/b', '50%', '三响', 'a b#c']) {
      go('calls', id)
      expect(visit(location.hash)).toEqual({ view: 'calls', id })
    }
  })
})

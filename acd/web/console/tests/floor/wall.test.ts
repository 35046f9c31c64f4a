import { describe, expect, test, vi } from 'vitest'
import { buildOf, columnsFor, Healing } from '../../src/floor/wall'

const page = (build: string) => `<script type="module" src="/assets/index-${build}.js"></script>`

describe('the wall', () => {
  test.each([
    [1, 1920, 900, 1],
    [2, 1920, 900, 2],
    [4, 1920, 900, 2],
    [4, 1280, 600, 2],
    [6, 1920, 900, 3],
    [9, 1920, 900, 3],
    [3, 800, 1200, 1],
  ])('%i tiles on %i × %i stand in %i columns', (tiles, width, height, columns) => {
    expect(columnsFor(tiles, width, height)).toBe(columns)
  })

  test('a build is known by its scripts', () => {
    expect(buildOf(page('a1'))).not.toBe(buildOf(page('b2')))
    expect(buildOf('502 Bad Gateway')).toBe('')
  })

  test('reloads for another build, and when nothing has come for long though the server answers', async () => {
    let [age, build] = [1, 'a1']
    const reload = vi.fn()
    const healing = new Healing(
      () => age,
      async () => (build ? page(build) : Promise.reject(new Error('away'))),
      reload,
    )
    await healing.look()
    await healing.look()
    expect(reload).not.toHaveBeenCalled()
    build = ''
    age = 300
    await healing.look()
    expect(reload, 'the server is away: a reload would leave an empty screen').not.toHaveBeenCalled()
    build = 'a1'
    await healing.look()
    expect(reload).toHaveBeenCalledTimes(1)
    age = 1
    build = 'b2'
    await healing.look()
    expect(reload).toHaveBeenCalledTimes(2)
  })
})

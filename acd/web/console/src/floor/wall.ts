/** What the wall needs beside the figures: how its tiles share the screen, and how it comes back by itself. */

/** How many columns make the tiles as large as they can be; `ratio`: width of a tile to its height as figures want it. */
export function columnsFor(tiles: number, width: number, height: number, ratio = 1.9): number {
  let [best, size] = [1, 0]
  for (let columns = 1; columns <= Math.max(1, tiles); columns++) {
    const rows = Math.ceil(tiles / columns)
    const fits = Math.min(width / columns, (height / rows) * ratio)
    if (fits > size + 1) [best, size] = [columns, fits]
  }
  return best
}

/** The names of the scripts and styles that a page is made of, as its HTML has them: another build has others. */
export const buildOf = (html: string) =>
  [...html.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map((found) => found[1]).join()

/** Reloads the page when the server serves another build, or when nothing has come for long though the server answers. */
export class Healing {
  private build = ''
  private timer = 0

  constructor(
    private readonly age: () => number,
    private readonly fetchPage: () => Promise<string> = async () =>
      (await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(10_000) })).text(),
    private readonly reload: () => void = () => location.reload(),
    private readonly everyMs = 60_000,
    private readonly deadAfterS = 90,
  ) {}

  begin(): void {
    void this.look()
    this.timer = window.setInterval(() => void this.look(), this.everyMs)
  }
  end(): void {
    window.clearInterval(this.timer)
  }
  async look(): Promise<void> {
    const html = await this.fetchPage().catch(() => '')
    const build = buildOf(html)
    if (!build) return // the server is away: the stream comes back by itself
    const isOther = this.build !== '' && build !== this.build
    this.build ||= build
    if (isOther || (Number.isFinite(this.age()) && this.age() > this.deadAfterS)) this.reload()
  }
}

"""When a page has painted something, by this machine's clock.

The page notes it itself: a MutationObserver sees the change, the frame after it is waited for (requestAnimationFrame), and the task
behind that frame reads the clock. The page's clock is compared with ours before and after.
"""

import statistics
import time
from collections.abc import Sequence

from playwright.async_api import Browser, Page, expect

OBSERVE = """
(found) => {
  // `found` gives the keys of what is in the document now. Of each that is new: when the frame that shows it was painted.
  const seenNow = new Function('return (' + found + ')()')
  window.paintedAt = []
  let before = new Set()
  const look = () => {
    const keys = new Set(seenNow())
    const fresh = [...keys].filter((key) => !before.has(key))
    before = keys
    if (!fresh.length) return
    requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => {
        const at = (performance.timeOrigin + performance.now()) / 1000
        for (const key of fresh) window.paintedAt.push([key, at])
      }
      channel.port2.postMessage(0)
    })
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true })
  look()
}
"""
_CLOCK = "() => (performance.timeOrigin + performance.now()) / 1000"
_COMPARED = 20


async def observe(page: Page, found: str) -> None:
    """From now on the page notes when it paints each new key that the JavaScript function `found` names."""
    await page.evaluate(OBSERVE, found)


async def painted(page: Page) -> list[tuple[str, float]]:
    """Key and time, by the page's clock, of all that it has painted since `observe`, in order."""
    return [(key, at) for key, at in await page.evaluate("() => window.paintedAt")]


async def clock_ahead_s(page: Page) -> tuple[float, float]:
    """By how much the page's clock is ahead of this process's, and how far off that may be, in seconds: of twenty questions the one
    that was answered soonest."""
    looks: list[tuple[float, float]] = []
    for _ in range(_COMPARED):
        before = time.time()
        there = await page.evaluate(_CLOCK)
        after = time.time()
        looks.append((after - before, there - (before + after) / 2))
    took, ahead = min(looks)
    return ahead, took / 2


async def page_of(browser: Browser, url: str, account: str, password: str, there: str) -> Page:
    """A page in a browser context of its own, logged in, once the part with this `data-test` is to be seen."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.goto(url)
    await page.fill("[name=account]", account)
    await page.fill("[name=password]", password)
    await page.click("button[type=submit]")
    await expect(page.get_by_test_id(there)).to_be_visible(timeout=30_000)
    return page


def figures(values: Sequence[float]) -> dict[str, float]:
    """Median, p95, longest, and how many there are; in the unit of the values. Of none: zero samples alone."""
    if not values:
        return {"samples": 0}
    ordered = sorted(values)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
        "longest_ms": round(ordered[-1], 1),
        "samples": len(ordered),
    }

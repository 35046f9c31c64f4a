"""axe-core over a page that a browser shows: what it finds that is serious or critical, and how headings and tables are built."""

from functools import cache

from playwright.async_api import Page

from acd.progress import Silent
from acd.web.server.page_build import page_workshop
from tests.console_checks import CHECK_SOURCES

RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(one => ['serious', 'critical'].includes(one.impact) ||
        ['page-has-heading-one', 'heading-order', 'empty-table-header'].includes(one.id))
    .map(one => `${one.id}: ${one.nodes.map(node => node.target.join(' ') + ' [' + node.failureSummary.split('\\n').slice(1, 3).join(' ').trim() + ']').join(' | ')}`)"""


@cache
def _source() -> str:
    with page_workshop(Silent(), CHECK_SOURCES) as shop:
        return (shop / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def serious_findings(page: Page) -> list[str]:
    """Rule and elements of each finding; empty when there is none. What moves by itself is let come to rest."""
    await page.evaluate(
        "() => Promise.all(document.getAnimations().filter(one => one.timeline === document.timeline).map(one => one.finished.catch(() => null)))"
    )
    if not await page.evaluate("() => typeof axe === 'object'"):
        await page.evaluate(f"{_source()};0")
    found: list[str] = await page.evaluate(RUN)
    return found

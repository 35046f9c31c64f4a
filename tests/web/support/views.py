"""The views of the page, as a person goes there: by a link in the bar, or by one under "More" where the bar has no room for it."""

from playwright.async_api import Locator, Page, expect


async def link_to(page: Page, name: str) -> Locator:
    """The link to the view of this name, visible: "More" is opened where the link stands under it."""
    bar = page.locator("nav.views")
    link = bar.get_by_role("link", name=name, exact=True)
    await expect(bar.get_by_role("link").first).to_be_visible()
    await _settled(bar)
    if not await link.count():
        await page.get_by_test_id("more").click()
    await expect(link).to_be_visible()
    return link


async def _settled(bar: Locator) -> None:
    """The bar first shows all links and then moves those without room under "More": until it has shown the same ones for some frames."""
    before, same = -1, 0
    while same < 5:
        links = await bar.get_by_role("link").count()
        before, same = links, same + 1 if links == before else 0
        await bar.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def open_view(page: Page, name: str) -> None:
    """Clicks there."""
    await (await link_to(page, name)).click()

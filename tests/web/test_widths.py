"""What is on the pages at a telephone's width and at a desk's, in a real browser: nothing cut off, nothing beside its pane, fields in one line."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from acd.engine.events import AgentNotReady, AlarmRaised
from acd.engine.promises.events import CallbackPromised
from acd.web.server.page_build import build_page
from tests.web.support.web_server import CONFIG, PINS, RunningServer, running_server
from tests.web.test_accessibility import LANGUAGES, PASSWORD, open_as
from tests.web.test_browser import test_ids

__all__ = ["test_ids"]
NAMED = {
    **CONFIG,
    "queues": {
        "orders": CONFIG["queues"]["orders"],
        "after-sales": {
            **CONFIG["queues"]["after-sales"],
            "label": {"zh": "售后服务与投诉建议", "en": "Complaints and suggestions"},
        },
    },
    "agents": {**CONFIG["agents"], "1002": {"name": "Emily Richardson", "skills": {"orders": 3}}},
}
LISTS = {
    "live": "[data-test=agent-1001]",
    "calls": "[data-test=calls] tbody tr",
    "recordings": "[data-test=recordings] tbody tr",
    "callbacks": "[data-test^=callback-p]",
    "owed": "[data-test^=owed-p]",
    "customers": "[data-test^=customer-]",
    "agents/1001": "[data-test=day-times] tbody tr",
    "alarms": "[data-test^=alarm-]",
    "accounts": "[data-test=accounts] tbody tr",
}
"""Pages whose tables show the columns that have room, and what stands there once they are loaded."""
BESIDE = """() => [...document.querySelectorAll('main .scroll')].filter(pane => pane.scrollWidth > pane.clientWidth)
    .map(pane => `${pane.getAttribute('aria-label') ?? pane.querySelector('th').innerText}: ${pane.scrollWidth - pane.clientWidth} px`)"""
LINES = """bar => {
    const middles = [...bar.children].map(each => each.getBoundingClientRect()).filter(box => box.width)
        .map(box => (box.top + box.bottom) / 2).sort((a, b) => a - b)
    return middles.filter((middle, at) => !at || middle - middles[at - 1] > 12).length
}"""
"""In how many lines the children of a bar stand."""
IN_HALVES = """table => [...table.querySelectorAll('th, td')].filter(cell => cell.offsetWidth).flatMap(cell => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), halves = []
    for (let text = texts.nextNode(); text; text = texts.nextNode())
        for (const word of text.data.matchAll(/[A-Za-z0-9:.%*]+/g)) {
            const range = document.createRange()
            range.setStart(text, word.index)
            range.setEnd(text, word.index + word[0].length)
            if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) halves.push(word[0])
        }
    return halves
})"""
"""Words and figures of a table that are broken within themselves."""
TOPS = """form => [...form.querySelectorAll(':scope > label, :scope > .day-field')].slice(0, 5).map(each => [
    each.getBoundingClientRect().top,
    each.querySelector('input, select').getBoundingClientRect().top,
    each.querySelector('input, select').getBoundingClientRect().height,
].map(Math.round))"""


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """Callers wait, agents talk, one of them with a pause to come; calls and recordings of the day; callbacks, one of them under way and one
    not for now; a customer; two alarms. Queues and an agent have the longer names that people give them."""
    folder = Path(tmp_path_factory.mktemp("widths"))
    async with running_server(folder / "state", database, NAMED, page_folder=build_page()) as house:
        house.accounts.add("chief", ["operator", "qa", "administrator"], PASSWORD)
        await house.calls.ready("1001", "1002", "1003")
        for number in range(3):
            last = await house.calls.whole(caller=f"1380000432{number}", talk_s=100)
        await house.calls.answered(house.calls.arrives(caller="13812345678"))
        await house.calls.answered(house.calls.arrives(caller="13912345678", queue="after-sales"))
        house.calls.tell(
            *(AgentNotReady(agent, "meal") for agent in ("1001", "1002", "1003")),
            AlarmRaised("trunk-no-answer", "carrier|12:00"),
            AlarmRaised("recording silent", "c1-1: both silent"),
        )
        for number in range(3):
            house.calls.arrives(caller=f"0206666777{number}", queue="orders" if number % 2 else "after-sales")
        now = house.time.now()
        for number, begins in enumerate((None, now + timedelta(hours=20))):
            house.calls.tell(
                CallbackPromised(
                    f"p{number}",
                    f"+861390000111{number}",
                    "after-sales",
                    "sam",
                    begins=begins,
                    until=now + timedelta(hours=21),
                    how="list" if begins else "call",
                    owner="1001" if begins else "",
                    note="asks about the invoice of the second order",
                )
            )
        async with house.client("operator") as client:
            row: dict[str, object] = {
                "id": "K-1",
                "name": "欧阳明珠",
                "numbers": ["13800000001", "13800000002"],
                "area": "上海市浦东新区",
                "last_order": "20251118-7741",
                "do_not_call": True,
            }
            async with client.post("/api/customers", json=row) as answer:
                assert answer.status in (200, 201), await answer.text()
        await house.calls.written(last.call)
        yield house


async def opened(house: RunningServer, browser: Browser, language: str) -> Page:
    return await open_as(browser, house.url, "chief", PASSWORD, language, "light")


async def whole(part: Locator) -> None:
    """It is in sight from edge to edge, and nothing lies over its middle."""
    await part.scroll_into_view_if_needed()
    await expect(part).to_be_in_viewport(ratio=1)
    seen = """part => {
        const box = part.getBoundingClientRect()
        const at = document.elementFromPoint(box.right - 3, (box.top + box.bottom) / 2)
        return part.contains(at) || at.contains(part) ? '' : `${part.innerText} under ${at.outerHTML.slice(0, 80)}`
    }"""
    assert await part.evaluate(seen) == ""


@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_no_list_lies_beside_its_pane(house: RunningServer, browser: Browser, language: str):
    page = await opened(house, browser, language)
    beside: dict[tuple[str, int], list[str]] = {}
    for address, there in LISTS.items():
        await page.goto(f"{house.url}/#/{address}")
        await expect(page.locator(there).first).to_be_visible()
        for width in (390, 768, 1280, 1920):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            if found := await page.evaluate(BESIDE):
                beside[address, width] = found
            tables = page.locator("main table:visible:not(.u-legend)")
            if found := [word for table in await tables.all() for word in await table.evaluate(IN_HALVES)]:
                beside[address, width] = [f"broken: {word}" for word in found]
    await page.context.close()
    assert beside == {}


@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_on_a_telephone_the_bars_are_low_and_an_agents_state_is_whole(
    house: RunningServer, browser: Browser, language: str
):
    page = await opened(house, browser, language)
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.get_by_test_id("agents")).to_be_visible()
    bar = page.locator("header.top")
    assert await bar.evaluate(LINES) == 2
    assert await bar.evaluate("bar => bar.offsetHeight") <= 90
    for state in await page.locator("[data-test^=agent-] .state, [data-test^=agent-] [data-test=pending]").all():
        await whole(state)
    await page.context.close()
    desk = await open_as(browser, house.url, "1001", PINS["1001"], language, "light")
    await desk.set_viewport_size({"width": 390, "height": 844})
    assert await desk.locator("header.desk-bar").evaluate(LINES) <= 3
    await desk.context.close()


@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_at_a_desk_an_agents_figures_and_every_heading_are_in_sight(
    house: RunningServer, browser: Browser, language: str
):
    page = await opened(house, browser, language)
    await page.set_viewport_size({"width": 1280, "height": 800})
    for name in ("sort-talks", "sort-handling_s", "sort-occupancy", "sort-three_ring_rate"):
        await whole(page.get_by_test_id(name))
    waiting = page.get_by_test_id("live-calls").locator(".scroll").first.locator("th")
    for head in await waiting.all():
        await whole(head)
    await page.context.close()


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("width", [390, 768])
async def test_a_wide_table_of_figures_shows_a_part_that_fits_and_turns_over_to_the_others(
    house: RunningServer, browser: Browser, language: str, width: int
):
    page = await opened(house, browser, language)
    await page.set_viewport_size({"width": width, "height": 844})
    for address, part in (("reports", "figures"), ("reports", "intervals"), ("surveys", "surveys")):
        await page.goto(f"{house.url}/#/{address}")
        table = page.get_by_test_id(part).locator("table.report").first
        await expect(table.locator("tbody tr").first).to_be_visible()
        turner = page.get_by_test_id(part).get_by_test_id("turner")
        headings = await table.locator("th.number").count()
        seen: set[str] = set()
        for _ in range(headings):
            assert await page.evaluate(BESIDE) == [], (address, part)
            shown = [head for head in await table.locator("th.number").all() if await head.is_visible()]
            seen |= {await head.inner_text() for head in shown}
            cells = table.locator("tbody tr").first.locator("td.number:visible")
            await expect(cells).to_have_count(len(shown))
            if not await turner.count() or await turner.get_by_test_id("columns-after").is_disabled():
                break
            assert len(shown) < headings
            await turner.get_by_test_id("columns-after").click()
        assert len(seen) == headings, (address, part, seen)
        if width == 390:
            assert len(shown) < headings
    await page.context.close()


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("width", [1280, 1366, 1600, 1920])
async def test_at_a_desk_every_figure_of_a_report_is_in_sight_and_none_lies_beside_its_pane(
    house: RunningServer, browser: Browser, language: str, width: int
):
    page = await opened(house, browser, language)
    await page.set_viewport_size({"width": width, "height": 800})
    for address, part, by in (
        ("reports", "figures", "queues"),
        ("reports", "figures", "agents"),
        ("surveys", "surveys", ""),
    ):
        await page.goto(f"{house.url}/#/{address}{f'?by={by}' if by else ''}")
        table = page.get_by_test_id(part).locator("table.report").first
        await expect(table.locator("tbody tr").first).to_be_visible()
        await expect(page.get_by_test_id(part).get_by_test_id("turner")).to_have_count(0)
        assert await page.evaluate(BESIDE) == [], (address, by)
        assert await table.locator("th.number:visible").count() == await table.locator("th.number").count() > 8
        assert await table.evaluate(IN_HALVES) == [], (address, by)
    await page.context.close()


@pytest.mark.parametrize("address", ["calls", "reports"])
async def test_labels_and_fields_of_a_search_stand_in_one_line(house: RunningServer, browser: Browser, address: str):
    page = await opened(house, browser, "en")
    await page.set_viewport_size({"width": 1400, "height": 800})
    await page.goto(f"{house.url}/#/{address}")
    await expect(page.locator("form.search").first).to_be_visible()
    lines = await page.locator("form.search").first.evaluate(TOPS)
    assert len({tuple(line) for line in lines}) == 1, lines
    await page.context.close()

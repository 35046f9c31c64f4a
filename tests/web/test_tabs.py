"""Several tabs of one browser: one stream serves them all, one session ends for them all, and they survive what lies behind them."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from acd.engine.events import AgentNotReady
from acd.web.live.agent_desk_stream import STREAMS
from acd.web.live.floor_stream import LIVE
from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.support.cut_line import line_to
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import PINS, RunningServer, running_server
from tests.web.test_browser import log_in, test_ids

__all__ = ["test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("tabs"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        await house.calls.ready("1001", "1002")
        yield house


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    yield context
    await context.close()


async def tabs(context: BrowserContext, url: str, number: int = 3) -> list[Page]:
    """So many tabs of one browser that show the floor."""
    pages = [await context.new_page() for _ in range(number)]
    await pages[0].goto(url)
    await log_in(pages[0])
    for page in pages[1:]:
        await page.goto(url)
    for page in pages:
        await expect(page.get_by_test_id("agent-1001")).to_be_visible()
    return pages


async def show(pages: list[Page], text: str) -> None:
    for page in pages:
        await expect(page.get_by_test_id("agent-1002")).to_contain_text(text)


def another_build(folder: Path) -> Path:
    """The page as another build would have it: every script has another name, for a browser keeps one of the same name for ever."""
    shutil.copytree(build_page(), folder)
    scripts = list((folder / "assets").glob("*.js"))
    for file in (folder / "index.html", *scripts):
        text = file.read_text()
        for script in scripts:
            text = text.replace(script.name, f"{script.stem}-new.js")
        file.write_text(text)
    for script in scripts:
        script.rename(script.with_name(f"{script.stem}-new.js"))
    return folder


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
async def test_three_tabs_have_one_stream_until_the_last_is_closed(
    house: RunningServer, context: BrowserContext, order: tuple[int, ...]
):
    await eventually(lambda: len(house.app[LIVE]) == 0, "no stream of a story before")
    pages = await tabs(context, house.url)
    assert len(house.app[LIVE]) == 1
    left = list(pages)
    for at, reason in zip(order, ("meal", "meeting", "training"), strict=True):
        house.calls.tell(AgentNotReady("1002", reason))
        await show(left, reason)
        assert len(house.app[LIVE]) == 1
        await pages[at].close()
        left.remove(pages[at])
    await eventually(lambda: len(house.app[LIVE]) == 0, "the stream to end with the last tab")


async def test_a_tab_that_is_opened_later_shows_what_is_so_now(house: RunningServer, context: BrowserContext):
    [first] = await tabs(context, house.url, 1)
    for reason in ("meal", "meeting"):
        house.calls.tell(AgentNotReady("1002", reason))
        await show([first], reason)
    later = await context.new_page()
    await later.goto(house.url)
    await show([later], "meeting")
    await expect(later.get_by_test_id("age")).to_contain_text("Live")
    await later.reload()
    await show([first, later], "meeting")
    assert len(house.app[LIVE]) == 1


async def test_to_log_out_in_one_tab_ends_all_and_to_log_in_opens_all(house: RunningServer, context: BrowserContext):
    pages = await tabs(context, house.url)
    await pages[1].get_by_test_id("log-out").click()
    for page in pages:
        await expect(page.locator("[name=account]")).to_be_visible()
    await eventually(lambda: len(house.app[LIVE]) == 0, "the stream to end")
    await log_in(pages[2], "qa")
    for page in pages:
        await expect(page.get_by_test_id("own")).to_contain_text("qa")
        await expect(page.get_by_test_id("age")).to_contain_text("Live")
    await eventually(lambda: len(house.app[LIVE]) == 1, "one stream for all of them")


async def test_a_session_that_the_daemon_ends_ends_all_tabs(house: RunningServer, context: BrowserContext):
    pages = await tabs(context, house.url)
    await context.clear_cookies()
    for reader in [reader for readers in house.app[LIVE]._readers.values() for reader in readers]:
        house.app[LIVE].leave(reader)
        reader.end()
    for page in pages:
        await expect(page.get_by_role("status").first).to_contain_text("session has ended")


async def test_another_account_in_another_tab_takes_all_tabs_with_it(house: RunningServer, context: BrowserContext):
    [floor] = await tabs(context, house.url, 1)
    await context.clear_cookies()
    desk = await context.new_page()
    await desk.goto(house.url)
    await desk.fill("[name=account]", "1001")
    await desk.fill("[name=password]", PINS["1001"])
    await desk.click("button[type=submit]")
    for page in (desk, floor):
        await expect(page.get_by_test_id("desk")).to_be_visible()
    await eventually(lambda: (len(house.app[LIVE]), len(house.app[STREAMS])) == (0, 1), "one stream, of the desk")


async def test_a_line_that_is_cut_for_ten_seconds_is_told_and_made_good(house: RunningServer, context: BrowserContext):
    complaints: list[str] = []
    async with line_to(int(house.url.rsplit(":", 1)[1])) as line:
        pages = await tabs(context, line.url)
        for page in pages:
            hear_complaints(page, complaints)
        line.cut()
        for page in pages:
            await expect(page.get_by_test_id("age")).to_contain_text(re.compile(r"No data for 1\d s"), timeout=30_000)
            await expect(page.get_by_test_id("agents")).to_have_class(re.compile(r"\bstale\b"))
        house.calls.tell(AgentNotReady("1002", "training"))
        line.mend()
        for page in pages:
            await expect(page.get_by_test_id("age")).to_contain_text("Live", timeout=30_000)
        await show(pages, "training")
        assert len(house.app[LIVE]) == 1
    assert complaints == []


async def test_a_new_daemon_with_a_new_page_is_noticed_and_loaded_when_asked_or_idle(
    database: str, tmp_path: Path, context: BrowserContext
):
    old, new = build_page(), another_build(tmp_path / "new-page")
    async with running_server(tmp_path / "state", database, page_folder=old) as house:
        await house.calls.ready("1001")
        await context.clock.install()
        pages = await tabs(context, house.url)
        port = int(house.url.rsplit(":", 1)[1])
        told = [page.get_by_test_id("new-build") for page in pages]
    async with running_server(tmp_path / "state", database, page_folder=old, port=port) as house:
        for page in pages:
            await expect(page.get_by_test_id("age")).to_contain_text("Live", timeout=30_000)
            await expect(page.get_by_test_id("new-build")).to_have_count(0)
    async with running_server(tmp_path / "state", database, page_folder=new, port=port) as house:
        for one in told:
            await expect(one).to_contain_text("A new version of this page is ready.", timeout=30_000)
        await told[0].get_by_role("button").click()
        await expect(told[0]).to_have_count(0)
        await expect(pages[0].get_by_test_id("age")).to_contain_text("Live")
        newer = "script[src$='-new.js']"
        assert await pages[0].locator(newer).count() == 1
        await expect(told[1]).to_be_visible()
        # By itself it comes where nobody has touched the page for a minute, and not where something is being written.
        await pages[2].locator("textarea").first.fill("half a message")
        await context.clock.fast_forward(70_000)
        await expect(pages[1].locator(newer)).to_have_count(1, timeout=30_000)
        await expect(told[1]).to_have_count(0)
        await expect(told[2]).to_be_visible()
        await expect(pages[2].locator("textarea").first).to_have_value("half a message")

"""What the stories of the agent's desk have in common: our hands in Asterisk's place, pages in browsers of their own, pictures.

Engine, log and card are the real ones.
"""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from acd.engine.commands import CallSelf, Deed, Log, Offer
from acd.engine.events import AgentAnswered, AgentDialled, AgentRinging
from acd.web.server.page_build import build_page
from tests.support.browser import ensure_browser
from tests.support.waiting import eventually
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import OPERATOR_PASSWORD, PINS, RunningServer, running_server

expect.set_options(timeout=15_000)
PICTURES = os.environ.get("SANXIANG_PICTURES")
"""A folder for pictures of what the stories see; for people who mend the page."""
Done = TypeVar("Done", bound=Deed)
Told = TypeVar("Told")
Open = Callable[..., Awaitable[Page]]
"""(account, locale): a page where this account is logged in."""


@contextlib.asynccontextmanager
async def desk_server(database: str, folder: Path) -> AsyncIterator[RunningServer]:
    """With the page, and time that passes only as a story says."""
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        house.time.stop()
        yield house


def to_noon(house: RunningServer) -> None:
    """Time goes on to the hotline's next noon, so that no story is on two days."""
    here = house.time.now().astimezone(ZoneInfo("Asia/Shanghai"))
    noon = here.replace(hour=12, minute=0, second=0) + timedelta(days=here.hour >= 12)
    house.time.forward((noon - here).total_seconds())


@contextlib.asynccontextmanager
async def launched_browser() -> AsyncIterator[Browser]:
    """Parts of the page are named by `data-test`."""
    found = ensure_browser().ready()
    async with async_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        browser = await playwright.chromium.launch(**found.launch())
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def pages(house: RunningServer, browser: Browser) -> AsyncIterator[Open]:
    """Each in a browser of its own. A word on the console is a failure of the story."""
    contexts, complaints = [], list[str]()

    async def opened(account: str = "1001", locale: str = "en-GB") -> Page:
        size: ViewportSize = {"width": 1366, "height": 768}
        context = await browser.new_context(locale=locale, viewport=size, color_scheme="light")
        contexts.append(context)
        page = await context.new_page()
        hear_complaints(page, complaints)
        await page.goto(house.url)
        await page.fill("[name=account]", account)
        await page.fill("[name=password]", {**PINS, "operator": OPERATOR_PASSWORD}[account])
        await page.click("button[type=submit]")
        await expect(page.get_by_test_id("age")).to_have_class("age" if account == "operator" else "age small")
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert complaints == []


async def picture(page: Page, name: str) -> None:
    """At a desk's size and at a telephone's, in light and in dark."""
    if not PICTURES:
        return
    for theme in ("light", "dark"):
        await page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        for width, height in ((1366, 768), (390, 844)):
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=width == 390)
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.evaluate("() => (document.documentElement.dataset.theme = 'light')")


class SimulatedPbx:
    """What was asked of Asterisk, and what its telephones then do."""

    def __init__(self, house: RunningServer) -> None:
        self.house, self.tell = house, house.calls.tell
        self.deeds: list[Deed] = []
        house.board.listen(
            lambda at, event, commands: self.deeds.extend(
                one for one in commands if not isinstance(one, Log | CallSelf)
            )
        )

    async def asked(self, kind: type[Done], call: str) -> Done:
        """The latest deed of this kind for this call, once there is one."""

        def found() -> list[Done]:
            return [deed for deed in self.deeds if isinstance(deed, kind) and getattr(deed, "call", "") == call]

        await eventually(found, f"{kind.__name__} of {call}")
        return found()[-1]

    def told(self, kind: type[Told]) -> list[Told]:
        return [event for event in self.house.told if isinstance(event, kind)]

    async def talks(self, agent: str = "1001", caller: str = "13812341234") -> Offer:
        """This agent, and nobody else so far, is ready; a caller comes, and they talk."""
        await self.house.calls.ready(agent)
        return await self.house.calls.answered(self.house.calls.arrives(caller))

    async def picks_up(self, agent: str, call: str, offer: str) -> None:
        self.tell(*(event(agent, call, offer) for event in (AgentDialled, AgentRinging, AgentAnswered)))
        await self.house.calls.settled()

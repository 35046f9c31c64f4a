"""Every page of the console in both themes and languages: axe finds nothing serious, and no width makes the document scroll sideways."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from acd.engine.events import AgentNotReady, AlarmRaised
from acd.engine.line_events import LegMeasured, LineFigures
from acd.web.server.page_build import build_page
from tests.web.support.axe import serious_findings
from tests.web.support.graded_talks import to_grade
from tests.web.support.web_server import PINS, RunningServer, running_server
from tests.web.test_browser import test_ids

__all__ = ["test_ids"]
PASSWORD = "see-every-view-well-9"
WIDTHS = (390, 768, 1280, 1920, 2560)
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
CALL, RECORDING, REVIEW, CUSTOMER = "CALL", "RECORDING", "REVIEW", "CUSTOMER"
PAGES = {
    "live": "[data-test=queues]",
    "calls": "[data-test=calls] tbody tr",
    f"calls/{CALL}": "[data-test=timeline]",
    "callbacks": "main section",
    "recordings": "[data-test=recordings] tbody tr",
    f"recordings/{RECORDING}": "[data-test=verdict]",
    "reviews": "[data-test=open] tbody tr",
    f"reviews/{REVIEW}": "[data-test=review] .review-item",
    "scores": "[data-test=scores] p",
    "customers": "[data-test=customers]",
    f"customers/{CUSTOMER}": "[data-test=record] input",
    "faults": "main section",
    "reports": "main section",
    "surveys": "main section",
    "menus": "main section",
    "wall": "[data-test=queues]",
    "accounts": "[data-test=account-chief]",
    "alarms": "[data-test^=alarm-]",
    "sign-in": "main section",
    "no-such-page": "[data-test=not-here]",
    "components": "[data-test=parts]",
}
"""Address, and what stands there once it is loaded."""
OUTSIDE = """async () => {
    const beyond = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    for (let frame = 0; frame < 120 && beyond() > 0; frame++) await new Promise(requestAnimationFrame)
    return Math.max(0, beyond())
}"""
"""How many pixels the document is wider than the window, once what is measured anew after a change of width has settled."""


@dataclass(frozen=True)
class Filled:
    """A hotline with something on every page, and what stands in the addresses."""

    server: RunningServer
    ids: dict[str, str]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    """With something on every page: a call whose lines were bad, one that waits, one that goes on, an alarm."""
    folder = Path(tmp_path_factory.mktemp("accessibility"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        house.accounts.add("chief", ["operator", "qa", "administrator", "supervisor"], PASSWORD)
        await house.calls.ready("1001", "1002", "1003")
        await house.calls.answered(house.calls.arrives(caller="13812345678"))
        offer = await house.calls.whole(caller="13800004321", talk_s=100)
        bad = LineFigures(60.0, "alaw", 2550, 450, 3000, 2.0, 3000, 0, 3000, 2.0, 420.0)
        house.calls.tell(
            LegMeasured(offer.call, offer.offer, "caller", "trunk carrier", "1001", bad),
            AgentNotReady("1002", "meal"),
            AgentNotReady("1003", "meal"),
            AlarmRaised("trunk-no-answer", "carrier|12:00"),
            AlarmRaised("recording silent", "c1-1: both silent"),
        )
        house.calls.arrives(caller="02066667777")
        await house.calls.written(offer.call)
        async with house.client("operator") as client:
            row = {"id": "K-1", "name": "张三", "numbers": ["13800000001"]}
            async with client.post("/api/customers", json=row) as answer:
                assert answer.status in (200, 201), await answer.text()
        await to_grade(house, "2024-W47", [offer.offer], "chief")
        ids = {CALL: offer.call, RECORDING: offer.offer, REVIEW: f"{offer.offer}.1", CUSTOMER: "K-1"}
        yield Filled(house, ids)


async def open_as(browser: Browser, url: str, account: str, password: str, language: str, theme: str) -> Page:
    context = await browser.new_context(
        locale=LANGUAGES[language], viewport={"width": 1366, "height": 900}, reduced_motion="reduce"
    )
    await context.add_init_script(f"localStorage.setItem('sanxiang-theme', '{theme}')")
    page = await context.new_page()
    await page.goto(url)
    await page.fill("[name=account]", account)
    await page.fill("[name=password]", password)
    await page.click("button[type=submit]")
    await expect(page.get_by_test_id("age")).to_be_visible()
    return page


async def visit(page: Page, house: Filled, address: str) -> None:
    for word, of in house.ids.items():
        address = address.replace(word, of)
    await page.goto(f"{house.server.url}/#/{address}")


async def beyond_the_window(page: Page, width: int) -> int:
    """How many pixels the document is wider than a window of this width once it has settled; 0: it is not."""
    await page.set_viewport_size({"width": width, "height": 900})
    return int(await page.evaluate(OUTSIDE))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_axe_finds_nothing_serious_on_any_page(house: Filled, browser: Browser, language: str, theme: str):
    page = await open_as(browser, house.server.url, "chief", PASSWORD, language, theme)
    found: dict[str, list[str]] = {}
    for address, there in PAGES.items():
        await visit(page, house, address)
        await expect(page.locator(there).first).to_be_visible()
        found[address] = await serious_findings(page)
    await page.get_by_test_id("log-out").click()
    await expect(page.locator("[name=account]")).to_be_visible()
    found["log-in"] = await serious_findings(page)
    await page.context.close()
    assert {address: said for address, said in found.items() if said} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_axe_finds_nothing_serious_on_a_desk(house: Filled, browser: Browser, language: str, theme: str):
    """With a caller, and without."""
    found: dict[str, list[str]] = {}
    for agent in ("1001", "1002"):
        page = await open_as(browser, house.server.url, agent, PINS[agent], language, theme)
        await expect(page.get_by_test_id("desk")).to_be_visible()
        found[agent] = await serious_findings(page)
        await page.context.close()
    assert {agent: said for agent, said in found.items() if said} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_no_page_scrolls_sideways_at_any_width(house: Filled, browser: Browser, language: str):
    page = await open_as(browser, house.server.url, "chief", PASSWORD, language, "light")
    wide: dict[str, dict[int, int]] = {}
    for address, there in PAGES.items():
        await visit(page, house, address)
        await expect(page.locator(there).first).to_be_visible()
        for width in WIDTHS:
            if beyond := await beyond_the_window(page, width):
                wide.setdefault(address, {})[width] = beyond
    await page.context.close()
    page = await open_as(browser, house.server.url, "1001", PINS["1001"], language, "light")
    await expect(page.get_by_test_id("desk")).to_be_visible()
    for width in WIDTHS:
        if beyond := await beyond_the_window(page, width):
            wide.setdefault("desk", {})[width] = beyond
    await page.context.close()
    assert wide == {}

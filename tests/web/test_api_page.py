"""The page at /api in a real browser: the API's document as it is served, from this address alone.

A line on the browser's console, a request to another host or one that fails is a failure of the test.
"""

import contextlib
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Route, ViewportSize, expect

from acd.web.server.page_build import build_page
from tests.web.support.views import link_to
from tests.web.support.web_server import OPERATOR_PASSWORD, QA_PASSWORD, RunningServer, running_server

expect.set_options(timeout=15_000)
PICTURES = os.environ.get("SANXIANG_PICTURES")
"""A folder for pictures of what the tests see; for people who change the page."""


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("api-page"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        yield house


class Opened:
    """A page of a browser of its own, and the addresses that it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []


@contextlib.asynccontextmanager
async def opened(
    house: RunningServer, browser: Browser, account: str = "operator", locale: str = "en-GB", theme: str = "light"
) -> AsyncIterator[Opened]:
    """Logged in, nothing open yet. At the end nothing may have been complained of."""
    size: ViewportSize = {"width": 1440, "height": 900}
    context = await browser.new_context(locale=locale, viewport=size, color_scheme="light")
    await context.add_init_script(f"localStorage.setItem('sanxiang-theme', '{theme}')")
    password = {"operator": OPERATOR_PASSWORD, "qa": QA_PASSWORD}[account]
    answer = await context.request.post(
        f"{house.url}/api/log-in", data={"account": account, "password": password}, headers={"Origin": house.url}
    )
    assert answer.status == 200, await answer.text()
    page = await context.new_page()
    here, complaints = Opened(page), list[str]()

    def complained(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", complained)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: here.asked.append(request.url))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url} {request.failure}"))
    yield here
    assert complaints == [], "\n".join(complaints)
    await context.close()
    assert [url for url in here.asked if not url.startswith((f"{house.url}/", "data:"))] == []


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def test_an_operator_reads_what_a_transfer_takes_and_how_it_is_refused(house: RunningServer, browser: Browser):
    async with house.client("token") as client, client.get("/api/openapi.json") as answer:
        document = await answer.json()
    async with opened(house, browser) as here:
        page = here.page
        await page.goto(f"{house.url}/api")
        await expect(page).to_have_title("Sanxiang API")
        await expect(page.locator("#document h1").first).to_contain_text(document["info"]["title"])
        await expect(page.locator("#notice")).to_have_count(0)
        await picture(page, "api-top")
        operations = [one for path in document["paths"].values() for one in path.values()]
        shown = page.locator("#document [id^='tag/'][id*='/operation/']")
        await expect(shown).to_have_count(len(operations))
        path = "/api/calls/{call}/transfer"
        described = document["paths"][path]["post"]
        transfer = shown.filter(has=page.get_by_role("heading", name=described["summary"]))
        await transfer.scroll_into_view_if_needed()
        for text in (described["summary"], *described["description"].split("\n\n"), path):
            await expect(transfer).to_contain_text(text)
        for status, response in described["responses"].items():
            code = transfer.get_by_role("button", name=f"{status} {response['description']}")
            await expect(code).to_be_visible()
        await transfer.get_by_role("button", name="404 unknown-call").click()
        await expect(transfer).to_contain_text("incident")  # a field of every refusal
        await picture(page, "api-transfer")
        assert {url.removeprefix(house.url).rpartition("-")[0] for url in here.asked if "/assets/" in url} == {
            "/assets/api"
        }


async def test_it_is_in_the_language_and_the_colours_of_the_console(house: RunningServer, browser: Browser):
    async with opened(house, browser, "qa", locale="zh-CN", theme="dark") as here:
        await here.page.goto(f"{house.url}/api")
        await expect(here.page).to_have_title("三响 接口")
        await expect(here.page.get_by_role("link", name="控制台")).to_have_attribute("href", "/")
        await expect(here.page.locator("#document h1").first).to_have_css("color", "rgb(233, 238, 243)")
        await expect(here.page.locator("body")).to_have_css("background-color", "rgb(26, 33, 41)")
        await picture(here.page, "api-dark")
        await here.page.locator("[id='tag/transfers']").scroll_into_view_if_needed()
        await picture(here.page, "api-dark-transfers")


async def test_the_link_stands_in_an_operators_menu_and_costs_the_console_nothing(
    house: RunningServer, browser: Browser
):
    async with opened(house, browser) as here:
        await here.page.goto(house.url)
        await expect(await link_to(here.page, "API")).to_have_attribute("href", "/api")
        await picture(here.page, "console-link")
        assert [url for url in here.asked if "/assets/" in url]
        assert not [url for url in here.asked if "/assets/api" in url]
    async with opened(house, browser, "qa") as here:
        await here.page.goto(house.url)
        await expect(here.page.get_by_role("link", name="Live")).to_be_visible()
        await expect(here.page.get_by_role("link", name="API", exact=True)).to_have_count(0)


async def test_who_may_not_read_the_document_does_not_see_the_page(house: RunningServer):
    for who in ("", "1001", "crm", "stories", "qa", "operator"):
        async with house.client(who) as client:
            answers = []
            for path in ("/api", "/api/openapi.json"):
                async with client.get(path) as answer:
                    refusal = (await answer.json())["code"] if answer.status != 200 else ""
                    answers.append((answer.status, refusal))
        assert answers[0] == answers[1], who
        assert (answers[0][0] == 200) == (who in ("qa", "operator")), who


async def test_its_policy_is_the_consoles(house: RunningServer):
    """No worker, no eval, no inline style without this answer's own nonce."""
    policies = []
    async with house.client("operator") as client:
        for path in ("/", "/api"):
            async with client.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                nonce = re.findall(r"'nonce-([\w-]+)'", policy)
                assert len(nonce) == 1
                assert f'<meta name="csp-nonce" content="{nonce[0]}"' in await answer.text()
                policies.append(policy.replace(nonce[0], ""))
    assert policies[0] == policies[1]


async def test_a_session_that_ended_is_told_in_a_sentence(house: RunningServer, browser: Browser):
    context = await browser.new_context(locale="en-GB", extra_http_headers={"Authorization": f"Bearer {house.token()}"})
    page = await context.new_page()

    async def refuse(route: Route) -> None:
        await route.fulfill(status=401, json={"code": "not-logged-in"})

    await page.route("**/api/openapi.json", refuse)
    await page.goto(f"{house.url}/api")
    await expect(page.locator("#notice")).to_contain_text("cannot be opened (401). Log in at the console")
    await context.close()

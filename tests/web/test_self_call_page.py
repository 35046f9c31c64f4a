"""The hotline's calls to itself on the supervisor's page, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.web.server.page_build import build_page
from tests.web.support.self_calls import KEYS_LOST, LOOP, runner
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page, picture, test_ids

__all__ = ["page", "test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("self-calls"))
    calls = runner(folder / "calls", KEYS_LOST, LOOP)
    async with running_server(folder / "state", database, page_folder=build_page(), self_calls=calls) as house:
        yield house


async def test_a_supervisor_reads_what_is_wrong_and_calls_again(page: Page):
    await log_in(page)
    carrier, loop = page.get_by_test_id("self-call-carrier"), page.get_by_test_id("self-call-loop")
    await expect(carrier).to_contain_text("problems: 1")
    await expect(carrier.get_by_test_id("fault-keys-out")).to_contain_text("Ask the carrier for RFC 4733")
    await expect(loop).to_contain_text("no problems")
    await carrier.locator("summary").click()
    await expect(carrier).to_contain_text("keys out: sent 1234, heard nothing")
    await picture(page, "self-calls-en")
    # Over a trunk it is asked first, for the carrier may charge; by the loop it is not.
    await carrier.get_by_test_id("call-now").click()
    await expect(page.get_by_test_id("dialog")).to_contain_text("The carrier may charge for it.")
    await picture(page, "self-call-sure-en")
    await page.get_by_test_id("dialog").get_by_test_id("no").click()
    await expect(carrier).to_contain_text("problems: 1")
    await loop.get_by_test_id("call-now").click()
    await expect(loop).to_contain_text("Nothing was dialled: Asterisk can't be reached.")
    await expect(loop).to_contain_text("on request")
    await carrier.get_by_test_id("call-now").click()
    await page.get_by_test_id("dialog").get_by_test_id("yes").click()
    await expect(carrier).to_contain_text("Nothing was dialled")
    await page.get_by_test_id("language").click()
    await expect(carrier).to_contain_text("没有拨出：连不上 Asterisk。")
    await expect(page.get_by_test_id("self-calls")).to_contain_text("自呼测试")
    await picture(page, "self-calls-zh")


async def test_quality_assurance_reads_it_and_has_no_button(page: Page):
    await log_in(page, "qa")
    await expect(page.get_by_test_id("self-call-carrier")).to_contain_text("carrier")
    await expect(page.get_by_test_id("self-call-carrier")).to_contain_text("problems: 1")
    await expect(page.get_by_test_id("call-now")).to_have_count(0)

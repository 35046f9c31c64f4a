"""Faults on the page, in a real browser: declared, counted while callers hear it, cleared after a question."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.engine.events import AlarmRaised, CallArrived, CallerHungUp
from acd.engine.faults.events import FaultHeard, FaultRegistered
from acd.web.server.page_build import build_page
from tests.web.support.views import open_view
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page, picture, test_ids

__all__ = ["page", "test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("faults"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        yield house


async def test_an_operator_declares_a_fault_watches_it_and_clears_it(house: RunningServer, page: Page):
    house.calls.tell(AlarmRaised("queue waiting", "12 wait", subject="orders"))
    await log_in(page)
    await open_view(page, "Faults")
    await expect(page.get_by_test_id("none")).to_be_visible()
    await page.get_by_test_id("suggestions").get_by_role("button").click()
    await page.get_by_test_id("zh").fill("浦东片区网络中断，工程师正在抢修。")
    await page.get_by_test_id("send").click()
    await expect(page.get_by_role("alert")).to_contain_text("Say which callers are affected")
    await page.get_by_test_id("everybody").check()
    await picture(page, "faults-form-en")
    await page.get_by_test_id("send").click()
    await expect(page.get_by_test_id("note").first).to_contain_text("Fault 1 declared")
    fault = page.get_by_test_id("fault-1")
    await expect(fault).to_contain_text("浦东片区网络中断")
    number = "+8613800000001"
    house.calls.tell(CallArrived("c1", number, "95001"), FaultHeard("c1", "1"), FaultHeard("c1", "1", whole=True))
    house.calls.tell(FaultRegistered("c1", "1", number, "zh"), CallerHungUp("c1"))
    await expect(fault.get_by_test_id("deflected")).to_have_text("1")
    await expect(fault.get_by_test_id("registered")).to_have_text("1")
    await picture(page, "faults-open-en")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("faults")).to_contain_text("影响范围：所有来电客户")
    await picture(page, "faults-open-zh")
    await page.get_by_test_id("clear-1").click()
    await expect(page.get_by_test_id("dialog")).to_contain_text("并致电通知已登记的 1 个号码")
    await picture(page, "faults-clear-zh")
    await page.get_by_test_id("dialog").get_by_test_id("yes").click()
    await expect(page.get_by_test_id("over-1")).to_contain_text("浦东片区网络中断")
    await expect(fault).to_have_count(0)
    await picture(page, "faults-over-zh")


async def test_quality_assurance_sees_faults_and_declares_none(page: Page):
    await log_in(page, "qa")
    await open_view(page, "Faults")
    await expect(page.get_by_test_id("over-1")).to_be_visible()
    await expect(page.get_by_test_id("declare")).to_have_count(0)

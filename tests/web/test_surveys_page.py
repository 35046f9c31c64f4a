"""What customers say, on the supervisor's page and at the agent's desk, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from acd.engine.events import BridgeEnded, CallerHungUp, WrapUpEnded
from acd.engine.surveys.events import SurveyAnswered, SurveyBegan
from acd.web.server.page_build import build_page
from tests.web.support.views import open_view
from tests.web.support.web_server import CONFIG, RunningServer, running_server
from tests.web.test_browser import log_in, page, test_ids
from tests.web.test_reports_page import pictures

__all__ = ["page", "test_ids"]

SURVEY: dict[str, Any] = {"on": True, "questions": ["satisfied", "solved", "recommend"], "every_days": 0}


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """Six callers of orders have been asked after their talks with 1001, one after a talk with 1003."""
    folder = Path(tmp_path_factory.mktemp("surveys"))
    async with running_server(
        folder / "state", database, {**CONFIG, "survey": SURVEY}, page_folder=build_page()
    ) as house:
        await house.calls.ready("1001", "1003")
        marks = [(5, "yes", 9), (5, "yes", 9), (4, "yes", 8), (5, "yes", 9), (1, "no", 0), (5, "yes", 9), (2, "no", 3)]
        for number, (mark, solved, recommend) in enumerate(marks):
            queue = "orders" if number < 6 else "after-sales"
            call = house.calls.arrives(f"1380000{number:04d}", queue)
            offer = await house.calls.answered(call)
            house.time.forward(60)
            house.calls.tell(BridgeEnded(offer.agent, call, offer.offer, "agent"), SurveyBegan(call))
            house.calls.tell(
                SurveyAnswered(call, mark, "yes" if solved == "yes" else "no", recommend), CallerHungUp(call)
            )
            house.calls.tell(WrapUpEnded(offer.agent))
            await house.calls.settled()
        await house.calls.written(call)
        yield house


async def test_a_supervisor_sees_what_customers_say_by_queue_and_by_agent(house: RunningServer, page: Page):
    await log_in(page)
    await open_view(page, "Surveys")
    figures = page.get_by_test_id("survey-figures")
    await expect(figures.get_by_test_id("survey-orders")).to_contain_text("83.3%")
    await expect(figures.get_by_test_id("survey-all")).to_contain_text("+29")
    await expect(page.get_by_test_id("surveys")).to_contain_text("7 first contacts are less than 7 days old")
    await pictures(page, "surveys-en")
    await page.get_by_test_id("language").click()
    await page.get_by_test_id("survey-by").select_option("agent")
    await expect(figures.get_by_test_id("survey-1001")).to_contain_text("83.3%")
    await expect(figures.get_by_test_id("survey-1003")).to_contain_text("样本过少")
    await pictures(page, "surveys-zh")
    await page.get_by_test_id("language").click()

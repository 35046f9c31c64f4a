"""Two graders in a real browser, neither of whom sees the other's score; the form by keyboard; an appeal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from acd.config.reviews.delivered import service_form
from acd.web.live.agent_desk_state import LAST_CALL_KEPT
from acd.web.server.page_build import build_page
from tests.web.support.graded_talks import to_grade
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.views import open_view
from tests.web.support.web_server import PINS, QA_PASSWORD, TEAMS_CONFIG, RunningServer, running_server
from tests.web.test_browser import picture, test_ids

__all__ = ["test_ids"]

PASSWORD = "judge-without-looking-9"


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("reviews"))
    async with running_server(folder / "state", database, TEAMS_CONFIG, page_folder=build_page()) as house:
        house.accounts.add("second", ["qa"], PASSWORD)
        house.accounts.add("lead", ["supervisor"], PASSWORD, teams=["orders"])
        await house.calls.ready("1001")
        yield house


@asynccontextmanager
async def logged_in(
    house: RunningServer, browser: Browser, account: str, password: str = PASSWORD, locale: str = "en-GB"
) -> AsyncIterator[Page]:
    context = await browser.new_context(locale=locale, viewport={"width": 1366, "height": 900}, color_scheme="light")
    page = await context.new_page()
    complaints: list[str] = []
    hear_complaints(page, complaints)
    await page.goto(house.url)
    await page.fill("[name=account]", account)
    await page.fill("[name=password]", password)
    await page.click("button[type=submit]")
    await expect(page.locator("[name=password]")).to_have_count(0)
    yield page
    await context.close()
    assert complaints == []


async def filled_by_keyboard(page: Page, points: str, **otherwise: str) -> None:
    """Every item from the first to the last without the mouse: yes where nothing else is said, and the same points everywhere."""
    await page.locator("input[name=tone]").focus()
    for name, item in service_form().items():
        if item.kind == "points":
            await page.keyboard.type(points)
            await page.keyboard.press("Enter")
        else:
            await page.keyboard.press(otherwise.get(name.replace("-", "_"), "y"))


async def given(page: Page) -> None:
    await page.get_by_test_id("give").click()
    await page.get_by_test_id("dialog").get_by_test_id("yes").click()


async def test_two_graders_grade_a_talk_blind_and_the_second_decides_the_appeal(
    house: RunningServer, browser: Browser
) -> None:
    offer = (await house.calls.whole()).offer
    house.time.forward(LAST_CALL_KEPT.total_seconds())  # the desk shows its card no more
    await to_grade(house, "2024-W47", [offer], "qa", "second")
    async with (
        logged_in(house, browser, "qa", QA_PASSWORD) as first,
        logged_in(house, browser, "second", locale="zh-CN") as second,
    ):
        await open_view(first, "Reviews")
        await first.get_by_test_id(f"open-{offer}").get_by_role("link").click()
        await expect(first.get_by_test_id("play")).to_be_enabled()
        await expect(first.get_by_test_id("unanswered")).to_contain_text(": 13")
        await expect(first.get_by_test_id("give")).to_be_disabled()
        await filled_by_keyboard(first, "80", least_data="n")
        await expect(first.locator("textarea")).to_be_focused()
        await first.keyboard.type("asked for the whole card number")
        await first.get_by_test_id("on5").click()
        await first.fill("[name=pin]", "here")
        await first.keyboard.press("Enter")
        await expect(first.get_by_test_id("pinned")).to_contain_text("here")
        await picture(first, "review-en")
        await first.get_by_role("link", name="Talks to grade").click()
        await first.get_by_test_id(f"open-{offer}").get_by_role("link").click()
        await expect(first.get_by_test_id("pinned")).to_contain_text("here")  # nothing is lost when the page is left
        await expect(first.locator("input[name=tone]")).to_have_value("80")
        await expect(first.get_by_test_id("unanswered")).to_have_count(0)
        await given(first)
        await expect(first.get_by_test_id("score")).to_contain_text("Score: 0")
        await expect(first.get_by_test_id("score")).to_contain_text("Least necessary data")
        await expect(first.locator("input[name=tone]")).to_be_disabled()
        await expect(first.get_by_test_id("give")).to_have_count(0)

        await open_view(second, "质检")
        await second.get_by_test_id(f"open-{offer}").get_by_role("link").click()
        await expect(second.get_by_test_id("play")).to_be_enabled()
        await expect(second.locator("main")).not_to_contain_text("card number")
        await expect(second.get_by_test_id("score")).to_have_count(0)
        await filled_by_keyboard(second, "90")
        await picture(second, "review-zh")
        await given(second)
        await expect(second.get_by_test_id("score")).to_contain_text("得分：95.1")

        async with logged_in(house, browser, "1001", PINS["1001"]) as agent:
            score = agent.get_by_test_id(f"score-{offer}")
            await expect(score).to_contain_text("Score: 0")
            await expect(score).to_contain_text("Fatal: Least necessary data")
            await score.get_by_text("Answers and comments").click()
            await expect(score).to_contain_text("asked for the whole card number")
            await expect(agent.get_by_test_id("own-scores")).not_to_contain_text("qa")
            await score.get_by_test_id("appeal").click()
            await agent.fill("[name=reason]", "the order's number")
            await agent.get_by_test_id("dialog").get_by_test_id("yes").click()
            await expect(score.get_by_test_id("appealed")).to_contain_text("the order's number · Not decided yet.")
            await expect(score.get_by_test_id("appeal")).to_have_count(0)
            await picture(agent, "own-scores-en")
        await second.goto(f"{house.url}/#/reviews")
        row = second.get_by_test_id(f"open-{offer}")
        await expect(row).to_contain_text("申诉")
        await row.get_by_role("link").click()
        await expect(second.get_by_test_id("appeal")).to_contain_text("座席申诉：the order's number")
        await expect(second.locator("main")).not_to_contain_text("card number")
        await filled_by_keyboard(second, "100")
        await expect(second.get_by_test_id("give")).to_be_disabled()  # the agent is told why
        await second.keyboard.type("订单号不是卡号")
        await given(second)
        await expect(second.get_by_test_id("score")).to_contain_text("得分：100")
        async with logged_in(house, browser, "1001", PINS["1001"]) as agent:
            score = agent.get_by_test_id(f"score-{offer}")
            await expect(score).to_contain_text("Score: 100")
            await expect(score).to_contain_text("Decided; the score was 0 before.")
        async with logged_in(house, browser, "lead") as lead:
            await open_view(lead, "Scores")
            await expect(lead.get_by_test_id("mean-1001").locator("td")).to_have_text(["1001 李娜", "1", "100.0"])
            talk = lead.get_by_test_id(f"score-{offer}")
            await expect(talk).to_contain_text("Score: 100")
            await expect(talk.get_by_test_id("appealed")).to_contain_text("the order's number")
            history = [talk.get_by_test_id(f"review-{offer}.{number}") for number in (1, 2, 3)]
            for one, who, given_score in zip(history, ("qa", "second", "second"), ("0", "95.1", "100"), strict=True):
                await expect(one).to_contain_text(who)
                await expect(one.locator("summary")).to_contain_text(given_score)
            await history[0].locator("summary").click()
            await expect(history[0]).to_contain_text("asked for the whole card number")
            await picture(lead, "team-scores-en")
            await talk.get_by_role("link", name="Listen").click()
            await expect(lead.get_by_test_id("verdict")).to_be_visible()


async def test_a_grader_draws_the_last_week_and_is_told_when_it_was_drawn_before(
    house: RunningServer, browser: Browser
) -> None:
    async with logged_in(house, browser, "qa", QA_PASSWORD) as page:
        await open_view(page, "Reviews")
        await page.get_by_test_id("draw").click()
        await expect(page.get_by_role("status").filter(has_text="0 of 0 talks")).to_be_visible()
        await page.get_by_test_id("draw").click()
        await expect(page.get_by_role("alert")).to_contain_text("Each week is drawn once")

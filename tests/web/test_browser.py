"""The page in a real browser: what a supervisor and a QA see and press, in both languages.

Each story begins in front of the log-in form. A word on the console, or a thing that the page's own policy forbade, is a
failure of the story.
"""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AgentNotReady, AgentReady, AlarmRaised, CallerHungUp
from acd.engine.line_events import LegMeasured, LineFigures
from acd.engine.operator_events import AgentMoved, CallWithdrawn
from acd.web.live.floor_stream import FLOOR, LIVE
from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.conftest import empty_database
from tests.web.support.cut_line import with_a_stream_of_its_own
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import OPERATOR_PASSWORD, QA_PASSWORD, RunningServer, running_server

expect.set_options(timeout=15_000)
PICTURES = os.environ.get("SANXIANG_PICTURES")
"""A folder for pictures of what the stories see; for people who mend the page."""


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("browser"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        await house.calls.ready("1001", "1002", "1003")
        house.calls.tell(AgentNotReady("1002", "meal"))
        yield house


@pytest.fixture
async def page(house: RunningServer, browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900}, color_scheme="light")
    page = await context.new_page()
    complaints: list[str] = []

    hear_complaints(page, complaints)
    await page.goto(house.url)
    yield page
    await context.close()
    assert complaints == []


async def log_in(page: Page, account: str = "operator") -> None:
    password = {"operator": OPERATOR_PASSWORD, "qa": QA_PASSWORD}[account]
    await page.fill("[name=account]", account)
    await page.fill("[name=password]", password)
    await page.click("button[type=submit]")
    await expect(page.get_by_test_id("age")).to_contain_text("Live")


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.fixture(scope="module", autouse=True)
async def test_ids(browser: Browser) -> None:
    """Parts of the page are named by `data-test`."""
    async with async_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")


async def act(row: Locator, name: str) -> None:
    """Chooses this entry of the row's menu."""
    await row.get_by_test_id("menu").click()
    await row.get_by_test_id(name).click()


async def test_a_wrong_password_is_told_in_a_sentence_and_the_right_one_opens(page: Page):
    await picture(page, "log-in-en")
    await page.fill("[name=account]", "operator")
    await page.fill("[name=password]", "not-this-one-surely")
    await page.click("button[type=submit]")
    await expect(page.get_by_role("alert")).to_contain_text("Wrong account or password.")
    await log_in(page)
    await expect(page.get_by_test_id("queue-orders")).to_contain_text("Orders")
    await expect(page.get_by_test_id("queue-orders")).to_contain_text("Service level (15 s)")
    await expect(page.get_by_test_id("queue-after-sales")).to_contain_text("Service level (30 s)")


async def test_the_floor_changes_while_one_looks_at_it(house: RunningServer, page: Page):
    await log_in(page)
    row = page.get_by_test_id("agent-1001")
    await expect(row).to_contain_text("idle")
    await expect(page.get_by_test_id("agent-1002")).to_contain_text("not ready · meal")
    await expect(page.get_by_test_id("agent-1002")).to_contain_text("Tom <b>Baker</b>")
    call = house.calls.arrives(caller="13812345678")
    await house.calls.offer(call)
    await expect(row).to_contain_text("ringing")
    await expect(page.get_by_test_id("live-calls")).to_contain_text("138****5678")
    offer = await house.calls.answered(call)
    await expect(row).to_contain_text("talking")
    waiting = house.calls.arrives(caller="02066667777")
    await expect(page.get_by_test_id("queue-orders").get_by_test_id("waiting")).to_have_text("1")
    await picture(page, "live-en")
    await house.calls.over(offer, talk_s=95)
    await expect(row).to_contain_text("wrap-up")
    await act(row, "end-wrap-up")
    await expect(row).to_contain_text("ringing")  # The one who waited.
    house.calls.tell(CallerHungUp(waiting))
    await expect(row).to_contain_text("idle")


async def test_a_supervisor_presses_an_agents_buttons(house: RunningServer, page: Page):
    await log_in(page)
    row = page.get_by_test_id("agent-1003")
    await expect(row).to_contain_text("idle")
    await act(row, "not-ready-training")
    await expect(row).to_contain_text("not ready · training")
    await act(row, "ready")
    await expect(row).to_contain_text("idle")
    await act(row, "log-out-agent")
    await expect(row).to_contain_text("logged out")
    assert AgentReady("1003") in house.told


async def test_an_operator_says_whose_calls_an_agent_takes(house: RunningServer, page: Page):
    await log_in(page)
    row = page.get_by_test_id("agent-1001")
    await act(row, "queues-of")
    dialog = page.get_by_test_id("dialog")
    await expect(dialog).to_contain_text("Queues for 1001 李娜")
    await dialog.locator("[name=all]").uncheck()
    await dialog.locator("[name=after-sales]").check()
    await picture(page, "agent-queues-en")
    await dialog.get_by_test_id("yes").click()
    await expect(row).to_contain_text("only After-sales")
    await expect(dialog).to_have_count(0)
    await act(row, "queues-of")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await act(row, "queues-of")
    await dialog.locator("[name=all]").check()
    await dialog.get_by_test_id("yes").click()
    await expect(row).not_to_contain_text("only")
    assert [event for event in house.told if isinstance(event, AgentMoved)] == [
        AgentMoved("1001", ("after-sales",), "operator"),
        AgentMoved("1001", (), "operator"),
    ]


async def test_a_waiting_call_is_put_forward_moved_and_after_a_question_withdrawn(house: RunningServer, page: Page):
    house.calls.tell(*(AgentNotReady(agent, "meeting") for agent in ("1001", "1003")))
    await log_in(page)
    call = house.calls.arrives(caller="13700001111", queue="orders")
    row = page.get_by_test_id(f"live-{call}")
    await act(row, "priority")
    dialog = page.get_by_test_id("dialog")
    await dialog.locator("[name=priority]").fill("7")
    await dialog.get_by_test_id("yes").click()
    await expect(row).to_contain_text("7")
    await act(row, "move")
    await expect(dialog).to_contain_text("keeps the time already waited")
    await dialog.locator("[name=queue]").select_option(label="After-sales")
    await dialog.get_by_test_id("yes").click()
    await expect(row).to_contain_text("After-sales")
    await act(row, "withdraw")
    await expect(dialog).to_contain_text("This can’t be undone.")
    await picture(page, "withdraw-en")
    await dialog.get_by_test_id("no").click()
    assert not [event for event in house.told if isinstance(event, CallWithdrawn)]
    await act(row, "withdraw")
    await dialog.locator("[name=reason]").fill("rang by mistake")
    await dialog.get_by_test_id("yes").click()
    await eventually(lambda: CallWithdrawn(call, "rang by mistake", "operator") in house.told, "the event")
    house.calls.tell(CallerHungUp(call))
    await expect(row).to_have_count(0)
    house.calls.tell(AgentReady("1001"), AgentReady("1003"))


async def test_a_queue_is_closed_after_a_question_and_opened(house: RunningServer, page: Page):
    await log_in(page)
    card = page.get_by_test_id("queue-orders")
    await card.get_by_test_id("close").click()
    await page.get_by_test_id("dialog").get_by_test_id("yes").click()
    await expect(card.get_by_role("rowheader")).to_contain_text("Orders · closed")
    await expect(card.get_by_test_id("closed-by")).to_contain_text("closed by operator since")
    await picture(page, "queue-closed-en")
    await card.get_by_test_id("open").click()
    await expect(card.get_by_test_id("closed-by")).to_have_count(0)


async def test_why_this_agent_is_read_on_the_calls_page_and_in_full(house: RunningServer, page: Page):
    offer = await house.calls.whole(caller="13800005555", queue="after-sales", talk_s=40)
    await log_in(page)
    await page.goto(page.url.split("#")[0] + f"#calls/{offer.call}")
    why = page.get_by_test_id(f"why-{offer.offer}")
    await expect(why).to_contain_text(re.compile(rf"{offer.agent} .*chosen"))
    await expect(why).to_contain_text("Passed over")
    await page.get_by_test_id("whole").click()
    await expect(why.locator("tr.chosen")).to_contain_text(offer.agent)
    await expect(why.locator("tbody tr")).to_have_count(3)
    await picture(page, "why-en")
    await page.get_by_test_id("language").click()
    await expect(why).to_contain_text(f"选中 {offer.agent} ")
    await expect(why.locator("tr.chosen")).to_contain_text("选中")
    await picture(page, "why-zh")


async def test_the_language_is_switched_and_kept(page: Page):
    await log_in(page)
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("queues")).to_contain_text("订单查询")
    await expect(page.get_by_test_id("agent-1002")).to_contain_text("示忙 · 用餐")
    await page.reload()
    await expect(page.get_by_test_id("figures")).to_contain_text("15 秒服务水平")
    assert await page.get_attribute("html", "lang") == "zh-CN"
    await picture(page, "live-zh")
    await page.get_by_test_id("theme").click()
    assert await page.get_attribute("html", "data-theme") == "dark"
    await picture(page, "live-zh-dark")
    await page.goto(page.url.split("#")[0] + "#wall")
    await expect(page.get_by_test_id("figures")).to_be_visible()
    await picture(page, "wall-zh")


async def test_figures_stand_against_their_targets_with_a_word(house: RunningServer, page: Page):
    await house.calls.whole()
    await log_in(page)
    figure = page.get_by_test_id("three_ring_rate")
    await expect(figure).to_contain_text("100.0%")
    await expect(figure).to_contain_text("target ≥ 95%")
    await expect(figure).to_contain_text("too few")


async def test_a_calls_story_is_read_in_both_languages(house: RunningServer, page: Page):
    offer = await house.calls.whole(caller="13800001234", talk_s=100)
    await log_in(page)
    await page.click("nav >> text=Calls")
    await page.fill("[name=search]", "13800001234")  # a part of it finds nothing: the number is masked
    row = page.get_by_test_id(f"call-{offer.call}")
    await expect(row).to_contain_text("138****1234")
    await expect(page.get_by_test_id("calls").locator("tbody tr")).to_have_count(1)
    await picture(page, "calls-en")
    await row.locator("td.time a").click()
    timeline = page.get_by_test_id("timeline")
    await expect(timeline).to_contain_text("asks for an agent")
    await expect(timeline).to_contain_text("recording filed")
    await picture(page, "story-en")
    await page.get_by_test_id("language").click()
    await expect(timeline).to_contain_text("请求人工服务")
    await expect(timeline).to_contain_text("录音已归档")
    await picture(page, "story-zh")
    assert "13800001234" not in await page.content()


async def test_a_calls_lines_are_shown_with_its_story_and_with_its_recording(house: RunningServer, page: Page):
    offer = await house.calls.whole(caller="13800004321")
    bad = LineFigures(60.0, "alaw", 2550, 450, 3000, 2.0, 3000, 0, 3000, 2.0, 420.0)
    good = LineFigures(60.0, "alaw", 3000, 0, 3000, 2.0, 3000)
    house.calls.tell(
        LegMeasured(offer.call, offer.offer, "caller", "trunk carrier", "1001", bad),
        LegMeasured(offer.call, offer.offer, "agent", "agent 1001", "1001", good),
    )
    await house.calls.written(offer.call)

    async def both() -> bool:
        return len(await house.store.leg_quality(offer=offer.offer)) == 2

    await eventually(both, "the lines' rows")
    await log_in(page, "qa")
    for place in (f"#calls/{offer.call}", f"#recordings/{offer.offer}"):
        await page.goto(f"{house.url}{place}")
        await expect(page.get_by_test_id("line-caller")).to_contain_text("15% of the caller's words lost")
        await expect(page.get_by_test_id("line-caller")).to_contain_text("420")
        await expect(page.get_by_test_id("line-agent")).to_contain_text("good")
        await picture(page, f"lines-{place[1:5]}-en")
    await page.click("nav >> text=Recordings")
    listed = page.get_by_test_id(f"recording-{offer.offer}")
    await page.get_by_test_id("bad-line").check()
    await expect(page.get_by_test_id("recordings").locator("tbody tr")).to_have_count(1)
    await expect(listed.locator(".light")).to_have_attribute(
        "title", re.compile("caller: words are lost\ncaller: long delay")
    )
    await page.goto(f"{house.url}#recordings/{offer.offer}")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("line-caller")).to_contain_text("客户的语音丢失 15%")
    await expect(page.get_by_test_id("line-agent")).to_contain_text("正常")


async def test_qa_plays_a_recording_with_two_channels(house: RunningServer, page: Page):
    offer = await house.calls.whole(caller="13855556666")
    await log_in(page, "qa")
    await page.click("nav >> text=Recordings")
    await expect(page.get_by_test_id(f"recording-{offer.offer}")).to_contain_text("complete")
    await picture(page, "recordings-en")
    await page.get_by_test_id(f"recording-{offer.offer}").locator("a.hear").click()
    await expect(page.get_by_test_id("verdict")).to_contain_text("intact")
    await expect(page.get_by_test_id("at")).to_contain_text("/ 0:02")
    # One canvas above the other, each with its own colour drawn in it.
    colours = await page.evaluate(
        """() => {
            const root = document.querySelector('[data-test=player] .wave > div').shadowRoot
            return [...root.querySelectorAll('.canvases canvas')].map(canvas => {
                const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
                for (let n = 0; n < data.length; n += 4) if (data[n + 3] === 255) return `${data[n]} ${data[n+1]} ${data[n+2]}`
                return ''
            })
        }"""
    )
    assert len(colours) >= 2
    assert len(set(colours)) == 2, colours
    assert "" not in colours
    await page.get_by_test_id("speed").select_option("1.5")
    await page.get_by_test_id("play").click()
    at = page.get_by_test_id("at")

    async def seconds() -> float:
        return float(await at.get_attribute("data-seconds") or 0)

    async def advanced() -> bool:
        return await seconds() > 0.2

    await eventually(advanced, "the sound to advance")
    begun = await seconds()

    async def further() -> bool:
        return await seconds() > begun

    await eventually(further, "the sound to go on")
    await picture(page, "player-en")
    lines = (house.folder / "audit.log").read_text()
    assert f'"listened to", "offer": "{offer.offer}"' in lines


async def test_recordings_are_not_shown_to_an_operator(page: Page):
    await log_in(page)
    await expect(page.locator("nav")).not_to_contain_text("Recordings")
    await page.goto(page.url.split("#")[0] + "#recordings")
    await expect(page.get_by_test_id("recordings")).to_have_count(0)


async def test_the_page_heals_itself_when_the_stream_breaks(house: RunningServer, page: Page):
    await with_a_stream_of_its_own(page)
    await log_in(page)
    context = page.context
    await context.set_offline(True)
    await page.evaluate("() => dispatchEvent(new Event('offline'))")
    for reader in house.app[LIVE].readers(FLOOR):
        house.app[LIVE].leave(reader)
        reader.end()
    await expect(page.get_by_test_id("age")).to_contain_text("No data for")
    await expect(page.get_by_test_id("agents")).to_have_class(re.compile("stale"))
    await picture(page, "stale-en")
    house.calls.tell(AgentNotReady("1002", "meeting"))
    await context.set_offline(False)
    await expect(page.get_by_test_id("age")).to_contain_text("Live")
    await expect(page.get_by_test_id("agent-1002")).to_contain_text("not ready · meeting")


async def test_the_one_time_link_opens_the_page(house: RunningServer, page: Page):
    token = house.accounts.issue_token("operator")
    await page.goto(f"{house.url}/log-in?token={token}")
    await expect(page.get_by_test_id("age")).to_contain_text("Live")
    await page.get_by_test_id("log-out").click()
    await expect(page.locator("[name=account]")).to_be_visible()
    await page.goto(f"{house.url}/log-in?token={token}")
    await expect(page.get_by_role("status")).to_contain_text("This link has been used")


async def test_an_empty_floor_says_what_to_do(postgres: str, tmp_path: Path, browser: Browser):
    async with (
        empty_database(postgres) as database,
        running_server(tmp_path / "state", database, page_folder=build_page()) as house,
    ):
        context = await browser.new_context(locale="zh-CN")
        page = await context.new_page()
        await page.goto(house.url)
        await expect(page.locator("form")).to_contain_text("登录")
        await page.fill("[name=account]", "operator")
        await page.fill("[name=password]", OPERATOR_PASSWORD)
        await page.click("button[type=submit]")
        await expect(page.get_by_test_id("live-calls")).to_contain_text("当前没有来电")
        await expect(page.get_by_test_id("connect_rate")).to_contain_text("暂无数据")
        await picture(page, "empty-zh")
        await context.close()


async def test_an_alarm_is_seen_taken_care_of_and_over(house: RunningServer, page: Page):
    await log_in(page)
    mark = page.get_by_test_id("alarms")
    await expect(mark).to_contain_text("No alarm")
    house.calls.tell(
        AlarmRaised("trunk-no-answer", "carrier|12:00"), AlarmRaised("recording silent", "c1-1: both silent")
    )
    await expect(mark).to_contain_text("Alarms: 2, critical: 1 · 2 not acknowledged")
    await mark.click()
    trunk = page.get_by_test_id("alarm-trunk-no-answer")
    await expect(trunk).to_contain_text("trunk carrier has not answered OPTIONS since 12:00")
    await trunk.locator("[data-test^=seen-]").click()
    await expect(trunk).to_contain_text("operator")
    await expect(mark).to_contain_text("1 not acknowledged")
    await picture(page, "alarms")
    await page.get_by_test_id("language").click()
    await expect(trunk).to_contain_text("中继 carrier 自 12:00 起无应答")
    await expect(mark).to_contain_text("2 条告警，其中 1 条严重 · 1 条未确认")
    await picture(page, "alarms-zh")
    await page.get_by_test_id("language").click()
    await page.get_by_test_id("alarms-over").click()
    house.calls.tell(AlarmRaised("trunk-well", "carrier|12:05|no-answer|5"))
    over = page.get_by_test_id("over-trunk-no-answer")
    await expect(over).to_contain_text("cleared by itself")
    await page.get_by_test_id("alarm-recording-silent").locator("[data-test^=clear-]").click()
    await expect(page.get_by_test_id("no-alarms")).to_be_visible()
    await expect(page.get_by_test_id("over-recording-silent")).to_contain_text("cleared by operator")
    await picture(page, "alarms-over")


async def test_qa_sees_alarms_and_has_no_buttons(house: RunningServer, page: Page):
    house.calls.tell(AlarmRaised("recording altered", "c1-1"))
    await log_in(page, "qa")
    await page.get_by_test_id("alarms").click()
    await expect(page.get_by_test_id("alarm-recording-altered")).to_be_visible()
    await expect(page.locator("[data-test^=clear-]")).to_have_count(0)
    house.calls.tell(AlarmCleared("recording altered"))
    await expect(page.get_by_test_id("no-alarms")).to_be_visible()

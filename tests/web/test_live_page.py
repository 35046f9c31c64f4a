"""The live view and the wall in a real browser: nothing is done by an arrow key, what can't be undone asks, many agents, odd names."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from acd.engine.events import AgentLoggedOut, AgentNotReady, CallerHungUp
from acd.engine.operator_events import CallMoved, TalkCut
from acd.web.server.page_build import build_page
from tests.support.waiting import eventually
from tests.web.conftest import empty_database
from tests.web.support.desk_browser import PICTURES
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import CONFIG, OPERATOR_PASSWORD, RunningServer, running_server

WALL_PASSWORD = "hangs-on-the-wall-9"
LONG, RTL, EMOJI = "阿" * 40 + "Wolfeschlegelsteinhausenbergerdorff Jr.", "محمد بن سلمان الأحمد", "李娜 🎧👩‍💻"


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("live"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        house.accounts.add("lobby", ["wall"], WALL_PASSWORD)
        await house.calls.ready("1001", "1002", "1003")
        yield house


async def opened(
    browser: Browser, house: RunningServer, account: str = "operator", locale: str = "en-GB", width: int = 1280
) -> tuple[Page, list[str]]:
    context = await browser.new_context(locale=locale, viewport={"width": width, "height": 800}, color_scheme="light")
    page = await context.new_page()
    complaints: list[str] = []
    hear_complaints(page, complaints)
    await page.goto(house.url)
    await page.fill("[name=account]", account)
    await page.fill("[name=password]", WALL_PASSWORD if account == "lobby" else OPERATOR_PASSWORD)
    await page.click("button[type=submit]")
    await expect(page.get_by_test_id("queues")).to_be_visible()
    return page, complaints


async def closed(page: Page, complaints: list[str]) -> None:
    await page.context.close()
    assert complaints == []


async def act(row: Locator, name: str) -> None:
    await row.get_by_test_id("menu").click()
    await row.get_by_test_id(name).click()


async def pictures(page: Page, name: str, widths: tuple[int, ...] = (390, 1280, 1920, 2560)) -> None:
    if not PICTURES:
        return
    for theme in ("light", "dark"):
        await page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        for width in widths:
            await page.set_viewport_size({"width": width, "height": 844 if width == 390 else width * 9 // 16})
            await page.screenshot(path=f"{PICTURES}/{name}-{theme}-{width}.png", full_page=width == 390)


def told(house: RunningServer, kind: type) -> list[Any]:
    return [event for event in house.told if isinstance(event, kind)]


async def test_no_arrow_key_moves_a_caller_and_moving_asks(house: RunningServer, browser: Browser):
    house.calls.tell(*(AgentNotReady(agent, "meeting") for agent in ("1001", "1002", "1003")))
    page, complaints = await opened(browser, house)
    call = house.calls.arrives(caller="13700001111", queue="orders")
    row = page.get_by_test_id(f"live-{call}")
    menu = row.get_by_test_id("menu")
    await menu.focus()
    await page.keyboard.press("ArrowDown")
    await expect(row.get_by_role("menu")).to_be_visible()
    await expect(row.get_by_test_id("priority")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(row.get_by_test_id("move")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_focused()
    await expect(row.get_by_role("menu")).to_have_count(0)
    assert not told(house, CallMoved)
    await page.keyboard.press("Enter")
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    dialog = page.get_by_test_id("dialog")
    await expect(dialog).to_contain_text("Move 137****1111 to another queue")
    await dialog.locator("[name=queue]").select_option("after-sales")
    assert not told(house, CallMoved), "a choice alone moves nobody"
    await dialog.get_by_test_id("yes").click()
    await eventually(lambda: told(house, CallMoved), "the move")
    await expect(row).to_contain_text("After-sales")
    house.calls.tell(CallerHungUp(call))
    await closed(page, complaints)


async def test_the_fold_of_the_talks_stays_as_it_was_left_while_there_is_no_talk(
    house: RunningServer, browser: Browser
):
    await house.calls.ready("1001")
    page, complaints = await opened(browser, house)
    talks = page.get_by_test_id("talking")
    offer = await house.calls.answered(house.calls.arrives(queue="orders"))
    await talks.locator("summary").click()
    for opened_before in (True, False):
        await expect(talks).to_have_js_property("open", opened_before)
        await house.calls.over(offer, talk_s=20)
        await expect(talks).to_have_count(0)
        await house.calls.ready("1001", "1002", "1003")
        offer = await house.calls.answered(house.calls.arrives(queue="orders"))
        await expect(talks).to_have_js_property("open", opened_before)
        if opened_before:
            await talks.locator("summary").click()
    await house.calls.over(offer, talk_s=20)
    await house.calls.ready("1001", "1002", "1003")
    await closed(page, complaints)


async def test_the_priority_says_what_a_point_is_worth(house: RunningServer, browser: Browser):
    house.calls.tell(*(AgentNotReady(agent, "meeting") for agent in ("1001", "1002", "1003")))
    page, complaints = await opened(browser, house)
    call = house.calls.arrives(queue="orders")
    await act(page.get_by_test_id(f"live-{call}"), "priority")
    await expect(page.get_by_test_id("dialog")).to_contain_text("Each point counts as 30 s of extra waiting")
    await page.get_by_test_id("no").click()
    await page.get_by_test_id("language").click()
    await act(page.get_by_test_id(f"live-{call}"), "priority")
    await expect(page.get_by_test_id("dialog")).to_contain_text("每加 1 分，相当于已多等 30 秒")
    house.calls.tell(CallerHungUp(call))
    await closed(page, complaints)


async def test_of_two_supervisors_on_one_call_the_second_is_told_who_was_first(house: RunningServer, browser: Browser):
    page, complaints = await opened(browser, house)
    call = house.calls.arrives(caller="13700002222", queue="orders")
    row = page.get_by_test_id(f"live-{call}")
    await act(row, "move")
    dialog = page.get_by_test_id("dialog")
    await dialog.locator("[name=queue]").select_option("after-sales")
    async with house.client("token") as other:
        answer = await other.post(f"/api/calls/{call}/move", json={"queue": "after-sales"})
        assert answer.status == 202
    await dialog.get_by_test_id("yes").click()
    await expect(page.get_by_role("alert")).to_contain_text("command line was first: the call was moved to")
    house.calls.tell(CallerHungUp(call))
    await expect(row).to_have_count(0)
    # The browser says of each refused request that it failed.
    assert [one for one in complaints if "409" not in one] == []
    await page.context.close()


async def test_logging_out_an_agent_in_a_call_asks_and_is_seen_to_be_pending(house: RunningServer, browser: Browser):
    await house.calls.ready("1001")
    page, complaints = await opened(browser, house)
    call = house.calls.arrives(queue="orders")
    offer = await house.calls.answered(call)
    row = page.get_by_test_id(f"agent-{offer.agent}")
    await expect(row).to_contain_text("talking")
    await act(row, "log-out-agent")
    await expect(page.get_by_test_id("dialog")).to_contain_text("in a call")
    await page.get_by_test_id("no").click()
    assert AgentLoggedOut(offer.agent) not in house.told
    await act(row, "log-out-agent")
    await page.get_by_test_id("yes").click()
    await expect(row.get_by_test_id("pending")).to_contain_text("then logged out")
    talks = page.get_by_test_id("talking")
    await talks.locator("summary").click()
    await act(page.get_by_test_id(f"live-{call}"), "hang-up")
    await page.get_by_test_id("dialog").locator("[name=reason]").fill("threats")
    await page.get_by_test_id("yes").click()
    await eventually(lambda: told(house, TalkCut), "the talk's end")
    house.calls.tell(CallerHungUp(call))
    await closed(page, complaints)


async def test_callers_past_the_target_count_as_missed_while_they_wait(house: RunningServer, browser: Browser):
    house.calls.tell(*(AgentNotReady(agent, "meeting") for agent in ("1001", "1002", "1003")))
    page, complaints = await opened(browser, house)
    calls = [house.calls.arrives(caller=f"1370000{3000 + n}", queue="orders") for n in range(12)]
    queue = page.get_by_test_id("queue-orders")
    await expect(queue.get_by_test_id("waiting")).to_have_text("12")
    house.time.forward(20)
    house.calls.tell(AgentNotReady("1003", "meal"))  # a change: the page hears what time it is
    await expect(queue.get_by_test_id("lately")).to_contain_text("target missed")
    await expect(queue.get_by_test_id("longest")).to_have_class(re.compile("red"))
    positions = page.get_by_test_id("live-calls").get_by_test_id("position")
    assert (await positions.all_inner_texts()) == [str(n) for n in range(1, 13)]
    await pictures(page, "live-peak-en")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_test_id("language").click()
    await pictures(page, "live-peak-zh")
    for call in calls:
        house.calls.tell(CallerHungUp(call))
    await closed(page, complaints)


async def test_the_wall_sees_no_caller_and_no_agent_and_its_log_in_does_not_grow_old(
    house: RunningServer, browser: Browser
):
    house.calls.tell(*(AgentNotReady(agent, "meeting") for agent in ("1001", "1002", "1003")))
    call = house.calls.arrives(caller="13700009999", queue="orders")
    page, complaints = await opened(browser, house, "lobby", "zh-CN", width=1920)
    await expect(page.get_by_test_id("queue-orders").get_by_test_id("waiting")).to_have_text("1")
    await expect(page.get_by_test_id("clock")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    await expect(page.get_by_test_id("figures")).to_contain_text("平均处理时长")
    await expect(page.get_by_role("navigation")).to_have_count(0)
    low = await page.evaluate("() => document.querySelector('.tiles').getBoundingClientRect().bottom")
    assert low > 0.7 * await page.evaluate("() => innerHeight"), "the tiles use the height"
    assert await page.evaluate("() => document.documentElement.scrollHeight <= innerHeight + 1")
    assert await page.get_attribute("html", "data-theme") == "dark"
    await pictures(page, "wall-zh", (1280, 1920))
    await page.get_by_test_id("menu").click()
    await page.get_by_test_id("theme").click()
    assert await page.get_attribute("html", "data-theme") == "light"
    async with house.client() as client:
        async with client.post("/api/log-in", json={"account": "lobby", "password": WALL_PASSWORD}) as answer:
            assert answer.status == 200
            assert "Max-Age=31622400" in answer.headers["Set-Cookie"]
        for path in ("/api/state", "/api/events", "/api/agents", "/api/calls", "/api/kpi", "/api/alarms"):
            assert (await client.get(path)).status == 403
        async with client.get("/api/wall/events") as stream:
            text = ""
            while "\r\n\r\n" not in text:
                text += (await stream.content.readany()).decode()
        assert "137****" not in text and "1001" not in text and "after-sales" in text and call in text
        house.time.forward(3 * 24 * 3600)
        assert (await client.get("/api/wall/kpi")).status == 200, "three days later nobody has logged in anew"
    house.calls.tell(CallerHungUp(call))
    await closed(page, complaints)


async def test_a_thousand_agents_with_names_of_all_kinds(postgres: str, tmp_path: Path, browser: Browser):
    agents = {
        str(2000 + n): {"name": f"Agent {n}", "skills": {"orders": 3, "after-sales": 1 + n % 5}} for n in range(1000)
    }
    agents["2000"]["name"], agents["2001"]["name"], agents["2002"]["name"] = LONG, RTL, EMOJI
    async with (
        empty_database(postgres) as database,
        running_server(
            tmp_path / "state", database, page_folder=build_page(), written={**CONFIG, "agents": agents}
        ) as house,
    ):
        await house.calls.ready("2000", "2001", "2002", "2500")
        page, complaints = await opened(browser, house, width=1440)
        section = page.get_by_test_id("agents")
        await expect(section.locator("tbody tr")).to_have_count(50)
        for agent, name in (("2000", LONG), ("2001", RTL), ("2002", EMOJI)):
            await expect(page.get_by_test_id(f"agent-{agent}")).to_contain_text(name)
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        await expect(page.get_by_test_id("count-idle")).to_contain_text("4")
        took = await page.evaluate(
            """async () => {
                const times = []
                for (let n = 0; n < 5; n++) {
                    const began = performance.now()
                    document.querySelector('[data-test=sort-since]').click()
                    await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
                    times.push(performance.now() - began)
                }
                return times.sort((a, b) => a - b)[2]
            }"""
        )
        print(f"a thousand agents sorted anew and painted in {took:.0f} ms")
        await pictures(page, "live-thousand", (390, 1440))
        await page.set_viewport_size({"width": 1440, "height": 900})
        await page.get_by_test_id("count-idle").click()
        await expect(section.locator("tbody tr")).to_have_count(4)
        await page.get_by_test_id("pick-all").check()
        await expect(page.get_by_test_id("chosen")).to_contain_text("4 chosen")
        await page.get_by_test_id("chosen").get_by_test_id("menu").click()
        await page.get_by_test_id("meal").click()
        await eventually(lambda: len(told(house, AgentNotReady)) == 4, "all four are not ready")
        await expect(page.get_by_test_id("count-not ready")).to_contain_text("4")
        await page.get_by_test_id("clear-filters").click()
        await page.get_by_test_id("next").click()
        await expect(section).to_contain_text("Agents 51 to 100 of 1000")
        await page.get_by_test_id("find-agent").fill(RTL)
        await expect(section.locator("tbody tr")).to_have_count(1)
        await closed(page, complaints)

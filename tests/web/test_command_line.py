"""The command line as it is typed, against a house with a real engine and a real PostgreSQL behind its API."""

import asyncio
import json
import os
from collections.abc import AsyncIterator

import pytest

from acd.engine.events import AgentLoggedOut, AgentReady, CallerHungUp, WrapUpEnded
from acd.engine.operator_events import AgentMoved
from acd.web.server.routes import CONTEXT
from tests.support import forked_commands
from tests.web.support.web_server import RunningServer


@pytest.fixture(autouse=True)
async def floor(house: RunningServer) -> AsyncIterator[None]:
    """The command line finds the house by its address file; each story leaves nobody logged in and no call."""
    (house.folder / "run").mkdir(exist_ok=True)
    (house.folder / "run" / "address.json").write_text(json.dumps({"url": house.url}))
    yield
    for call in [row["call"] for row in house.engine.snapshot(house.time.now())["calls"]]:
        house.calls.tell(CallerHungUp(call))
    for agent in ("1001", "1002", "1003"):
        house.calls.tell(WrapUpEnded(agent), AgentLoggedOut(agent), AgentMoved(agent, ()))
    await house.calls.settled()


async def sanxiang(house: RunningServer, *words: str) -> tuple[int, str, str]:
    """Exit status, output and complaints."""
    env = {**os.environ, "COLUMNS": "200"}
    return await asyncio.to_thread(forked_commands.run, [*words, "--state", str(house.folder)], env=env)


async def said(house: RunningServer, *words: str) -> str:
    status, output, complaints = await sanxiang(house, *words)
    assert status == 0, (words, complaints)
    await house.calls.settled()
    return output


def states(house: RunningServer) -> dict[str, tuple[str, str]]:
    rows = house.engine.snapshot(house.time.now())["agents"]
    return {row["agent"]: (row["state"], row["reason"]) for row in rows}


async def test_several_agents_are_told_in_one_line(house: RunningServer):
    assert await said(house, "agent", "log-in", "1001", "1002") == "1001: log-in\n1002: log-in\n"
    assert await said(house, "agent", "ready", "1001", "1002", "1003") == "1001: ready\n1002: ready\n1003: ready\n"
    assert await said(house, "agent", "not-ready", "1001", "1002", "meal") == "1001: not-ready\n1002: not-ready\n"
    assert [states(house)[agent][1] for agent in ("1001", "1002", "1003")] == ["meal", "meal", ""]
    assert await said(house, "agent", "not-ready", "--all", "会议") == "1003: not-ready\n"
    assert states(house)["1003"][1] == "meeting"
    assert len((await said(house, "agent", "log-out", "--all")).splitlines()) == 3
    assert await said(house, "agent", "log-out", "--all") == "log-out: there is nobody to tell\n"
    assert {state for state, _ in states(house).values()} == {"logged out"}


WRONG = (
    (("agent", "log-out"), "--all"),
    (("agent", "log-out", "1001", "--all"), "--all"),
    (("agent", "not-ready"), "not-ready AGENT REASON"),
    (("agent", "move"), "AGENT"),
    (("call", "priority", "c1-1", "high"), "Write a whole number"),
    (("call", "withdraw", "c1-1"), "--reason"),
    (("explain", "c1-1", "--language", "fr"), "'zh'"),
)


async def test_wrong_usage_is_status_2_and_says_how(house: RunningServer):
    found = await asyncio.gather(*(sanxiang(house, *words) for words, _ in WRONG))
    for (words, remedy), (status, output, complaints) in zip(WRONG, found, strict=True):
        assert (status, output) == (2, ""), (words, complaints)
        assert remedy in complaints, (words, complaints)


async def test_one_agent_is_shown_with_his_day(house: RunningServer):
    await said(house, "agent", "ready", "1003")
    await said(house, "agent", "move", "1003", "after-sales")
    assert await house.shipper.catch_up(30)
    shown = await said(house, "agent", "show", "1003")
    assert "1003 王芳:" in shown
    assert "skills  after-sales 7" in shown
    assert "queues  after-sales" in shown
    chinese = await said(house, "agent", "show", "1003", "--stretches", "--language", "zh")
    assert "签出" in chinese
    found = json.loads(await said(house, "agent", "show", "1003", "--json"))
    assert found["stretches"][-1]["to_at"] is None
    status, _, complaints = await sanxiang(house, "agent", "move", "1003", "orders")
    assert (status, "does not reach the skills that orders requires" in complaints) == (0, True)
    assert await said(house, "agent", "move", "1003") == "1003: takes calls of all queues that match their skills\n"


async def test_a_call_is_explained_in_words_and_in_full(house: RunningServer):
    house.calls.tell(AgentReady("1002"))
    await house.calls.ready("1001")
    offer = await house.calls.whole(caller="13600000001", talk_s=30)
    short = await said(house, "explain", offer.call)
    assert f"agent {offer.agent} Tom <b>Baker</b> is chosen" in short
    assert "routing strategy: longest-idle" in short
    whole = await said(house, "explain", offer.call, "--full", "--language", "zh")
    assert "分配策略：空闲最久优先" in whole
    assert "选中" in whole
    assert "after-sales:7" in whole  # the third agent's row
    found = json.loads(await said(house, "explain", offer.call, "--json"))
    assert [step["choice"]["whole"] for step in found["steps"] if step["choice"]] == [None]
    assert "13600000001" not in short + whole + json.dumps(found)


async def test_the_figures_of_a_day_by_queue_and_by_hour(house: RunningServer):
    table = await said(house, "kpi")
    assert table.splitlines()[0].split()[:3] == ["QUEUE", "CALLS", "ANSWERED"]
    assert {line.split()[0] for line in table.splitlines()[1:-2]} == {*house.app[CONTEXT].config.queues, "all"}
    assert "abandoned: " in table.splitlines()[-1]
    by_hour = (await said(house, "kpi", "--interval", "60")).splitlines()
    assert by_hour[0].startswith("FROM (UTC)")
    assert 2 <= len(by_hour) <= 25  # hours that have begun
    assert len((await said(house, "kpi", "--interval", "60", "--day", "2020-01-01")).splitlines()) == 25
    whole = json.loads(await said(house, "kpi", "--json", "--day", "2020-01-01"))
    assert (whole["calls"], whole["connect_rate"]["reached"]) == (0, None)
    assert (await said(house, "kpi", "--waits", "--days", "3")).split()[:2] == ["DAY", "QUEUE"]
    status, _, complaints = await sanxiang(house, "kpi", "--queue", "nowhere")
    assert status == 1 and "There is no queue nowhere" in complaints

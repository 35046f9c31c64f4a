"""An operator's hand on a running house, by the command line: waiting calls put forward, moved, withdrawn; a queue closed;
an agent moved; and afterwards why each agent was chosen, though the daemon was killed in the middle of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem

POLICY = """
[[queues.after-sales.overflow]]
after_s = 600
do = "raise-priority"
by = 1
why = "nobody waits for ever"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder: Path = tmp_path_factory.mktemp("system")
    async with FullSystem(folder, ("1001",), ring_s=1, brisk=True, more=POLICY) as system:
        yield system


async def said(system: FullSystem, *words: str) -> str:
    status, output, complaints = await system.sanxiang(*words)
    assert status == 0, (words, complaints)
    return output


async def shown(system: FullSystem, queue: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await said(system, "queue", "show", queue, "--json"))
    return found


async def waits(system: FullSystem, number: str) -> str:
    await system.asks("1", number, stays_s=240)
    call = await system.log.call_of(number)
    await system.log.row(Kind.QUEUED, lambda row: row.call == call)
    return call


async def test_calls_are_put_forward_moved_and_withdrawn_and_all_of_it_is_explained(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3, talk_s=(2, 2)), ready=False)
        await said(system, "agent", "log-in", "1001")
        first, second = await waits(system, "13800000001"), await waits(system, "13800000002")
        assert [row["call"] for row in (await shown(system, "orders"))["calls"]] == [first, second]
        await said(system, "call", "priority", second, "9")
        assert [(row["call"], row["priority"]) for row in (await shown(system, "orders"))["calls"]] == [
            (second, 9),
            (first, 0),
        ]
        table = await said(system, "queue", "show", "orders")
        assert table.index(second) < table.index(first)
        assert "requires orders 1; longest-idle first" in table

        await said(system, "call", "move", first, "after-sales")
        assert [row["call"] for row in (await shown(system, "after-sales"))["calls"]] == [first]
        assert "row 1, after 10:00: +1 priority" in await said(system, "queue", "show", "after-sales")
        await said(system, "call", "withdraw", first, "--reason", "他打错了电话")
        assert (await system.log.ending_of(first)).detail["ending"] == Ending.WITHDRAWN
        status, _, complaints = await system.sanxiang("call", "withdraw", first, "--reason", "again")
        assert (status, "is over" in complaints) == (1, True), complaints

        await system.faults.back(system.faults.kill("daemon"))
        assert [(row["call"], row["priority"]) for row in (await shown(system, "orders"))["calls"]] == [(second, 9)]
        await said(system, "agent", "move", "1001", "after-sales")
        await said(system, "agent", "ready", "1001")
        await system.comes_to_be("1001", "idle")
        assert [row["call"] for row in (await shown(system, "orders"))["calls"]] == [second]
        assert "takes calls of all queues that match their skills" in await said(system, "agent", "move", "1001")
        await system.log.ending_of(second)
        await system.caught_up()

        in_words = await said(system, "explain", second)
        assert "command line changes the priority of the call from 0 to 9" in in_words
        assert "agent 1001 Agent 1001 is chosen (the call was first in line when the agent became free)" in in_words
        assert "选中" in await said(system, "explain", second, "--full", "--language", "zh")
        whole = json.loads(await said(system, "explain", second, "--full", "--json"))
        assert whole["note"] is None
        choice = next(step["choice"] for step in whole["steps"] if step["choice"])
        assert [(one["agent"], one["verdict"]) for one in choice["whole"]["agents"]] == [("1001", "chosen")]
        assert choice["outcome"] == "answered"
        assert "removes the call from the queue (他打错了电话)" in await said(system, "explain", first)

        agent = await said(system, "agent", "show", "1001")
        assert "all queues that match their skills" in agent
        assert "talking" in agent
        assert "1001: log-out" in await said(system, "agent", "log-out", "--all")
        await system.comes_to_be("1001", "logged out")


async def test_a_closed_queue_takes_no_new_callers(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3, talk_s=(2, 2)), ready=False)
        await said(system, "agent", "log-in", "1001")
        waiting = await waits(system, "13800000011")
        assert "closed" in await said(system, "queue", "close", "orders")
        await system.asks("1", "13800000012")
        refused = await system.log.call_of("13800000012")
        assert (await system.log.ending_of(refused)).detail["ending"] == Ending.TURNED_AWAY
        assert "closed" in await said(system, "queue", "list")
        await said(system, "agent", "ready", "1001")
        assert (await system.log.ending_of(waiting)).detail["ending"] == Ending.ANSWERED
        await said(system, "queue", "open", "orders")
        assert (await shown(system, "orders"))["queue"]["open"] is True


async def test_what_an_operator_gets_wrong_is_one_sentence_with_the_near_name(system: FullSystem):
    async with system.scene():
        for words, sentence in (
            (("queue", "close", "oders"), "Did you mean orders?"),
            (("queue", "show", "Orders!"), "can't be a queue's name"),
            (("call", "priority", "c1-1-1", "3"), "There is no call c1-1-1."),
            (("call", "priority", "../agents", "3"), "can't be a call id"),
            (("agent", "move", "1001", "after-sale"), "Did you mean after-sales?"),
            (("agent", "show", "1002"), "Did you mean 1001?"),
            (("explain", "c1-1-1"), "There is no call c1-1-1."),
        ):
            status, output, complaints = await system.sanxiang(*words)
            assert (status, output) == (1, ""), (words, output, complaints)
            assert sentence in complaints, complaints
            assert len(complaints.strip().splitlines()) == 1, complaints
        status, _, complaints = await system.sanxiang("agent", "log-out")
        assert status == 2
        assert "--all" in complaints


async def test_without_a_daemon_a_call_is_explained_from_the_journal(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3, talk_s=(2, 2)))
        call = await waits(system, "13800000021")
        await system.log.ending_of(call)
        by_the_daemon = json.loads(await said(system, "explain", call, "--full", "--json"))
        system.faults.hold_back("daemon")
        system.faults.kill("daemon")
        alone = json.loads(await said(system, "explain", call, "--full", "--json"))
        assert "agent 1001 is chosen" in await said(system, "explain", call, "--full")
        told = [(step["at"][:19], step["en"].partition(" queue ")[0]) for step in alone["steps"]]
        named = [(step["at"][:19], step["en"].partition(" queue ")[0]) for step in by_the_daemon["steps"]]
        # Without the daemon, agents are told by their extensions alone.
        assert told == [(at, text.replace("agent 1001 Agent 1001", "agent 1001")) for at, text in named]
        assert told[0][1].startswith("138****0021 dials"), told[0]
        assert [step["detail"] for step in alone["steps"]] == [step["detail"] for step in by_the_daemon["steps"]]
        assert "13800000021" not in json.dumps(alone)
        choices = [step["choice"]["whole"]["agents"] for step in alone["steps"] if step["choice"]]
        assert [[one["verdict"] for one in each] for each in choices] == [["chosen"]]
        system.faults.bring_back("daemon")
        await system.serving()

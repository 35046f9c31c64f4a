"""Whoever hands a caller over has after-call work of their own, and no calls meanwhile: until its time is over, the agent ends it, or
dials that it is over."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Kind, Log
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_system import transfer_system
from tests.calls.support.transfers import for_a_while

WRAP_UP_S = 3.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with transfer_system(tmp_path_factory.mktemp("system"), wrap_up_s=WRAP_UP_S) as system:
        yield system


async def wrapped_up(system: FullSystem, agent: str, count: int = 1) -> Log:
    """The end of the agent's after-call work of that number."""
    return await system.log.row(
        Kind.AGENT_STATE, lambda row: row.agent == agent and row.detail["was"] == "wrap-up", count
    )


def states(system: FullSystem, agent: str) -> list[str]:
    return [row.detail["state"] for row in system.log.of(Kind.AGENT_STATE) if row.agent == agent]


async def test_after_a_warm_transfer_for_the_time_of_the_queue(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, warm=True)
        await system.log.consult_of(call)
        await system.transfers.post(call, "transfer/complete")
        await system.log.talk_of(call, "1002")
        await system.comes_to_be("1001", "wrap-up")
        assert (await system.agent("1002"))["state"] == "talking"
        # The receiver talks, the first agent wraps up: the next caller waits for the end of it.
        other, next_call = await system.transfers.comes_in()
        assert len(amy.invites()) == 1
        row = await wrapped_up(system, "1001")
        assert row.detail["lasted_s"] >= WRAP_UP_S - 0.05
        await system.log.talk_of(next_call, "1001")
        assert len(amy.invites()) == 2
        await for_a_while()
        await system.transfers.goes(other, next_call)
        await system.transfers.goes(caller, call)
        # The receiver has it after the talk, too.
        assert (await wrapped_up(system, "1002")).detail["lasted_s"] >= WRAP_UP_S - 0.05
        await wrapped_up(system, "1001", 2)
        assert states(system, "1001")[-6:] == ["wrap-up", "idle", "ringing", "talking", "wrap-up", "idle"]
        assert await system.times_tile("1001") and await system.times_tile("1002")


@pytest.mark.parametrize("how", ["end-wrap-up", "*15", "ready", "*13"])
async def test_after_a_cold_transfer_until_the_agent_says_that_it_is_over(system: FullSystem, how: str):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"})
        await system.comes_to_be("1001", "wrap-up")
        if how.startswith("*"):
            assert await (await system.dials("1001", how)).wait() == 0
        else:
            await system.request("POST", f"/api/agents/1001/{how}", {})
        row = await wrapped_up(system, "1001")
        assert row.detail["lasted_s"] < WRAP_UP_S - 0.5
        await system.comes_to_be("1001", "idle")
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await wrapped_up(system, "1002")

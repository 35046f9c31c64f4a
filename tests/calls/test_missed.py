"""Offers that come to nothing: rung out, refused, a phone that is dead or gone. The caller is at the next agent's at once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Log, Outcome
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.recorded_sound import well_recorded
from tests.support.waiting import eventually

AT_ONCE = timedelta(milliseconds=300)
ANSWERS = Phone(ring_s=0.3, talk_s=(2.5, 2.5))


def gap(system: FullSystem, one: Log, next_: Log) -> timedelta:
    """Between two rows of the log."""
    at = {id(row): at for at, row in system.log.rows()}
    return at[id(next_)] - at[id(one)]


async def test_three_rings_missed_and_it_rings_at_the_next_agent_and_the_first_says_by_telephone_when_he_is_back(
    tmp_path: Path,
):
    async with FullSystem(tmp_path, ("1001", "1002"), ring_s=5, brisk=True) as system:
        deaf = await system.staffed("1001", Phone(never_answers=True))
        await system.staffed("1002", ANSWERS)
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")

        missed = await system.log.row(Kind.OFFER_ENDED)
        assert (missed.agent, missed.detail["outcome"]) == ("1001", Outcome.RING_NO_ANSWER)
        assert missed.detail["rings"] == 3
        assert 15 <= missed.detail["ring_s"] < 16
        again = await system.log.row(Kind.OFFERED, count=2)
        assert again.agent == "1002"
        assert gap(system, missed, again) <= AT_ONCE
        await system.comes_to_be("1001", "not ready", "ring no answer")
        await eventually(lambda: "CANCEL sip:" in deaf.uas.messages("agents"), "the end of the ringing at 1001's phone")

        ended = await system.log.ending_of(call)
        await system.log.row(Kind.RECORDED)  # a moment before or after the call's end
        assert [word for word in system.log.story(call) if word != "recorded"] == [
            *("arrived", "menu", "queued"),
            *("offered", "ringing", "ring no answer", "returned"),
            *("offered", "ringing", "answered", "connected", "talk ended", "answered", "ended"),
        ]
        assert ended.detail["ending"] == Ending.ANSWERED
        assert ended.detail["wait_s"] > 15
        assert not ended.detail["within_target"]

        phone = await system.dials("1001", "*13")
        assert await phone.wait() == 0
        await system.comes_to_be("1001", "idle")
        assert await system.times_tile("1001")
        await system.caught_up()
        first, second = await system.store.offers(call)
        assert (first.rings, first.outcome, first.talk_s) == (3, "ring no answer", None)
        assert second.outcome == "answered"
        none, leg = [await system.store.recording(offer.offer) for offer in (first, second)]
        assert none is not None
        assert none.state == "none"
        assert well_recorded(Path(system.prepared.recordings), leg)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with FullSystem(tmp_path_factory.mktemp("system"), ring_s=1, brisk=True) as system:
        yield system


async def test_who_declines_or_is_busy_is_passed_over_at_once_and_the_cause_is_kept(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(code=486))
        await system.staffed("1002", Phone(code=603))
        await system.staffed("1003", ANSWERS)
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert system.log.offers(call) == [("1001", "busy"), ("1002", "rejected"), ("1003", "answered")]
        ends = [row for _, row in system.log.rows() if row.kind is Kind.OFFER_ENDED]
        assert [row.detail["cause"] for row in ends] == [17, 21, 0]
        begins = [row for _, row in system.log.rows() if row.kind is Kind.OFFERED]
        assert all(gap(system, *pair) <= AT_ONCE for pair in zip(ends, begins[1:], strict=False))
        assert [(await system.agent(agent))["state"] for agent in ("1001", "1002")] == ["idle", "idle"]
        await system.caught_up()
        assert [offer.cause for offer in await system.store.offers(call)] == [17, 21, 0]


async def test_a_dead_phone_is_found_out_in_two_seconds_and_left_alone_until_it_gives_a_sign_of_life(
    system: FullSystem,
):
    async with system.scene():
        dead = await system.staffed("1001", ANSWERS, ready=False)
        await system.staffed("1002", ANSWERS, ready=False)
        for agent in ("1001", "1002"):
            await system.ask("POST", f"/api/agents/{agent}/log-in", {})
            await system.comes_to_be(agent, "not ready")
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        queued = await system.log.row(Kind.QUEUED)

        # The plug is pulled, and nobody knows it yet.
        dead.freeze()
        await system.ask("POST", "/api/agents/1001/ready", {})
        await system.ask("POST", "/api/agents/1002/ready", {})
        found_out = await system.log.row(Kind.OFFER_ENDED)
        offered = await system.log.row(Kind.OFFERED)
        assert (found_out.agent, found_out.detail["outcome"]) == ("1001", Outcome.UNREACHABLE)
        assert timedelta(seconds=2) <= gap(system, offered, found_out) < timedelta(seconds=3)
        await system.comes_to_be("1001", "unreachable")
        assert not (await system.agent("1001"))["reachable"]
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert system.log.offers(call) == [("1001", "unreachable"), ("1002", "answered")]

        # The next caller is not sent into the void, though 1001 has had less to do.
        await system.asks("1", "13800000002")
        second = await system.log.call_of("13800000002")
        assert (await system.log.ending_of(second)).detail["ending"] == Ending.ANSWERED
        assert system.log.offers(second) == [("1002", "answered")]

        dead.thaw()
        await system.comes_to_be("1001", "idle")
        await system.ask("POST", "/api/agents/1002/log-out", {})
        await system.asks("1", "13800000003")
        third = await system.log.call_of("13800000003")
        await system.log.ending_of(third)
        assert system.log.offers(third) == [("1001", "answered")]
        assert await system.times_tile("1001")
        assert queued.queue == "orders"


async def test_an_agent_whose_phone_is_not_registered_is_not_offered_anything_until_it_is(system: FullSystem):
    async with system.scene():
        leaves = await system.staffed("1001", ANSWERS)
        await system.staffed("1002", ANSWERS)
        await leaves.uas.stop()
        await leaves.register(0)
        await system.comes_to_be("1001", "unreachable")
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.log.ending_of(call)
        assert system.log.offers(call) == [("1002", "answered")]
        assert (await system.log.row(Kind.OFFERED)).detail["passed_over"]["unreachable"] == 1

        await leaves.register(3600)
        await leaves.answer()
        await system.comes_to_be("1001", "idle")
        await system.ask("POST", "/api/agents/1002/log-out", {})
        await system.asks("1", "13800000002")
        call = await system.log.call_of("13800000002")
        await system.log.ending_of(call)
        assert system.log.offers(call) == [("1001", "answered")]

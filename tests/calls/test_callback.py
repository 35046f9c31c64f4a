"""Callers who take a callback: they hang up, hold their place, and are called when their turn has come."""

import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Log
from acd.sipp.actors import Phone, SippCaller
from tests.calls.support.carrier import TALKS, OutwardHouse
from tests.support.audio import tone
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

TAKES_IT = "1,,,,1,,1"
"""Orders; a second later the callback is offered; yes; his number is right."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OutwardHouse]:
    async with OutwardHouse(tmp_path_factory.mktemp("house")) as house:
        yield house


def states(house: OutwardHouse, call: str) -> list[str]:
    """What became of the callback, word by word."""
    return [row.detail["state"] for _, row in house.log() if row.kind is Kind.CALLBACK and row.call == call]


def of(call: str, state: str = "") -> Callable[[Log], bool]:
    return lambda row: row.call == call and (not state or row.detail["state"] == state)


async def virtual(house: OutwardHouse, number: str) -> str:
    """A caller who has taken a callback and hung up."""
    caller = await house.asks(TAKES_IT, number)
    call = await house.call_of(number)
    accepted = await house.row(Kind.CALLBACK, of(call, "accepted"))
    assert accepted.detail["number"] == number
    assert await caller.wait() == 0  # told so, and let go by us

    async def holds_his_place() -> bool:
        return bool((await house.calls())[call]["virtual"])

    await eventually(holds_his_place, "his place")
    return call


async def test_who_takes_a_callback_is_called_at_his_turn_talks_and_is_one_call(house: OutwardHouse):
    async with house.scene():
        outside = await house.outside(Phone(ring_s=1.0))
        await house.attended("1001", TALKS)
        first = await virtual(house, "13800000001")
        later = await house.asks("0", "13800000002")
        second = await house.call_of("13800000002")
        await house.row(Kind.QUEUED, of(second))
        assert [await house.place_of(call) for call in (first, second)] == [1, 2]
        assert outside.invites() == []

        await house.takes_calls()
        calling = await house.row(Kind.CALLBACK, of(first, "calling"))
        assert (calling.agent, calling.detail["attempt"]) == ("1001", 1)
        await house.comes_to_be("1001", "reserved")
        ended = await house.ending_of(first)
        assert (ended.detail["ending"], ended.detail["callback"]) == (Ending.ANSWERED, True)
        assert states(house, first) == ["accepted", "calling", "answered"]
        [invite] = outside.invites()
        assert invite.startswith(f"INVITE sip:13800000001@{TRUNK_ADDRESS}:")
        assert "From: <sip:95001@" in invite  # the number that he had dialled
        talk = await house.row(Kind.TALK_ENDED, of(first))
        filed = await house.row(Kind.RECORDED, of(first))
        assert filed.offer == talk.offer
        assert (await house.ending_of(second)).detail["ending"] == Ending.ANSWERED
        assert [row.call for _, row in house.log() if row.kind is Kind.CONNECTED] == [first, second]
        await later.wait()
        await house.caught_up()
        kept = await house.store.call(first)
        assert kept is not None and kept.ending == Ending.ANSWERED
        leg = await house.store.recording(talk.offer)
        assert leg is not None and leg.state == "complete" and abs((leg.seconds or 0) - (leg.talk_s or 0)) < 1
        assert [call.call for call in await house.store.calls(search="13800000001")] == [first]


async def test_a_callback_that_is_not_answered_is_tried_again_and_then_given_up(house: OutwardHouse):
    async with house.scene():
        outside = await house.outside(Phone(code=486))
        await house.attended()
        call = await virtual(house, "13800000003")
        await house.takes_calls()
        ended = await house.ending_of(call)
        assert ended.detail["ending"] == Ending.NOT_REACHED
        assert states(house, call) == ["accepted", "calling", "failed", "calling", "failed", "given up"]
        reasons = [
            row.detail["reason"] for _, row in house.log() if row.kind is Kind.CALLBACK and of(call, "failed")(row)
        ]
        assert reasons == ["busy", "busy"]
        assert len(outside.invites()) == 2
        assert house.offers(call) == [("1001", "customer not reached")] * 2
        await house.comes_to_be("1001", "idle")


async def test_the_second_attempt_reaches_him(house: OutwardHouse):
    async with house.scene():
        busy = await house.outside(Phone(code=486))
        await house.attended()
        call = await virtual(house, "13800000004")
        await house.takes_calls()
        await house.row(Kind.CALLBACK, of(call, "failed"))
        await busy.stop()
        await house.outside(Phone(ring_s=0.3))
        assert (await house.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert states(house, call) == ["accepted", "calling", "failed", "calling", "answered"]


async def test_who_is_called_back_and_hangs_up_at_once_has_ended_his_call(house: OutwardHouse):
    async with house.scene():
        await house.outside(Phone(ring_s=0.3, talk_s=(1.0, 1.0)))
        await house.attended("1001", Phone(never_answers=True))
        call = await virtual(house, "13800000005")
        await house.takes_calls()
        ended = await house.ending_of(call)
        assert ended.detail["ending"] in (Ending.ABANDONED_RINGING, Ending.ABANDONED_QUEUE)
        assert states(house, call) == ["accepted", "calling", "answered"]


async def test_an_agent_who_comes_free_ends_the_offer_and_nobody_is_delayed(tmp_path: Path):
    for language in ("zh", "en"):
        tone(tmp_path / "prompts" / language / "callback-keep-place.wav", 500, 20.0)
    async with OutwardHouse(tmp_path) as house:
        await house.attended()
        await house.asks("1", "13800000001")
        call = await house.call_of("13800000001")
        await house.row(Kind.OVERFLOW)
        await eventually(lambda: house.context_of("offer-callback"), "the offer's being spoken")
        await house.takes_calls()
        offered_at, _ = await house.timed_row(Kind.OFFERED)
        ringing_at, _ = await house.timed_row(Kind.RINGING)
        assert (ringing_at - offered_at).total_seconds() < 1  # of a prompt of 20 s
        assert (await house.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert states(house, call) == []


async def back_again(house: OutwardHouse) -> None:
    """The daemon is killed, and another one is there."""
    await house.back(house.kill("daemon", signal.SIGKILL))


async def test_a_daemon_that_is_killed_keeps_the_place_of_who_holds_one(house: OutwardHouse):
    async with house.scene():
        await house.outside(Phone(ring_s=0.5))
        await house.attended("1001", TALKS)
        first = await virtual(house, "13800000006")
        await house.asks("0", "13800000007")
        second = await house.call_of("13800000007")
        await house.row(Kind.QUEUED, of(second))
        await back_again(house)
        assert [await house.place_of(call) for call in (first, second)] == [1, 2]
        await house.takes_calls()
        for call in (first, second):
            assert (await house.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert [row.call for _, row in house.log() if row.kind is Kind.CONNECTED] == [first, second]


async def test_a_daemon_that_is_killed_while_it_calls_him_dials_no_second_time(house: OutwardHouse):
    async with house.scene():
        outside = await house.outside(Phone(ring_s=12.0))
        await house.attended("1001", TALKS)
        call = await virtual(house, "13800000008")
        await house.takes_calls()
        await eventually(lambda: outside.invites(), "the ringing of his telephone")
        await back_again(house)
        assert (await house.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert len(outside.invites()) == 1
        assert states(house, call) == ["accepted", "calling", "answered"]


async def test_a_daemon_that_is_killed_while_he_accepts_loses_nobody(house: OutwardHouse):
    async with house.scene():
        await house.outside(Phone(ring_s=0.3))
        await house.attended("1001", TALKS)
        caller: SippCaller = await house.asks(TAKES_IT, "13800000009")
        call = await house.call_of("13800000009")
        await eventually(lambda: house.context_of("offer-callback"), "the offer")
        house.hold_back("daemon")
        killed = house.kill("daemon", signal.SIGKILL)
        assert await caller.wait() == 0  # the house tells him so all the same
        house.bring_back("daemon")
        await house.back(killed)
        accepted: Log = await house.row(Kind.CALLBACK, of(call, "accepted"))
        assert accepted.detail["number"] == "13800000009"
        await house.takes_calls()
        assert (await house.ending_of(call)).detail["ending"] == Ending.ANSWERED

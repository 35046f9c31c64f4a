"""Callers who take a callback: they hang up, hold their place, and are called when their turn has come."""

import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Log
from acd.sipp.actors import Phone
from tests.calls.support.call_log import person
from tests.calls.support.full_system import FullSystem
from tests.calls.support.overflow_system import TALKS, attended, overflow_system
from tests.support.audio import tone
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

TAKES_IT = "1,,,,1,,1"
"""Orders; a second later the callback is offered; yes; his number is right."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with overflow_system(tmp_path_factory.mktemp("system")) as system:
        yield system


def states(system: FullSystem, call: str) -> list[str]:
    """What became of the callback, word by word."""
    return [row.detail["state"] for _, row in system.log.rows() if row.kind is Kind.CALLBACK and row.call == call]


def of(call: str, state: str = "") -> Callable[[Log], bool]:
    return lambda row: row.call == call and (not state or row.detail["state"] == state)


async def virtual(system: FullSystem, number: str) -> str:
    """A caller who has taken a callback and hung up."""
    caller = await system.asks(TAKES_IT, number)
    call = await system.log.call_of(number)
    accepted = await system.log.row(Kind.CALLBACK, of(call, "accepted"))
    assert accepted.detail["number"] == person(number)
    assert await caller.wait() == 0  # told so, and let go by us

    async def holds_his_place() -> bool:
        return bool((await system.calls())[call]["virtual"])

    await eventually(holds_his_place, "his place")
    return call


async def test_who_takes_a_callback_is_called_at_his_turn_talks_and_is_one_call(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=1.0))
        await attended(system, "1001", TALKS)
        first = await virtual(system, "13800000001")
        later = await system.asks("0", "13800000002")
        second = await system.log.call_of("13800000002")
        await system.log.row(Kind.QUEUED, of(second))
        assert [await system.position(call) for call in (first, second)] == [1, 2]
        assert outside.invites() == []

        await system.ready("1001")
        calling = await system.log.row(Kind.CALLBACK, of(first, "calling"))
        assert (calling.agent, calling.detail["attempt"]) == ("1001", 1)
        await system.comes_to_be("1001", "reserved")
        ended = await system.log.ending_of(first)
        assert (ended.detail["ending"], ended.detail["callback"]) == (Ending.ANSWERED, True)
        assert states(system, first) == ["accepted", "calling", "answered"]
        [invite] = outside.invites()
        assert invite.startswith(f"INVITE sip:13800000001@{TRUNK_ADDRESS}:")
        assert "From: <sip:95001@" in invite  # the number that he had dialled
        talk = await system.log.row(Kind.TALK_ENDED, of(first))
        filed = await system.log.row(Kind.RECORDED, of(first))
        assert filed.offer == talk.offer
        assert (await system.log.ending_of(second)).detail["ending"] == Ending.ANSWERED
        assert [row.call for _, row in system.log.rows() if row.kind is Kind.CONNECTED] == [first, second]
        await later.wait()
        await system.caught_up()
        kept = await system.store.call(first)
        assert kept is not None and kept.ending == Ending.ANSWERED
        leg = await system.store.recording(talk.offer)
        assert leg is not None and leg.state == "complete" and abs((leg.seconds or 0) - (leg.talk_s or 0)) < 1
        assert [call.call for call in await system.store.calls(search="13800000001")] == [first]
        promise, steps = await system.store.promise(first)
        assert promise is not None and (promise.source, promise.outcome, promise.in_time, promise.tries) == (
            "caller",
            "kept",
            True,
            1,
        )
        assert [step.detail["state"] for step in steps] == ["accepted", "made", "calling", "answered", "ended"]


async def test_a_callback_that_a_program_has_promised_is_dialled_and_is_a_call_like_any_other(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3))
        await attended(system, "1001", TALKS)
        new = {"number": "13800000031", "queue": "orders", "note": "about the invoice"}
        status, made = await system.request("POST", "/api/callbacks", new)
        assert status == 200, made
        status, again = await system.request("POST", "/api/callbacks", {**new, "number": "+86 138 0000 0031"})
        assert (status, again["callback"]) == (200, made["callback"])
        await system.ready("1001")
        ended = await system.log.ending_of(made["callback"])
        assert (ended.detail["ending"], ended.detail["callback"]) == (Ending.ANSWERED, True)
        [invite] = outside.invites()
        assert invite.startswith(f"INVITE sip:13800000031@{TRUNK_ADDRESS}:")
        await system.caught_up()
        promise, _ = await system.store.promise(made["callback"])
        assert promise is not None and (promise.outcome, promise.in_time) == ("kept", True)


async def test_a_callback_that_is_not_answered_is_tried_again_and_then_given_up(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(code=486))
        await attended(system)
        call = await virtual(system, "13800000003")
        await system.ready("1001")
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.NOT_REACHED
        assert states(system, call) == ["accepted", "calling", "failed", "calling", "failed", "given up"]
        reasons = [
            row.detail["reason"]
            for _, row in system.log.rows()
            if row.kind is Kind.CALLBACK and of(call, "failed")(row)
        ]
        assert reasons == ["busy", "busy"]
        assert len(outside.invites()) == 2
        assert system.log.offers(call) == [("1001", "customer not reached")] * 2
        await system.comes_to_be("1001", "idle")


async def test_the_second_attempt_reaches_him(system: FullSystem):
    async with system.scene():
        busy = await system.carrier.outside(Phone(code=486))
        await attended(system)
        call = await virtual(system, "13800000004")
        await system.ready("1001")
        await system.log.row(Kind.CALLBACK, of(call, "failed"))
        await busy.stop()
        await system.carrier.outside(Phone(ring_s=0.3))
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert states(system, call) == ["accepted", "calling", "failed", "calling", "answered"]


async def test_who_is_called_back_and_hangs_up_at_once_has_ended_his_call(system: FullSystem):
    async with system.scene():
        await system.carrier.outside(Phone(ring_s=0.3, talk_s=(1.0, 1.0)))
        await attended(system, "1001", Phone(never_answers=True))
        call = await virtual(system, "13800000005")
        await system.ready("1001")
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] in (Ending.ABANDONED_RINGING, Ending.ABANDONED_QUEUE)
        assert states(system, call) == ["accepted", "calling", "answered"]


async def test_an_agent_who_comes_free_ends_the_offer_and_nobody_is_delayed(tmp_path: Path):
    for language in ("zh", "en"):
        tone(tmp_path / "prompts" / language / "callback-keep-place.wav", 500, 20.0)
    async with overflow_system(tmp_path) as system:
        await attended(system)
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.OVERFLOW)
        await eventually(lambda: system.callers_in("offer-callback"), "the offer's being spoken")
        await system.ready("1001")
        offered_at, _ = await system.log.timed_row(Kind.OFFERED)
        ringing_at, _ = await system.log.timed_row(Kind.RINGING)
        assert (ringing_at - offered_at).total_seconds() < 1  # of a prompt of 20 s
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert states(system, call) == []


async def back_again(system: FullSystem) -> None:
    """The daemon is killed, and another one is there."""
    await system.faults.back(system.faults.kill("daemon", signal.SIGKILL))


async def test_a_daemon_that_is_killed_keeps_the_place_of_who_holds_one(system: FullSystem):
    async with system.scene():
        await system.carrier.outside(Phone(ring_s=0.5))
        await attended(system, "1001", TALKS)
        first = await virtual(system, "13800000006")
        await system.asks("0", "13800000007")
        second = await system.log.call_of("13800000007")
        await system.log.row(Kind.QUEUED, of(second))
        await back_again(system)
        assert [await system.position(call) for call in (first, second)] == [1, 2]
        await system.ready("1001")
        for call in (first, second):
            assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert [row.call for _, row in system.log.rows() if row.kind is Kind.CONNECTED] == [first, second]


async def test_a_daemon_that_is_killed_while_it_calls_him_dials_no_second_time(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=12.0))
        await attended(system, "1001", TALKS)
        call = await virtual(system, "13800000008")
        await system.ready("1001")
        await eventually(lambda: outside.invites(), "the ringing of his telephone")
        await back_again(system)
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert len(outside.invites()) == 1
        assert states(system, call) == ["accepted", "calling", "answered"]


async def test_a_daemon_that_is_killed_before_it_has_judged_the_number_notes_nothing_and_loses_nobody(
    system: FullSystem,
):
    """No number is called that nobody has allowed: the caller waits on, at the place that they have."""
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3))
        await attended(system, "1001", TALKS)
        await system.asks(TAKES_IT, "13800000009")
        call = await system.log.call_of("13800000009")
        await eventually(lambda: system.callers_in("offer-callback"), "the offer")
        await back_again(system)
        await system.ready("1001")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert states(system, call) == []
        assert outside.invites() == []


async def test_a_caller_who_waits_asks_for_a_callback_by_a_key_and_keeps_the_place(system: FullSystem):
    async with system.scene():
        await system.carrier.outside(Phone(ring_s=1.0))
        await attended(system, "1001", TALKS)
        caller = await system.asks("0,,1,,1,,1", "13800000031")
        call = await system.log.call_of("13800000031")
        accepted = await system.log.row(Kind.CALLBACK, of(call, "accepted"))
        assert accepted.detail["number"] == person("13800000031")
        assert await caller.wait() == 0
        await system.ready("1001")
        ended = await system.log.ending_of(call)
        assert (ended.detail["ending"], ended.detail["callback"]) == (Ending.ANSWERED, True)

"""Talks that end: by the agent, by the caller, too soon to have been one, or because the agent's phone is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Outcome
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.audio import tone
from tests.support.recorded_sound import well_recorded
from tests.support.sipp import hang_up
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    # Callers with questions after the sale are announced to the agent at length.
    tone(folder / "prompts" / "zh" / "whisper-after-sales.wav", 800, 3.0)
    more = "\n[whisper]\nqueue_name = true\n"
    async with FullSystem(folder, ring_s=1, wrap_up_s=300, brisk=True, more=more) as system:
        yield system


async def test_the_agent_hangs_up_first_or_the_caller_and_the_note_is_done_when_the_agent_dials_so(system: FullSystem):
    async with system.scene():
        phone = await system.staffed("1001", Phone(ring_s=0.3, talk_s=(3, 3)))
        caller = await system.asks("1", "13800000001")
        first = await system.log.call_of("13800000001")
        assert await caller.wait() == 0  # he heard the goodbye to its end, and the house hung up
        talk = await system.log.row(Kind.TALK_ENDED)
        assert talk.detail["by"] == "agent"
        assert (await system.log.ending_of(first)).detail["ending"] == Ending.ANSWERED
        await system.comes_to_be("1001", "wrap-up")

        await system.asks("1", "13800000002", stays_s=240)
        second = await system.log.call_of("13800000002")
        await system.log.row(Kind.QUEUED, lambda row: row.call == second)
        assert len(phone.invites()) == 1  # in wrap-up nobody is rung
        assert await (await system.dials("1001", "*15")).wait() == 0
        await system.log.ending_of(second)
        wrap_up = await system.log.row(Kind.AGENT_STATE, lambda row: row.detail["was"] == "wrap-up")
        assert wrap_up.detail["lasted_s"] < 300
        await phone.stop()

        await system.staffed("1001", Phone(ring_s=0.3), ready=False)
        caller = await system.asks("1", "13800000003")
        third = await system.log.call_of("13800000003")
        await system.log.row(Kind.QUEUED, lambda row: row.call == third)
        assert await (await system.dials("1001", "*15")).wait() == 0
        await well_into_the_talk(system, third)
        await caller.hang_up()
        talk = await system.log.row(Kind.TALK_ENDED, lambda row: row.call == third)
        assert talk.detail["by"] == "caller"
        assert (await system.log.ending_of(third)).detail["ending"] == Ending.ANSWERED
        await system.comes_to_be("1001", "wrap-up")

        await system.log.row(Kind.RECORDED, count=3)
        await system.caught_up()
        folder = Path(system.prepared.recordings)
        for _, row in system.log.rows():
            assert row.kind is not Kind.RECORDED or well_recorded(folder, await system.store.recording(row.offer))
        assert await system.times_tile("1001")


async def well_into_the_talk(system: FullSystem, call: str) -> None:
    """Until more than a second of sound is on disk, less than which would not have been a talk."""
    offer = (await system.log.row(Kind.CONNECTED, lambda row: row.call == call)).offer
    sound = Path(system.prepared.recordings) / "live" / f"{offer}.wav"
    await eventually(lambda: sound.exists() and sound.stat().st_size > 2 * 8000 * 2, "two seconds of talk")


async def test_an_agent_who_hangs_up_at_once_or_during_the_whisper_has_served_nobody_and_the_next_one_is_rung(
    system: FullSystem,
):
    async with system.scene():
        sleepy = await system.staffed("1001", Phone(ring_s=0.3))
        await system.asks("1", "13800000001", stays_s=240)
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.CONNECTED)
        await hang_up(sleepy)
        talk = await system.log.row(Kind.TALK_ENDED)
        assert talk.detail["talk_s"] < 1
        returned = await system.log.row(Kind.RETURNED)
        assert returned.detail["reason"] == "the agent hung up at once"
        await system.staffed("1002", Phone(ring_s=0.3, talk_s=(5.5, 5.5)))
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.ANSWERED
        assert system.log.offers(call)[-1] == ("1002", "answered")
        await system.comes_to_be("1002", "wrap-up")
        states = [
            row.detail["state"] for _, row in system.log.rows() if row.kind is Kind.AGENT_STATE and row.agent == "1001"
        ]
        assert "wrap-up" not in states

        await system.ask("POST", "/api/agents/1001/log-out", {})
        startled = await system.staffed("1003", Phone(ring_s=0.3))
        await system.asks("2", "13800000002", stays_s=240)
        call = await system.log.call_of("13800000002")
        await system.log.row(Kind.ANSWERED, lambda row: row.call == call)
        await hang_up(startled)
        await system.ask("POST", "/api/agents/1002/end-wrap-up", {})
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.ANSWERED
        # Whether Asterisk has bridged the two by then is its own race; nobody was served in either case.
        assert system.log.offers(call) in (
            [("1003", Outcome.LOST), ("1002", Outcome.ANSWERED)],
            [("1003", Outcome.ANSWERED), ("1002", Outcome.ANSWERED)],
        )
        connected = await system.log.row(Kind.CONNECTED, lambda row: (row.call, row.agent) == (call, "1002"))
        assert ended.detail["wait_s"] == connected.detail["wait_s"]  # until the bridge that served


async def test_a_muted_telephone_that_sends_nothing_is_not_taken_for_a_lost_one(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3, muted=True, talk_s=(14, 14)))
        await system.asks("1", "13800000001", stays_s=240)
        call = await system.log.call_of("13800000001")
        talk = await system.log.row(Kind.TALK_ENDED)
        # More than twice the silence after which a telephone is asked whether it is still there.
        assert (talk.call, talk.detail["by"]) == (call, "agent") and talk.detail["talk_s"] > 12
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED


async def test_an_agents_phone_is_lost_in_mid_call_and_his_caller_is_the_first_to_be_rung_at_the_next(
    system: FullSystem,
):
    async with system.scene():
        vanishes = await system.staffed("1001", Phone(ring_s=0.3))
        await system.staffed("1002", Phone(ring_s=0.3, talk_s=(2.5, 2.5)), ready=False)
        await system.ask("POST", "/api/agents/1002/log-in", {})
        await system.asks("1", "13800000001", stays_s=240)
        cut = await system.log.call_of("13800000001")
        await system.log.row(Kind.CONNECTED)
        await well_into_the_talk(system, cut)
        vanishes.freeze()
        await system.asks("1", "13800000002", stays_s=240)
        later = await system.log.call_of("13800000002")
        await system.log.row(Kind.QUEUED, lambda row: row.call == later)

        returned = await system.log.row(Kind.RETURNED)
        assert (returned.call, returned.detail["reason"]) == (cut, "the agent's phone was lost")
        talk = await system.log.row(Kind.TALK_ENDED)
        assert talk.detail["by"] == "lost"
        assert 5 <= talk.detail["talk_s"] < 20  # five seconds of silence, and no answer to OPTIONS
        await system.comes_to_be("1001", "unreachable")
        places = {row["call"]: row["position"] for row in (await system.state())["calls"]}
        assert places == {cut: 1, later: 2}

        await system.ask("POST", "/api/agents/1002/ready", {})
        await system.comes_to_be("1002", "wrap-up")
        await system.ask("POST", "/api/agents/1002/end-wrap-up", {})
        await system.log.ending_of(later)
        served = [(row.call, row.agent) for _, row in system.log.rows() if row.kind is Kind.CONNECTED]
        assert served == [(cut, "1001"), (cut, "1002"), (later, "1002")]
        ended = await system.log.ending_of(cut)
        assert ended.detail["ending"] == Ending.ANSWERED
        assert ended.detail["talk_s"] > 5

        vanishes.thaw()
        await system.comes_to_be("1001", "idle")
        await system.log.row(Kind.RECORDED, count=3)
        await system.caught_up()
        for offer in await system.store.offers(cut):
            leg = await system.store.recording(offer.offer)
            assert leg is not None
            assert leg.seconds is not None
            assert leg.talk_s is not None
            assert abs(leg.seconds - leg.talk_s) <= 1, leg

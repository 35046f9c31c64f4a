"""Talks that end: by the agent, by the caller, too soon to have been one, or because the agent's phone is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Outcome
from acd.sipp.actors import Phone
from tests.calls.support.full_system import WholeHouse
from tests.support.audio import tone
from tests.support.recorded_sound import well_recorded
from tests.support.sipp import hang_up
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholeHouse]:
    folder = tmp_path_factory.mktemp("house")
    # Callers with questions after the sale are announced to the agent at length.
    tone(folder / "prompts" / "zh" / "whisper-after-sales.wav", 800, 3.0)
    async with WholeHouse(folder, ring_s=1, wrap_up_s=300, brisk=True) as house:
        yield house


async def test_the_agent_hangs_up_first_or_the_caller_and_the_note_is_done_when_the_agent_dials_so(house: WholeHouse):
    async with house.scene():
        phone = await house.staffed("1001", Phone(ring_s=0.3, talk_s=(3, 3)))
        caller = await house.asks("1", "13800000001")
        first = await house.call_of("13800000001")
        assert await caller.wait() == 0  # he heard the goodbye to its end, and the house hung up
        talk = await house.row(Kind.TALK_ENDED)
        assert talk.detail["by"] == "agent"
        assert (await house.ending_of(first)).detail["ending"] == Ending.ANSWERED
        await house.comes_to_be("1001", "wrap-up")

        await house.asks("1", "13800000002", stays_s=240)
        second = await house.call_of("13800000002")
        await house.row(Kind.QUEUED, lambda row: row.call == second)
        assert len(phone.invites()) == 1  # in wrap-up nobody is rung
        assert await (await house.dials("1001", "*15")).wait() == 0
        await house.ending_of(second)
        wrap_up = await house.row(Kind.AGENT_STATE, lambda row: row.detail["was"] == "wrap-up")
        assert wrap_up.detail["lasted_s"] < 300
        await phone.stop()

        await house.staffed("1001", Phone(ring_s=0.3), ready=False)
        caller = await house.asks("1", "13800000003")
        third = await house.call_of("13800000003")
        await house.row(Kind.QUEUED, lambda row: row.call == third)
        assert await (await house.dials("1001", "*15")).wait() == 0
        await well_into_the_talk(house, third)
        await caller.hang_up()
        talk = await house.row(Kind.TALK_ENDED, lambda row: row.call == third)
        assert talk.detail["by"] == "caller"
        assert (await house.ending_of(third)).detail["ending"] == Ending.ANSWERED
        await house.comes_to_be("1001", "wrap-up")

        await house.row(Kind.RECORDED, count=3)
        await house.caught_up()
        folder = Path(house.prepared.recordings)
        for _, row in house.log():
            assert row.kind is not Kind.RECORDED or well_recorded(folder, await house.store.recording(row.offer))
        assert await house.times_tile("1001")


async def well_into_the_talk(house: WholeHouse, call: str) -> None:
    """Until more than a second of sound is on disk, less than which would not have been a talk."""
    offer = (await house.row(Kind.CONNECTED, lambda row: row.call == call)).offer
    sound = Path(house.prepared.recordings) / "live" / f"{offer}.wav"
    await eventually(lambda: sound.exists() and sound.stat().st_size > 2 * 8000 * 2, "two seconds of talk")


async def test_an_agent_who_hangs_up_at_once_or_during_the_whisper_has_served_nobody_and_the_next_one_is_rung(
    house: WholeHouse,
):
    async with house.scene():
        sleepy = await house.staffed("1001", Phone(ring_s=0.3))
        await house.asks("1", "13800000001", stays_s=240)
        call = await house.call_of("13800000001")
        await house.row(Kind.CONNECTED)
        hang_up(sleepy)
        talk = await house.row(Kind.TALK_ENDED)
        assert talk.detail["talk_s"] < 1
        returned = await house.row(Kind.RETURNED)
        assert returned.detail["reason"] == "the agent hung up at once"
        await house.staffed("1002", Phone(ring_s=0.3, talk_s=(5.5, 5.5)))
        ended = await house.ending_of(call)
        assert ended.detail["ending"] == Ending.ANSWERED
        assert house.offers(call)[-1] == ("1002", "answered")
        await house.comes_to_be("1002", "wrap-up")
        states = [row.detail["state"] for _, row in house.log() if row.kind is Kind.AGENT_STATE and row.agent == "1001"]
        assert "wrap-up" not in states

        await house.ask("POST", "/api/agents/1001/log-out", {})
        startled = await house.staffed("1003", Phone(ring_s=0.3))
        await house.asks("2", "13800000002", stays_s=240)
        call = await house.call_of("13800000002")
        await house.row(Kind.ANSWERED, lambda row: row.call == call)
        hang_up(startled)
        await house.ask("POST", "/api/agents/1002/end-wrap-up", {})
        ended = await house.ending_of(call)
        assert ended.detail["ending"] == Ending.ANSWERED
        # Whether Asterisk still bridges the two, for a millisecond, is its own race; nobody was served in either case.
        assert house.offers(call) in (
            [("1003", Outcome.LOST), ("1002", Outcome.ANSWERED)],
            [("1003", Outcome.ANSWERED), ("1002", Outcome.ANSWERED)],
        )
        assert ended.detail["wait_s"] > 3  # until the bridge that served


async def test_an_agents_phone_is_lost_in_mid_call_and_his_caller_is_the_first_to_be_rung_at_the_next(
    house: WholeHouse,
):
    async with house.scene():
        vanishes = await house.staffed("1001", Phone(ring_s=0.3))
        await house.staffed("1002", Phone(ring_s=0.3, talk_s=(2.5, 2.5)), ready=False)
        await house.ask("POST", "/api/agents/1002/log-in", {})
        await house.asks("1", "13800000001", stays_s=240)
        cut = await house.call_of("13800000001")
        await house.row(Kind.CONNECTED)
        await well_into_the_talk(house, cut)
        vanishes.freeze()
        await house.asks("1", "13800000002", stays_s=240)
        later = await house.call_of("13800000002")
        await house.row(Kind.QUEUED, lambda row: row.call == later)

        returned = await house.row(Kind.RETURNED)
        assert (returned.call, returned.detail["reason"]) == (cut, "the agent's phone was lost")
        talk = await house.row(Kind.TALK_ENDED)
        assert talk.detail["by"] == "lost"
        assert 20 <= talk.detail["talk_s"] < 30
        await house.comes_to_be("1001", "unreachable")
        places = {row["call"]: row["position"] for row in (await house.state())["calls"]}
        assert places == {cut: 1, later: 2}

        await house.ask("POST", "/api/agents/1002/ready", {})
        await house.comes_to_be("1002", "wrap-up")
        await house.ask("POST", "/api/agents/1002/end-wrap-up", {})
        await house.ending_of(later)
        served = [(row.call, row.agent) for _, row in house.log() if row.kind is Kind.CONNECTED]
        assert served == [(cut, "1001"), (cut, "1002"), (later, "1002")]
        ended = await house.ending_of(cut)
        assert ended.detail["ending"] == Ending.ANSWERED
        assert ended.detail["talk_s"] > 20

        vanishes.thaw()
        await house.comes_to_be("1001", "idle")
        await house.row(Kind.RECORDED, count=3)
        await house.caught_up()
        for offer in await house.store.offers(cut):
            leg = await house.store.recording(offer.offer)
            assert leg is not None
            assert leg.seconds is not None
            assert leg.talk_s is not None
            assert abs(leg.seconds - leg.talk_s) <= 1, leg

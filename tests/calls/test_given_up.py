"""Callers who give up: in the menu, in the queue, while it rings, in the second in which the agent hears the whisper.

Each time the agent is free again at once, with nothing to write down, and the log says where the caller was lost.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import WholeHouse
from tests.support.audio import tone
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholeHouse]:
    folder = tmp_path_factory.mktemp("house")
    # Callers with questions after the sale are announced to the agent at length.
    tone(folder / "prompts" / "zh" / "whisper-after-sales.wav", 800, 4.0)
    async with WholeHouse(folder, ("1001",), ring_s=1, wrap_up_s=30, brisk=True) as house:
        yield house


async def test_a_caller_gives_up_in_the_menu_and_another_in_the_queue(house: WholeHouse):
    async with house.scene():
        phone = await house.staffed("1001", Phone(ring_s=0.3), ready=False)
        await house.ask("POST", "/api/agents/1001/log-in", {})
        await house.comes_to_be("1001", "not ready")

        hesitates = await house.asks("", "13800000001")
        in_menu = await house.call_of("13800000001")
        await hesitates.hang_up()
        ended = await house.ending_of(in_menu)
        assert ended.detail["ending"] == Ending.ABANDONED_IVR
        assert not ended.detail["asked_for_person"]
        assert house.story(in_menu) == ["arrived", "ended"]

        impatient = await house.asks("1", "13800000002")
        in_queue = await house.call_of("13800000002")
        await house.row(Kind.QUEUED)
        await impatient.hang_up()
        ended = await house.ending_of(in_queue)
        assert ended.detail["ending"] == Ending.ABANDONED_QUEUE
        assert ended.detail["asked_for_person"]
        assert ended.detail["short"] == (ended.detail["wait_s"] < 5)
        assert house.story(in_queue) == ["arrived", "menu", "queued", "ended"]
        assert not phone.invites()


async def test_a_caller_gives_up_while_it_rings_and_the_phone_falls_silent(house: WholeHouse):
    async with house.scene():
        phone = await house.staffed("1001", Phone(never_answers=True))
        caller = await house.asks("1", "13800000001")
        call = await house.call_of("13800000001")
        await house.row(Kind.RINGING)
        await caller.hang_up()
        ended = await house.ending_of(call)
        assert ended.detail["ending"] == Ending.ABANDONED_RINGING
        assert house.offers(call) == [("1001", "caller left")]
        await eventually(lambda: "CANCEL sip:" in phone.uas.messages("agents"), "the end of the ringing")
        await house.comes_to_be("1001", "idle")
        states = [row.detail["state"] for _, row in house.log() if row.kind is Kind.AGENT_STATE]
        assert states[-2:] == ["ringing", "idle"]
        assert await house.times_tile("1001")


async def test_a_caller_gives_up_in_the_second_in_which_the_agent_hears_what_the_call_is_about(house: WholeHouse):
    """The phone is up, the caller is not yet there: 1001 is let go, idle without a wrap-up, and there was no talk."""
    async with house.scene():
        await house.staffed("1001", Phone(ring_s=0.3))
        caller = await house.asks("2", "13800000001")
        call = await house.call_of("13800000001")
        answered = await house.row(Kind.ANSWERED)
        await caller.hang_up()
        ended = await house.ending_of(call)
        assert ended.detail["ending"] == Ending.ABANDONED_RINGING
        assert ended.detail["talk_s"] < 1
        await house.comes_to_be("1001", "idle")
        states = [row.detail["state"] for _, row in house.log() if row.kind is Kind.AGENT_STATE]
        assert "wrap-up" not in states
        # Asterisk bridges the two for a millisecond when the whisper is over: a leg of the log, and nothing to hear.
        assert house.offers(call) == [("1001", "answered")]
        filed = await house.row(Kind.RECORDED)
        assert filed.offer == answered.offer
        assert filed.detail["seconds"] < 1
        assert not [row for _, row in house.log() if row.kind is Kind.ALARM], house.tale()

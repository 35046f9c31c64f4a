"""Callers who give up: in the menu, in the queue, while it rings, in the first second of the talk, in which the agent hears the whisper.

Each time the agent is free again at once, with nothing to write down, and the log says where the caller was lost.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.audio import tone
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    # Callers with questions after the sale are announced to the agent at length.
    tone(folder / "prompts" / "zh" / "whisper-after-sales.wav", 800, 4.0)
    more = "\n[whisper]\nqueue_name = true\n"
    async with FullSystem(folder, ("1001",), ring_s=1, wrap_up_s=30, brisk=True, more=more) as system:
        yield system


async def test_a_caller_gives_up_in_the_menu_and_another_in_the_queue(system: FullSystem):
    async with system.scene():
        phone = await system.staffed("1001", Phone(ring_s=0.3), ready=False)
        await system.ask("POST", "/api/agents/1001/log-in", {})
        await system.comes_to_be("1001", "not ready")

        hesitates = await system.asks("", "13800000001")
        in_menu = await system.log.call_of("13800000001")
        await hesitates.hang_up()
        ended = await system.log.ending_of(in_menu)
        assert ended.detail["ending"] == Ending.ABANDONED_IVR
        assert not ended.detail["asked_for_person"]
        assert system.log.story(in_menu) == ["arrived", "ended"]

        impatient = await system.asks("1", "13800000002")
        in_queue = await system.log.call_of("13800000002")
        await system.log.row(Kind.QUEUED)
        await impatient.hang_up()
        ended = await system.log.ending_of(in_queue)
        assert ended.detail["ending"] == Ending.ABANDONED_QUEUE
        assert ended.detail["asked_for_person"]
        assert ended.detail["short"] == (ended.detail["wait_s"] < 5)
        assert system.log.story(in_queue) == ["arrived", "menu", "queued", "ended"]
        assert not phone.invites()


async def test_a_caller_gives_up_while_it_rings_and_the_phone_falls_silent(system: FullSystem):
    async with system.scene():
        phone = await system.staffed("1001", Phone(never_answers=True))
        caller = await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.RINGING)
        await caller.hang_up()
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.ABANDONED_RINGING
        assert system.log.offers(call) == [("1001", "caller left")]
        await eventually(lambda: "CANCEL sip:" in phone.uas.messages("agents"), "the end of the ringing")
        await system.comes_to_be("1001", "idle")
        states = [row.detail["state"] for _, row in system.log.rows() if row.kind is Kind.AGENT_STATE]
        assert states[-2:] == ["ringing", "idle"]
        assert await system.times_tile("1001")


async def test_a_caller_gives_up_in_the_first_second_in_which_the_agent_hears_what_the_call_is_about(
    system: FullSystem,
):
    """The caller is there and is gone: the words end, 1001 is let go, idle without a wrap-up, and there was no talk."""
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3))
        caller = await system.asks("2", "13800000001")
        call = await system.log.call_of("13800000001")
        connected = await system.log.row(Kind.CONNECTED)
        await caller.hang_up()
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.ABANDONED_RINGING
        assert ended.detail["talk_s"] < 1
        await system.comes_to_be("1001", "idle")
        states = [row.detail["state"] for _, row in system.log.rows() if row.kind is Kind.AGENT_STATE]
        assert "wrap-up" not in states
        assert system.log.offers(call) == [("1001", "answered")]
        filed = await system.log.row(Kind.RECORDED)
        assert filed.offer == connected.offer
        assert filed.detail["seconds"] < 1
        assert not [row for _, row in system.log.rows() if row.kind is Kind.ALARM], system.log.report()

"""A supervisor listens, whispers, joins, takes over: what each hears, by tones, on a real Asterisk; and what is left: nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Kind
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.listening import ask, heard, is_there, softphone, talks
from tests.calls.support.transfer_system import transfer_system
from tests.calls.support.transfers import for_a_while
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with transfer_system(tmp_path_factory.mktemp("system")) as system:
        yield system


def states(system: FullSystem, call: str) -> list[str]:
    return [row.detail["state"] for row in system.log.of(Kind.LISTENING, call)]


async def over(system: FullSystem, call: str) -> dict[str, object]:
    """The row that ends the listening, waited for."""
    row = await system.log.row(
        Kind.LISTENING, lambda row: of_call(call)(row) and row.detail["state"] in ("ended", "failed")
    )
    return dict(row.detail)


async def test_who_listens_hears_both_and_is_heard_by_nobody(system: FullSystem):
    async with system.scene():
        talk = await talks(system, "1001", "13810000001")
        boss = await softphone(system, "1006", ready=False)
        said = await ask(system, talk.call, "listen", "1006")
        assert (said["state"], said["telephone"]) == ("ringing", "1006")
        assert "138****0001" in await boss.rings()
        await boss.answer()
        await is_there(system, talk.call, "listen", "listening")
        await for_a_while(3)
        await boss.hang_up()
        assert (await over(system, talk.call))["why"] == "hung up"
        talk.caller.bye()
        await system.log.ending_of(talk.call)
        assert states(system, talk.call) == ["asked", "began", "ended"]
        mine = heard(boss)
        assert mine["caller"] >= 2 and mine["1001"] >= 2
        await eventually(lambda: talk.agent.of("CALL_CLOSED"), "the end of the agent's line")
        assert "1006" not in heard(talk.agent) and "1006" not in talk.caller.heard()
        sound = await system.transfers.sound_of(talk.call)
        assert sound.caller.keys() == {"caller"} and sound.agents.keys() == {"1001"}


async def test_a_whisper_reaches_the_agent_alone(system: FullSystem):
    async with system.scene():
        talk = await talks(system, "1001", "13810000002")
        boss = await softphone(system, "1006", ready=False)
        await ask(system, talk.call, "whisper", "1006")
        await boss.rings()
        await boss.answer()
        await is_there(system, talk.call, "whisper", "listening")
        await for_a_while(3)
        talk.caller.bye()
        await system.log.ending_of(talk.call)
        assert (await over(system, talk.call))["why"] == "call over"
        await eventually(lambda: boss.of("CALL_CLOSED") and talk.agent.of("CALL_CLOSED"), "both telephones' end")
        assert heard(talk.agent)["1006"] >= 2
        assert heard(boss)["caller"] >= 2 and heard(boss)["1001"] >= 2
        assert "1006" not in talk.caller.heard()
        sound = await system.transfers.sound_of(talk.call)
        assert sound.caller.keys() == {"caller"} and sound.agents.keys() == {"1001"}


async def test_who_joins_is_heard_by_all_and_stands_in_the_recording_and_who_takes_over_keeps_the_caller(
    system: FullSystem,
):
    async with system.scene():
        talk = await talks(system, "1001", "13810000003")
        boss = await softphone(system, "1006", ready=False)
        await ask(system, talk.call, "barge", "1006")
        await boss.rings()
        await boss.answer()
        await is_there(system, talk.call, "barge", "joined")
        await for_a_while(3)
        await ask(system, talk.call, "take-over")
        await system.log.row(Kind.LISTENING, lambda row: row.call == talk.call and row.detail["state"] == "took over")
        await system.comes_to_be("1001", "idle")
        await eventually(lambda: talk.agent.of("CALL_CLOSED"), "the agent's end")
        assert heard(talk.agent)["1006"] >= 2
        since = len(talk.caller.came)
        assert talk.caller.heard()["1006"] >= 2
        await for_a_while(3)
        alone = talk.caller.heard(since)
        assert alone["1006"] >= 2 and alone.get("1001", 0) <= 0.3
        assert (await system.transfers.live(talk.call))["stage"] == "elsewhere"
        await boss.hang_up()
        await over(system, talk.call)
        await system.log.ending_of(talk.call)
        assert states(system, talk.call) == [
            "asked",
            "began",
            "joined",
            "switched",
            "took over",
            "left",
            "leg over",
            "ended",
        ]
        ended = await system.log.row(Kind.TALK_ENDED, of_call(talk.call))
        assert ended.detail["by"] == "supervisor"
        assert [(span["kind"], span["by"]) for span in ended.detail["spans"]] == [("supervisor", "command line")]
        sound = await system.transfers.sound_of(talk.call)
        assert sound.agents["1006"] >= 5 and sound.agents["1001"] >= 2

"""A caller does not want to be recorded: no talk of theirs is, with the first agent, in a consult, and with the next agent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.store.queries.recordings import Filters
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_system import transfer_system
from tests.calls.support.transfers import for_a_while
from tests.support.audio import tone


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    tone(folder / "prompts" / "zh" / "recording-decline.wav", 500, 3.0)
    system = transfer_system(folder, ("1001", "1002"))
    text = system.config_file.read_text("utf-8")
    text = text.replace("[recordings]\n", '[recordings]\nmay_decline = "go-on-unrecorded"\n')
    system.config_file.write_text(text, "utf-8")
    async with system:
        yield system


async def test_no_sound_file_has_the_talk_of_who_declined_wherever_they_are_transferred(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.comes_in(key="8,,,1")
        await system.log.talk_of(call, "1001")
        [declined] = [row for row in system.log.of(Kind.DECLINED) if row.call == call]
        assert declined.call == call
        assert (await system.transfers.card(call))["recording_declined"] is True
        await system.transfers.phone("1002")
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"})
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        for leg in (1, 2):
            filed = await system.log.row(Kind.RECORDED, lambda row: row.call == call, leg)
            assert (filed.detail["path"], filed.detail["complete"], filed.detail["reason"]) == ("", True, "declined")
        assert [file for file in _sound(system) if call in file.name] == []
        assert [row.detail["name"] for row in system.log.of(Kind.ALARM)] == []
        await system.caught_up()
        listed = await system.store.recordings(Filters(call=call))
        assert sorted((one.agent, one.state, one.path) for one in listed) == [
            ("1001", "declined", ""),
            ("1002", "declined", ""),
        ]


async def test_who_does_not_decline_is_recorded_as_ever(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.comes_in(key=",,,,1")
        await system.log.talk_of(call, "1001")
        await for_a_while()
        await system.transfers.goes(caller, call)
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        filed = await system.log.row(Kind.RECORDED, lambda row: row.call == call)
        assert filed.detail["complete"] and any(call in file.name for file in _sound(system))
        assert [row for row in system.log.of(Kind.DECLINED) if row.call == call] == []


def _sound(system: FullSystem) -> list[Path]:
    return [
        file for file in Path(system.prepared.recordings).rglob("*") if file.suffix in (".wav", ".flac", ".ogg", ".mp3")
    ]

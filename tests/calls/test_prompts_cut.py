"""No prompt delays a connect: an agent who becomes free while a caller hears one is rung in the middle of it, and is whispered to with the caller there.

Each of these prompts lasts two minutes, longer than any of the waits here: where the telephone rings at all, the prompt was cut. What is
held is that order, and no time; how long it takes is measured by `./sanxiang bench connect-in-prompt`.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.audio import tone
from tests.support.waiting import eventually

LONG_S = 120.0
WHISPER_S = 25.0
"""Longer than anything here takes."""
TALKS = Phone(ring_s=0.3, talk_s=(1.5, 1.5))


def long_prompts(folder: Path) -> None:
    """In Chinese the announcement and a queue's whisper do not end, in English the place in the queue does not."""
    tone(folder / "prompts" / "zh" / "please-wait.wav", 500, LONG_S)
    tone(folder / "prompts" / "en" / "position.wav", 500, LONG_S)
    tone(folder / "prompts" / "zh" / "whisper-after-sales.wav", 800, WHISPER_S)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    long_prompts(folder)
    more = "\n[whisper]\nqueue_name = true\n"
    async with FullSystem(folder, ("1001",), ring_s=1, brisk=True, more=more) as system:
        yield system


@pytest.mark.parametrize(
    ("heard", "number", "keys"),
    [
        ("announcement", "95001", "1"),
        ("position", "95002", "1"),
        # A key that means nothing cuts the announcement short; then come the place, in a moment, and music.
        ("music", "95001", "1,,,5"),
    ],
)
async def test_an_agent_who_becomes_free_rings_in_the_middle_of_it(
    system: FullSystem, heard: str, number: str, keys: str
):
    async with system.scene():
        await system.present("1001", TALKS)
        caller = f"1380000{['announcement', 'position', 'music'].index(heard):04}"
        await system.asks(keys, caller, number=number)
        call = await system.log.call_of(caller)
        await system.log.row(Kind.QUEUED, lambda row: row.call == call)
        await eventually(lambda: system.callers_in("waiting"), "the waiting room")
        await asyncio.sleep(1.0 if heard != "music" else 3.5)  # into the middle of it: none of them ends by itself
        await system.ready("1001")
        await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
        story = system.log.story(call)
        assert story.index("offered") < story.index("ringing") < story.index("connected")
        assert [row.kind for row in system.log.of(Kind.OFFERED) if row.call == call] == [Kind.OFFERED]


async def test_an_agent_who_is_whispered_to_has_the_caller_at_once_and_the_words_end_with_the_call(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001", Phone(ring_s=0.3))
        caller, call = await system.transfers.comes_in(key="2")
        await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
        await eventually(lambda: _whispers(system, 2), "the words")
        await system.transfers.goes(caller, call)
        await eventually(lambda: _whispers(system, 0), "the end of the words")


async def test_the_daemon_is_killed_in_the_middle_of_the_words_and_the_talk_goes_on(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001", Phone(ring_s=0.3))
        caller, call = await system.transfers.comes_in(key="2")
        await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
        await eventually(lambda: _whispers(system, 2), "the words")
        await system.faults.back(system.faults.kill("daemon"))
        assert (await system.transfers.live(call))["stage"] == "talking"
        await system.transfers.goes(caller, call)
        await eventually(lambda: _whispers(system, 0), "the end of the words")
        kinds = [row.kind for _, row in system.log.rows() if row.call == call]
        assert [kinds.count(kind) for kind in (Kind.CONNECTED, Kind.TALK_ENDED, Kind.RETURNED)] == [1, 1, 0]


async def _whispers(system: FullSystem, halves: int) -> bool:
    return (await system.cli("core show channels concise")).count("Local/s@whispered-") == halves

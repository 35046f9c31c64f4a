"""A supervisor joins a talk of three (caller, agent, receiver): who hears whom, by tones; what it leaves when they go, and where in the
recording they are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Kind, Log
from tests.calls.support.full_system import FullSystem
from tests.calls.support.listening import Talk, ask, heard, is_there, softphone, talks
from tests.calls.support.recorded_voices import Heard
from tests.calls.support.transfer_system import transfer_system
from tests.calls.support.transfers import for_a_while
from tests.support.baresip import Baresip
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with transfer_system(tmp_path_factory.mktemp("system")) as system:
        yield system


async def three_talk(system: FullSystem, number: str) -> tuple[Talk, Baresip]:
    """A caller, agent 1001 and the receiver 1002 in one talk."""
    talk = await talks(system, "1001", number)
    bob = await softphone(system, "1002")
    await system.transfers.hand_over(talk.call, {"agent": "1002"}, warm=True)
    await bob.rings()
    await bob.answer()
    await system.log.transfer_is(talk.call, "consulting")
    await for_a_while()
    await system.transfers.post(talk.call, "transfer/three-way")
    await system.log.transfer_is(talk.call, "three-way")
    await for_a_while()
    return talk, bob


async def joins(system: FullSystem, talk: Talk) -> Baresip:
    boss = await softphone(system, "1006", ready=False)
    await ask(system, talk.call, "barge", "1006")
    await boss.rings()
    await boss.answer()
    await is_there(system, talk.call, "barge", "joined")
    return boss


async def ended(phone: Baresip) -> None:
    await eventually(lambda: phone.of("CALL_CLOSED"), f"the end of {phone.agent}'s line")


async def test_all_four_hear_each_other_and_the_three_go_on_when_the_supervisor_leaves(system: FullSystem):
    async with system.scene():
        talk, bob = await three_talk(system, "13810000031")
        boss = await joins(system, talk)
        since = len(talk.caller.came)
        await for_a_while(3)
        four = talk.caller.heard(since)
        assert all(four.get(who, 0) >= 2 for who in ("1001", "1002", "1006")), four
        await ask(system, talk.call, "leave")
        await ended(boss)
        since = len(talk.caller.came)
        await for_a_while(2)
        three = talk.caller.heard(since)
        assert all(three.get(who, 0) >= 1 for who in ("1001", "1002")) and three.get("1006", 0) <= 0.3, three
        row = await system.transfers.live(talk.call)
        assert (row["held"], row["agent"]) == ("three-way", "1001") and not row.get("listeners")
        talk.caller.bye()
        await system.log.ending_of(talk.call)
        for phone in (talk.agent, bob):
            await ended(phone)
        mine = heard(boss)
        assert all(mine.get(who, 0) >= 2 for who in ("caller", "1001", "1002")), mine
        assert heard(talk.agent)["1006"] >= 2 and heard(bob)["1006"] >= 2
        await stands_in_recording(system, talk.call)


async def stands_in_recording(system: FullSystem, call: str) -> None:
    """The span of the first leg covers what is heard of the supervisor, and lies within that of the three."""
    row = await system.log.row(Kind.TALK_ENDED, lambda row: row.call == call)
    spans = {span["kind"]: span for span in row.detail["spans"]}
    assert spans.keys() == {"consult", "three-way", "supervisor"}
    told, all_three = spans["supervisor"], spans["three-way"]
    assert told["by"] == "command line" and told["lasted_s"] >= 2.5
    assert all_three["from_s"] <= told["from_s"]
    assert told["from_s"] + told["lasted_s"] <= all_three["from_s"] + all_three["lasted_s"] + 0.1
    sound = await sound_of(system, row)
    [(begin, end)] = sound.spans("1006", 1)
    assert abs(begin - told["from_s"]) <= 0.6 and abs(end - told["to_s"]) <= 0.6, (begin, end, told)


async def sound_of(system: FullSystem, talk: Log) -> Heard:
    """The recording of the leg that ended with this row; the consult has a recording of its own."""
    filed = await system.log.row(Kind.RECORDED, lambda row: row.offer == talk.offer)
    return Heard(Path(system.prepared.recordings) / str(filed.detail["path"]))


async def test_the_first_agent_leaves_and_the_supervisor_stays_with_caller_and_receiver(system: FullSystem):
    async with system.scene():
        talk, bob = await three_talk(system, "13810000032")
        boss = await joins(system, talk)
        await for_a_while(1.5)
        await system.transfers.post(talk.call, "transfer/complete")
        await system.log.talk_of(talk.call, "1002")
        await ended(talk.agent)
        await is_there(system, talk.call, "barge", "joined")
        since = len(talk.caller.came)
        await for_a_while(2.5)
        left = talk.caller.heard(since)
        assert all(left.get(who, 0) >= 1.5 for who in ("1002", "1006")) and left.get("1001", 0) <= 0.3, left
        await boss.hang_up()
        await system.log.row(Kind.LISTENING, lambda row: row.call == talk.call and row.detail["state"] == "ended")
        since = len(talk.caller.came)
        await for_a_while(1.5)
        two = talk.caller.heard(since)
        assert two["1002"] >= 1 and two.get("1006", 0) <= 0.3, two
        talk.caller.bye()
        await system.log.ending_of(talk.call)
        await ended(bob)
        assert heard(bob)["1006"] >= 3
        ends = list(system.log.of(Kind.TALK_ENDED, talk.call))
        assert [row.agent for row in ends] == ["1001", "1002"]
        for row in ends:
            [told] = [span for span in row.detail["spans"] if span["kind"] == "supervisor"]
            heard_for_s = (await sound_of(system, row)).agents["1006"]
            assert abs(heard_for_s - (told["to_s"] - told["from_s"])) <= 0.6, (heard_for_s, told)

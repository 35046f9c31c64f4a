"""Whoever listens, whispers or has joined stays so while the call moves: transfer, hold, consult, the daemon's death; and telephones that
don't answer. By tones on a real Asterisk, and nothing is left (FullSystem.scene)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Kind
from tests.calls.support.full_system import FullSystem
from tests.calls.support.listening import Talk, ask, heard, is_there, softphone, talks
from tests.calls.support.transfer_system import transfer_system
from tests.calls.support.transfers import for_a_while
from tests.support.baresip import Baresip
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with transfer_system(tmp_path_factory.mktemp("system")) as system:
        yield system


async def listens(system: FullSystem, talk: Talk, mode: str, telephone: str = "1006") -> Baresip:
    """A supervisor who does this, at a telephone that keeps what it hears."""
    boss = await softphone(system, telephone, ready=False)
    await ask(system, talk.call, mode, telephone)
    await boss.rings()
    await boss.answer()
    await is_there(system, talk.call, mode, "joined" if mode in ("barge", "take-over") else "listening")
    return boss


async def has_ended(phone: Baresip) -> None:
    """Waits for the end of its line."""
    await eventually(lambda: phone.of("CALL_CLOSED"), f"the end of {phone.agent}'s line")


async def goes(system: FullSystem, talk: Talk, *phones: Baresip) -> None:
    """The caller hangs up, and every telephone is hung up."""
    talk.caller.bye()
    await system.log.ending_of(talk.call)
    for phone in phones:
        await has_ended(phone)


async def failed(system: FullSystem, call: str) -> str:
    """Why nobody came to listen."""
    row = await system.log.row(Kind.LISTENING, lambda row: row.call == call and row.detail["state"] == "failed")
    return str(row.detail["why"])


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
async def test_through_a_cold_transfer_to_the_next_agent(system: FullSystem, mode: str):
    async with system.scene():
        talk = await talks(system, "1001", "13810000011")
        boss = await listens(system, talk, mode)
        await for_a_while(1.5)
        bob = await softphone(system, "1002")
        await system.transfers.hand_over(talk.call, {"agent": "1002"})
        await bob.rings()
        await bob.answer()
        await system.log.talk_of(talk.call, "1002")
        if mode == "barge":
            await is_there(system, talk.call, mode, "joined")
        await eventually(lambda: talk.agent.of("CALL_CLOSED"), "the end of the first agent's line")
        await for_a_while(2.5)
        await goes(system, talk, boss, bob)
        mine = heard(boss)
        assert mine["1001"] >= 1 and mine["1002"] >= 1.5 and mine["caller"] >= 2.5, mine
        assert (heard(bob).get("1006", 0) >= 1.5) is (mode != "listen")
        assert (talk.caller.heard().get("1006", 0) >= 1.5) is (mode == "barge")
        for leg in (1, 2):
            sound = await system.transfers.sound_of(talk.call, leg)
            assert ("1006" in sound.agents) is (mode == "barge")


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
async def test_through_a_hold_by_the_page(system: FullSystem, mode: str):
    async with system.scene():
        talk = await talks(system, "1001", "13810000012")
        boss = await listens(system, talk, mode)
        await for_a_while()
        await system.transfers.post(talk.call, "hold")
        await system.log.held(talk.call)
        since = len(talk.caller.came)
        await for_a_while(1.5)
        assert "1006" not in talk.caller.heard(since)
        await system.transfers.post(talk.call, "retrieve")
        await system.log.held(talk.call, "retrieved")
        if mode == "barge":
            await is_there(system, talk.call, mode, "joined")
        since = len(talk.caller.came)
        await for_a_while(2)
        again = talk.caller.heard(since)
        assert again["1001"] >= 1 and (again.get("1006", 0) >= 1) is (mode == "barge"), again
        await goes(system, talk, boss, talk.agent)
        assert (heard(talk.agent).get("1006", 0) >= 1.5) is (mode != "listen")
        sound = await system.transfers.sound_of(talk.call)
        assert ("1006" in sound.agents) is (mode == "barge")


async def test_in_a_consult_the_listener_hears_music_and_the_whisperer_the_consult(system: FullSystem):
    async with system.scene():
        talk = await talks(system, "1001", "13810000013")
        boss = await listens(system, talk, "whisper")
        other = await listens(system, talk, "listen", "1005")
        bob = await softphone(system, "1002")
        await system.transfers.hand_over(talk.call, {"agent": "1002"}, warm=True)
        await bob.rings()
        await bob.answer()
        await system.log.transfer_is(talk.call, "consulting")
        await for_a_while(2.5)
        await system.transfers.post(talk.call, "transfer/take-back")
        await system.log.transfer_is(talk.call, "taken back")
        await for_a_while()
        await goes(system, talk, boss, other, talk.agent)
        assert heard(boss)["1002"] >= 1.5
        assert "1002" not in heard(other) and heard(other)["music"] >= 1
        assert "1006" not in heard(bob) and "1006" not in talk.caller.heard()


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge", "take-over"])
async def test_the_daemon_is_killed_and_started_again(system: FullSystem, mode: str):
    """Nobody is moved, lost, or taken for an agent of this call; afterwards the listening can be changed and ended as before."""
    async with system.scene():
        talk = await talks(system, "1001", "13810000014")
        boss = await listens(system, talk, "barge" if mode == "take-over" else mode)
        await for_a_while()
        if mode == "take-over":
            await ask(system, talk.call, "take-over")
            await system.log.row(
                Kind.LISTENING, lambda row: row.call == talk.call and row.detail["state"] == "took over"
            )
            await eventually(lambda: talk.agent.of("CALL_CLOSED"), "the end of the agent's line")
        since = len(talk.caller.came)
        await system.faults.back(system.faults.kill("daemon"))
        state = "joined" if mode in ("barge", "take-over") else "listening"
        await is_there(system, talk.call, mode, state)
        row = (await system.calls())[talk.call]
        assert row["stage"] == ("elsewhere" if mode == "take-over" else "talking")
        await for_a_while(2)
        during = talk.caller.heard(since)
        assert (during.get("1006", 0) >= 1.5) is (state == "joined"), during
        if mode == "listen":
            await ask(system, talk.call, "whisper")
            await is_there(system, talk.call, "whisper", "listening")
            await for_a_while(1.5)
            await ask(system, talk.call, "leave")
            await eventually(lambda: boss.of("CALL_CLOSED"), "the supervisor's end")
            assert not (await system.calls())[talk.call].get("listeners")
        await goes(system, talk, boss, talk.agent)
        assert heard(talk.agent)["1006"] >= 0.5
        assert heard(boss)["caller"] >= 1.5


async def test_keys_of_the_telephone_change_what_is_done(system: FullSystem):
    async with system.scene():
        talk = await talks(system, "1001", "13810000015")
        boss = await listens(system, talk, "listen")
        await boss.keys("5")
        await is_there(system, talk.call, "whisper", "listening")
        await for_a_while()
        await boss.keys("*")
        await for_a_while()
        await boss.keys("4")
        await is_there(system, talk.call, "listen", "listening")
        await boss.keys("6")
        await is_there(system, talk.call, "barge", "joined")
        await for_a_while()
        await goes(system, talk, boss, talk.agent)
        assert heard(talk.agent)["1006"] >= 1.5 and talk.caller.heard()["1006"] >= 0.5


@pytest.mark.parametrize("before", ["nothing", "a hold"])
async def test_an_agent_who_hangs_up_leaves_the_caller_to_whoever_has_joined(system: FullSystem, before: str):
    """And the recording has the supervisor, however low the numbers of their packets are: with a recorder that was not begun anew
    it was deaf to them in every second call. After a hold the bridge is another one ([join])."""
    async with system.scene():
        talk = await talks(system, "1001", "13810000016")
        if before == "a hold":
            await system.transfers.post(talk.call, "hold")
            await system.log.held(talk.call)
            await system.transfers.post(talk.call, "retrieve")
            await system.log.held(talk.call, "retrieved")
        boss = await listens(system, talk, "barge")
        await for_a_while(1.5)
        await talk.agent.hang_up()
        await system.log.row(Kind.LISTENING, lambda row: row.call == talk.call and row.detail["state"] == "took over")
        since = len(talk.caller.came)
        await for_a_while(2)
        assert talk.caller.heard(since)["1006"] >= 1.5
        await goes(system, talk, boss)
        sound = await system.transfers.sound_of(talk.call)
        assert sound.seconds >= 3 and sound.caller["caller"] >= 2.7 and sound.agents["1006"] >= 2.5


@pytest.mark.parametrize("first_to_go", ["caller", "supervisor"])
async def test_the_recording_of_a_caller_who_was_taken_over_is_filed_whole_and_at_once(
    system: FullSystem, first_to_go: str
):
    async with system.scene():
        talk = await talks(system, "1001", "13810000018")
        boss = await listens(system, talk, "barge")
        await talk.agent.hang_up()
        await system.log.row(Kind.LISTENING, lambda row: row.call == talk.call and row.detail["state"] == "took over")
        await for_a_while(1)
        if first_to_go == "supervisor":
            await boss.hang_up()
            await system.log.row(
                Kind.LISTENING, lambda row: row.call == talk.call and row.detail["state"] == "leg over"
            )
        await goes(system, talk, boss)
        filed = await system.log.row(Kind.RECORDED, lambda row: row.call == talk.call)
        assert filed.detail["complete"], filed.detail
        assert not [row.detail for row in system.log.of(Kind.ALARM, talk.call)]


async def test_telephones_that_do_not_answer_and_a_call_that_ends_meanwhile(system: FullSystem):
    async with system.scene():
        talk = await talks(system, "1001", "13810000017")
        assert await system.transfers.refused(talk.call, "listen", {"telephone": "1005"}) == "telephone-away"
        assert await system.transfers.refused(talk.call, "listen", {"telephone": "1001"}) == "talks-there"
        assert await system.transfers.refused(talk.call, "listen", {"telephone": "9999"}) == "no-such-telephone"
        assert await system.transfers.refused(talk.call, "listen") == "no-telephone"
        boss = await softphone(system, "1006", ready=False)
        await ask(system, talk.call, "listen", "1006")
        await boss.rings()
        await boss.decline()
        assert await failed(system, talk.call) in ("rejected", "busy")
        await ask(system, talk.call, "listen", "1006")
        await boss.rings(2)
        talk.caller.bye()
        await system.log.ending_of(talk.call)
        await eventually(lambda: len(boss.of("CALL_CLOSED")) == 2, "the end of the ringing")
        ends = [
            row.detail["why"] for row in system.log.of(Kind.LISTENING, talk.call) if row.detail["state"] == "failed"
        ]
        assert ends[1:] == ["call over"]

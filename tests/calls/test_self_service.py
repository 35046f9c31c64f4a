"""Out of a talk a caller shows who they are: nobody hears the keys, no recording, journal or log holds them, and the talk goes on.

And in the menu a caller is told where the order is, by a source that takes its time, and by one that does not answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.demo.day import menu
from acd.engine.commands import Ending, Kind, Log
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.transfer_system import transfer_system
from tests.calls.support.transfers import for_a_while
from tests.support.crm import Crm, running_crm
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

DIGITS = "70318264"
"""The last of the order: so many that no port, time or id holds them by chance."""
WRONG = "40718265"
OTHER_TRUNK = "127.0.0.4"
"""Its carrier tells keys as INFO."""
CONFIGURATION = """
[identity]
digits = 8
tries_per_day = 3

[identity.business]
refund = "full"

[lookups.orders]
kind = "http"
address_file = "{file}"
by = {{ caller = "phone", order = "no" }}
limit_s = 3

[trunks.by-info]
addresses = ["127.0.0.4"]
keys = "info"
"""
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
"""ITU-T Q.23."""


@dataclass
class Running:
    system: FullSystem
    crm: Crm


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("verify")
    file = folder / "orders.address"
    async with running_crm() as crm:
        crm.rows = {"order": f"2026{DIGITS}", "status": "shipped"}
        file.write_text(crm.url)
        file.chmod(0o600)
        whole = transfer_system(folder, more=CONFIGURATION.format(file=file))
        (folder / "menu.toml").write_text(menu(), "utf-8")
        own_menu = f'[hotline]\nmenu = "{folder / "menu.toml"}"\n\n'
        whole.config_file.write_text(own_menu + whole.config_file.read_text("utf-8"), "utf-8")
        async with whole as system:
            yield Running(system, crm)


Press = Callable[[ManualCaller, str], None]


def audibly(line: ManualCaller, key: str) -> None:
    """A telephone that sends the event, and whose caller hears the tone, too: Asterisk takes no tone out of the sound then."""
    line.key(key)
    line.tone(key)


WAYS: list[tuple[str, Press, str, bool]] = [
    ("events", lambda line, key: line.key(key), "127.0.0.2", True),
    ("info", lambda line, key: line.info(key), OTHER_TRUNK, True),
    ("tones", lambda line, key: line.tone(key), "127.0.0.2", False),
    ("events beside the tones", audibly, "127.0.0.2", True),
]


async def pressed(line: ManualCaller, press: Press, keys: str) -> None:
    """One after the other, as a person does."""
    for key in keys:
        press(line, key)
        await asyncio.sleep(0.3)


async def talk(system: FullSystem, number: str, press: Press, address: str, events: bool) -> tuple[ManualCaller, str]:
    """A caller who talks with agent 1001."""
    line = await ManualCaller(number, system.prepared.sip_port, "95001", address=address, offers_events=events).open()
    line.invite()
    await line.is_answered()
    call = await system.log.call_of(number)
    heard = len(line.sound_at)
    await eventually(lambda: len(line.sound_at) > heard + 25, "the menu")
    press(line, "1")
    await system.log.talk_of(call, "1001")
    await for_a_while()
    return line, call


async def asked(running: Running, call: str) -> None:
    """The agent wants the caller verified, and the story has asked for the record: the prompt comes next."""
    before = len(running.crm.asked)
    await running.system.transfers.post(call, "verify")
    await running.system.log.row(Kind.HOLD, lambda row: row.call == call and row.detail["how"] == "verify")
    await eventually(lambda: len(running.crm.asked) > before, "the record to be asked for")
    await asyncio.sleep(0.5)


def tones(file: Path) -> list[float]:
    """Seconds at which both tones of a key are heard on either side."""
    sound, rate = soundfile.read(file, dtype="float64", always_2d=True)
    width = rate // 20
    found = []
    for at in range(0, len(sound) - width, width // 2):
        for side in sound[at : at + width].T:
            power = np.abs(np.fft.rfft(side * np.hanning(width), 8 * width)) ** 2
            if power.max() < 1e-3:
                continue

            def share(hz: int, power: np.ndarray = power) -> float:
                middle = round(hz * 8 * width / rate)
                return float(power[middle - 8 : middle + 9].sum() / power.sum())

            if max(map(share, LOW)) > 0.2 and max(map(share, HIGH)) > 0.2:
                found.append(at / rate)
                break
    return found


def told_nowhere(system: FullSystem, digits: str) -> None:
    """No file of the state folder or beside it holds them: journal, logs of all processes, tables of the database, settings."""
    looked_at = 0
    for file in system.installation.state.rglob("*"):
        if file.is_file() and file.suffix != ".wav":
            looked_at += 1
            assert digits.encode() not in file.read_bytes(), f"{file} holds what was keyed"
    assert looked_at > 10


async def verified(system: FullSystem, call: str) -> Log:
    return await system.log.row(Kind.CARD, lambda row: row.call == call and row.detail["what"] == "verified")


@pytest.mark.parametrize(("press", "address", "events"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
async def test_the_keys_are_heard_by_nobody_and_the_talk_goes_on(
    running: Running, press: Press, address: str, events: bool
):
    system = running.system
    async with system.scene():
        await system.transfers.phone("1001")
        line, call = await talk(system, "13800001111", press, address, events)
        await asked(running, call)
        await pressed(line, press, f"{DIGITS}#")
        row = await verified(system, call)
        assert (row.detail["level"], row.detail["how"], row.detail["by"]) == ("full", "number-and-order", "identity")
        await system.log.held(call, "retrieved")
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        card = await system.transfers.card(call)
        assert card["verified"]["level"] == "full"
        assert [(each["lookup"], each["state"]) for each in card["lookups"]] == [("identity", "found")]
        line.bye()
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        filed = await system.log.row(Kind.RECORDED, of_call(call))
        recording = Path(system.prepared.recordings) / str(filed.detail["path"])
        assert tones(recording) == []
        told_nowhere(system, DIGITS)
        line.close()


async def test_a_tone_in_the_talk_itself_is_found_in_the_recording(running: Running):
    """Or the search of the test above would prove nothing. Of a caller without events Asterisk takes the tones out itself."""
    system = running.system
    async with system.scene():
        await system.transfers.phone("1001")
        line, call = await talk(system, "13800001112", WAYS[0][1], "127.0.0.2", True)
        await pressed(line, audibly, "58")
        await for_a_while()
        line.bye()
        filed = await system.log.row(Kind.RECORDED, of_call(call))
        assert len(tones(Path(system.prepared.recordings) / str(filed.detail["path"]))) >= 2
        line.close()


async def test_wrong_keys_are_bounded_and_sensitive_business_is_refused_meanwhile(running: Running):
    system, (_, press, address, events) = running.system, WAYS[0]
    async with system.scene():
        await system.transfers.phone("1001")
        line, call = await talk(system, "13800001113", press, address, events)
        assert (
            await system.transfers.refused(call, "transfer", {"to": {"queue": "complaints"}, "reason": "refund"})
            == "not-verified"
        )
        await asked(running, call)
        for number in range(3):
            if number:
                await asyncio.sleep(1.0)
            await pressed(line, press, f"{WRONG}#")
        await system.log.row(Kind.LOOKED_UP, lambda row: row.call == call and row.detail["why"] == "locked")
        await system.log.held(call, "retrieved")
        card = await system.transfers.card(call)
        assert card["verified"]["level"] == "none"
        assert card["lookups"][-1]["why"] == "locked"
        assert (
            await system.transfers.refused(call, "transfer", {"to": {"queue": "complaints"}, "reason": "refund"})
            == "not-verified"
        )
        line.bye()
        await system.log.ending_of(call)
        told_nowhere(system, WRONG)
        line.close()


async def test_the_agent_takes_the_caller_back_in_the_middle_of_it(running: Running):
    system, (_, press, address, events) = running.system, WAYS[3]
    async with system.scene():
        await system.transfers.phone("1001")
        line, call = await talk(system, "13800001114", press, address, events)
        await asked(running, call)
        await pressed(line, press, DIGITS[:3])
        await system.transfers.post(call, "retrieve")
        await system.log.held(call, "retrieved")
        await for_a_while()
        line.bye()
        filed = await system.log.row(Kind.RECORDED, of_call(call))
        assert tones(Path(system.prepared.recordings) / str(filed.detail["path"])) == []
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        line.close()


async def test_the_caller_or_the_agent_goes_meanwhile(running: Running):
    system, (_, press, address, events) = running.system, WAYS[0]
    async with system.scene():
        amy = await system.transfers.phone("1001")
        line, call = await talk(system, "13800001115", press, address, events)
        await asked(running, call)
        line.bye()
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        line.close()
        await system.comes_to_be("1001", "idle")
        line, call = await talk(system, "13800001116", press, address, events)
        await asked(running, call)
        amy.hang_up()
        await system.log.row(Kind.RETURNED, of_call(call))  # no goodbye: the caller is at the head of the queue
        line.bye()
        await system.log.ending_of(call)
        line.close()


async def test_a_record_that_nobody_answers_for_brings_the_caller_back_unverified(running: Running):
    system, (_, press, address, events) = running.system, WAYS[0]
    async with system.scene():
        await system.transfers.phone("1001")
        line, call = await talk(system, "13800001117", press, address, events)
        rows, running.crm.rows = running.crm.rows, []
        await asked(running, call)
        running.crm.rows = rows
        await system.log.held(call, "retrieved")
        assert (await system.transfers.card(call))["lookups"][-1]["why"] == "no-record"
        line.bye()
        await system.log.ending_of(call)
        line.close()


async def in_the_menu(
    system: FullSystem, number: str, press: Press, address: str, events: bool
) -> tuple[ManualCaller, str]:
    """A caller who has asked in the menu where the order is."""
    line = await ManualCaller(number, system.prepared.sip_port, "95001", address=address, offers_events=events).open()
    line.invite()
    await line.is_answered()
    call = await system.log.call_of(number)
    heard = len(line.sound_at)
    await eventually(lambda: len(line.sound_at) > heard + 25, "the menu")
    press(line, "4")
    return line, call


async def test_a_slow_source_is_waited_for_and_the_caller_who_hears_the_answer_was_served(running: Running):
    system, (_, press, address, events) = running.system, WAYS[0]
    async with system.scene():
        before = len(running.crm.asked)
        running.crm.answer = running.crm.waits
        running.crm.open.clear()
        line, call = await in_the_menu(system, "13800001118", press, address, events)
        await eventually(lambda: len(running.crm.asked) > before, "the source to be asked")
        await asyncio.sleep(2.2)  # longer than a story's look-up waits: the caller hears "one moment"
        running.crm.open.set()
        row = await system.log.row(Kind.LOOKED_UP, of_call(call))
        assert (row.detail["state"], row.detail["answer"]["status"]) == ("found", "shipped")
        assert row.detail["took_s"] >= 2
        await system.log.row(Kind.ANSWER_TOLD, of_call(call))
        line.bye()
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.SERVED
        running.crm.answer = running.crm.well
        line.close()


async def test_a_source_that_does_not_answer_brings_a_person(running: Running):
    system, (_, press, address, events) = running.system, WAYS[0]
    async with system.scene():
        await system.transfers.phone("1001")
        running.crm.says(503)
        line, call = await in_the_menu(system, "13800001119", press, address, events)
        assert (await system.log.row(Kind.LOOKED_UP, of_call(call))).detail["why"] == "refused"
        await system.log.talk_of(call, "1001")
        assert (await system.transfers.card(call))["lookups"][0]["state"] == "failed"
        await for_a_while()
        line.bye()
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        running.crm.answer = running.crm.well
        line.close()

"""The restore drill: calls, a back-up under calls, everything deleted, put back, and the calls after it are there, too."""

import asyncio
import json
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone
from acd.store.queries.recordings import Recording
from recordings.names import live_files
from tests.calls.support.full_system import FullSystem
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.recorded_sound import well_recorded
from tests.support.waiting import eventually

AGENTS = ("1001", "1002", "1003")
SOME_SOUND = 10_000
"""Bytes: more than half a second of one side."""
DATABASE = '\n[database]\nurl = "{url}"\npassword_file = "{file}"\n'


def system_in(folder: Path) -> FullSystem:
    return FullSystem(folder, AGENTS, ring_s=1, brisk=True)


async def name_database(system: FullSystem) -> None:
    """Writes it into the configuration, as an operator does."""
    url = await asyncio.to_thread(system.database.start)
    password = (system.database.folder / "password").read_text().strip()
    text = DATABASE.format(url=url.replace(f":{password}@", "@"), file=system.folder / "database.password")
    (system.folder / "database.password").write_text(password)
    system.config_file.write_text(system.config_file.read_text("utf-8") + text, "utf-8")


async def empty_database(system: FullSystem) -> None:
    """Another one in the place of the hotline's."""
    url = await asyncio.to_thread(system.database.start)
    connection = await asyncpg.connect(url.rpartition("/")[0] + "/postgres")
    await connection.execute("DROP DATABASE sanxiang WITH (FORCE)")
    await connection.execute("CREATE DATABASE sanxiang")
    await connection.close()


async def call_in(system: FullSystem, calls: int, first: int, talk_s: float) -> None:
    """So many calls, one after the other's first ring, answered and over."""
    phones = await system.staffed(AGENTS, Phone(ring_s=0.2, talk_s=(talk_s, talk_s)))
    day = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S)
    callers = [f"139000{first + number:05d}" for number in range(calls)]
    await system.caller(day, calls, 3.0, [[caller] for caller in callers])
    for caller in callers:
        call = await system.log.call_of(caller)
        await system.log.ending_of(call)
        await system.log.row(Kind.RECORDED, lambda row, call=call: row.call == call)  # type: ignore[misc]
    await phones.stop()


@pytest.mark.drill
async def test_restored(tmp_path: Path, whole: bool):
    """Everything is there again, and so are the calls after it."""
    calls = 20 if whole else 3
    folder = tmp_path / "m"  # Asterisk takes no longer path for its socket.
    folder.mkdir()
    system = system_in(folder)
    await name_database(system)
    async with system:
        await call_in(system, calls, 0, 1.8)
        await system.caught_up()
        before = {row.call: row for row in await system.store.calls()}
        timelines = {call: await system.store.timeline(call) for call in before}
        assert len(before) == calls and {row.ending for row in before.values()} == {Ending.ANSWERED}
        recorded = {row.offer: row for row in await system.store.recordings()}

        # Under calls: one talks while it is read, and is not over when the back-up is.
        phones = await system.staffed("1001", Phone(ring_s=0.2, talk_s=(60, 60)))
        await system.asks("1", "13700000001")
        talking = await system.log.call_of("13700000001")
        cut_leg = (await system.log.row(Kind.CONNECTED, lambda row: row.call == talking)).offer
        live = live_files(Path(system.prepared.recordings), cut_leg).caller
        await eventually(lambda: live.exists() and live.stat().st_size > SOME_SOUND, "sound on the disk")
        status, output, complaints = await said(system, "backup", str(tmp_path), "--json")
        assert status == 0, complaints
        file = json.loads(output)["file"]
        assert [row["stage"] for row in (await system.calls()).values()] == ["talking"]
        await system.everybody_hangs_up()
        await system.log.ending_of(talking)
        await phones.stop()

    # Everything deleted: state, recordings, database, configuration.
    status, output, complaints = await said(system, "purge", "--yes-remove-everything", "--recordings")
    assert status == 0, complaints
    assert not system.installation.state.exists(), [*system.installation.state.iterdir()]
    for each in (system.config_file, folder / "database.password"):
        each.unlink()
    new = system_in(folder)
    new.config_file.unlink()
    await empty_database(new)

    status, output, complaints = await said(new, "restore", file, "--config", str(new.config_file), "--json")
    assert status == 0, complaints
    assert json.loads(output)["recordings"] >= 2 * calls
    async with new:
        await new.caught_up()
        listed = {row.call: row for row in await new.store.calls()}
        assert {call: row for call, row in listed.items() if call != talking} == before
        assert {call: await new.store.timeline(call) for call in before} == timelines
        for offer, was in recorded.items():
            leg = await new.store.recording(offer)
            assert leg == was and well_recorded(Path(new.prepared.recordings), leg)
        # Who was talking when it was read was cut off; what was said until then is there.
        assert listed[talking].ending in (Ending.ANSWERED, Ending.LOST)

        async def filed() -> Recording | None:
            found = await new.store.recording(cut_leg)
            return found if found and found.filed_at else None

        cut = await eventually(filed, "the recording of the talk that was cut")
        assert (Path(new.prepared.recordings) / cut.path).stat().st_size > SOME_SOUND, cut

        # The trap: what happens after the restore is listed as what happened before it.
        await call_in(new, 2, 500, 1.8)
        await new.caught_up()
        after = json.loads((await said(new, "call", "list", "--json"))[1])
        assert len(after) == calls + 3
        assert [row["ending"] for row in after[:2]] == [Ending.ANSWERED] * 2
        assert await new.store.dead_letters() == 0


async def said(system: FullSystem, *words: str) -> tuple[int, str, str]:
    """What our command line says of this system's state folder."""
    return await system.sanxiang(*words)

"""A hotline is backed up, lost, and put back: every row, recording and setting is there, and the next calls are, too."""

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from acd.backup import make
from acd.backup import restore as restoring
from acd.backup.archive import Archive
from acd.backup.errors import (
    BackupExists,
    Damaged,
    FromNewerVersion,
    InsideState,
    NoSuchDatabase,
    NotEmpty,
    NothingToBackUp,
    NotWritten,
    OtherFolder,
)
from acd.config import load
from acd.errors import SanxiangError
from acd.setup.installation import Installation
from acd.store import schema_steps
from acd.store.embedded import EmbeddedPostgres
from acd.store.journal.journal import Journal
from acd.store.schema import HEAD
from acd.store.shipping import shipper as shipping
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.backup.support.command_line import sanxiang
from tests.backup.support.hotline import Hotline, new_database
from tests.calls.support.config_text import AGENT, CONFIG
from tests.store.support.store_fixture import MORNING


async def lost(hotline: Hotline, server: EmbeddedPostgres) -> None:
    """The whole machine is another, empty one."""
    hotline.lose()
    hotline.url = await new_database(server, hotline.url.rpartition("/")[2])


@pytest.mark.parametrize("sealed", [False, True])
async def test_everything_is_there_again(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path, key_file: Path, sealed: bool
):
    key = key_file if sealed else None
    was, rows, journaled = hotline.tree(), await hotline.logged(), hotline.journaled()
    made = await asyncio.to_thread(hotline.back_up, tmp_path, key_file=key)
    assert made.file.parent == tmp_path and re.fullmatch(r"红灯笼-Hotline-\d{8}-\d{6}\.backup", made.file.name)
    assert (made.left_out, made.file.stat().st_mode & 0o777) == ([], 0o600)
    assert hotline.tree() == was
    await lost(hotline, server)
    done = await asyncio.to_thread(hotline.restore, made.file, key_file=key)
    assert (done.recordings, done.kept_configuration, done.moved) == (12, False, [])

    again = hotline.tree()
    other = {name for name in was if was[name] != again.get(name)}
    locks = {"state/journal/lock", "state/secrets.lock"}
    assert other == {"state/journal/id", *locks}
    assert not locks & set(again) and set(again) == (set(was) - locks) | {"state/journal/ancestors"}
    for file in hotline.folder.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file
    assert await hotline.logged() == rows
    assert len({(line, idx) for line, idx, *_ in rows}) == len(rows) < len(journaled)

    # What PostgreSQL lacked is shipped, and so are the next calls: none vanishes, none is there twice.
    await hotline.serve(3)
    assert [row[:3] for row in await hotline.logged()] == hotline.journaled()
    assert len(hotline.journaled()) > len(journaled)
    [(calls,)] = await hotline.rows("SELECT count(*) FROM calls")
    assert calls == 9
    assert len(await hotline.rows("SELECT spool FROM spools")) == 2


async def test_a_back_up_under_calls_has_no_gap_and_nothing_twice(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Before each thing that is read another call is over, recorded and in PostgreSQL: whatever were read in the wrong order
    would lack what the other speaks of."""
    monkeypatch.setattr(shipping, "GATHER_S", 0.0)
    store, journal = await Store.open(hotline.url), Journal(hotline.installation.journal, segment_lines=20)
    shipper = Shipper(store, journal)
    running, loop = asyncio.create_task(shipper.run()), asyncio.get_running_loop()

    async def one_more_call() -> None:
        hotline.take_call(journal)
        if journal.checkpoint_due:
            journal.checkpoint(MORNING, {})
        await asyncio.to_thread(journal.sync)
        assert await shipper.catch_up(60), shipper.trouble

    before = hotline.calls
    wanted = make.Wanted(tmp_path / "a")
    made = await asyncio.to_thread(
        make.make,
        hotline.installation,
        wanted,
        lambda _: asyncio.run_coroutine_threadsafe(one_more_call(), loop).result(60),
    )
    assert hotline.calls > before + 30
    shipper.stop()
    await running
    journal.close()
    await store.close()

    await lost(hotline, server)
    await asyncio.to_thread(hotline.restore, made.file)
    shipped = {(line, idx) for line, idx, *_ in await hotline.logged()}
    assert shipped < {(line, idx) for line, idx, _ in hotline.journaled()}
    await hotline.serve(1)
    logged = [row[:3] for row in await hotline.logged()]
    assert logged == hotline.journaled()
    recorded = await hotline.rows("SELECT DISTINCT call FROM call_log WHERE kind = 'arrived'")
    day = hotline.installation.recordings / "2024" / "11" / "20"
    assert [call for (call,) in recorded if not (day / f"{call}-1.wav").exists()] == []
    named = {leg["file"] for file in day.glob("*.json") for leg in json.loads(file.read_text())["legs"]}
    assert named <= {f"2024/11/20/{file.name}" for file in day.glob("*.wav")}


async def test_a_journal_that_went_on_after_the_back_up_is_not_taken_for_this_one(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path
):
    """The state folder is older than the database: under its old name the journal's next lines would count as shipped."""
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    identity = (hotline.installation.journal / "id").read_text()
    await hotline.serve(5)
    await lost(hotline, server)
    await asyncio.to_thread(hotline.restore, file)
    assert (hotline.installation.journal / "id").read_text() != identity
    known = dict(await hotline.rows("SELECT spool, line FROM spools"))
    assert known[identity] == known[(hotline.installation.journal / "id").read_text()] > 0


async def test_manifests_alone(hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path):
    made = await asyncio.to_thread(hotline.back_up, tmp_path / "small", recordings="manifest")
    sound = {name: data for name, data in hotline.tree().items() if name.endswith("-1.wav")}
    assert b"20241120-000001" * 500 not in made.file.read_bytes()
    await lost(hotline, server)
    # The sound of five was kept in another way, and lies there already.
    for name, data in list(sound.items())[:5]:
        (hotline.folder / "kept" / name).parent.mkdir(parents=True, exist_ok=True)
        (hotline.folder / "kept" / name).write_bytes(data)
    folder = hotline.folder / "kept" / "state" / "recordings"
    done = await asyncio.to_thread(hotline.restore, made.file, recordings=folder)
    assert (done.recordings, done.missing_sound) == (6, 1)
    assert load(hotline.config_file).recordings.folder == folder
    assert len(list(folder.rglob("*.json"))) == 6


async def test_onto_another_place_the_paths_follow(hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path):
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    await lost(hotline, server)
    place = tmp_path / "elsewhere" / "hotline.toml"
    folder = tmp_path / "sound"
    done = await asyncio.to_thread(hotline.restore, file, config_file=place, recordings=folder)
    config = load(place)
    assert config.hotline.prompts == place.parent / "prompts"
    assert config.database.password_file == place.parent / "database.password"
    assert (place.parent / "prompts" / "zh" / "welcome.wav").exists()
    assert len(done.moved) == 2
    assert len(list(folder.rglob("*-1.wav"))) == 6
    assert not hotline.etc.exists()


async def test_a_configuration_that_is_there_is_used_as_it_is(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path
):
    """The new machine's database is another: the operator has written where."""
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    other = await new_database(server, f"other{os.getpid()}")
    text = hotline.config_file.read_text().replace(hotline.url.rpartition("/")[2], other.rpartition("/")[2])
    await lost(hotline, server)
    hotline.etc.mkdir(parents=True)
    hotline.config_file.write_text(text)
    (hotline.etc / "database.password").write_text(re.findall(r":([^:@/]+)@", other)[0])
    with pytest.raises(OtherFolder):
        await asyncio.to_thread(hotline.restore, file, recordings=tmp_path / "sound")
    done = await asyncio.to_thread(hotline.restore, file)
    assert done.kept_configuration and hotline.config_file.read_text() == text
    assert await hotline.tables() == 0
    hotline.url = other
    assert len(await hotline.logged()) > 0


async def test_onto_a_newer_version_the_tables_are_brought_forward(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path
):
    await lost(hotline, server)
    hotline.install()
    store = await Store.open(hotline.url)
    await store._on_schema(lambda connection: schema_steps.migrate(connection, "0002"))
    await store.close()
    await hotline.rows("INSERT INTO calls (call, arrived_at, caller) VALUES ('c1', now(), E'a\\tb\\\\N\\n中')")
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    archive = Archive(file)
    assert archive.manifest.schema == "0002" and "leg_quality" not in archive.manifest.tables
    archive.close()
    await lost(hotline, server)
    done = await asyncio.to_thread(hotline.restore, file)
    assert done.rows == 1
    assert await hotline.rows("SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert await hotline.rows("SELECT caller FROM calls") == [("a\tb\\N\n中",)]
    await hotline.serve(2)
    assert len(await hotline.rows("SELECT 1 FROM calls")) == 3


async def refused(hotline: Hotline, file: Path, error: type[SanxiangError], words: str, **wanted: object) -> None:
    """With that sentence; and the machine is as it was."""
    was, tables = hotline.tree(), await hotline.tables()
    with pytest.raises(error, match=words):
        await asyncio.to_thread(hotline.restore, file, **wanted)
    assert hotline.tree() == was
    assert await hotline.tables() == tables


async def test_one_of_a_newer_version_is_refused(hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path):
    await hotline.rows("UPDATE alembic_version SET version_num = '9999'")
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    await lost(hotline, server)
    await refused(hotline, file, FromNewerVersion, "made by a newer version")
    assert not hotline.folder.joinpath("state").exists()


async def test_what_is_not_empty_is_never_touched(hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path):
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    await refused(hotline, file, NotEmpty, "The state folder .* is not empty .*sanxiang purge")
    hotline.lose()
    await refused(hotline, file, NotEmpty, r"The database postgresql://sanxiang@.*its table \w+ has rows")
    await lost(hotline, server)
    folder = tmp_path / "sound"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "mine.wav").touch()
    await refused(hotline, file, NotEmpty, "The recordings folder", recordings=folder)
    hotline.etc.mkdir(parents=True)
    (hotline.etc / "database.password").write_text("mine")
    await refused(hotline, file, NotEmpty, "database.password is not empty .it would be overwritten")
    (hotline.etc / "database.password").unlink()
    # Folders and tables that an earlier start has made are no hindrance.
    Installation.at(hotline.folder / "state")
    store = await Store.open(hotline.url)
    await store.migrate()
    await store.close()
    await asyncio.to_thread(hotline.restore, file)
    assert len(await hotline.logged()) > 0


async def test_a_damaged_one_leaves_the_machine_as_it_was(hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path):
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    await lost(hotline, server)
    whole = file.read_bytes()
    for change in (len(whole) // 3, len(whole) // 2, len(whole) - 11_000):
        file.write_bytes(whole[:change] + bytes([whole[change] ^ 1]) + whole[change + 1 :])
        await refused(hotline, file, Damaged, "is damaged")
        file.write_bytes(whole[:change])
        await refused(hotline, file, Damaged, "is damaged")
    assert not hotline.folder.joinpath("state").exists()


async def test_whatever_fails_on_the_way_leaves_the_machine_as_it_was(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """At the last moment: files are in their places, rows in their tables, only the commit is still to come."""
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    await lost(hotline, server)
    hotline.folder.mkdir(exist_ok=True)
    move = restoring._Restore._move

    def fails(self, *places):
        move(self, *places)
        assert (hotline.installation.journal / "id").exists() and hotline.config_file.exists()
        raise OtherFolder(config="x", folder="y")

    monkeypatch.setattr(restoring._Restore, "_move", fails)
    await refused(hotline, file, OtherFolder, "another folder")
    assert list(hotline.folder.iterdir()) == []
    monkeypatch.undo()
    await asyncio.to_thread(hotline.restore, file)


async def test_a_hotline_without_a_database_of_its_own_is_not_restored_without_one(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path
):
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    await lost(hotline, server)
    own = tmp_path / "own.toml"
    own.write_text(CONFIG.format(ring_s=5, wrap_up_s=0, trunk="127.0.0.1", rtp_end=10100) + AGENT.format(agent="1001"))
    await refused(hotline, file, NoSuchDatabase, "names no database", config_file=own)


async def test_what_is_missing_is_said_in_the_back_up_and_after_the_restore(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path
):
    (hotline.etc / "database.password").rename(hotline.etc / "moved")
    (hotline.installation.state / "audit.log").symlink_to("/etc/passwd")
    with pytest.raises(SanxiangError, match=r"database\.password_file"):
        await asyncio.to_thread(hotline.back_up, tmp_path / "a")
    (hotline.etc / "moved").rename(hotline.etc / "database.password")
    for file in (hotline.etc / "prompts").rglob("*.wav"):
        file.unlink()
    for folder in ("zh", ""):
        (hotline.etc / "prompts" / folder).rmdir()
    made = await asyncio.to_thread(hotline.back_up, tmp_path / "a")
    assert [each.rpartition("/")[2] for each in made.left_out] == [
        "prompts is not there and was left out",
        "audit.log is a link and was left out",
    ]
    assert b"root:" not in made.file.read_bytes()
    archive = Archive(made.file)
    assert archive.manifest.left_out == made.left_out
    archive.close()


async def test_where_a_back_up_can_not_go(hotline: Hotline, tmp_path: Path):
    def to(target: Path):
        return asyncio.to_thread(hotline.back_up, target)

    (tmp_path / "mine").write_text("mine")
    with pytest.raises(BackupExists):
        await to(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "mine"
    with pytest.raises(NotWritten, match="no such folder"):
        await to(tmp_path / "none" / "a")
    for inside in (
        hotline.installation.state,
        hotline.installation.recordings / "2024",
        hotline.installation.run / "x",
    ):
        with pytest.raises(InsideState, match="Name another folder"):
            await to(inside)
    with pytest.raises(NothingToBackUp):
        hotline.installation = Installation(tmp_path / "mistyped")
        await to(tmp_path / "a")
    assert not (tmp_path / "mistyped").exists()


async def test_the_command_line_says_it_in_sentences(hotline: Hotline, tmp_path: Path):
    file, state = tmp_path / "a.backup", ["--state", hotline.installation.state]
    done = await asyncio.to_thread(sanxiang, "backup", file, "--json", *state)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"] > 20
    done = await asyncio.to_thread(sanxiang, "backup", "verify", file)
    assert done.stdout.startswith(f"{file}: whole. ")
    listed = json.loads((await asyncio.to_thread(sanxiang, "backup", "list", file, "--json")).stdout)
    assert (listed["hotline"], listed["tables"], listed["recordings"]) == ("红灯笼 Hotline", HEAD, "copy")
    done = await asyncio.to_thread(sanxiang, "backup", file, *state)
    assert done.returncode == 1
    assert done.stderr.endswith(
        f"sanxiang: {file} is there already and is not written over. Name another file, or add --replace.\n"
    )
    done = await asyncio.to_thread(sanxiang, "restore", file, *state, "--config", tmp_path / "new.toml")
    assert done.returncode == 1 and "is not empty" in done.stderr and "Traceback" not in done.stderr


async def test_a_recording_that_can_not_be_read_is_told_and_everything_else_is_there(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path
):
    """The back-up's process may read what its owner may, and no more: as the service's user under systemd."""
    day = hotline.installation.recordings / "2024" / "11" / "20"
    sound, *others = sorted(day.glob("*.wav"))
    sound.chmod(0)
    closed = hotline.installation.recordings / "2023" / "01"
    closed.mkdir(parents=True)
    (closed / "talk.wav").write_bytes(b"x")
    closed.chmod(0)
    rights = [] if os.geteuid() else ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    file, state = tmp_path / "a.backup", ["--state", hotline.installation.state]
    try:
        made = await asyncio.to_thread(sanxiang, "backup", file, *state, started_by=rights)
    finally:
        closed.chmod(0o700)
    assert made.returncode == 3, made
    said = [line for line in made.stderr.splitlines() if line.startswith("warning: ")]
    assert len(said) == 2
    assert f"{closed} can't be read (Permission denied) and was left out" in said[0]
    assert f"{sound} can't be read (Permission denied) and was left out" in said[1]
    for verb in ("list", "verify"):
        again = await asyncio.to_thread(sanxiang, "backup", verb, file, "--json")
        assert len(json.loads(again.stdout)["left_out"]) == 2, again
    await lost(hotline, server)
    done = await asyncio.to_thread(hotline.restore, file)
    assert len(done.left_out) == 2 and not sound.exists()
    assert all(each.exists() for each in others)

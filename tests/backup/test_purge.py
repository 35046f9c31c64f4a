"""An installation is taken off the machine: what is ours, and nothing else."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acd.backup.errors import NotABackup, NotOurs, StillRunning
from acd.cli.app import built
from acd.processes.takeover import StillThere
from acd.processes.up import claimed, main_file_of
from acd.setup.installation import Installation, NoInstallation
from acd.store.embedded import EmbeddedPostgres
from acd.store.journal.journal import Journal
from tests.backup.support.hotline import Hotline


def purge(state: Path, *words: str) -> Result:
    return CliRunner().invoke(built("purge"), ["purge", "--state", str(state), *words])


async def test_without_the_name_nothing_goes_and_all_of_it_is_told(hotline: Hotline):
    was = hotline.tree()
    said = purge(hotline.installation.state)
    assert said.exit_code == 0
    assert "would remove" in said.output and "secrets.json" in said.output and "Nothing was removed." in said.output
    assert "`dropdb` removes it" in said.output and hotline.url not in said.output
    assert hotline.tree() == was


async def test_with_recordings_the_whole_folder_goes_and_nothing_beside_it(hotline: Hotline):
    said = purge(hotline.installation.state, "--yes-remove-everything", "--recordings")
    assert said.exit_code == 0 and "红灯笼 Hotline is removed" in said.output
    assert sorted(each.name for each in hotline.folder.iterdir()) == ["etc"]
    assert len(await hotline.logged()) > 0


async def test_recordings_stay_unless_asked_for(hotline: Hotline):
    assert purge(hotline.installation.state, "--yes-remove-everything").exit_code == 0
    assert [each.name for each in hotline.installation.state.iterdir()] == ["recordings"]
    assert len(list(hotline.installation.recordings.rglob("*.wav"))) == 6


async def test_what_is_not_ours_stays_and_links_are_not_followed(hotline: Hotline, tmp_path: Path):
    state, outside = hotline.installation.state, tmp_path / "outside"
    (outside / "2023").mkdir(parents=True)
    (outside / "2023" / "mine.wav").write_text("mine")
    (state / "letters").mkdir()
    (state / "letters" / "mine.txt").write_text("mine")
    (state / "drafts.json").symlink_to(outside / "2023" / "mine.wav")
    (hotline.installation.recordings / "2023").symlink_to(outside / "2023")
    (hotline.installation.recordings / "notes.txt").write_text("mine")
    (hotline.installation.log / "old").symlink_to(outside)
    said = purge(state, "--yes-remove-everything", "--recordings")
    assert said.exit_code == 0
    assert f"leave  {state / 'letters'}" in said.output
    left = sorted(each.relative_to(state).as_posix() for each in state.rglob("*"))
    assert left == ["letters", "letters/mine.txt", "recordings", "recordings/2023", "recordings/notes.txt"]
    assert (outside / "2023" / "mine.wav").read_text() == "mine"


async def test_a_running_hotline_is_not_removed(hotline: Hotline):
    journal = Journal(hotline.installation.journal)
    try:
        said = purge(hotline.installation.state, "--yes-remove-everything")
        assert isinstance(said.exception, StillRunning)
        assert f"process {os.getpid()}" in str(said.exception) and "sanxiang down" in str(said.exception)
    finally:
        journal.close()
    assert hotline.installation.journal.exists()


LIVES = "import signal, sys, time\nprint('here', flush=True)\ntime.sleep(600)"


@contextmanager
def alone(installation: Installation, part: str) -> Iterator[int]:
    """A process of this hotline that nobody keeps, with the command line that it has; its process id."""
    words = {
        "asterisk": ["-C", str(main_file_of(installation)), "-f"],
        "stories": ["ivr.server", str(installation.run / "stories.json")],
    }[part]
    program = [sys.executable, "-c", LIVES, *words]
    with subprocess.Popen(program, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("part", ["asterisk", "stories"])
@pytest.mark.parametrize("killed", [False, True])
def test_what_has_outlived_its_supervisor_and_its_daemon_keeps_its_folder(tmp_path: Path, part: str, killed: bool):
    installation = Installation.at(tmp_path / "state")
    if killed:  # as kill -9 leaves it
        installation.supervisor_pid.write_text("999999999")
    with alone(installation, part) as pid:
        said = purge(installation.state, "--yes-remove-everything")
        assert isinstance(said.exception, StillThere) and installation.run.is_dir()
        assert f"{part} (process {pid}) still runs on {installation.state}" in str(said.exception)
        assert ("`sanxiang down`" if killed else f"`kill {pid}`") in str(said.exception)
    assert purge(installation.state, "--yes-remove-everything").exit_code == 0
    assert not installation.state.exists()


@pytest.mark.slow
def test_nothing_is_restored_below_an_asterisk_whose_folder_somebody_has_deleted(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    with alone(installation, "asterisk") as pid:
        shutil.rmtree(installation.state)
        words = ["restore", str(tmp_path / "none.tar"), "--state", str(installation.state)]
        said = CliRunner().invoke(built("restore"), words)
        assert isinstance(said.exception, StillThere) and f"`kill {pid}`" in str(said.exception)
        assert not installation.state.exists()
    assert isinstance(CliRunner().invoke(built("restore"), words).exception, NotABackup)


async def test_a_hotline_whose_daemon_is_just_being_started_again_is_not_removed(hotline: Hotline):
    with claimed(hotline.installation):
        said = purge(hotline.installation.state, "--yes-remove-everything")
        assert isinstance(said.exception, StillRunning)
        assert f"process {os.getpid()}" in str(said.exception), "the supervisor is named"
    assert hotline.installation.journal.exists()


def test_another_folder_is_not_taken_for_a_state_folder(tmp_path: Path):
    for half in ("a/log", "a/journal", "b/log", "b/run"):
        (tmp_path / half).mkdir(parents=True)
    for place, why in ((tmp_path / "a", NoInstallation), (tmp_path / "b", NotOurs), (tmp_path / "c", NoInstallation)):
        said = purge(place, "--yes-remove-everything", "--recordings")
        assert isinstance(said.exception, why)
    assert [f"{each.relative_to(tmp_path)}" for each in sorted(tmp_path.glob("*/*"))] == [
        "a/journal",
        "a/log",
        "b/log",
        "b/run",
    ]


@pytest.mark.database
async def test_the_embedded_database_goes_with_its_server(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    server = EmbeddedPostgres(state / "postgresql")
    await asyncio.to_thread(server.start)
    pid = server.pid()
    data = server.data.resolve()
    assert pid is not None
    try:
        assert (await asyncio.to_thread(purge, state, "--yes-remove-everything")).exit_code == 0
        assert not state.exists() and not data.exists()
        assert server.pid() is None
    finally:
        server.remove()


def test_a_database_that_is_said_to_lie_elsewhere_is_not_followed(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_text("mine")
    (state / "postgresql").mkdir()
    (state / "postgresql" / "data").symlink_to(outside)
    assert purge(state, "--yes-remove-everything").exit_code == 0
    assert not state.exists() and (outside / "mine").read_text() == "mine"

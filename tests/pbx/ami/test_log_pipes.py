"""Asterisk's own logs through our pipes: numbers are masked, and calls never wait for them, whether somebody reads or not."""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.processes.log_keeper import LogKeeper
from acd.processes.log_pipes import ASTERISK_LOGS
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.raw_sip import Request, asked
from tests.support.network import TRUNK_ADDRESS
from tests.support.sip_flood import flood
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
CALLER, STRANGER = "13800005051", "+8613900006162"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "house" / "run" / "log"
    made.mkdir(parents=True)
    return made


@pytest.fixture
async def own_house(tmp_path: Path, folder: Path) -> AsyncIterator[AsteriskFixture]:
    """Nobody has opened the pipes when a test has not; then this would never come up."""
    held = [_held(folder / f"{name}.pipe") for name in ASTERISK_LOGS]
    opened = await AsteriskFixture.opened(tmp_path / "house", agents=("1001",), log_pipes=True)
    yield opened
    await opened.closed()
    for each in held:
        os.close(each)


def said(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def _held(pipe: Path) -> int:
    """A reader that reads nothing."""
    os.mkfifo(pipe)
    return os.open(pipe, os.O_RDWR | os.O_NONBLOCK)


async def test_numbers_of_callers_and_strangers_are_masked_in_what_asterisk_writes(
    own_house: AsteriskFixture, folder: Path
):
    keeper = LogKeeper()
    keeper.fifos(folder)
    port = own_house.settings.sip_port
    assert 401 in await asked(Request("INVITE", STRANGER), port, "127.0.1.2")
    assert 401 in await asked(Request("REGISTER", CALLER, auth_user=CALLER), port, "127.0.1.3")
    await asked(Request("INVITE", CALLER, "4006009500"), port, TRUNK_ADDRESS)  # a number that is none of ours
    logs = [folder / f"{name}.log" for name in ASTERISK_LOGS]
    await eventually(lambda: b"+861****6162" in said(logs[0]), "the stranger's line")
    await eventually(lambda: b"/127.0.1.3/" in said(logs[1]), "the address of the one with the wrong password")
    await own_house.closed()
    keeper.close()
    told = b"".join(file.read_bytes() for file in logs)
    for number in (CALLER, STRANGER, STRANGER[1:]):
        assert number.encode() not in told
    assert b"'127.0.1.2:" in told, "the address of who sent it stays"
    assert not list(folder.glob("*.log.*")) and (folder / "messages.log").stat().st_mode & 0o777 == 0o600


async def test_calls_are_taken_while_nobody_reads_and_asterisk_says_how_many_lines_it_left_out(
    own_house: AsteriskFixture, folder: Path
):
    port = own_house.settings.sip_port
    for number in range(10):
        flood("REGISTER", "127.0.0.1", port, f"127.0.2.{number + 1}", 3_000, 0.3)
        # Its loggers' pipes have been full since the first hundred lines: a call is answered all the same.
        assert 200 in await asked(Request("INVITE", CALLER, "95001", hangs_up=True), port, TRUNK_ADDRESS)
    assert "Asterisk" in await own_house.cli("core show version")
    keeper = LogKeeper()
    keeper.fifos(folder)
    await eventually(lambda: b"Logging resumed." in said(folder / "messages.log"), "Asterisk's own count of lost lines")
    # And it writes on.
    assert 401 in await asked(Request("INVITE", STRANGER), port, "127.0.1.9")
    await eventually(lambda: b"/127.0.1.9/" in said(folder / "security.log"), "the next line")
    await own_house.closed()
    keeper.close()


class BesideTheKeeper(AsteriskFixture):
    """Started as in its container."""

    async def up(self) -> None:
        """By docker/asterisk.sh, which finds this Asterisk by its name."""
        run_folder = self.settings.run_folder.parent
        program = run_folder / "bin" / "asterisk"
        program.parent.mkdir()
        (run_folder / "asterisk" / "control").mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {shlex.join(self.asterisk.asterisk)} "$@"\n')
        program.chmod(0o755)
        path = f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        with (run_folder / "output").open("wb") as output:
            self.process = await asyncio.create_subprocess_exec(
                "/bin/sh", str(ROOT / "docker" / "asterisk.sh"), str(run_folder), stdout=output, stderr=output,
                env={"PATH": path, "HOME": str(run_folder), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            )  # fmt: skip

        async def booted() -> bool:
            assert self.process is not None and self.process.returncode is None, (run_folder / "output").read_text()
            return "fully booted" in await self.cli("core waitfullybooted")

        await eventually(booted, "Asterisk's start")


@pytest.mark.asterisk
async def test_in_its_container_asterisk_writes_masked_logs_and_calls_need_no_keeper(tmp_path: Path):
    folder = tmp_path / "run" / "asterisk"
    house = await BesideTheKeeper.opened(tmp_path, agents=("1001",), log_pipes=True, run_folder=folder)
    messages = folder / "log" / "messages.log"
    try:
        port = house.settings.sip_port
        assert 401 in await asked(Request("INVITE", STRANGER), port, "127.0.1.2")
        await eventually(lambda: b"+861****6162" in said(messages), "the stranger's line")
        assert house.process is not None
        os.kill(keeper_beside(house.process.pid), signal.SIGKILL)
        assert 200 in await asked(Request("INVITE", CALLER, "95001", hangs_up=True), port, TRUNK_ADDRESS)
        assert 401 in await asked(Request("INVITE", STRANGER), port, "127.0.1.9")
        await eventually(lambda: b"'127.0.1.9:" in said(messages), "the line, by the next keeper")
    finally:
        await house.closed()
    told = b"".join(file.read_bytes() for file in (*folder.glob("log/*.log"), tmp_path / "run" / "output"))
    for number in (CALLER, STRANGER, STRANGER[1:]):
        assert number.encode() not in told


def keeper_beside(script: int) -> int:
    """The process id of the keeper that docker/asterisk.sh has started."""
    for pid in Path(f"/proc/{script}/task/{script}/children").read_text().split():
        if b"beside_asterisk\0keep" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise AssertionError("there is no keeper")

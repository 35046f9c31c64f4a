"""The watch over Asterisk: what has worked and falls silent is killed, what is still starting is not."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest

from acd.daemon.watchdogs.asterisk import AGAIN_S, EVERY_S, LOOKS, PbxWatch
from acd.engine.events import AlarmRaised, Event
from acd.pbx.ami.connection import Ami, AmiSilent
from acd.pbx.probe import Probe


class Phone(asyncio.DatagramProtocol):
    """Answers SIP as long as it is `well`."""

    well = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.well:
            self.transport.sendto(b"SIP/2.0 401 Unauthorized\r\n\r\n", addr)


@pytest.fixture
async def sip() -> AsyncIterator[Phone]:
    transport, phone = await asyncio.get_running_loop().create_datagram_endpoint(Phone, ("127.0.0.1", 0))
    yield phone
    transport.close()


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "1000"]) as running:
        yield running
        running.kill()


class Locked:
    """A link that stands, to an Asterisk that no longer gets at its channels."""

    up = True

    async def ask(self, action: str) -> None:
        raise AmiSilent(action=action)


def watch_over(
    sip: Phone, program: subprocess.Popen[bytes], folder: Path, ami: Locked | None = None
) -> tuple[PbxWatch, list[Event]]:
    pid_file = folder / "asterisk.pid"
    pid_file.write_text(str(program.pid))
    told: list[Event] = []
    port = sip.transport.get_extra_info("sockname")[1]
    return PbxWatch(Probe(port, cast(Ami | None, ami)), pid_file, told.append), told


async def test_what_has_worked_and_hangs_is_killed_and_told_once(
    sip: Phone, program: subprocess.Popen[bytes], tmp_path: Path
):
    watch, told = watch_over(sip, program, tmp_path)
    assert await watch.look() == EVERY_S
    sip.well = False
    for look in range(LOOKS):
        assert program.poll() is None, f"killed after {look} looks"
        assert await watch.look() == AGAIN_S
    assert program.wait(10) == -9
    assert [type(event) for event in told] == [AlarmRaised]
    await watch.look()
    assert len(told) == 1


async def test_channels_that_stay_locked_are_a_hang_though_sip_is_answered(
    sip: Phone, program: subprocess.Popen[bytes], tmp_path: Path
):
    locked = Locked()
    watch, told = watch_over(sip, program, tmp_path, locked)
    locked.up = False
    await watch.look()
    locked.up = True
    for _ in range(LOOKS):
        await watch.look()
    assert program.wait(10) == -9
    assert told == [AlarmRaised("asterisk hung", "its channels can't be listed")]


async def test_what_is_still_starting_is_left_alone(sip: Phone, program: subprocess.Popen[bytes], tmp_path: Path):
    watch, told = watch_over(sip, program, tmp_path)
    sip.well = False
    for _ in range(LOOKS + 1):
        await watch.look()
    assert program.poll() is None
    assert not told

"""The watch over Asterisk: what is hung is ended; what carries talks, or is still starting, never is."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest

from acd.daemon.watchdogs.asterisk import EMPTY_S, HUNG_S, PbxWatch
from acd.engine.events import AlarmRaised, Event
from acd.pbx.ami.connection import Ami
from acd.pbx.probe import Finding, Look, Probe
from acd.pbx.process_threads import Threads
from acd.processes.supervisor import END_REQUEST
from tests.pbx.support.ami_server import MARK, Server, listed
from tests.support.waiting import eventually, eventually_blocking

# -- what is decided, look by look -----------------------------------------------------------------------------------

AT_WORK, ASLEEP = 50, 0
"""Wakes in a second of a thread that carries sound, and of one that waits."""


class Scene:
    """An Asterisk that shows what it is told to; a look every two seconds, without waiting for them."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.now = 1000.0
        self.wakes, self.unserved_ns = {1: 0, 2: 0}, {1: 0, 2: 0}
        self.rates = {1: ASLEEP, 2: ASLEEP}
        """Thread 1 is the house's own, thread 2 a talk's."""
        self.starved = 0.0
        """The share of time for which no thread gets a CPU that wants one."""
        self.shown = Look(Finding.WELL, "", 0)
        pid_file = folder / "asterisk.pid"
        pid_file.write_text(str(process.pid))
        self.told: list[Event] = []
        self.watch = PbxWatch(cast(Probe, self), pid_file, self.told.append, self._threads, lambda: self.now)

    def _threads(self, pid: int) -> Threads:
        return Threads(self.now, dict(self.wakes), dict(self.unserved_ns) if pid == self.process.pid else {})

    async def look(self) -> Look:
        """As the probe: takes two seconds."""
        self.now += 2.0
        for thread, rate in self.rates.items():
            self.wakes[thread] += round(rate * 2.0)
            self.unserved_ns[thread] += round(self.starved * 2e9)
        return self.shown

    async def shows(self, finding: Finding, channels: int | None = None, seconds: float = 2.0) -> None:
        """So it is for so long, or until it was ended."""
        self.shown = Look(finding, "" if finding is Finding.WELL else "why", channels)
        for _ in range(round(seconds / 2)):
            if self.has_ended():
                break
            await self.watch.look()

    def has_ended(self) -> bool:
        return bool(self.told) and self.alarms[-1] == "asterisk hung" and self.process.wait(10) == -9

    @property
    def alarms(self) -> list[str]:
        return [event.name for event in self.told if isinstance(event, AlarmRaised)]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield Scene(tmp_path, process)
        process.kill()


@pytest.mark.parametrize("finding", [Finding.SILENT, Finding.LOCKED])
async def test_what_gives_no_answer_and_does_nothing_is_ended_within_ten_seconds(scene: Scene, finding: Finding):
    await scene.shows(Finding.WELL, 1)
    await scene.shows(finding, seconds=HUNG_S - 2)
    assert not scene.has_ended()
    await scene.shows(finding, seconds=6)
    assert scene.has_ended()
    assert scene.told == [AlarmRaised("asterisk hung", "why")]


@pytest.mark.parametrize("finding", [Finding.SILENT, Finding.LOCKED])
async def test_whose_threads_carry_sound_is_not_ended_until_the_last_talk_is_over(scene: Scene, finding: Finding):
    await scene.shows(Finding.WELL, 0, seconds=4)
    scene.rates[2] = AT_WORK
    await scene.shows(Finding.WELL, 1)
    await scene.shows(finding, seconds=1800)
    assert scene.alarms == ["asterisk stuck"], "told once, however long it lasts"
    scene.rates[2] = ASLEEP
    await scene.shows(finding, seconds=4)
    assert scene.has_ended()


async def test_what_works_without_a_channel_is_no_sign_of_a_talk(scene: Scene):
    scene.rates[1] = AT_WORK
    await scene.shows(Finding.WELL, 0, seconds=4)
    await scene.shows(Finding.SILENT, seconds=10)
    assert scene.has_ended()


@pytest.mark.parametrize("finding", [Finding.DEAF, Finding.OVERLOADED])
@pytest.mark.parametrize("channels", [1, 400])
async def test_who_lists_channels_is_never_ended_however_deaf(scene: Scene, finding: Finding, channels: int):
    await scene.shows(Finding.WELL, channels)
    await scene.shows(finding, channels, seconds=2)
    assert not scene.told, "one look may be bad luck"
    await scene.shows(finding, channels, seconds=1800)
    assert scene.alarms == [{Finding.DEAF: "asterisk deaf", Finding.OVERLOADED: "asterisk overloaded"}[finding]]
    assert scene.process.poll() is None


async def test_who_is_deaf_and_empty_is_ended_in_the_end_and_not_before(scene: Scene):
    await scene.shows(Finding.WELL, 0)
    await scene.shows(Finding.DEAF, 0, seconds=EMPTY_S - 10)
    await scene.shows(Finding.DEAF, 1)
    await scene.shows(Finding.DEAF, 0, seconds=EMPTY_S - 10)
    assert scene.alarms == ["asterisk deaf"]
    await scene.shows(Finding.DEAF, 0, seconds=12)
    assert scene.alarms == ["asterisk deaf", "asterisk hung"]
    assert scene.has_ended()


async def test_who_is_overloaded_and_empty_is_not_ended(scene: Scene):
    await scene.shows(Finding.WELL, 0)
    await scene.shows(Finding.OVERLOADED, 0, seconds=3 * EMPTY_S)
    assert scene.process.poll() is None


async def test_time_without_a_cpu_is_not_counted(scene: Scene):
    await scene.shows(Finding.WELL, 3)
    scene.starved = 1.0
    await scene.shows(Finding.SILENT, seconds=600)
    assert not scene.told
    scene.starved = 0.0
    await scene.shows(Finding.SILENT, seconds=10)
    assert scene.has_ended()


async def test_a_trouble_that_comes_and_goes_is_one_alarm(scene: Scene):
    for _ in range(20):
        await scene.shows(Finding.WELL, 1)
        await scene.shows(Finding.DEAF, 1, seconds=6)
    assert scene.alarms == ["asterisk deaf"]
    await scene.shows(Finding.WELL, 1, seconds=70)
    await scene.shows(Finding.DEAF, 1, seconds=6)
    assert scene.alarms == ["asterisk deaf", "asterisk deaf"]


async def test_what_is_still_starting_is_left_alone(scene: Scene):
    await scene.shows(Finding.SILENT, seconds=60)
    assert not scene.told
    assert scene.process.poll() is None


async def test_who_may_not_end_it_asks_for_it(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Asterisk runs as a user of its own: the supervisor, or docker/asterisk.sh, reads the request."""

    def refused(pid: int, number: int) -> None:
        raise PermissionError

    (tmp_path / "asterisk" / "control").mkdir(parents=True)
    await scene.shows(Finding.WELL, 1)
    monkeypatch.setattr("acd.daemon.watchdogs.asterisk.os.kill", refused)
    for _ in range(3):
        scene.shown = Look(Finding.SILENT, "why")
        await scene.watch.look()
    assert scene.alarms == ["asterisk hung"]
    assert (tmp_path / END_REQUEST).read_text() == str(scene.process.pid)


# -- what is seen, of a telephone exchange that is real but for its calls ----------------------------------------------


class Sip(asyncio.DatagramProtocol):
    """Answers SIP over UDP, but the first `deaf_to` requests of those that come."""

    deaf_to = 0
    heard = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard += 1
        if self.heard > self.deaf_to:
            self.transport.sendto(b"SIP/2.0 401 Unauthorized\r\n\r\n", addr)


DEAF = 10**9


class Exchange:
    """SIP over UDP, SIP over TCP, AMI: each may fall silent by itself."""

    def __init__(self) -> None:
        self.ami_server = Server()
        self.channels: int | None = 0
        """In the list; None: no list comes, and Ping is answered all the same."""
        self.tcp_says: bytes | None = None
        """None: nobody listens."""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._udp, self.sip = await loop.create_datagram_endpoint(Sip, ("127.0.0.1", 0))
        self.port = self._udp.get_extra_info("sockname")[1]
        await self.ami_server.open()
        self.ami_server.answers = self._answer
        self.ami = Ami(
            *("127.0.0.1", self.ami_server.port, "sanxiang", "password"),
            system_name=MARK,
            on_message=lambda message: None,
            on_up=lambda: None,
            on_down=lambda why: None,
        )
        self.ami.start()
        await eventually(lambda: self.ami.up)
        self.probe = Probe(self.port, self.ami)

    def _answer(self, action: dict[str, str]) -> bytes | None:
        if action["Action"] != "CoreShowChannels":
            return Server.success(action)
        return None if self.channels is None else listed(action, self.channels)

    async def listens_on_tcp(self, says: bytes) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(says)

        self._tcp = await asyncio.start_server(serve, "127.0.0.1", self.port)

    async def close(self) -> None:
        await self.ami.stop()
        await self.ami_server.close()
        self._udp.close()


@pytest.fixture
async def far_end() -> AsyncIterator[Exchange]:
    made = Exchange()
    await made.open()
    yield made
    await made.close()


@pytest.mark.slow
async def test_a_lost_request_is_repeated_before_anything_is_believed(far_end: Exchange):
    for lost in (1, 2):
        far_end.sip.deaf_to, far_end.sip.heard = lost, 0
        assert (await far_end.probe.look()).finding is Finding.WELL
        assert far_end.sip.heard == lost + 1


@pytest.mark.slow
async def test_each_way_of_being_silent_has_its_name(far_end: Exchange):
    far_end.channels = 4
    assert await far_end.probe.look() == Look(Finding.WELL, "", 4)
    far_end.sip.deaf_to = DEAF
    deaf = await far_end.probe.look()
    assert (deaf.finding, deaf.channels) == (Finding.DEAF, 4)
    far_end.channels = None
    assert (await far_end.probe.look()).finding is Finding.SILENT
    await far_end.listens_on_tcp(b"SIP/2.0 503 Service Unavailable\r\n\r\n")
    assert (await far_end.probe.look()).finding is Finding.LOCKED
    far_end.channels = 4
    assert (await far_end.probe.look()).finding is Finding.OVERLOADED


@pytest.mark.slow
async def test_an_exchange_whose_sip_is_deaf_and_whose_ami_answers_is_not_ended(far_end: Exchange, tmp_path: Path):
    with subprocess.Popen(["sleep", "1000"]) as process:
        pid_file = tmp_path / "asterisk.pid"
        pid_file.write_text(str(process.pid))
        told: list[Event] = []
        watch = PbxWatch(far_end.probe, pid_file, told.append)
        far_end.channels = 2
        await watch.look()
        far_end.sip.deaf_to = DEAF
        for _ in range(3):
            await watch.look()
        assert process.poll() is None
        assert [event.name for event in told if isinstance(event, AlarmRaised)] == ["asterisk deaf"]
        far_end.channels = None  # and now nothing of it answers
        for _ in range(4):
            await watch.look()
        assert process.wait(10) == -9
        process.kill()


def test_a_thread_that_carries_sound_is_told_from_one_that_waits():
    program = """
import threading, time
def talk():
    while True: time.sleep(0.02)
threading.Thread(target=talk, daemon=True).start()
print("runs", flush=True)
time.sleep(1000)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            threads = list(Threads.of(process.pid).wakes)
            assert len(threads) == 2

            def at_work() -> set[int]:
                before = Threads.of(process.pid)
                while (now := Threads.of(process.pid)).at < before.at + 0.5:
                    pass
                return now.at_work_since(before)

            # On a machine that is busy with other things a talk's thread wakes less often for a while.
            talk = eventually_blocking(at_work, "the thread that carries sound")
            assert talk == {thread for thread in threads if thread != process.pid}
            process.send_signal(19)
            eventually_blocking(lambda: not at_work(), "the stop")
            stopped = Threads.of(process.pid)
            assert at_work() == set()
            assert Threads.of(process.pid).starved_since(stopped) == 0
        finally:
            process.kill()
    assert Threads.of(process.pid).wakes == {}

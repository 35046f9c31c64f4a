"""A house that goes on while its daemon is replaced, doubled, frozen or out of step: who leads, and what callers notice."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from acd.engine.commands import Ending, Kind
from acd.pbx.install.ports import free_port
from acd.processes.leader_lease import Leader, standbys
from acd.processes.upgrade import UpgradeSocket
from acd.sipp.actors import Caller, Phone
from acd.store.spool import lines, segments
from tests.calls.house import BRISK_KEY_AFTER_S
from tests.calls.trouble import Proxy, TroubledHouse, figures, of_call
from tests.pbx.house import eventually


class LedHouse(TroubledHouse):
    """With the supervisor's ear, as `up` gives it, and a look at who leads."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._ear = UpgradeSocket(self.supervisor, self.installation)
        await self._ear.__aenter__()
        return self

    async def __aexit__(self, *why: object) -> None:
        await self._ear.__aexit__()
        await super().__aexit__(*why)  # type: ignore[arg-type]

    def leader(self) -> int:
        """Process id of the daemon that leads and serves; 0 when none does."""
        found = Leader.of(self.installation.run)
        return found.pid if found and found.lives and found.serving else 0

    @asynccontextmanager
    async def another_daemon(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Somebody starts a daemon of this house by hand; it stands by when this begins."""
        part = self.parts["daemon"]
        with (self.folder / "another.log").open("ab") as out:
            started = await asyncio.create_subprocess_exec(*part.argv, env=part.env, stdout=out, stderr=out)
        try:
            await eventually(lambda: started.pid in standbys(self.installation.run), "a daemon that stands by")
            yield started
        finally:
            with suppress(ProcessLookupError):
                started.kill()
            await started.wait()

    async def alarm(self, name: str) -> str:
        """What the first alarm of this name says, waited for. (A busy machine may raise others.)"""
        return str((await self.row(Kind.ALARM, lambda row: row.detail["name"] == name)).detail["detail"])

    def journal_lines(self) -> list[int]:
        """Numbers of all lines of the journal, in the order in which they stand there."""
        folder = self.installation.journal
        return [line.number for segment in segments(folder) for line, _ in lines(segment)]

    def said_by_another(self) -> str:
        return (self.folder / "another.log").read_text("utf-8", "replace")


async def test_an_upgrade_under_load_touches_no_call(tmp_path: Path):
    async with LedHouse(tmp_path, brisk=True, ring_s=10) as house:
        await house.staffed("1001", Phone(ring_s=0.2))
        await house.asks("1", "13800000001")
        talk = await house.row(Kind.CONNECTED)
        await house.staffed("1002", Phone(never_answers=True))
        await house.asks("1", "13800000002")
        await house.asks("1", "13800000003")
        await house.row(Kind.RINGING, count=2)
        before = await house.stages("talking", "offered", "waiting")
        old, old_stories = house.leader(), house.parts["stories"].process
        await house.asks("", "13800000004")  # who listens to the menu meanwhile
        await house.call_of("13800000004")
        status, said, complaints = await house.sanxiang("drain")
        assert status == 0, complaints
        print(said)
        new = Leader.of(house.installation.run)
        assert new is not None and new.serving
        assert new.pid != old
        assert new.pause_s is not None
        assert house.parts["stories"].process is not old_stories
        await house.serving()
        after = await house.calls()
        for call, row in before.items():
            assert {key: after[call][key] for key in ("stage", "asked_at", "offer")} == {
                key: row[key] for key in ("stage", "asked_at", "offer")
            }
        await house.staffed("1003", Phone(ring_s=0.2, talk_s=(3.0, 3.0)))
        await house.row(Kind.TALK_ENDED, lambda row: row.agent == "1003", 3)
        await house.everybody_hangs_up()
        filed = await house.row(Kind.RECORDED, of_call(talk.call))
        assert filed.detail["complete"], filed.detail
        await house.row(Kind.ENDED, count=4)
        assert set(house.endings().values()) == {Ending.ANSWERED}
        house.none_offered_twice()
        assert old_stories is not None
        assert await asyncio.wait_for(old_stories.wait(), 90) == 0  # it left with its last caller, by itself
        figures("upgrade (`sanxiang drain`)", 1, house.lost(), new.pause_s)


async def test_several_upgrades_in_a_busy_hour(tmp_path: Path):
    calls, upgrades = 16, 4
    async with LedHouse(tmp_path, brisk=True, ring_s=2) as house:
        await house.staffed(("1001", "1002", "1003"), Phone(ring_s=0.4, talk_s=(2.0, 4.0)))
        day = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=180)
        numbers = [[f"1390000{number:04d}"] for number in range(calls)]
        await house.caller(day, calls=calls, rate=0.7, rows=numbers)
        await house.row(Kind.CONNECTED)
        pauses: list[float] = []
        for _ in range(upgrades):
            status, said, complaints = await house.sanxiang("drain")
            assert status == 0, complaints
            print(said)
            leader = Leader.of(house.installation.run)
            assert leader is not None and leader.pause_s is not None
            pauses.append(leader.pause_s)
        await house.row(Kind.ENDED, count=calls)
        house.none_offered_twice()
        assert sorted(row.detail["caller"] for row in house.of(Kind.ARRIVED)) == sorted(row[0] for row in numbers)
        assert set(house.endings().values()) == {Ending.ANSWERED}, house.endings()
        figures(f"{upgrades} upgrades in a day of {calls} calls", upgrades, house.lost(), max(pauses))


async def test_a_new_version_that_does_not_start_leaves_the_old_one_alone(tmp_path: Path):
    async with LedHouse(tmp_path, brisk=True) as house:
        await house.staffed("1001", Phone(ring_s=0.2))
        await house.asks("1", "13800000001")
        await house.row(Kind.CONNECTED)
        before = house.leader()
        house.parts["daemon"].argv = [sys.executable, "-c", "raise SystemExit('a broken build')"]
        status, _, complaints = await house.sanxiang("drain")
        assert status == 1
        assert "the old one goes on" in complaints
        assert house.leader() == before
        await house.stages("talking")
        await house.everybody_hangs_up()
        await house.row(Kind.ENDED)
        house.parts["daemon"].argv = house._programs["daemon"]


async def test_of_three_daemons_one_leads_and_two_stand_by(tmp_path: Path):
    calls = 12
    async with LedHouse(tmp_path, brisk=True, ring_s=2) as house:
        await house.staffed(("1001", "1002", "1003"), Phone(ring_s=0.3, talk_s=(2.0, 3.0)))
        async with house.another_daemon() as second, house.another_daemon() as third:
            for process in (second, third):
                assert process.returncode is None
            assert house.said_by_another().count("stands by") == 2
            status, said, _ = await house.sanxiang("status")
            assert status == 0
            assert said.count("stands by") == 2
            leaders: set[int] = set()
            looking = asyncio.create_task(_note_leaders(house, leaders))
            day = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=180)
            await house.caller(day, calls=calls, rate=1.0, rows=[[f"1390000{number:04d}"] for number in range(calls)])
            await house.row(Kind.ENDED, count=calls)
            looking.cancel()
            assert len(leaders) == 1
            # Whoever leads is killed while somebody talks: one of those who stand by goes on at once.
            await house.asks("1", "13800000001")
            await house.row(Kind.CONNECTED, of_call(await house.call_of("13800000001")))
            await house.asks("1", "13800000002")
            killed = house.kill("daemon")
            await eventually(lambda: house.leader() in (second.pid, third.pid), "another daemon leading")
            await house.row(Kind.CONNECTED, of_call(await house.call_of("13800000002")))
            found_at, _ = await house.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", 2)
            took_s = (found_at - killed.at).total_seconds()
            await house.row(Kind.ENDED, count=calls + 2)
            house.none_offered_twice()
            await house.serving()
            assert set(house.endings().values()) == {Ending.ANSWERED}
        # They go; the supervisor's own, which has stood by, leads again.
        await eventually(lambda: house.leader() == house.parts["daemon"].process.pid, "the supervisor's daemon leading")  # type: ignore[union-attr]
        await house.serving()
        figures("daemon killed, another stands by", 1, house.lost(), took_s)


async def _note_leaders(house: LedHouse, leaders: set[int]) -> None:
    while True:
        leaders.add(house.leader())
        await asyncio.sleep(0.2)


async def test_a_frozen_leader_is_followed_and_never_comes_back(tmp_path: Path):
    async with LedHouse(tmp_path, brisk=True, ring_s=3) as house:
        await house.staffed("1001", Phone(ring_s=0.2))
        await house.asks("1", "13800000001")
        talker = (await house.row(Kind.CONNECTED)).call
        for number in (2, 3):
            await house.asks("1", f"1380000000{number}")
            await house.row(Kind.QUEUED, count=number)
        async with house.another_daemon() as second:
            frozen = house.parts["daemon"].process
            assert frozen is not None
            async with house.frozen("daemon") as stopped:
                await eventually(lambda: house.leader() == second.pid, "the second daemon leading")
                found_at, _ = await house.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", 2)
                took_s = (found_at - stopped.at).total_seconds()
                written = house.journal_lines()
            assert await frozen.wait() == -signal.SIGKILL
            await house.alarm("daemon frozen")
            assert await house.callers_in("alone") == 0
            await house.serving()  # the page comes after the callers
            await house.staffed("1002", Phone(ring_s=0.2, talk_s=(2.0, 2.0)))
            await house.row(Kind.TALK_ENDED, lambda row: row.agent == "1002", 2)
            assert house.journal_lines()[: len(written)] == written
            assert house.journal_lines() == sorted(set(house.journal_lines()))  # one writer: no number twice
            await house.everybody_hangs_up()
            await house.row(Kind.ENDED, count=3)
            filed = await house.row(Kind.RECORDED, of_call(talker))
            assert filed.detail["complete"], filed.detail
            assert set(house.endings().values()) == {Ending.ANSWERED}
            house.none_offered_twice()
            await house.serving()
        await eventually(lambda: house.leader() not in (0, second.pid), "the supervisor's daemon leading")
        await house.serving()
        figures("daemon frozen for good, another stands by", 1, house.lost(), took_s)


class LosingProxy(Proxy):
    """Carries all that Asterisk says but the messages that `loses` holds for."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.loses: Callable[[bytes], bool] = lambda message: False
        self.lost: list[bytes] = []

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.readuntil(b"\r\n"):
                while not data.endswith(b"\r\n\r\n") and not data.startswith(b"Asterisk Call Manager"):
                    data += await source.readuntil(b"\r\n")
                if self.loses(data):
                    self.lost.append(data)
                    continue
                sink.write(data)
                await sink.drain()
        except (OSError, asyncio.IncompleteReadError):
            sink.transport.abort()


async def test_what_was_never_heard_is_found_and_mended(tmp_path: Path):
    proxy = LosingProxy(free_port("tcp"))
    async with proxy:
        house = LedHouse(tmp_path, brisk=True)
        house.ami_proxy = proxy
        async with house:
            await house.staffed("1001", Phone(ring_s=0.2))
            await house.asks("1", "13800000001")
            talk = await house.row(Kind.CONNECTED)
            gone = await house.asks("1", "13800000002")
            await house.row(Kind.QUEUED, count=2)
            gone_call = await house.call_of("13800000002")
            # One hangs up, and one begins to wait: neither is heard.
            proxy.loses = lambda message: (
                message.startswith(b"Event: Hangup\r\n") or b"UserEvent: CallQueued\r\n" in message
            )
            await gone.hang_up()
            at = datetime.now(UTC)
            await eventually(lambda: len(proxy.lost) == 1, "a lost hang-up")
            await house.asks("1", "13800000003")
            await eventually(lambda: len(proxy.lost) == 2, "a lost wish for a person")
            waits = await house.call_of("13800000003")
            proxy.loses = lambda message: False
            ended_at, ended = await house.timed_row(Kind.ENDED, of_call(gone_call))
            assert ended.detail["ending"] == Ending.ABANDONED_QUEUE
            await house.row(Kind.QUEUED, of_call(waits))
            detail = await house.alarm("out of step")
            assert gone_call in detail
            assert waits in detail
            assert (await house.stages("talking", "waiting"))[talk.call]["agent"] == "1001"
            await house.staffed("1002", Phone(ring_s=0.2, talk_s=(2.0, 2.0)))
            await house.row(Kind.TALK_ENDED, of_call(waits))
            await house.everybody_hangs_up()
            await house.row(Kind.ENDED, count=3)
            assert house.alarms().count("out of step") == 1
            assert (await house.row(Kind.RECORDED, of_call(talk.call))).detail["complete"]
            figures("an event is lost on a link that stands", 2, house.lost(), (ended_at - at).total_seconds())


async def test_a_frozen_daemon_alone_is_ended_and_started_again(tmp_path: Path):
    async with LedHouse(tmp_path, brisk=True) as house:
        await house.asks("1", "13800000001")
        await house.row(Kind.QUEUED)
        async with house.frozen("daemon") as stopped:
            found_at, _ = await house.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", 2)
        took_s = (found_at - stopped.at).total_seconds()
        await house.alarm("daemon frozen")
        await house.serving()
        await house.staffed("1001", Phone(ring_s=0.2, talk_s=(2.0, 2.0)))
        await house.row(Kind.ENDED)
        assert set(house.endings().values()) == {Ending.ANSWERED}
        figures("daemon frozen for good, alone", 1, house.lost(), took_s)


async def test_the_house_is_drained_served_and_opens_again(tmp_path: Path):
    async with LedHouse(tmp_path, brisk=True) as house:
        house.leftovers_matter = False
        house.installation.supervisor_pid.write_text(str(_a_process_that_is_no_more()))
        await house.staffed("1001", Phone(ring_s=0.2, talk_s=(4.0, 4.0)))
        for number in (1, 2):
            await house.asks("1", f"1380000000{number}")
            await house.row(Kind.QUEUED, count=number)
        draining = asyncio.create_task(house.sanxiang("drain", "--hotline", "--within", "5"))
        await eventually(lambda: house.of(Kind.OPERATOR), "closed queues")
        await house.asks("1", "13800000003")  # who asks now hears that we are closed
        turned_away = await house.call_of("13800000003")
        await house.row(Kind.ENDED, of_call(turned_away))
        _, said, complaints = await draining
        print(said)
        assert "queues are closed" in said
        assert "Every caller who asked for an agent has been served." in said
        assert "No daemon answers" in complaints  # its supervisor is this test, and has no process of its own to stop
        endings = house.endings()
        assert endings.pop(turned_away) == Ending.TURNED_AWAY
        assert list(endings.values()) == [Ending.ANSWERED] * 2
        assert all(row["closed"] for row in (await house.state())["queues"])
        await house.back(house.kill("daemon", signal.SIGTERM))
        assert not any(row["closed"] for row in (await house.state())["queues"])


def _a_process_that_is_no_more() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid

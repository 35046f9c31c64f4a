"""A house that goes on while its daemon is replaced, doubled, frozen or out of step: who leads, and what callers notice."""

import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.pbx.install.ports import free_port
from acd.processes.leader import Leader
from acd.processes.upgrade import UpgradeSocket
from acd.sipp.actors import Caller, Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.call_log import of_call, person
from tests.calls.support.full_system import FullSystem
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import eventually


async def test_an_upgrade_under_load_touches_no_call(tmp_path: Path):
    async with (
        FullSystem(tmp_path, brisk=True, ring_s=10) as system,
        UpgradeSocket(system.supervisor, system.installation),
    ):
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        talk = await system.log.row(Kind.CONNECTED)
        await system.staffed("1002", Phone(never_answers=True))
        await system.asks("1", "13800000002")
        await system.asks("1", "13800000003")
        await system.log.row(Kind.RINGING, count=2)
        before = await system.stages("talking", "offered", "waiting")
        old, old_stories = system.leaders.leader(), system.parts["stories"].process
        await system.asks("", "13800000004")  # who listens to the menu meanwhile
        await system.log.call_of("13800000004")
        status, said, complaints = await system.sanxiang("drain")
        assert status == 0, complaints
        print(said)
        new = Leader.of(system.installation.run)
        assert new is not None and new.serving
        assert new.pid != old
        assert new.pause_s is not None
        assert system.parts["stories"].process is not old_stories
        await system.serving()
        after = await system.calls()
        for call, row in before.items():
            assert {key: after[call][key] for key in ("stage", "asked_at", "offer")} == {
                key: row[key] for key in ("stage", "asked_at", "offer")
            }
        await system.staffed("1003", Phone(ring_s=0.2, talk_s=(3.0, 3.0)))
        await system.log.row(Kind.TALK_ENDED, lambda row: row.agent == "1003", 3)
        await system.everybody_hangs_up()
        filed = await system.log.row(Kind.RECORDED, of_call(talk.call))
        assert system.recorded_whole(filed.detail), filed.detail
        await system.log.row(Kind.ENDED, count=4)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        system.log.none_offered_twice()
        assert old_stories is not None
        assert await asyncio.wait_for(old_stories.wait(), 90) == 0  # it left with its last caller, by itself
        report_figures("upgrade (`sanxiang drain`)", 1, system.log.lost(), new.pause_s)


async def test_several_upgrades_in_a_busy_hour(tmp_path: Path):
    calls, upgrades = 16, 4
    async with (
        FullSystem(tmp_path, brisk=True, ring_s=2) as system,
        UpgradeSocket(system.supervisor, system.installation),
    ):
        await system.staffed(("1001", "1002", "1003"), Phone(ring_s=0.4, talk_s=(2.0, 4.0)))
        day = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=180)
        numbers = [[f"1390000{number:04d}"] for number in range(calls)]
        await system.caller(day, calls=calls, rate=0.7, rows=numbers)
        await system.log.row(Kind.CONNECTED)
        pauses: list[float] = []
        for _ in range(upgrades):
            status, said, complaints = await system.sanxiang("drain")
            assert status == 0, complaints
            print(said)
            leader = Leader.of(system.installation.run)
            assert leader is not None and leader.pause_s is not None
            pauses.append(leader.pause_s)
        await system.log.row(Kind.ENDED, count=calls)
        system.log.none_offered_twice()
        assert sorted(row.detail["caller"] for row in system.log.of(Kind.ARRIVED)) == sorted(
            person(row[0]) for row in numbers
        )
        assert set(system.log.endings().values()) == {Ending.ANSWERED}, system.log.endings()
        report_figures(f"{upgrades} upgrades in a day of {calls} calls", upgrades, system.log.lost(), max(pauses))


async def test_a_new_version_that_does_not_start_leaves_the_old_one_alone(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True) as system, UpgradeSocket(system.supervisor, system.installation):
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        await system.log.row(Kind.CONNECTED)
        before = system.leaders.leader()
        system.parts["daemon"].argv = [sys.executable, "-c", "raise SystemExit('a broken build')"]
        status, _, complaints = await system.sanxiang("drain")
        assert status == 1
        assert "the old one goes on" in complaints
        assert system.leaders.leader() == before
        await system.stages("talking")
        await system.everybody_hangs_up()
        await system.log.row(Kind.ENDED)
        system.parts["daemon"].argv = system.programs["daemon"]


async def test_of_three_daemons_one_leads_and_two_stand_by(tmp_path: Path):
    calls = 12
    async with (
        FullSystem(tmp_path, brisk=True, ring_s=2) as system,
        UpgradeSocket(system.supervisor, system.installation),
    ):
        await system.staffed(("1001", "1002", "1003"), Phone(ring_s=0.3, talk_s=(2.0, 3.0)))
        async with system.leaders.another_daemon() as second, system.leaders.another_daemon() as third:
            for process in (second, third):
                assert process.returncode is None
            # Each says so a moment after it has begun to.
            await eventually(lambda: system.leaders.said_by_another().count("stands by") == 2, "the word of both")
            status, said, _ = await system.sanxiang("status")
            assert status == 0
            assert said.count("stands by") == 2
            leaders: set[int] = set()
            looking = asyncio.create_task(_note_leaders(system, leaders))
            day = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=180)
            await system.caller(day, calls=calls, rate=1.0, rows=[[f"1390000{number:04d}"] for number in range(calls)])
            await system.log.row(Kind.ENDED, count=calls)
            looking.cancel()
            assert len(leaders) == 1
            # Whoever leads is killed while somebody talks: one of those who stand by goes on at once.
            await system.asks("1", "13800000001")
            await system.log.row(Kind.CONNECTED, of_call(await system.log.call_of("13800000001")))
            await system.asks("1", "13800000002")
            killed = system.faults.kill("daemon")
            await eventually(lambda: system.leaders.leader() in (second.pid, third.pid), "another daemon leading")
            await system.log.row(Kind.CONNECTED, of_call(await system.log.call_of("13800000002")))
            found_at, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", 2)
            took_s = (found_at - killed.at).total_seconds()
            await system.log.row(Kind.ENDED, count=calls + 2)
            system.log.none_offered_twice()
            await system.serving()
            assert set(system.log.endings().values()) == {Ending.ANSWERED}
        # They go; the supervisor's own, which has stood by, leads again.
        await eventually(
            lambda: system.leaders.leader() == system.parts["daemon"].process.pid,  # type: ignore[union-attr]
            "the supervisor's daemon leading",
        )
        await system.serving()
        report_figures("daemon killed, another stands by", 1, system.log.lost(), took_s)


async def _note_leaders(system: FullSystem, leaders: set[int]) -> None:
    while True:
        leaders.add(system.leaders.leader())
        await asyncio.sleep(0.2)


async def test_a_frozen_leader_is_followed_and_never_comes_back(tmp_path: Path):
    async with (
        FullSystem(tmp_path, brisk=True, ring_s=3) as system,
        UpgradeSocket(system.supervisor, system.installation),
    ):
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        talker = (await system.log.row(Kind.CONNECTED)).call
        for number in (2, 3):
            await system.asks("1", f"1380000000{number}")
            await system.log.row(Kind.QUEUED, count=number)
        async with system.leaders.another_daemon() as second:
            frozen = system.parts["daemon"].process
            assert frozen is not None
            async with system.faults.frozen("daemon") as stopped:
                await eventually(lambda: system.leaders.leader() == second.pid, "the second daemon leading")
                found_at, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", 2)
                took_s = (found_at - stopped.at).total_seconds()
                written = system.log.journal_lines()
            assert await frozen.wait() == -signal.SIGKILL
            await system.log.alarm("daemon frozen")
            assert await system.callers_in("alone") == 0
            await system.serving()  # the page comes after the callers
            await system.staffed("1002", Phone(ring_s=0.2, talk_s=(2.0, 2.0)))
            await system.log.row(Kind.TALK_ENDED, lambda row: row.agent == "1002", 2)
            assert system.log.journal_lines()[: len(written)] == written
            assert system.log.journal_lines() == sorted(set(system.log.journal_lines()))  # one writer: no number twice
            await system.everybody_hangs_up()
            await system.log.row(Kind.ENDED, count=3)
            filed = await system.log.row(Kind.RECORDED, of_call(talker))
            assert system.recorded_whole(filed.detail), filed.detail
            assert set(system.log.endings().values()) == {Ending.ANSWERED}
            system.log.none_offered_twice()
            await system.serving()
        await eventually(lambda: system.leaders.leader() not in (0, second.pid), "the supervisor's daemon leading")
        await system.serving()
        report_figures("daemon frozen for good, another stands by", 1, system.log.lost(), took_s)


class LosingProxy(TcpProxy):
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
        system = FullSystem(tmp_path, brisk=True)
        system.ami_proxy = proxy
        async with system, UpgradeSocket(system.supervisor, system.installation):
            await system.staffed("1001", Phone(ring_s=0.2))
            await system.asks("1", "13800000001")
            talk = await system.log.row(Kind.CONNECTED)
            gone = await system.asks("1", "13800000002")
            await system.log.row(Kind.QUEUED, count=2)
            gone_call = await system.log.call_of("13800000002")
            # One hangs up, and one begins to wait: neither is heard.
            proxy.loses = lambda message: (
                message.startswith(b"Event: Hangup\r\n") or b"UserEvent: CallQueued\r\n" in message
            )
            await gone.hang_up()
            at = datetime.now(UTC)
            await eventually(lambda: len(proxy.lost) == 1, "a lost hang-up")
            await system.asks("1", "13800000003")
            await eventually(lambda: len(proxy.lost) == 2, "a lost wish for a person")
            waits = await system.log.call_of("13800000003")
            proxy.loses = lambda message: False
            ended_at, ended = await system.log.timed_row(Kind.ENDED, of_call(gone_call))
            assert ended.detail["ending"] == Ending.ABANDONED_QUEUE
            await system.log.row(Kind.QUEUED, of_call(waits))
            detail = await system.log.alarm("out of step")
            assert gone_call in detail
            assert waits in detail
            assert (await system.stages("talking", "waiting"))[talk.call]["agent"] == "1001"
            await system.staffed("1002", Phone(ring_s=0.2, talk_s=(2.0, 2.0)))
            await system.log.row(Kind.TALK_ENDED, of_call(waits))
            await system.everybody_hangs_up()
            await system.log.row(Kind.ENDED, count=3)
            assert system.log.alarms().count("out of step") == 1
            assert system.recorded_whole((await system.log.row(Kind.RECORDED, of_call(talk.call))).detail)
            report_figures(
                "an event is lost on a link that stands", 2, system.log.lost(), (ended_at - at).total_seconds()
            )


async def test_a_frozen_daemon_alone_is_ended_and_started_again(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True) as system, UpgradeSocket(system.supervisor, system.installation):
        await system.asks("1", "13800000001")
        await system.log.row(Kind.QUEUED)
        async with system.faults.frozen("daemon") as stopped:
            found_at, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", 2)
        took_s = (found_at - stopped.at).total_seconds()
        await system.log.alarm("daemon frozen")
        await system.serving()
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(2.0, 2.0)))
        await system.log.row(Kind.ENDED)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        report_figures("daemon frozen for good, alone", 1, system.log.lost(), took_s)


async def test_the_house_is_drained_served_and_opens_again(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True) as system, UpgradeSocket(system.supervisor, system.installation):
        system.leftovers_matter = False
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(4.0, 4.0)))
        for number in (1, 2):
            await system.asks("1", f"1380000000{number}")
            await system.log.row(Kind.QUEUED, count=number)
        draining = asyncio.create_task(system.sanxiang("drain", "--hotline", "--within", "5"))
        await eventually(lambda: system.log.of(Kind.OPERATOR), "closed queues")
        await system.asks("1", "13800000003")  # who asks now hears that we are closed
        turned_away = await system.log.call_of("13800000003")
        await system.log.row(Kind.ENDED, of_call(turned_away))
        _, said, complaints = await draining
        print(said)
        assert "queues are closed" in said
        assert "Every caller who asked for an agent has been served." in said
        assert (
            "no supervisor of ours keeps it" in complaints
        )  # its supervisor is this test, and has no process of its own to stop
        endings = system.log.endings()
        assert endings.pop(turned_away) == Ending.TURNED_AWAY
        assert list(endings.values()) == [Ending.ANSWERED] * 2
        assert all(row["closed"] for row in (await system.state())["queues"])
        await system.faults.back(system.faults.kill("daemon", signal.SIGTERM))
        assert not any(row["closed"] for row in (await system.state())["queues"])

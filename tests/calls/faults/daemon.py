"""The daemon falls, at every moment there is (rows A of the table): calls live in Asterisk, and the log remembers."""

import asyncio
import random
from contextlib import suppress
from datetime import UTC, datetime

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import person
from tests.calls.support.daemon_with_faults import arm, armed
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.support.waiting import eventually


def all_answered(system: FaultTableSystem, seed: int | None = None) -> None:
    assert set(system.log.endings().values()) == {Ending.ANSWERED}, (
        f"seed {seed}: {system.log.endings()}\n{system.log.report()}"
    )


async def a1(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Killed with callers waiting: each try 12 of them in line for every free agent. Their order is kept (books)."""
    chance, callers = random.Random(seed), 12
    figures = Figures(
        "A1", f"daemon killed with {callers} callers waiting", tries, seed=seed, until="the next new offer"
    )
    gone: list[float] = []
    async with system.trials.fault():
        staff = system.agents[:3]
        await system.present(staff, Phone(ring_s=0.2, talk_s=(1.7, 2.5)))
        for number in range(tries):
            await system.trials.crowd(callers)
            await system.log.row(Kind.QUEUED, count=(number + 1) * callers)
            await system.ready(*staff)
            await system.log.row(Kind.CONNECTED, count=number * callers + 1)
            await asyncio.sleep(chance.uniform(0, 2))
            killed = system.faults.kill("daemon")
            gone.append(((await system.log.first_after(Kind.OFFERED, killed.at)) - killed.at).total_seconds())
            await system.log.row(Kind.ENDED, count=(number + 1) * callers)
            for agent in staff:
                await system.ask("POST", f"/api/agents/{agent}/not-ready", {"reason": "break"})
        system.log.none_offered_twice()
        all_answered(system, seed)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, gone
    return [figures]


async def a2(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Killed at a random moment while three phones ring; whoever answers meanwhile is joined by the dialplan."""
    chance, together, ring_s = random.Random(seed), 3, 0.8
    figures = Figures("A2", f"daemon killed while {together} phones ring", tries, seed=seed, until="in step again")
    back: list[float] = []
    async with system.trials.fault():
        staff = system.agents[:together]
        await system.staffed(staff, Phone(ring_s=ring_s, talk_s=(1.7, 3.0)))
        for number in range(1, tries + 1):
            await system.trials.crowd(together, rate=50)
            await system.log.row(Kind.RINGING, count=(number - 1) * together + 1)
            await asyncio.sleep(chance.uniform(0, ring_s + 0.3))
            back.append(await system.faults.up_again(system.faults.kill("daemon")))
            await system.log.row(Kind.ENDED, count=number * together)
        system.log.none_offered_twice()
        all_answered(system, seed)
    assert not system.trials.verdict.answered_to_nobody, f"seed {seed}: {system.trials.verdict.answered_to_nobody}"
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, back
    return [figures]


async def a3(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Killed while they talk: the sound goes on without a gap, and is recorded to its end."""
    chance = random.Random(seed)
    figures = Figures("A3", "daemon killed while 4 people talk", tries, seed=seed, until="in step again")
    back: list[float] = []
    async with system.trials.fault():
        await system.staffed(system.agents[:4], Phone(ring_s=0.2))
        lines = [await system.trials.asks_by_line() for _ in range(4)]
        await system.log.row(Kind.CONNECTED, count=4)
        await asyncio.sleep(0.5)
        begun = asyncio.get_running_loop().time()
        for _ in range(tries):
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            back.append(await system.faults.up_again(system.faults.kill("daemon")))
        await system.stages(*["talking"] * 4)
        gaps = [line.gaps_s(begun) for line in lines]
        for line in lines:
            line.bye()
        await system.log.row(Kind.ENDED, count=4)
        all_answered(system, seed)
        for number in range(4):
            filed = await system.log.row(Kind.RECORDED, count=number + 1)
            assert system.recorded_whole(filed.detail), filed.detail
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, back
    figures.note = f"longest gap in the sound {max(gaps) * 1000:.0f} ms; every recording whole"
    return [figures]


POINTS = (
    ("synced, not done", "Offer"),
    ("done", "Offer"),
    ("decided, not written", "Offer"),
    ("written, not synced", "Offer"),
    ("synced, not done", "TakeBack"),
    ("done", "TakeBack"),
)


async def a4(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Killed exactly between the decision, its row, the row's being on disk, the deed, and what comes after it. Each try
    is the next of `POINTS`, from a random one on."""
    figures = Figures("A4", "daemon killed between log line and deed", tries, until="in step again", seed=seed)
    begin = random.Random(seed).randrange(len(POINTS))
    back: list[float] = []
    async with system.trials.fault(trip_wires=True):
        first, second = system.agents[:2]
        for number in range(begin, begin + tries):
            point, kind = POINTS[number % len(POINTS)]
            talks = Phone(ring_s=0.2, talk_s=(1.7, 2.0))
            rung = await system.staffed(first, Phone(never_answers=True) if kind == "TakeBack" else talks)
            starts = system.parts["daemon"].starts
            arm(system.installation, point, kind=kind)
            [caller] = await system.trials.crowd(1)
            await eventually(lambda: not armed(system.installation), f"the daemon's coming to {point!r} of {kind}")
            at = datetime.now(UTC)
            await system.faults.started_again("daemon", starts)
            await system.well("pbx")
            back.append((datetime.now(UTC) - at).total_seconds())
            call = await system.log.call_of(caller)
            if kind == "TakeBack":
                other = await system.staffed(second, talks)
                await system.log.ending_of(call)
                await system.trials.leaves(second, other)
            ended = await system.log.ending_of(call)
            assert ended.detail["ending"] == Ending.ANSWERED, f"{point} of {kind}: {system.log.story(call)}"
            await system.trials.leaves(first, rung)
        system.log.none_offered_twice()
    assert not system.trials.verdict.answered_to_nobody
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, back
    figures.note = "decided, written, synced, done: killed at each, of an offer and of a taking back"
    return [figures]


async def a5(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The daemon stays away: `tries` callers dial all the same, and are answered out of the plain queue."""
    figures = Figures("A5", f"daemon away for good, {tries} callers", tries, until="the plain queue's first answer")
    async with system.trials.fault():
        staff = system.agents[:4]
        phone = await system.staffed(staff, Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        await asyncio.sleep(1.5)  # the daemon tells the dialplan each second who is ready
        system.faults.hold_back("daemon")
        killed = system.faults.kill("daemon")
        numbers = await system.trials.crowd(tries, rate=2)
        await eventually(phone.invites, "the first ring without the daemon", 60)
        figures.recovered_s = [killed.ago_s]
        await eventually(lambda: len(phone.invites()) >= tries, "a ring for every caller", 60 + 2 * tries)

        async def nobody() -> bool:
            return not await system.channels()

        await eventually(nobody, "the end of the last call", 60 + 2 * tries)
        system.faults.bring_back("daemon")
        await system.serving()
        await system.log.row(Kind.ENDED, count=tries)
        all_answered(system)
        assert sorted(str(row.detail["caller"]) for row in system.log.of(Kind.ARRIVED)) == sorted(map(person, numbers))
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = "all their rows were made afterwards, from Asterisk's own book"
    return [figures]


async def a9(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """An event over which the engine stumbles costs itself only, and stands in the call log as an alarm."""
    figures = Figures("A9", "an event that the engine cannot handle", tries)
    async with system.trials.fault(trip_wires=True):
        starts = system.parts["daemon"].starts
        await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        for number in range(tries):
            arm(system.installation, "poison")
            await system.trials.crowd(1)
            await system.log.row(Kind.ENDED, count=number + 1)
        all_answered(system)
        left_out = [row for row in system.log.of(Kind.ALARM) if row.detail["name"] == "event left out"]
        assert len(left_out) == tries, system.log.alarms()
        assert len(system.log.of(Kind.MENU)) == 0
        assert system.parts["daemon"].starts == starts, "the daemon fell"
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = "one alarm with the event in it for each, no other effect"
    return [figures]


async def a9_files(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The daemon may open no file more, for strangers hold them all: calls go on, and all is well when they are gone."""
    figures = Figures("A9", "no file left to open (256): strangers at the door", tries, until="well after they left")
    well: list[float] = []
    async with system.trials.fault(trip_wires=True):
        starts = system.parts["daemon"].starts
        await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        port = int(system.prepared.web_url.rpartition(":")[2])
        for number in range(1, tries + 1):
            strangers: list[asyncio.StreamWriter] = []
            try:
                with suppress(TimeoutError):  # The door takes nobody more.
                    for _ in range(300):
                        async with asyncio.timeout(2):
                            strangers.append((await asyncio.open_connection("127.0.0.1", port))[1])
                assert len(strangers) > 150, f"only {len(strangers)} strangers came in"
                await system.trials.crowd(2)
                await system.log.row(Kind.ENDED, count=2 * number)
            finally:
                at = datetime.now(UTC)
                for stranger in strangers:
                    stranger.close()
            await system.well()
            well.append((datetime.now(UTC) - at).total_seconds())
        all_answered(system)
        assert system.parts["daemon"].starts == starts, "the daemon fell"
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, well
    return [figures]


async def a10(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The loop is blocked for two seconds by something that sleeps in it: said with its place, and nothing is lost."""
    figures = Figures("A10", "the daemon's loop blocked for 2 s", tries, until="the alarm that names the place")
    told: list[float] = []
    async with system.trials.fault(trip_wires=True):
        await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(3.0, 4.0)))
        for number in range(1, tries + 1):
            await system.trials.crowd(2, rate=50)
            await system.log.row(Kind.RINGING, count=2 * number - 1)
            at = datetime.now(UTC)
            arm(system.installation, "block", seconds=2.0)
            moment, alarm = await system.log.timed_row(
                Kind.ALARM, lambda row: row.detail["name"] == "loop blocked", number
            )
            assert "daemon_with_faults" in alarm.detail["detail"], alarm.detail
            told.append((moment - at).total_seconds())
            await system.log.row(Kind.ENDED, count=2 * number)
        all_answered(system)
        assert not [row for row in system.log.of(Kind.PBX) if row.detail["state"] == "lost"][2:], "the link was lost"
        system.log.none_offered_twice()
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, told
    return [figures]

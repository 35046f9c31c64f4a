"""The recordings' disk stalls under talks (row E2 of the table): what is said goes on, and what is recorded is whole or marked."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import of_call
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.support.stalling_disk import StallingDisk
from tests.support.waiting import eventually

STALL_S = 5.0
TALKS = 2


class SystemOnOwnDisk(FaultTableSystem):
    """Its recordings lie on a disk that can stall; nothing else does."""

    def __init__(self, folder: Path, disk: StallingDisk) -> None:
        super().__init__(folder, recordings=disk.folder)
        self.disk = disk


@asynccontextmanager
async def on_a_disk_that_stalls(folder: Path) -> AsyncIterator[FaultTableSystem]:
    async with StallingDisk.made(folder) as disk, SystemOnOwnDisk(folder, disk) as system:
        yield system


async def e2(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The disk stalls for five seconds under two talks; meanwhile a third caller comes and is connected."""
    assert isinstance(system, SystemOnOwnDisk)
    figures = Figures(
        "E2", "recordings' disk stalls 5 s under 2 talks", tries, seed=seed, until="recordings grow again"
    )
    gaps: list[float] = []
    to_agents: list[float] = []
    rings: list[float] = []
    grew: list[float] = []
    async with system.trials.fault():
        starts = {name: part.starts for name, part in system.parts.items()}
        await system.staffed(system.agents[: TALKS + 1], Phone(ring_s=0.2))
        lines = [await system.trials.asks_by_line() for _ in range(TALKS)]
        talks = [await system.log.row(Kind.CONNECTED, of_call(await system.log.call_of(line.number))) for line in lines]
        live = [system.disk.folder / "live" / f"{talk.offer}-caller.wav" for talk in talks]

        async def grows() -> None:
            """Asterisk writes to each of these files; so the disk has taken something of each since now."""
            before = [_size(file) for file in live]
            await eventually(
                lambda: all(_size(file) > size for file, size in zip(live, before, strict=True)), "recordings that grow"
            )

        await grows()
        for number in range(1, tries + 1):
            begun = time.monotonic()
            async with system.disk.stalled():
                watching = asyncio.create_task(_longest_pause(system, STALL_S + 1))
                late = await system.trials.asks_by_line()
                call = await system.log.call_of(late.number)
                # Connected while the disk still stalls: neither the daemon nor the caller's channel waits for it.
                await system.log.row(Kind.CONNECTED, of_call(call))
                asked, rang = (system.log.time_of(kind, call) for kind in (Kind.QUEUED, Kind.RINGING))
                rings.append((rang - asked).total_seconds())
                assert await system.checks(), "the daemon does not answer while the disk stalls"
                await asyncio.sleep(max(0.0, STALL_S - (time.monotonic() - begun)))
            thawed = time.monotonic()
            await grows()
            grew.append(time.monotonic() - thawed)
            to_agents.append(await watching)
            gaps += [line.gaps_s(begun) for line in lines]
            await _leaves(late)
            await system.log.row(Kind.ENDED, count=number)
        await system.stages(*["talking"] * TALKS)
        for line in lines:
            await _leaves(line)
        await system.log.row(Kind.ENDED, count=TALKS + tries)
        all_answered(system, seed)
        filed = [await system.log.row(Kind.RECORDED, count=number + 1) for number in range(TALKS + tries)]
        assert all(row.detail["complete"] or row.detail["reason"] for row in filed), filed
        assert "loop blocked" not in system.log.alarms(), system.log.alarms()
        assert starts == {name: part.starts for name, part in system.parts.items()}, "a process was started again"
    whole = sum(bool(row.detail["complete"]) for row in filed)
    talked_s = {row.offer: float(row.detail["talk_s"]) for row in system.log.of(Kind.TALK_ENDED)}
    missing_s = max(talked_s[row.offer] - float(row.detail["seconds"]) for row in filed)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, grew
    figures.note = (
        f"longest gap in the sound to callers {max(gaps) * 1000:.0f} ms, to agents {max(to_agents) * 1000:.0f} ms or less; "
        f"{whole} of {len(filed)} recordings whole, the others marked ({missing_s:.1f} s missing at most); a call that came meanwhile "
        f"rang after {max(rings) * 1000:.0f} ms"
    )
    return [figures]


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


async def _leaves(line: ManualCaller) -> None:
    line.bye()
    await line.is_over()


async def _longest_pause(system: FaultTableSystem, seconds: float) -> float:
    """The longest time in which one of the agents' channels was seen to get no packet. Asterisk's console is asked again and
    again: a pause that it shows may be as long as the time between two looks."""
    sent: dict[str, tuple[int, float]] = {}
    longest = 0.0
    until = time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        for channel, packets in sent_packets(await system.cli("pjsip show channelstats")).items():
            if not channel[:4].isdigit():
                continue
            before, at = sent.get(channel, (-1, now))
            if packets > before:
                longest = max(longest, now - at)
                sent[channel] = packets, now
        await asyncio.sleep(0.05)
    return max(longest, *(until - at for _, at in sent.values()))


def sent_packets(stats: str) -> dict[str, int]:
    """Channel to the packets that Asterisk has sent to it, from what the console shows."""
    found = re.findall(r"^\s*\S+\s+(\S+-\S+)\s+\S+\s+\S+\s+\d+\s+\d+\s+\d+\s+\S+\s+(\d+)", stats, re.M)
    return {channel: int(packets) for channel, packets in found}

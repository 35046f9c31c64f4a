"""Asterisk has no RTP port, no file or no call left (row C7 of the table): the next caller is refused at once, and those who are in stay."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.processes.child import Child
from acd.sipp.actors import Phone
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import of_call
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.operator import calls_refused
from tests.support.shortages import no_file_left, no_port_left
from tests.support.waiting import eventually

PORTS = 20
AGENTS = 2
CALLS = 4
"""As many are taken: ten pairs of ports, two of them spare, two for each agent."""
BURST = 30


class FewPorts(FaultTableSystem):
    """A system whose callers and agents need nearly all of its RTP ports."""

    RTP_PORTS = PORTS

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, AGENTS)


@asynccontextmanager
async def low_maxcalls(folder: Path) -> AsyncIterator[FaultTableSystem]:
    """Asterisk's own limit is reached before the dialplan's, as by a crowd that comes within the same moment."""
    system = FaultTableSystem(folder, AGENTS)

    def lowered(parts: list[Child]) -> list[Child]:
        file = system.installation.run / "asterisk" / "etc" / "asterisk.conf"
        lines = [
            f"maxcalls = {CALLS}" if line.startswith("maxcalls") else line
            for line in file.read_text("utf-8").splitlines()
        ]
        file.write_text("\n".join(lines) + "\n", "utf-8")
        return parts

    system.at_start.append(lowered)
    async with system:
        yield system


async def c7_ports(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """No RTP port is left; then more callers at once than there are ports."""
    figures = Figures("C7", f"no RTP port left ({PORTS} in all); then {BURST} calls at once", tries, seed=seed)
    figures.until = "the next caller answered"
    alone: list[float] = []
    crowds: list[float] = []
    codes: Counter[int] = Counter()
    async with system.trials.fault():
        inside = await _inside(system, CALLS - 1)
        for number in range(1, tries + 1):
            with no_port_left(system.prepared.rtp_start, system.prepared.rtp_end):
                refused, seconds = await _refused(system, 1)
                assert refused == [488], f"seed {seed}: {refused}"
                alone.append(seconds)
                await _counted(system, "ports", number + codes[488])
                if number == 1:
                    assert "1 refused over trunk carrier: no RTP port was left" in await system.log.alarm(
                        "calls refused"
                    )
            figures.recovered_s = [*figures.recovered_s, await _next_is_served(system, inside)]
            refused, seconds = await _refused(system, BURST)
            assert set(refused) <= {486, 488}, f"seed {seed}: {refused}"
            codes.update(refused)
            crowds.append(seconds)
            await _counted(system, "ports", number + codes[488])
            await _agents_are_rung(system, inside)
        await _all_leave(system, inside)
        assert "codecs refused" not in system.log.alarms(), system.log.alarms()
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    said = ", ".join(f"{count} × {code}" for code, count in sorted(codes.items()))
    figures.note = (
        f"488 within {max(alone) * 1000:.0f} ms; of the crowd {said}, the last after {max(crowds) * 1000:.0f} ms"
    )
    return [figures]


async def c7_files(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Asterisk may open no file more: whoever calls is refused, those who are in stay, and all is well afterwards."""
    figures = Figures("C7", "no file left to open for Asterisk", tries, seed=seed, until="the next caller answered")
    alone: list[float] = []
    codes: Counter[int] = Counter()
    async with system.trials.fault():
        starts = system.parts["asterisk"].starts
        pid = int((system.installation.run / "asterisk.pid").read_text("ascii"))
        # Nobody waits: a waiting room that ends and begins anew gives files back.
        inside = await _inside(system, AGENTS)
        for number in range(1, tries + 1):
            with no_file_left(pid):
                refused, seconds = await _refused(system, 1)
                codes.update(refused)
                alone.append(seconds)
                await _counted(system, "files", number)
                if number == 1:
                    said = await system.log.alarm("calls refused")
                    assert "1 refused over trunk carrier: Asterisk could open no more files" in said, said
            figures.recovered_s = [*figures.recovered_s, await _next_is_served(system, inside)]
            await _agents_are_rung(system, inside)
        await _all_leave(system, inside)
        assert "codecs refused" not in system.log.alarms(), system.log.alarms()
        assert system.parts["asterisk"].starts == starts, "Asterisk was started again"
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    said = ", ".join(f"{count} × {code}" for code, count in sorted(codes.items()))
    figures.note = f"{said} within {max(alone) * 1000:.0f} ms"
    return [figures]


async def c7_calls(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Asterisk has as many calls as its `maxcalls` allows."""
    figures = Figures(
        "C7", f"maxcalls reached; {BURST} more at once", tries, seed=seed, until="the next caller answered"
    )
    crowds: list[float] = []
    async with system.trials.fault():
        inside = await _inside(system, CALLS)
        for number in range(1, tries + 1):
            refused, seconds = await _refused(system, BURST)
            assert set(refused) == {503}, f"seed {seed}: {refused}"
            crowds.append(seconds)
            await _counted(system, "calls", number * BURST)
            if number == 1:
                assert "Asterisk's own limit was reached" in await system.log.alarm("calls refused")
            await _agents_are_rung(system, inside)
            figures.recovered_s = [*figures.recovered_s, await _next_is_served(system, inside)]
        await _all_leave(system, inside)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = f"{BURST * tries} × 503, the last of a crowd after {max(crowds) * 1000:.0f} ms"
    return [figures]


async def _inside(system: FaultTableSystem, calls: int) -> deque[ManualCaller]:
    """So many callers in the order in which they came: two talk, the others wait."""
    await system.staffed(system.agents[:AGENTS], Phone(ring_s=0.2))
    lines: deque[ManualCaller] = deque()
    for count in range(1, calls + 1):
        lines.append(await system.trials.asks_by_line())
        await system.log.row(Kind.QUEUED, count=count)
    await system.log.row(Kind.CONNECTED, count=AGENTS)
    await system.stages(*["talking"] * AGENTS, *["waiting"] * (calls - AGENTS))
    return lines


async def _refused(system: FaultTableSystem, count: int) -> tuple[list[int], float]:
    """So many callers dial in the same moment, and none is taken: their final answers, and seconds until the last of them."""
    lines = [await system.trials.line(dials=False) for _ in range(count)]
    before = time.monotonic()
    for line in lines:
        line.invite()
    await eventually(lambda: all(line.status for line in lines), "an answer to each call")
    seconds = time.monotonic() - before
    answers = [line.status[0][0] for line in lines]
    assert not any(line.answered_at for line in lines), answers
    for line in lines:
        line.close()
        system.trials.lines.remove(line)
    return answers, seconds


async def _next_is_served(system: FaultTableSystem, inside: deque[ManualCaller]) -> float:
    """A caller is answered, asks for a person and waits in line, behind those who are in; seconds until the answer."""
    before = time.monotonic()
    line = await system.trials.line()
    await line.is_answered()
    seconds = line.answered_at - before
    await asyncio.sleep(1.5)  # the menu hears keys by then
    line.key("1")
    await system.log.row(Kind.QUEUED, of_call(await system.log.call_of(line.number)))
    inside.append(line)
    return seconds


async def _agents_are_rung(system: FaultTableSystem, inside: deque[ManualCaller]) -> None:
    """The first in line who talks leaves, and the agent's telephone rings for the first who waits."""
    leaves, waits = inside[0], inside[AGENTS]
    await asyncio.sleep(1.1)  # Who leaves within a second has not been served.
    leaves.bye()
    await leaves.is_over()
    inside.popleft()
    await system.log.row(Kind.CONNECTED, of_call(await system.log.call_of(waits.number)))


async def _all_leave(system: FaultTableSystem, inside: deque[ManualCaller]) -> None:
    """Those who talk are the last; whoever leaves the line has had nobody. No call is left half, and none was lost."""
    talking = [inside.popleft() for _ in range(AGENTS)]
    for line in (*inside, *talking):
        assert not line.ended_at, f"{line.number} was hung up on"
        await asyncio.sleep(0 if line in inside else 1.1)
        line.bye()
        await line.is_over()
    await system.log.row(Kind.ENDED, count=len(system.log.of(Kind.ARRIVED)))
    assert set(system.log.endings().values()) <= {Ending.ANSWERED, Ending.ABANDONED_QUEUE}, system.log.endings()


async def _counted(system: FaultTableSystem, why: str, count: int) -> None:
    """Waits until /metrics has so many calls refused for that."""

    async def shown() -> bool:
        return await calls_refused(system, why) == count

    await eventually(shown, f"{count} calls refused: {why}")

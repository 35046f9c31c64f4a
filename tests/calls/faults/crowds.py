"""More calls over a trunk than the agents can serve, and slow calls that hold the menus (rows M1 and M4 of the table)."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import of_call, person
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.many_callers import ManyCallers, OneOfMany
from tests.calls.support.operator import calls_refused, configured
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.waiting import eventually

STAFF = 4
BRIEFLY = Phone(ring_s=0.2, talk_s=(1.7, 2.2))
SERVED_PER_S = 1.6
"""By four agents: two and a half seconds a call, with ringing and talk."""
CALLS = 3 * STAFF
"""limits.calls: those in talk, as many in the menu, and as many who wait, which is a wait of some seconds."""
SLA_S = 15.0
SLOW_PER_S = 20.0


async def m1(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Ten times the calls that the agents can serve, for `tries` seconds: those who are taken are served soon, the others hear so
    at once."""
    per_s = 10 * SERVED_PER_S
    figures = Figures("M1", f"10 times the calls that {STAFF} agents can serve, for {tries} s", 1, until="nobody waits")
    lines: list[OneOfMany] = []
    async with (
        configured(system, f"\n[limits]\ncalls = {CALLS}\n"),
        system.trials.fault(),
        ManyCallers(system.prepared.sip_port) as many,
    ):
        await system.staffed(system.agents[:STAFF], BRIEFLY)
        began = time.monotonic()
        calls = []
        async for number in _at_a_rate(system.trials.numbers(round(per_s * tries)), per_s):
            lines.append(many.caller(number))
            calls.append(asyncio.create_task(_asks(lines[-1])))
        over = time.monotonic()
        offered_per_s = len(lines) / (over - began)
        system.trials.lines += lines

        async def nobody_waits() -> bool:
            return all(row["stage"] in ("talking", "after") for row in (await system.calls()).values())

        await eventually(nobody_waits, "the end of the waiting")
        figures.recovered_s = [time.monotonic() - over]
        await asyncio.gather(*calls)
        taken = [line for line in lines if line.answered_at]
        refused = [line for line in lines if not line.answered_at]
        await system.log.row(Kind.ENDED, count=len(taken))
        all_answered(system)
        system.log.none_offered_twice()
        served_per_s = len(taken) / (time.monotonic() - began)
        waits = [float(row.detail["wait_s"]) for row in system.log.of(Kind.CONNECTED)]
        alarms = system.log.alarms().count("calls refused")
    assert refused and {line.status[0][0] for line in refused} == {486}
    assert alarms <= 1, alarms
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    within = sum(wait <= SLA_S for wait in waits) / len(waits)
    figures.note = (
        f"{offered_per_s:.1f} calls/s came, {served_per_s:.1f}/s were served; {within:.0%} within {SLA_S:.0f} s, waited "
        f"{max(waits):.1f} s at most; {len(refused):,} x 486, p99 after {_p99([line.decided_at - line.invited_at for line in refused]) * 1000:.0f} ms"
    )
    return [figures]


async def _asks(line: OneOfMany) -> None:
    """Dials; whoever is answered asks for a person and stays until the end."""
    line.invite()
    await eventually(lambda: line.status, f"an answer to {line.number}")
    if line.answered_at:
        line.speak()
        await asyncio.sleep(BRISK_KEY_AFTER_S)
        line.key("1")
        await line.is_over()
        line.close()


async def m4(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """`tries` slow calls, each of another number, say nothing and press nothing. So many hold the menus that callers are asked for a
    key: those who press it are served, and the slow ones are let go."""
    hold = max(3, tries // 25)
    figures = Figures(
        "M4", "slow calls of as many numbers, which hold the menus", tries, until="a caller who presses 1 answered"
    )
    async with (
        configured(system, f"\n[limits]\nmenus = {3 * hold}\nask_key_from = {hold}\n"),
        system.trials.fault(),
        ManyCallers(system.prepared.sip_port) as many,
    ):
        await system.staffed(system.agents[:STAFF], BRIEFLY)
        before = await calls_refused(system, "key")
        slow: list[OneOfMany] = []
        flood = asyncio.create_task(_slow_calls(system, many, tries, slow))
        await system.log.row(Kind.ARRIVED, count=hold)
        apart_s = tries / SLOW_PER_S / hold  # others come all the time
        served = await asyncio.gather(*(_presses_one(system, number * apart_s) for number in range(hold)))
        await flood
        await eventually(lambda: all(line.status for line in slow), "an answer to each slow call")
        assert all(line.answered_at for line in slow), [line.status for line in slow]

        def let_go() -> list[OneOfMany]:
            taken = {row.detail["caller"] for row in system.log.of(Kind.ARRIVED)}
            return [line for line in slow if person(line.number) not in taken]

        await eventually(lambda: all(line.ended_at for line in let_go()), "the end of the slow calls that are asked")
        system.trials.not_taken |= {line.number for line in let_go()}
        for line in slow:
            if not line.ended_at:
                line.bye()
        await asyncio.gather(*(line.is_over() for line in slow))
        counted = len(system.trials.not_taken)
        assert counted

        async def all_counted() -> bool:
            return await calls_refused(system, "key") - before == counted

        await eventually(all_counted, f"{counted} refused calls in the figures")
        for each in served:
            await each.line.is_over()
            ended = await system.log.ending_of(each.call)
            assert ended.detail["ending"] == Ending.ANSWERED, system.log.story(each.call)
        await system.log.row(Kind.ENDED, count=len(slow) - counted + len(served))
        waits = [float(system.log.of(Kind.CONNECTED, each.call)[0].detail["wait_s"]) for each in served]
        asked, alarms = sum(each.asked for each in served), system.log.alarms().count("calls refused")
    assert asked and alarms <= 1, (asked, alarms)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.recovered_s = [each.took_s for each in served]
    figures.note = (
        f"a key is asked for from {hold} calls in the menus on: {counted} let go without it; of {len(served)} other callers {asked} were "
        f"asked, and all served after at most {max(waits):.1f} s in the queue"
    )
    return [figures]


@dataclass(frozen=True, slots=True)
class Served:
    """A caller who presses 1 where it is asked for."""

    line: ManualCaller
    call: str
    asked: bool
    took_s: float
    """From the INVITE to the agent."""


async def _presses_one(system: FaultTableSystem, later_s: float) -> Served:
    """Presses 1 twice: to go on, and in the menu. Who is not asked has chosen with the first."""
    await asyncio.sleep(later_s)
    began = time.monotonic()
    line = await system.trials.line()
    await line.is_answered()
    await asyncio.sleep(BRISK_KEY_AFTER_S)
    number = person(line.number)
    asked = all(row.detail["caller"] != number for row in system.log.of(Kind.ARRIVED))
    line.key("1")
    call = await system.log.call_of(line.number)
    await asyncio.sleep(BRISK_KEY_AFTER_S)
    line.key("1")
    await system.log.row(Kind.CONNECTED, of_call(call))
    return Served(line, call, asked, time.monotonic() - began)


async def _slow_calls(system: FaultTableSystem, many: ManyCallers, tries: int, slow: list[OneOfMany]) -> None:
    """Dials them, at a rate, into `slow`."""
    async for number in _at_a_rate(system.trials.numbers(tries), SLOW_PER_S):
        slow.append(many.caller(number))
        system.trials.lines.append(slow[-1])
        slow[-1].invite()


async def _at_a_rate(numbers: Sequence[str], per_s: float) -> AsyncIterator[str]:
    """The numbers, each when its turn has come."""
    began = time.monotonic()
    for count, number in enumerate(numbers):
        await asyncio.sleep(max(0.0, began + count / per_s - time.monotonic()))
        yield number


def _p99(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100)[-1] if len(seconds) > 1 else max(seconds)

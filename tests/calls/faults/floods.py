"""Strangers who flood SIP and API beside calls (rows C6, M2, M3, M5, M6 of the table). Their long form beside ten talks is
tests/calls/test_floods.py; more than the hotline takes of a carrier: crowds.py."""

import asyncio
import time
from collections import Counter
from contextlib import suppress

import aiohttp

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import of_call
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.support.sip_flood import SipFlood

FLOOD_S = 5.0
TALKS = 2
STRANGER = "127.0.0.3"


async def strangers(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """INVITEs, then REGISTERs, 5,000 a second for five seconds beside two talks. `tries`: of each."""
    invites = Figures(
        "M2", "5,000 INVITEs a second of a stranger, beside 2 talks", tries, until="the next caller answered"
    )
    registers = Figures(
        "M3", "5,000 REGISTERs a second of a stranger, beside 2 talks", tries, until="the next caller answered"
    )
    storm = Figures("M6", "log and alarm storm: both floods", 2 * tries)
    for figures, method in ((invites, "INVITE"), (registers, "REGISTER")):
        grown, alarms = await _beside_talks(system, figures, method, 5_000)
        storm.note += f"{method}: {grown / 1e6 / tries:.0f} MB of logs in {FLOOD_S:.0f} s, {alarms} alarms; "
        storm.calls += figures.calls
    storm.note += "a log is cut at 100 MB"
    return [invites, registers, storm]


async def c6(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """More INVITEs of strangers than Asterisk takes: the socket overflows, talks go on, the next caller is served."""
    figures = Figures(
        "C6", "20,000 INVITEs a second: more than is read", tries, until="the next caller answered", seed=seed
    )
    await _beside_talks(system, figures, "INVITE", 20_000)
    return [figures]


async def _beside_talks(system: FaultTableSystem, figures: Figures, method: str, per_s: int) -> tuple[int, int]:
    """Bytes by which the logs have grown, and the number of alarms."""
    asterisk, floods, recovered = system.parts["asterisk"], list[SipFlood](), list[float]()
    grown = alarms = 0
    async with system.trials.fault():
        starts = asterisk.starts
        await system.staffed(system.agents[: TALKS + 1], Phone(ring_s=0.1))
        numbers = await system.trials.crowd(TALKS)
        await system.log.row(Kind.CONNECTED, count=TALKS)
        for number in range(1, figures.tries + 1):
            before = _log_bytes(system)
            flood = SipFlood(system.prepared.sip_port, per_s, FLOOD_S, method, STRANGER)
            await flood.run()
            floods.append(flood)
            over = time.monotonic()
            await system.well("pbx")
            assert asterisk.starts == starts, f"seed {figures.seed}: Asterisk was ended"
            await system.stages(*["talking"] * TALKS)
            line = await system.trials.asks_by_line()
            await system.log.row(Kind.CONNECTED, of_call(await system.log.call_of(line.number)))
            recovered.append(time.monotonic() - over)
            grown += max(0, _log_bytes(system) - before)
            await asyncio.sleep(1.1)  # Who leaves within a second has not been served.
            line.bye()
            await line.is_over()
            await system.log.row(Kind.ENDED, count=number)
        alarms = len(system.log.alarms())
        await system.everybody_hangs_up()
        await system.log.row(Kind.ENDED, count=TALKS + figures.tries)
        all_answered(system)
        assert len(numbers) == TALKS
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.recovered_s, figures.note = recovered, str(floods[-1])
    return grown, alarms


async def m5(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The API is asked 1,000 times a second, without a log-in and with one: most is refused, calls go on as before."""
    figures = Figures("M5", "API asked 1,000 times a second for 5 s", tries)
    answers: Counter[int] = Counter()
    async with system.trials.fault():
        await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        for _ in range(tries):
            flood = asyncio.create_task(_api_flood(system, answers))
            while not flood.done():
                await system.trials.crowd(1)
                number_of_calls = len(system.log.of(Kind.ENDED)) + 1
                await system.log.row(Kind.ENDED, count=number_of_calls)
            await flood
        all_answered(system)
        waits = [float(row.detail["wait_s"]) for row in system.log.of(Kind.CONNECTED)]
    refused = answers[429] + answers[401]
    assert refused > answers[200], answers
    assert not answers[500], answers
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    asked = sum(answers.values())
    figures.note = f"{asked:,} asked, {answers[429]:,} x 429, {answers[401]:,} x 401"
    figures.note += f"; waited {max(waits):.1f} s at most" if waits else ""
    return [figures]


async def _api_flood(system: FaultTableSystem, answers: Counter[int]) -> None:
    headers = [{"Authorization": f"Bearer {system.installation.token()}"}, {"Authorization": "Bearer nothing"}]
    connector = aiohttp.TCPConnector(limit=50, local_addr=(STRANGER, 0))
    async with aiohttp.ClientSession(system.prepared.web_url, connector=connector) as session:

        async def ask(number: int) -> None:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with session.get("/api/state", headers=headers[number % 2]) as answer:
                    await answer.read()
                    answers[answer.status] += 1

        began, asked, tasks = time.monotonic(), 0, set[asyncio.Task[None]]()
        while (passed := time.monotonic() - began) < FLOOD_S:
            for number in range(asked, round(passed * 1_000)):
                if len(tasks) < 200:
                    tasks.add(task := asyncio.create_task(ask(number)))
                    task.add_done_callback(tasks.discard)
                asked += 1
            await asyncio.sleep(0.01)
        await asyncio.gather(*tasks)


def _log_bytes(system: FaultTableSystem) -> int:
    return sum(file.stat().st_size for file in (system.installation.run / "asterisk" / "log").glob("*.log*"))

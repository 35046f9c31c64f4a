"""The link between daemon and Asterisk is cut, slowed, flooded, and lied to (rows B of the table)."""

import asyncio
import itertools
import random
import re
from datetime import UTC, datetime

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone, SippAgents
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import of_call
from tests.calls.support.daemon_with_faults import arm, armed, heard
from tests.calls.support.event_flood import EventFlood
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.calls.test_fault_texts import believable, numbers
from tests.support.waiting import eventually


def lost_links(system: FaultTableSystem) -> int:
    return sum(row.detail["state"] == "lost" for row in system.log.of(Kind.PBX))


async def rings(phone: SippAgents, count: int) -> None:
    await eventually(lambda: len(phone.invites()) >= count, "a ring without the daemon", 60)


async def nothing_heard(system: FaultTableSystem) -> None:
    """The daemon forgets what it has counted so far."""
    arm(system.installation, "forget")
    await eventually(lambda: not armed(system.installation) and not heard(system.installation)["count"], "a new count")


async def b1(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """TCP RST under calls that come, ring and talk: at random moments, every five seconds where there are many tries."""
    chance = random.Random(seed)
    figures = Figures("B1", "link to Asterisk reset (TCP RST) under calls", tries, seed=seed, until="in step again")
    pause_s = 5.0 if tries > 20 else 0.7
    calls = max(6, round(tries * pause_s * 1.2))
    back: list[float] = []
    async with system.trials.fault():
        await system.staffed(system.agents[:5], Phone(ring_s=0.3, talk_s=(1.7, 2.5)))
        await system.trials.crowd(calls, rate=1.2)
        await system.log.row(Kind.QUEUED)
        for _ in range(tries):
            await asyncio.sleep(chance.uniform(0.5, 1.5) * pause_s)
            at = datetime.now(UTC)
            found = len([row for row in system.log.of(Kind.PBX) if row.detail["state"] == "found"])
            system.ami_proxy.reset()
            moment, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", found + 1)
            back.append((moment - at).total_seconds())
        await system.log.row(Kind.ENDED, count=calls)
        system.log.none_offered_twice()
        all_answered(system, seed)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, back
    return [figures]


async def b2(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Half-open: no FIN, no RST, nothing. Callers who come meanwhile are found afterwards."""
    figures = Figures("B2", "link to Asterisk half-open", tries, until="noticed")
    noticed: list[float] = []
    async with system.trials.fault():
        await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        for number in range(1, tries + 1):
            async with system.ami_proxy.half_open():
                at = datetime.now(UTC)
                await system.trials.crowd(2)
                moment, _ = await system.log.timed_row(
                    Kind.PBX, lambda row: row.detail["detail"] == "no sign of life", number
                )
                noticed.append((moment - at).total_seconds())
            await system.well("pbx")
            await system.log.row(Kind.ENDED, count=2 * number)
        system.log.none_offered_twice()
        all_answered(system)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, noticed
    return [figures]


async def b3(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The daemon does not read for four seconds while `tries` events come: none is lost, and the link is not cut."""
    figures = Figures("B3", f"daemon reads nothing for 4 s, {tries:,} events come", 1, until="all of them read")
    async with system.trials.fault(trip_wires=True):
        await system.staffed(system.agents[0], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        lost = lost_links(system)
        await nothing_heard(system)
        async with EventFlood(system.prepared.ami_port, system.tester_secret) as storm:
            blowing = asyncio.create_task(storm.blow(tries, per_s=100_000))
            async with system.faults.frozen("daemon") as frozen:  # not for six: it would be taken for dead, and ended
                await system.trials.crowd(1)
                await eventually(lambda: frozen.ago_s > 4)
            at = datetime.now(UTC)
            await blowing
            await eventually(lambda: heard(system.installation)["count"] >= storm.acknowledged, "the last event", 90)
        figures.recovered_s = [(datetime.now(UTC) - at).total_seconds()]
        await system.log.row(Kind.ENDED)
        assert heard(system.installation)["count"] == storm.acknowledged == tries
        assert lost_links(system) == lost, "the link was cut"
        all_answered(system)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = "every event heard, no disconnection"
    return [figures]


async def b4(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The link is cut after Asterisk has written the caller's Hangup and before we read it: his end is found all the
    same, with what he was doing."""
    chance = random.Random(seed)
    figures = Figures("B4", "link cut between a Hangup and our reading it", tries, seed=seed, until="the call's ending")
    ended_s: list[float] = []
    async with system.trials.fault():
        await system.present(system.agents[:1], Phone(ring_s=0.6))
        for number in range(1, tries + 1):
            step = chance.choice((Kind.QUEUED, Kind.RINGING, Kind.CONNECTED))
            line = await system.trials.asks_by_line()
            call = await system.log.call_of(line.number)
            await system.log.row(Kind.QUEUED, of_call(call))
            if step is not Kind.QUEUED:
                await system.ready(*system.agents[:1])
            await system.log.row(step, of_call(call))
            await asyncio.sleep(chance.uniform(0.0, 0.3) + (1.0 if step is Kind.CONNECTED else 0.0))
            system.ami_proxy.cut_before = _hangup_of_a_caller
            at = datetime.now(UTC)
            line.bye()
            await system.ami_proxy.has_cut(number)
            moment, ended = await system.log.timed_row(Kind.ENDED, of_call(call))
            ended_s.append((moment - at).total_seconds())
            wanted = {
                Kind.QUEUED: {Ending.ABANDONED_QUEUE},
                Kind.RINGING: {Ending.ABANDONED_RINGING, Ending.ANSWERED},  # it may be answered in that moment
                Kind.CONNECTED: {Ending.ANSWERED},
            }
            assert ended.detail["ending"] in wanted[step], f"seed {seed}, {step}: {system.log.story(call)}"
            if step is not Kind.QUEUED:
                await system.ask("POST", f"/api/agents/{system.agents[0]}/not-ready", {"reason": "break"})
        system.ami_proxy.cuts = 0
        system.log.none_offered_twice()
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, ended_s
    return [figures]


def _hangup_of_a_caller(message: bytes) -> bool:
    return message.startswith(b"Event: Hangup\r\n") and b"Channel: PJSIP/trunk-" in message


async def b5(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Five thousand events a second for `tries` seconds, with calls going on beside them."""
    figures = Figures("B5", f"5,000 events a second for {tries} s", 1)
    async with system.trials.fault(trip_wires=True):
        await system.staffed(system.agents[:4], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        lost = lost_links(system)
        await nothing_heard(system)
        calls = max(3, tries)
        async with EventFlood(system.prepared.ami_port, system.tester_secret) as storm:
            await system.trials.crowd(calls, rate=1)
            took_s = await storm.blow(5000 * tries, per_s=5000)
            await eventually(lambda: heard(system.installation)["count"] >= storm.acknowledged, "the last event", 90)
        found = heard(system.installation)
        await system.log.row(Kind.ENDED, count=calls)
        assert found["count"] == storm.acknowledged == 5000 * tries
        assert lost_links(system) == lost, "the link was cut"
        all_answered(system)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    lag = f"lag p99 {found['p99_s'] * 1000:.0f} ms, worst {found['worst_s'] * 1000:.0f} ms"
    figures.note = f"{storm.acknowledged / took_s:,.0f}/s as blown; {lag}; every event heard"
    return [figures]


async def b8(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Asterisk no longer takes our password: said once and clearly, and callers are answered out of the plain queue."""
    figures = Figures("B8", "Asterisk refuses the daemon's password", tries, until="in step after it was right again")
    file = system.installation.run / "asterisk" / "etc" / "manager.conf"
    right = file.read_text("utf-8")
    wrong = re.sub(r"(?m)(^\[sanxiang\]\nsecret = ).*$", r"\1never-the-same", right)
    assert wrong != right
    back: list[float] = []
    async with system.trials.fault():
        phone = await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        for number in range(1, tries + 1):
            await asyncio.sleep(1.5)  # the daemon tells the dialplan each second who is ready
            said = system.said("daemon").count("refused the AMI login")
            try:
                file.write_text(wrong, "utf-8")
                await system.cli("manager reload")
                system.ami_proxy.reset()
                await system.log.row(Kind.ALARM, lambda row: row.detail["name"] == "AMI login refused", number)
                assert not (await system.checks())["pbx"]
                await system.trials.crowd(1)
                await rings(phone, number)
            finally:
                file.write_text(right, "utf-8")
                await system.cli("manager reload")
            at = datetime.now(UTC)
            await system.well("pbx")
            back.append((datetime.now(UTC) - at).total_seconds())
            assert system.said("daemon").count("refused the AMI login") == said + 1
            await system.log.row(Kind.ENDED, count=number)
        all_answered(system)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, back
    figures.note = "one line in the log; the plain queue serves; tried again every 30 s"
    return [figures]


async def b9(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Sixty strangers hold all places at the AMI's door: our session stays; one that is cut is back when they are gone."""
    figures = Figures("B9", "60 strangers at the AMI port, and a reset of ours", tries, until="in step again")
    back: list[float] = []
    async with system.trials.fault():
        await system.staffed(system.agents[:2], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        for number in range(1, tries + 1):
            strangers = [await asyncio.open_connection("127.0.0.1", system.prepared.ami_port) for _ in range(60)]
            lost = lost_links(system)
            await system.trials.crowd(1)
            await system.log.row(Kind.ENDED, count=2 * number - 1)
            assert lost_links(system) == lost, "our own session went"
            again = [await asyncio.open_connection("127.0.0.1", system.prepared.ami_port) for _ in range(60)]
            found = len([row for row in system.log.of(Kind.PBX) if row.detail["state"] == "found"])
            at = datetime.now(UTC)
            system.ami_proxy.reset()
            await system.trials.crowd(1)
            moment, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", found + 1)
            back.append((moment - at).total_seconds())
            await system.log.row(Kind.ENDED, count=2 * number)
            for _, writer in (*strangers, *again):
                writer.close()
        all_answered(system)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, back
    return [figures]


async def b10(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Of ten Redirects one is lost on its way, and of ten answers one is lost and one comes 4 s late."""
    figures = Figures("B10", "Redirects and their answers lost or late, one of ten each", tries, seed=seed)
    staff = system.agents[:4]
    async with system.trials.fault():
        phone = await system.staffed(staff, Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        proxy = system.ami_proxy
        proxy.lost = proxy.late = 0
        proxy.chance = random.Random(seed)
        try:
            await system.trials.crowd(tries, rate=1.1)
            await system.log.row(Kind.ENDED, count=tries)
        finally:
            proxy.chance = None
        system.log.none_offered_twice()
        all_answered(system, seed)
        offers = len(system.log.of(Kind.OFFERED))
        assert tries <= len(phone.invites()) <= offers, f"seed {seed}: {len(phone.invites())} rings of {offers} offers"
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = f"{proxy.lost} lost, {proxy.late} late; no telephone rung twice for one offer"
    return [figures]


async def b11(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Whole events, dialplan and shell in the callers' numbers: none is believed, kept, or carried out."""
    figures = Figures("B11", "odd text in a caller's number", tries)
    made = system.folder / "made"
    texts = list(itertools.islice(itertools.cycle(numbers(made)), tries))
    async with system.trials.fault(by_number=False):
        await system.staffed(system.agents, Phone(ring_s=0.1, talk_s=(1.7, 2.0)))
        await system.trials.crowd(tries, rate=3, numbers=texts)
        await system.log.row(Kind.ENDED, count=tries)
        all_answered(system)
        arrived = system.log.of(Kind.ARRIVED)
        assert len(arrived) == tries and {row.detail["dialled"] for row in arrived} == {"95001"}
        believed = set().union(*map(believable, texts))
        assert {row.detail["caller"] for row in arrived} <= believed
        assert {row.call for row in system.log.of(Kind.ENDED)} == {row.call for row in arrived}
        for agent in system.agents:
            assert (await system.agent(agent))["logged_in"]
        assert not made.exists()
        assert not any("UserEvent" in repr(row) or "SHELL" in repr(row) for row in system.log.rows())
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = "digits are kept, nothing else"
    return [figures]

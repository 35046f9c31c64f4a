"""Callers who hang up at any moment, call again and again, or speak SIP as nobody should (rows G of the table)."""

import asyncio
import random
import time
from datetime import UTC, datetime

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support import record_comparison
from tests.calls.support.call_log import of_call, person
from tests.calls.support.fault_table_system import CALLS_PER_NUMBER, FaultTableSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.waiting import eventually

WITHOUT_A_PERSON = {
    "in the arrival": {Ending.ABANDONED_IVR},
    "in the notice": {Ending.ABANDONED_IVR},
    "in the menu": {Ending.ABANDONED_IVR},
    "as he keys": {Ending.ABANDONED_IVR, Ending.ABANDONED_QUEUE},
    "as he is queued": {Ending.ABANDONED_QUEUE},
    "in the queue": {Ending.ABANDONED_QUEUE},
}
WITH_A_PERSON = {
    # On a slow machine he may be answered before his hanging up arrives.
    "as he is offered": {Ending.ABANDONED_QUEUE, Ending.ABANDONED_RINGING, Ending.ANSWERED},
    "while it rings": {Ending.ABANDONED_RINGING, Ending.ANSWERED},
    "as it is answered": {Ending.ABANDONED_RINGING, Ending.ANSWERED},
    "as they meet": {Ending.ABANDONED_RINGING, Ending.ANSWERED},
    "in the talk": {Ending.ANSWERED},
    "in the goodbye": {Ending.ANSWERED},
}
AFTER = {
    "as he is queued": Kind.QUEUED,
    "in the queue": Kind.QUEUED,
    "as he is offered": Kind.OFFERED,
    "while it rings": Kind.RINGING,
    "as it is answered": Kind.ANSWERED,
    "as they meet": Kind.CONNECTED,
    "in the talk": Kind.CONNECTED,
    "in the goodbye": Kind.TALK_ENDED,
}
LATER_S = {"in the queue": 1.0, "in the talk": 1.1, "in the goodbye": 0.1}


async def g1(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """A caller hangs up at each of twelve steps. `tries`: of each step."""
    chance = random.Random(seed)
    figures = Figures("G1", "caller hangs up at each of 12 steps", 12 * tries, seed=seed, until="all channels gone")
    left: dict[str, float] = {}
    wanted: dict[str, tuple[str, set[Ending]]] = {}
    async with system.trials.fault():

        async def hangs_up(step: str, endings: set[Ending]) -> None:
            line = await system.trials.line()
            await line.is_answered()
            call = await system.log.call_of(line.number)
            wanted[line.number] = step, endings
            if step != "in the arrival":
                await asyncio.sleep({"in the notice": 0.15, "in the menu": 1.0}.get(step, BRISK_KEY_AFTER_S))
            if step in AFTER or step == "as he keys":
                line.key("1")
                await asyncio.sleep(chance.uniform(0.02, 0.25) if step == "as he keys" else 0)
            if step in AFTER:
                await system.log.row(AFTER[step], of_call(call))
                await asyncio.sleep(LATER_S.get(step, 0.0) + chance.uniform(0.0, 0.05))
            left[line.number] = time.time()
            line.bye()
            await line.is_over()

        await system.present(system.agents, Phone(ring_s=0.5, talk_s=(2.5, 2.5)))
        for round_ in range(1, tries + 1):
            await asyncio.gather(*(hangs_up(step, endings) for step, endings in WITHOUT_A_PERSON.items()))
            await system.log.row(Kind.ENDED, count=12 * round_ - 6)
            await system.ready(*system.agents)
            await asyncio.gather(*(hangs_up(step, endings) for step, endings in WITH_A_PERSON.items()))
            await system.log.row(Kind.ENDED, count=12 * round_)
            for agent in system.agents:
                await system.ask("POST", f"/api/agents/{agent}/not-ready", {"reason": "break"})
        for number, (step, endings) in wanted.items():
            call = await system.log.call_of(number)
            ending = (await system.log.ending_of(call)).detail["ending"]
            assert ending in endings, f"seed {seed}, {step}: {ending}; {system.log.story(call)}"
    channels = record_comparison.asterisk_record(system.cel_book)
    freed: dict[str, float] = {}
    silent: list[float] = []
    for number, at in left.items():
        own = next(one for one in channels if one.is_caller and one.number == number)
        chain = [one for one in channels if one.linked == own.linked]
        freed[number] = max(one.ended for one in chain) - at
        silent += [one.ended - at for one in chain if one.agent and not one.answered]
    figures.calls, figures.lost, figures.recovered_s = (
        system.trials.verdict.calls,
        system.trials.verdict.lost,
        list(freed.values()),
    )
    figures.note = f"a ringing phone falls silent within {max(silent, default=0) * 1000:.0f} ms"
    return [figures]


async def g3_g4_g7(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """SIP as nobody should speak it: re-INVITEs in a storm, a codec that nobody has, an INVITE without SDP, and one INVITE
    three times, and again with another CSeq. `tries`: re-INVITEs."""
    storm = Figures("G3", "storm of re-INVITEs: hold, resume, other codec, in a talk", tries)
    late = Figures("G4", "codec that nobody has; INVITE without SDP", 2)
    again = Figures("G7", "INVITE repeated 3 times, looped, and with a new CSeq", 4)
    async with system.trials.fault():
        await system.staffed(system.agents[:3], Phone(ring_s=0.2))
        line = await system.trials.asks_by_line()
        call = await system.log.call_of(line.number)
        await system.log.row(Kind.CONNECTED, of_call(call))
        variations = [
            lambda: line.sdp(direction="sendonly", version=line.cseq + 1),
            lambda: line.sdp(version=line.cseq + 1),
            lambda: line.sdp("0 PCMU/8000", version=line.cseq + 1),
            lambda: line.sdp(direction="inactive", version=line.cseq + 1),
            lambda: line.sdp(version=line.cseq + 1),
        ]
        began = time.monotonic()
        for number in range(tries):
            answers = len(line.status)
            line.invite(variations[number % 5]())
            if number % 3 == 2:
                await line.has_answers(answers + 1)
        await line.has_answers(tries + 1)
        storm_s = time.monotonic() - began
        line.invite(line.sdp(version=line.cseq + 1))
        await line.has_answers(tries + 2)
        assert line.status[-1][0] == 200, line.status[-5:]
        assert not line.ended_at
        heard = len(line.sound_at)
        await eventually(lambda: len(line.sound_at) > heard + 20, "the agent's voice after the storm")

        wrong = await system.trials.line(dials=False)
        wrong.invite(wrong.sdp("3 GSM/8000"))
        await eventually(lambda: wrong.status, "an answer to a codec that nobody has")
        offerless = await system.trials.line(dials=False)
        offerless.invite("")
        await offerless.is_answered()
        offerless_call = await system.log.call_of(offerless.number)

        repeats = await system.trials.line(dials=False)
        for cseq, branch in (
            (1, "z9hG4bKone"),
            (1, "z9hG4bKone"),
            (1, "z9hG4bKone"),
            (1, "z9hG4bKtwo"),
            (2, "z9hG4bKnew"),
        ):
            repeats.invite(cseq=cseq, branch=branch)
        await repeats.is_answered()
        repeated = await system.log.call_of(repeats.number)
        await asyncio.sleep(1.0)  # whatever the others might have come to
        for one in (line, offerless, repeats):
            one.cseq = max(one.cseq, 2)
            one.bye()
        for ended in (call, offerless_call, repeated):
            await system.log.ending_of(ended)
        arrived = [row.detail["caller"] for row in system.log.of(Kind.ARRIVED)]
        assert sorted(arrived) == sorted(person(one.number) for one in (line, offerless, repeats))
        assert system.log.endings()[call] == Ending.ANSWERED
        filed = await system.log.row(Kind.RECORDED, of_call(call))
        assert system.recorded_whole(filed.detail), filed.detail
    storm.calls, storm.lost = 1, system.trials.verdict.lost
    storm.note = f"{tries / max(0.001, storm_s):.0f}/s; answers {_tally(line)}; the talk and its recording went on"
    late.calls, late.lost = 1, system.trials.verdict.lost
    late.note = f"{wrong.status[0][0]}, no call; answered with an offer of ours"
    again.calls, again.lost = 1, system.trials.verdict.lost
    again.note = f"one call, one row; the repetitions were answered {_tally(repeats)}"
    return [storm, late, again]


def _tally(line: ManualCaller) -> str:
    found: dict[int, int] = {}
    for status, cseq in line.status:
        if cseq.endswith("INVITE"):
            found[status] = found.get(status, 0) + 1
    return ", ".join(f"{count} × {status}" for status, count in sorted(found.items()))


async def g5(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """`tries` calls more at once from one number than the configuration lets it have: those hear why, all others are
    served."""
    figures = Figures("G5", f"{CALLS_PER_NUMBER + tries} calls at once from one number", tries)
    async with system.trials.fault():
        await system.staffed(system.agents[:4], Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        [number] = system.trials.numbers(1)
        await system.trials.crowd(CALLS_PER_NUMBER + tries, rate=20, numbers=[number] * (CALLS_PER_NUMBER + tries))
        await system.trials.crowd(1)  # somebody else is not concerned
        await system.log.row(Kind.ENDED, count=CALLS_PER_NUMBER + tries + 1)
        system.log.none_offered_twice()
        endings = list(system.log.endings().values())
        assert endings.count(Ending.TURNED_AWAY) == tries, endings
        assert endings.count(Ending.ANSWERED) == CALLS_PER_NUMBER + 1, endings
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = f"{CALLS_PER_NUMBER} served in their order, {tries} told why (calls_per_number = {CALLS_PER_NUMBER})"
    return [figures]


async def g6(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Whoever gives up dials again, three times over; patient callers stand among them and are served in their order."""
    chance = random.Random(seed)
    figures = Figures("G6", f"{tries} impatient callers who redial 3 times each", 3 * tries, seed=seed)
    async with system.trials.fault():
        await system.staffed(system.agents[:2], Phone(ring_s=0.4, talk_s=(1.7, 2.2)))
        patient = await system.trials.crowd(4, rate=2)
        impatient = system.trials.numbers(tries)
        at = datetime.now(UTC)

        async def redials(number: str) -> None:
            await asyncio.sleep(chance.uniform(0, 1.0))
            for _ in range(3):
                line = await system.trials.line(number)
                await line.is_answered()
                await asyncio.sleep(BRISK_KEY_AFTER_S)
                line.key("1")
                await asyncio.sleep(chance.uniform(0.2, 1.2))
                if not line.ended_at:
                    line.bye()
                await line.is_over()

        await asyncio.gather(*map(redials, impatient))
        await system.log.row(Kind.ENDED, count=3 * tries + 4)
        took_s = (datetime.now(UTC) - at).total_seconds()
        system.log.none_offered_twice()
        for number in patient:
            ended = await system.log.ending_of(await system.log.call_of(number))
            assert ended.detail["ending"] == Ending.ANSWERED, f"seed {seed}: {system.log.story(ended.call)}"
        gave_up = {Ending.ABANDONED_IVR, Ending.ABANDONED_QUEUE, Ending.ABANDONED_RINGING, Ending.ANSWERED}
        assert set(system.log.endings().values()) <= gave_up
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = f"all over after {took_s:.0f} s; the 4 patient ones among them were served"
    return [figures]


async def g8(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Callers wait longer than their queue's policy wants: each row of it is applied to each of them once, though the
    daemon is killed between the rows."""
    chance = random.Random(seed)
    figures = Figures("G8", f"{tries} callers wait too long; daemon killed meanwhile", tries, seed=seed)
    async with system.trials.fault():
        staff = system.agents[:4]
        await system.present(staff, Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
        await system.trials.crowd(tries, rate=10, key="3")
        await system.log.row(Kind.OVERFLOW)
        await asyncio.sleep(chance.uniform(0, 1.0))
        figures.recovered_s = [await system.faults.up_again(system.faults.kill("daemon"))]
        figures.until = "in step again"
        await system.log.row(Kind.OVERFLOW, lambda row: row.detail["row"] == 2, tries)
        applied: dict[tuple[str, int], int] = {}
        for row in system.log.of(Kind.OVERFLOW):
            key = row.call, int(row.detail["row"])
            applied[key] = applied.get(key, 0) + 1
        assert set(applied.values()) == {1} and len(applied) == 2 * tries, f"seed {seed}: {applied}"
        await system.ready(*staff)
        await system.log.row(Kind.ENDED, count=tries)
        system.log.none_offered_twice()
        all_answered(system, seed)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = "the callback offered once to each, the priority raised once"
    return [figures]

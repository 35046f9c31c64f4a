"""Agents' telephones that are silent, refuse, or vanish (rows F of the table)."""

import asyncio
import random
from datetime import datetime, timedelta

from acd.engine.commands import Kind, Log, Offer, Outcome, TakeBack
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
    PbxFound,
    PhoneChanged,
)
from acd.engine.model import Queue, Skills
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import of_call
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.engine.support.floor import MORNING, Floor

ANSWERS = Phone(ring_s=0.2, talk_s=(1.7, 2.2))
CODES = (486, 480, 603, 404, 500, 503)


def gaps_s(system: FaultTableSystem, outcomes: set[str]) -> list[float]:
    """From each offer's end with such an outcome to the ringing of the next phone for the same call."""
    ended: dict[str, datetime] = {}
    found: list[float] = []
    for at, row in system.log.rows():
        if row.kind is Kind.OFFER_ENDED and row.detail["outcome"] in outcomes:
            ended[row.call] = at
        elif row.kind is Kind.RINGING and row.call in ended:
            found.append((at - ended.pop(row.call)).total_seconds())
    assert not ended, f"for {len(ended)} calls nobody was rung again\n{system.log.report()}"
    return found


async def f1_f5(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Three rings and nobody answers; or the phone vanishes from the net while it rings. The next agent is rung."""
    deaf = Figures("F1", "three rings, no answer", 0, until="the next phone rings")
    gone = Figures("F5", "phone vanishes while it rings", 0, until="the next phone rings")
    for figures, vanishes in ((deaf, False), (gone, True)):
        async with system.trials.fault():
            for number in range(1, tries + 1):
                first = await system.staffed(system.agents[:2], Phone(never_answers=True))
                # Whoever has been idle for longest is asked first: these come later.
                second = await system.staffed(system.agents[2:4], ANSWERS)
                numbers = await system.trials.crowd(2, rate=50)
                if vanishes:
                    await system.log.row(Kind.RINGING, lambda row: row.agent in system.agents[:2], 2 * number)
                    first.freeze()
                for one in numbers:
                    await system.log.ending_of(await system.log.call_of(one))
                first.thaw()
                for phone, names in ((first, system.agents[:2]), (second, system.agents[2:4])):
                    for agent in names:
                        await system.trials.leaves(agent, phone)
            missed = [row for row in system.log.of(Kind.OFFER_ENDED) if row.detail["outcome"] == Outcome.RING_NO_ANSWER]
            assert len(missed) == 2 * tries and {row.detail["rings"] for row in missed} == {3}
            all_answered(system)
            figures.recovered_s = gaps_s(system, {Outcome.RING_NO_ANSWER})
        figures.tries, figures.calls, figures.lost = (
            len(missed),
            system.trials.verdict.calls,
            system.trials.verdict.lost,
        )
    return [deaf, gone]


async def asked_after(system: FaultTableSystem, first: str, second: str) -> None:
    """Both are idle, the second for less long; a phone that has just been registered may come and go once more."""
    while True:
        await system.comes_to_be(first, "idle")
        await system.ask("POST", f"/api/agents/{second}/not-ready", {"reason": "meal"})
        await system.comes_to_be(second, "not ready", "meal")
        await system.ready(*[second])
        await system.comes_to_be(second, "idle")
        one, other = await system.agent(first), await system.agent(second)
        if one["state"] == "idle" and one["state_since"] < other["state_since"]:
            return


async def f2(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The phone refuses: the next agent is rung at once, and the cause is kept. Each try is the next of `CODES`, from a random
    one on."""
    figures = Figures(
        "F2", f"phone refuses: {', '.join(map(str, CODES))}", tries, until="the next phone rings", seed=seed
    )
    begin = random.Random(seed).randrange(len(CODES))
    causes: dict[int, object] = {}
    async with system.trials.fault():
        second = system.agents[1]
        await system.present([second], ANSWERS)
        for number in range(begin, begin + tries):
            code = CODES[number % len(CODES)]
            refuses = await system.staffed(system.agents[0], Phone(code=code))
            await asked_after(system, system.agents[0], second)
            call = await system.log.call_of((await system.trials.crowd(1))[0])
            await system.log.ending_of(call)
            one, *_, last = system.log.offers(call)
            assert one[0] == system.agents[0] and last == (second, "answered"), f"{code}: {system.log.offers(call)}"
            ended = next(row for row in system.log.of(Kind.OFFER_ENDED, call))
            causes[code] = f"{ended.detail['outcome']} {ended.detail['cause']}"
            await system.trials.leaves(system.agents[0], refuses)
            await system.ask("POST", f"/api/agents/{second}/not-ready", {"reason": "break"})
        all_answered(system)
        outcomes = {str(outcome) for outcome in Outcome} - {str(Outcome.ANSWERED)}
        figures.recovered_s = gaps_s(system, outcomes)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = "; ".join(f"{code}: {cause}" for code, cause in causes.items())
    return [figures]


async def f3(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """An idle agent's phone dies without a word: he is shown as unreachable, is not rung, and is back with his phone."""
    chance = random.Random(seed)
    figures = Figures("F3", "an idle agent's phone dies", tries, seed=seed, until="shown as unreachable")
    shown: list[float] = []
    agent, other = system.agents[:2]
    async with system.trials.fault():
        phone = await system.staffed(agent, ANSWERS)
        await system.staffed(other, ANSWERS)
        for number in range(1, tries + 1):
            await asyncio.sleep(chance.uniform(0, 3))
            seen = len([row for row in system.log.of(Kind.PHONE) if row.agent == agent])
            phone.freeze()
            at = datetime.now(MORNING.tzinfo)
            moment, row = await system.log.timed_row(Kind.PHONE, lambda row: row.agent == agent, seen + 1)
            assert row.detail["reachable"] is False
            shown.append((moment - at).total_seconds())
            await system.comes_to_be(agent, "unreachable")
            call = await system.log.call_of((await system.trials.crowd(1))[0])
            await system.log.ending_of(call)
            assert system.log.offers(call) == [(other, "answered")]
            phone.thaw()
            await system.comes_to_be(agent, "idle")
            await system.log.row(Kind.ENDED, count=number)
        all_answered(system)
    figures.calls, figures.lost, figures.recovered_s = system.trials.verdict.calls, system.trials.verdict.lost, shown
    figures.note = "nobody rung in vain"
    return [figures]


def f9_one(chance: random.Random) -> tuple[int, int]:
    """One interleaving of what agents want, what callers want and what phones do, in any order. (offers, crossed): how
    many offers were made, and how many breaks were asked for while it rang."""
    able: dict[str, Skills] = {"a": (), "b": ()}
    floor = Floor([Queue("orders", wrap_up=timedelta(0))], able)
    floor.tell(PbxFound(()), *(PhoneChanged(agent, True) for agent in "ab"))
    paused = {"a": True, "b": True}
    offers = crossed = made = 0
    going_on: dict[str, tuple[str, str]] = {}
    """Agent to call and offer."""

    def tell(event: Event) -> None:
        nonlocal offers
        for command in floor.acd.handle(event, floor.now):
            match command:
                case Offer():
                    offers += 1
                    assert not paused[command.agent], f"{command.agent} is rung after his break was taken"
                    going_on[command.agent] = (command.call, command.offer)
                case TakeBack():
                    going_on.pop(command.agent, None)
                case Log(kind=Kind.OFFER_ENDED) if command.detail["outcome"] != Outcome.ANSWERED:
                    going_on.pop(command.agent, None)

    for _ in range(24):
        agent = chance.choice("ab")
        match chance.randrange(7):
            case 0 | 1:
                made += 1
                tell(CallArrived(f"c{made}", "138"))
                tell(CallQueued(f"c{made}", "orders", (), "zh"))
            case 2:
                paused[agent] = False
                tell(AgentReady(agent))
            case 3 | 4:
                crossed += agent in going_on
                paused[agent] = True
                tell(AgentNotReady(agent, "break"))
            case 5 if agent in going_on:
                call, offer = going_on[agent]
                steps = (AgentDialled, AgentRinging, AgentAnswered, CallBridged)
                for step in steps[: chance.randrange(5)]:
                    tell(step(agent, call, offer))
                if chance.random() < 0.5:
                    going_on.pop(agent, None)
                    tell(BridgeEnded(agent, call, offer, "agent"))
                    tell(CallerHungUp(call))
            case 6 if made:
                tell(CallerHungUp(f"c{chance.randrange(made) + 1}"))
        floor.now += timedelta(seconds=chance.choice((0.0, 0.001, 0.2)))
    return offers, crossed


async def f9(system: FaultTableSystem | None, tries: int, seed: int) -> list[Figures]:
    """A break races an offer: whichever is written first decides. The engine alone, without a house."""
    chance = random.Random(seed)
    offers = crossed = 0
    for _ in range(tries):
        made, raced = f9_one(chance)
        offers, crossed = offers + made, crossed + raced
    note = f"{offers:,} offers, {crossed:,} breaks asked for while it rang; 0 offers to somebody on a break"
    return [Figures("F9", "break against offer, in any order (engine alone)", tries, note=note, seed=seed)]


async def vanishing(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """Who vanishes from the net without a word, all at once: an agent's phone in mid-call, a caller in the queue; and a
    caller who never sends any sound. The trunk's no_sound_s is 10 here."""
    phone = Figures("F4", "agent's phone vanishes in mid-call", 0, until="his caller is rung at the next agent")
    caller = Figures("G2", "caller vanishes in the queue, no BYE", 0, until="the call has ended; no_sound_s = 10")
    silent = Figures("G4", "caller never sends sound", 0, until="the call has ended; no_sound_s = 10")
    first, second = system.agents[:2], system.agents[2:4]
    for _ in range(tries):
        async with system.trials.fault():
            lost_phones = await system.staffed(first, Phone(ring_s=0.2))
            talking = await system.trials.crowd(2, rate=50, stays_s=200)
            cut = [await system.log.call_of(number) for number in talking]
            for call in cut:
                await system.log.row(Kind.CONNECTED, of_call(call))
            await asyncio.sleep(1.2)  # less would not have been a talk
            vanished = await system.trials.asks_by_line()
            dumb = await system.trials.line(dials=False)
            dumb.sends_sound = False
            dumb.invite()
            await dumb.is_answered()
            gone, still = [await system.log.call_of(line.number) for line in (vanished, dumb)]
            await system.log.row(Kind.QUEUED, of_call(gone))
            at = datetime.now(MORNING.tzinfo)
            lost_phones.freeze()
            vanished.vanish()
            for call in cut:
                row = await system.log.row(Kind.RETURNED, of_call(call))
                assert row.detail["reason"] == "the agent's phone was lost"
            for figures, call in ((caller, gone), (silent, still)):
                assert (await system.log.ending_of(call)).detail["ending"] == "lost"
                figures.recovered_s = [
                    *figures.recovered_s,
                    (system.log.time_of(Kind.ENDED, call) - at).total_seconds(),
                ]
            await system.staffed(second, Phone(ring_s=0.2, talk_s=(1.7, 2.2)))
            for call in cut:
                returned = system.log.time_of(Kind.RETURNED, call)
                await system.log.row(Kind.TALK_ENDED, of_call(call), 2)
                again = [moment for moment, row in system.log.rows() if row.kind is Kind.OFFERED and row.call == call][
                    1
                ]
                assert again >= returned
                phone.recovered_s = [*phone.recovered_s, (returned - at).total_seconds()]
                assert (await system.log.ending_of(call)).detail["ending"] == "answered"
            lost_phones.thaw()
        for figures, count in ((phone, 2), (caller, 1), (silent, 1)):
            figures.tries += count
            figures.calls += count
            # The lines of these two callers are what is lost here, by themselves; nobody else may be.
            figures.lost += system.trials.verdict.lost - 2
    phone.until = "the caller at the head of the line"
    return [phone, caller, silent]

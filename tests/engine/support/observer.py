"""What must hold on every floor at every instant, checked after each event by an observer who keeps his own books.

He reads the commands as Asterisk and the store would, and the engine's state only to compare.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from acd.engine.acd import Acd
from acd.engine.agent_states import STATES
from acd.engine.ask import Ask
from acd.engine.commands import Command, HangUp, Join, Kind, Log, Offer, Outcome, SendTo, TakeBack
from acd.engine.entities import Agent, Call, Line, Offered
from acd.engine.events import (
    AgentAnswered,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    BridgeEnded,
    CallArrived,
    CallerHungUp,
    Event,
    OfferFailed,
    PbxFound,
)
from acd.engine.offers.choice_log import CHOSEN_BY, CONSULTED, DID_NOT_TAKE, FOUND_TALKING, KNOWS, LACKS_SKILL, PAUSED
from acd.engine.offers.explanation import TAKES_NO_CALLS_OF_IT
from acd.engine.routing.agents import BUSY
from acd.engine.state import Followups
from tests.engine.support.break_observer import look_at_breaks
from tests.engine.support.count_observer import CountObserver
from tests.engine.support.telephone_observer import TelephoneObserver
from tests.engine.support.transfer_observer import TransferObserver
from tests.engine.support.waiting_observer import After, WaitingObserver

NOISE = (Kind.IGNORED, Kind.RECORDED, Kind.ALARM, Kind.CROSSED, Kind.ENDED)
MISSES = (
    Outcome.RING_NO_ANSWER, Outcome.REJECTED, Outcome.BUSY, Outcome.FORWARDED, Outcome.FAILED, Outcome.UNREACHABLE,
)  # fmt: skip

LINES_EVERY = 8
"""Events after which the lines themselves are looked at: a line that is wrong stays so, and to look at all is half the cost."""


def is_able(agent: Agent, ask: Ask) -> bool:
    """Whether the agent takes calls of one of these queues, has the skills at their levels, and the tier."""
    has = dict(agent.skills)
    return agent.tier >= ask.tier and any(
        (not agent.queues or queue in agent.queues)
        and queue not in agent.queues_left
        and all(has.get(skill, 0) >= level for skill, level in required)
        for queue, required in ask.any_of
    )


def is_in_flight(offer: Offered) -> bool:
    """Whether something is to come of it: a sign, an answer, a bridge, the end of a channel."""
    consulting = offer.consulted and offer.consult_at is not None
    return offer.handed or (offer.bridged_at is None and not offer.reserved and not consulting)


class EngineObserver:
    """One observer for one engine, from its first event on."""

    def __init__(self, acd: Acd) -> None:
        self.acd = acd
        self.ended: set[str] = set()
        self.arrived: set[str] = set()
        self.offered: dict[str, str] = {}
        """Offers that go on, and whose."""
        self.all_offers: set[str] = set()
        self.rung: set[str] = set()
        """Offers for which a phone was to ring."""
        self.up: set[str] = set()
        """Offers whose phone went up."""
        self.crossed: set[str] = set()
        self.words: dict[str, tuple[str, datetime]] = {}
        """Each agent's latest state, and since when."""
        self.began: datetime | None = None
        self.missed: dict[str, list[str]] = {}
        """Per call, who did not take it, the latest last."""
        self.idle_since: dict[str, datetime | None] = {}
        """None: he may have kept an older place."""
        self.outcome: dict[str, str] = {}
        """How each agent's latest offer ended."""
        self.paused: set[str] = set()
        """Agents who have said last that they want no calls."""
        self.waiting = WaitingObserver(acd)
        self.counts = CountObserver(acd)
        self.telephones = TelephoneObserver(acd)
        self.transfers = TransferObserver(acd)
        self.looks = 0
        self.told = 0
        """Decisions that were read."""

    def read(self, event: Event, now: datetime, commands: list[Command], clock_was_set: bool = False) -> None:
        """Note what the commands say, and complain of what cannot be."""
        if self.began is None:
            self.began = now
        if isinstance(event, AgentNotReady | AgentLoggedOut):
            self.paused.add(event.agent)
        elif isinstance(event, AgentReady):
            self.paused.discard(event.agent)
        elif isinstance(event, CallArrived):
            self.acd.explain(event.call)
        in_time = isinstance(event, AgentAnswered) and self._goes_on(event)
        for command in commands:
            match command:
                case Log():
                    self._read_row(command, now, clock_was_set)
                    if command.kind is Kind.OFFER_ENDED:
                        self._look_at_what_rings(command, event, commands)
                case Offer():
                    self._read_offer(command, commands)
                case TakeBack():
                    assert command.offer not in self.up, f"{command} with the phone up, by {event}"
                    assert not any(isinstance(c, Offer | SendTo) and c.call == command.call for c in commands), (
                        f"{command} and an offer in one event: one Redirect would do"
                    )
                    assert self.acd._state.pbx
        if isinstance(event, AgentAnswered) and in_time:
            assert event.offer in self.up, f"{event} was in time, and is not believed"
        self.words = {name: self.words.get(name, ("logged out", now)) for name in self.acd._state.agents}
        self.telephones.read(event, commands)
        self.counts.read(event, commands)
        self.waiting.read(event, commands)
        self.transfers.read(event, commands)
        self.look(now, event)
        self._look_at_choices(commands)
        self._look_at_decisions(commands)

    def _goes_on(self, event: AgentAnswered) -> bool:
        return self.offered.get(event.offer) == event.agent and event.offer in self.rung

    def _read_row(self, row: Log, now: datetime, clock_was_set: bool) -> None:
        for name, value in row.detail.items():
            assert not name.endswith("_s") or value is None or value >= 0, f"{row}: {name} is negative"
        match row.kind:
            case Kind.ARRIVED:
                assert row.call not in self.ended, f"{row.call} arrives after its ending"
                self.arrived.add(row.call)
            case Kind.ENDED:
                assert row.call not in self.ended, f"{row.call} ended twice"
                assert row.call in self.arrived, f"{row.call} ended and never arrived"
                self.ended.add(row.call)
            case Kind.OFFERED:
                assert row.offer not in self.all_offers, f"{row.offer} is used twice"
                assert row.agent not in self.offered.values(), f"{row.agent} has an offer and gets {row.offer}"
                if row.detail["rule"] != FOUND_TALKING:
                    directed = row.detail["rule"] in (CONSULTED, KNOWS["transfer"], KNOWS["handed back"])
                    agent, call = self.acd._state.agents.get(row.agent), self.acd._state.calls.get(row.call)
                    if (
                        agent is not None
                        and call is not None
                        and call.offer is not None
                        and call.offer.offer == row.offer
                        and not directed
                    ):
                        assert is_able(agent, call.line.ask), f"{row.agent} is asked and can't serve {row.call}"
                    assert row.agent not in self.paused, f"{row.agent} is asked and wants no calls"
                    assert self.words[row.agent][0] == "idle", f"{row.agent} is asked, {self.words[row.agent]}"
                self.all_offers.add(row.offer)
                self.offered[row.offer] = row.agent
            case Kind.ANSWERED | Kind.CONNECTED:
                self.up.add(row.offer)
                if row.offer not in self.offered:  # given up and taken up again, under its own name
                    assert row.offer in self.all_offers
                    assert row.agent not in self.offered.values()
                    self.offered[row.offer] = row.agent
            case Kind.OFFER_ENDED:
                assert self.offered.pop(row.offer, None) == row.agent, f"{row.offer} is over and did not go on"
                self.outcome[row.agent] = outcome = row.detail["outcome"]
                if outcome in MISSES:
                    missed = self.missed.setdefault(row.call, [])
                    self.missed[row.call] = [name for name in missed if name != row.agent] + [row.agent]
                if outcome == Outcome.RING_NO_ANSWER and row.agent in self.acd._state.agents:
                    assert not self.acd._state.agents[row.agent].ready, f"{row.agent} let it ring out and is ready"
            case Kind.CROSSED:
                self.crossed.add(row.offer)
                self.missed[row.call] = [name for name in self.missed.get(row.call, []) if name != row.agent]
            case Kind.AGENT_STATE:
                assert self.began is not None
                was, since = self.words.get(row.agent, ("logged out", self.began))
                assert row.detail["was"] == was
                if not clock_was_set:
                    lasted_s = (now - since).total_seconds()
                    assert row.detail["lasted_s"] == lasted_s, f"{row} but {was} lasted {lasted_s} s"
                self.words[row.agent] = (row.detail["state"], now)
                if row.detail["state"] == "idle":
                    in_vain = was in ("ringing", "reserved") and self.outcome.get(row.agent) not in MISSES
                    kept = (
                        clock_was_set or was in ("talking", "consult", "hold") or in_vain
                    )  # some of them served nobody
                    self.idle_since[row.agent] = None if kept else now
        later = row.kind is Kind.CARD or row.detail.get("state") in ("explained", "refused")
        if row.call and not later and row.kind not in NOISE:
            assert row.call not in self.ended, f"{row} after the call's ending"

    def _read_offer(self, offer: Offer, commands: list[Command]) -> None:
        state = self.acd._state
        assert state.pbx, f"{offer} without Asterisk"
        assert offer.offer in self.offered, f"{offer} goes out before its row"
        assert offer.supersedes not in self.offered, f"{offer} supersedes what is not over"
        assert offer.offer not in self.rung, f"{offer} twice"
        assert offer.agent not in self.paused, f"{offer}, and he wants no calls"
        self.rung.add(offer.offer)
        call = state.calls.get(offer.call)
        assert call is None or not call.virtual, f"{offer}, and the caller has hung up"

    def _look_at_choices(self, commands: list[Command]) -> None:
        """First come first served inside line and priority, and the longest idle first, as far as the end of the event shows."""
        state = self.acd._state
        for row in commands:
            if not isinstance(row, Log) or row.kind is not Kind.OFFERED or row.call not in state.calls:
                continue
            call, winner = state.calls[row.call], state.agents.get(row.agent)
            if (
                row.detail["rule"] in (FOUND_TALKING, CONSULTED)
                or winner is None
                or call.offer is None
                or call.offer.offer != row.offer
            ):
                continue
            if row.detail.get("passed_over"):
                assert sum(row.detail["passed_over"].values()) + 1 == len(state.agents), f"{row} leaves somebody out"
            for other in state.calls.values():
                if row.detail["rule"] in KNOWS.values():
                    continue  # kept for him: it may overtake
                if other.in_line and other.line in winner.lines and winner.agent not in [*other.paused, *other.missed]:
                    overtaken = (other.turn, other.order) < (call.turn, call.order)
                    assert not overtaken, f"{call.call} overtook {other.call}"
            missed = self.missed.get(call.call, [])
            for agent in state.agents.values():
                if agent.state != "idle" or call.line not in agent.lines or agent.agent in call.paused:
                    continue
                if row.detail["rule"] in CHOSEN_BY.values() and agent.agent not in call.missed:
                    self._look_at_suits(row, call, winner, agent)
                if winner.agent in missed and row.detail["rule"] not in (KNOWS["transfer"], KNOWS["handed back"]):
                    assert agent.agent in call.missed, f"{winner.agent} is asked again while {agent.agent} is there"
                    assert winner.agent != call.missed[-1], f"{winner.agent} is asked twice in a row"

    def _look_at_suits(self, row: Log, call: Call, winner: Agent, other: Agent) -> None:
        """Nobody suits better than who was chosen: preferred skills, versatility if it is spared, the strategy's measure."""
        queue, rules = self.acd._state.queues[call.queue], self.acd._state.rules

        def suit(agent: Agent) -> tuple[int, int, float]:
            has = dict(agent.skills)
            preferred = sum(has.get(skill, 0) >= level for skill, level in call.line.ask.prefers)
            breadth = agent.lines[call.line][1] if rules.spare_versatile else 0
            measure = {"least-occupied": agent.load, "best-skilled": agent.lines[call.line][2]}.get(queue.strategy, 0.0)
            return (-preferred, breadth, measure)

        assert row.detail["rule"] == CHOSEN_BY[queue.strategy]
        assert suit(winner) <= suit(other), f"{other.agent} suits better than {winner.agent}"
        longest, his = self.idle_since.get(winner.agent), self.idle_since.get(other.agent)
        if suit(winner) == suit(other) and longest is not None and his is not None:
            assert longest <= his, f"{other.agent} is idle longer than {winner.agent}"

    def _look_at_decisions(self, commands: list[Command]) -> None:
        """What an explanation says is what the log's row says, and it speaks of every agent of the floor."""
        decisions, self.told = self.acd.decisions[self.told :], len(self.acd.decisions)
        rows = {row.offer: row for row in commands if isinstance(row, Log) and row.kind is Kind.OFFERED}
        for decision in decisions:
            row = rows[decision["offer"]]
            assert decision["agent"] == row.agent == decision["agents"][0]["agent"]
            assert (decision["rule"], decision["rows"]) == (row.detail["rule"], row.detail["rows"])
            verdicts = Counter(one["verdict"] for one in decision["agents"][1:])
            told = Counter(row.detail["passed_over"])
            assert verdicts.total() == told.total(), f"{row} and {decision} speak of other floors"
            assert verdicts[LACKS_SKILL] + verdicts[TAKES_NO_CALLS_OF_IT] == told[LACKS_SKILL]
            assert verdicts[DID_NOT_TAKE] + verdicts[PAUSED] == told[DID_NOT_TAKE], f"{row}: {decision}"
            for state in STATES:
                assert verdicts[state] == told[state], f"{row}: {decision}"
            assert not {one["agent"] for one in decision["agents"] if one["verdict"] == LACKS_SKILL} & set(
                row.detail["runners_up"]
            )

    def _look_at_what_rings(self, row: Log, event: Event, commands: list[Command]) -> None:
        """What we let go of while Asterisk still rings it is stopped in the same event, unless the phone is up."""
        if row.detail["outcome"] == Outcome.TAKEN_BACK and row.offer in self.up - self.crossed:
            assert isinstance(event, PbxFound), f"{row.offer} is taken back with the phone up, by {event}"
        told = isinstance(event, OfferFailed | BridgeEnded | CallerHungUp) and event.call == row.call
        if told or isinstance(event, PbxFound) or not self.acd._state.pbx or row.offer in self.up:
            return
        if row.offer not in self.rung:
            return  # the customer of a callback was dialled, or nobody
        stopped = [
            c.supersedes if isinstance(c, Offer) else c.offer for c in commands if isinstance(c, Offer | TakeBack)
        ]
        sent = any(isinstance(c, SendTo | Join | HangUp) and c.call == row.call for c in commands)  # one Redirect, too
        assert sent or row.offer in stopped, f"{row.offer} is over and rings on, after {event}"

    def look(self, now: datetime, event: Event | None = None) -> None:
        """The state itself, at the end of an event."""
        state = self.acd._state
        due = self.acd.next_deadline
        assert due is None or due > now, f"due at {due}, and it is {now}"
        for call in state.calls.values():
            self._look_at_call(call, After(call.call, event))
        for agent in state.agents.values():
            self._look_at_agent(agent)
        self.looks += 1
        if self.looks % LINES_EVERY == 0:
            self._look_at_lines()
        holding = [agent.offer for agent in state.agents.values() if agent.offer is not None]
        talking = Counter(offer.call.call for offer in holding if not offer.consulted and not offer.handed)
        assert all(count == 1 for count in talking.values()), f"one call, two agents: {talking}"
        look_at_breaks(state)
        assert state.followups == Followups(), "something of this event is left to be done"

    def _look_at_lines(self) -> None:
        state = self.acd._state
        standing = {call.call: call.line for call in state.calls.values() if call.in_line}
        assert sum(line.waiting for line in state.router.lines()) == len(standing), "somebody stands in two lines"
        for line in state.router.lines():
            able = [agent for agent in state.agents.values() if is_able(agent, line.ask)]
            assert line.able == len(able)
            assert {s: n for s, n in line.counts.items() if n} == Counter(agent.state for agent in able)
            rung = [a for a in able if a.state != "logged out" and not (a.work == "idle" and self.telephones.is_out(a))]
            assert line.staffed == len(rung), f"{line.ask}: {line.staffed} are said to be staff, {rung}"
            idle = [a.agent for a in able if a.state == "idle" and not self.telephones.in_a_row[a.agent]]
            assert line.available == len(idle), f"{line.ask}: {line.available} are said to be available, {idle}"
            assert all(standing[entry.call.call] is line for entry in line.callers)
            self._look_at_line(line)

    def _look_at_line(self, line: Line) -> None:
        """Its rows are sorted, nobody is in them twice, and its rivals are those with whom it shares a staffed agent."""
        assert line.callers == sorted(line.callers)
        assert len({entry.call.call for entry in line.callers}) == len(line.callers)
        assert all(entry.call.turn == entry.turn for entry in line.callers)
        agents = self.acd._state.agents.values()
        idle = [agent for agent in agents if line in agent.lines and agent.listed]
        assert {entry.agent.agent for entry in line.idle} == {agent.agent for agent in idle}
        assert line.idle == sorted(line.idle) and all(entry[:4] == line.suit(entry.agent) for entry in line.idle)
        staffed = [agent for agent in agents if line in agent.lines and agent.state != "logged out"]
        assert line.rivals == Counter(rival for agent in staffed for rival in agent.lines)

    def _look_at_call(self, call: Call, when: After) -> None:
        state = self.acd._state
        assert call.call not in self.ended
        if call.offer is not None:
            assert call.stage == ("offered" if call.offer.bridged_at is None else "talking")
            assert call.offer.call is call
            assert call.offer.agent.offer is call.offer
            assert self.offered[call.offer.offer] == call.offer.agent.agent
            if call.offer.bridged_at is None and state.pbx and not call.offer.reserved:
                assert ("offer", call.offer.agent.agent) in state.deadlines, f"{call.offer.offer} may ring for ever"
        else:
            assert call.stage != "offered"
        out_of_line = call.resting or call.dialling or bool(call.kept_for)
        assert call.in_line == (call.stage == "waiting" and not out_of_line), f"{when}"
        assert bool(call.kept_for) == (("keep", call.call) in state.deadlines), f"{when}"
        if call.kept_for:
            keeper = state.agents[call.kept_for]
            assert call in keeper.kept and call.stage == "waiting"
            assert not state.pbx or keeper.state in BUSY, (
                f"{call.call} is kept for {call.kept_for}, {keeper.state}, {when}"
            )
        assert not state.pbx or call.dialling == (("callback", call.call) in state.deadlines), f"{when}"
        assert not call.dialling or call.virtual
        assert call.offer is None or call.offer.reserved == (call.dialling and call.virtual), f"{when}"
        assert not call.virtual or call.stage in ("waiting", "offered")
        assert not call.resting or ("rest", call.call) in state.deadlines
        assert all(("pause", call.call, name) in state.deadlines for name in call.paused)
        if call.in_line and state.pbx:
            for agent in state.agents.values():
                if agent.state == "idle" and call.line in agent.lines:
                    assert agent.agent in call.paused, f"{call.call} waits while {agent.agent} is available, {when}"

    def _look_at_agent(self, agent: Agent) -> None:
        state = self.acd._state
        assert agent.state in STATES
        assert (agent.state, agent.state_reason) == agent.word()
        assert (agent.offer is not None) == (agent.work in ("reserved", "ringing", "talking", "hold", "consult"))
        if agent.offer is not None:
            offer = agent.offer
            assert offer.agent is agent
            assert [offer is each for each in (offer.call.offer, offer.call.consult, *offer.call.leaving)].count(
                True
            ) == 1
            if not offer.handed and offer.consult_at is None:
                assert (agent.work in ("talking", "hold", "consult")) == (offer.bridged_at is not None)
        assert (agent.work == "reserved") == (agent.offer is not None and agent.offer.reserved)
        in_flight = agent.offer is not None and state.pbx and is_in_flight(agent.offer)
        assert in_flight == (("offer", agent.agent) in state.deadlines)
        assert (agent.work == "wrap-up") == (("wrap-up", agent.agent) in state.deadlines)
        assert agent.doubted == (("doubt", agent.agent) in state.deadlines)
        assert agent.listed == (agent.state == "idle")

    def close(self, now: datetime) -> None:
        """At the end of the day: every call that came has ended or is still there, and offers with it."""
        state = self.acd._state
        assert self.arrived == self.ended | set(state.calls)
        self.telephones.compare()
        self._look_at_lines()
        if state.counts.day == str((self.began or now).date()):
            self.counts.compare()
        self._look_at_positions()
        assert set(self.offered.values()) == {a.agent for a in state.agents.values() if a.offer is not None}

    def _look_at_positions(self) -> None:
        """A caller's position is his place among those who want an agent that could serve him too."""
        state = self.acd._state
        staff = [agent for agent in state.agents.values() if agent.state != "logged out"]
        wanted = {
            call.call: {a.agent for a in staff if is_able(a, call.line.ask)}
            for call in state.calls.values()
            if call.in_line
        }
        for row in self.acd.snapshot(state.outer(state.now))["calls"]:
            call = state.calls[row["call"]]
            if not call.in_line:
                assert row["position"] is None
                continue
            ahead = [
                other
                for other in state.calls.values()
                if other.in_line and (other.turn, other.order) < (call.turn, call.order)
                and (other.line is call.line or wanted[other.call] & wanted[call.call])
            ]  # fmt: skip
            assert row["position"] == len(ahead) + 1, f"{call.call} is told {row['position']}"


def total_s(rows: list[Log]) -> float:
    return sum(float(row.detail["lasted_s"]) for row in rows)


def without_noise(commands: list[Command]) -> list[Any]:
    """Without the rows that say only that something was told."""
    quiet = (Kind.IGNORED, Kind.RECORDED, Kind.ALARM, Kind.PBX, Kind.CONFIGURATION)
    return [command for command in commands if not (isinstance(command, Log) and command.kind in quiet)]

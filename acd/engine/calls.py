"""A call as the engine knows it, from its arrival to its one ending."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from acd.engine.commands import Ending, Kind
from acd.engine.model import Skills, Stage
from acd.engine.routing import merged

if TYPE_CHECKING:
    from acd.engine.agents import Agent
    from acd.engine.routing import Line
    from acd.engine.state import State

PAUSE = timedelta(seconds=5)
"""An agent who has sent a call away does not get the same call again before this."""

REST = timedelta(seconds=5)
"""A call that could not be connected to two agents in a row is left alone for so long: the trouble is its own."""


@dataclass(slots=True, eq=False)
class Offered:
    """One offer: a call rings at an agent. The times that are set tell how far it has come."""

    offer: str
    call: "Call"
    agent: "Agent"
    queue: str
    number: int
    offered_at: datetime
    dialled_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    bridged_at: datetime | None = None
    crossed: bool = False
    """It was answered as it was taken back; which of the two came first in Asterisk is not known yet."""
    reopened: bool = False
    """It goes on after our log had closed it; counted once already."""
    also: str = ""
    """By what name Asterisk knows it, where that is of an offer which our log has closed."""


@dataclass(slots=True, eq=False)
class Call:
    call: str
    order: int
    """Of arrival; breaks ties of time."""
    arrived_at: datetime
    caller: str = "unknown"
    dialled: str = ""
    known: bool = True
    """Its arrival was told; not so when another event of it came first."""
    language: str = ""
    path: str = ""
    queue: str = ""
    skills: Skills = ()
    """Asked for beyond the queue's own."""
    stage: Stage = "menu"
    priority: int = 0
    asked_at: datetime | None = None
    """When a person was asked for; kept for the whole call."""
    offers: int = 0
    offer: Offered | None = None
    hanging: str = ""
    """An offer that is over for us and may still hold the caller in [connect]; the next one supersedes it."""
    let_go: Offered | None = None
    """What we gave up while its phone might still go up, and nothing was offered since."""
    up: str = ""
    """The latest offer of it whose phone went up: that is never taken back, only superseded."""
    missed: list[str] = field(default_factory=list)
    """Agents who did not take it, the latest miss last."""
    paused: dict[str, bool] = field(default_factory=dict)
    """Agents who must not get it just now."""
    not_dialled: int = 0
    """Offers in a row that never reached an agent's phone."""
    resting: bool = False
    talk_s: float = 0.0
    wait_s: float | None = None
    """From asking for a person to the first bridge that served."""
    after: Ending | None = None
    """How it will have ended when the caller, who has been served in some way, hangs up."""
    in_line: bool = False
    stamp: int = 0
    """Counts its times in line; an entry of the line's heap with an older stamp is stale."""
    the_line: "Line | None" = None

    @property
    def place(self) -> datetime:
        assert self.asked_at is not None, f"{self.call} stands in line and has asked for nobody"
        return self.asked_at

    @property
    def line(self) -> "Line":
        assert self.the_line is not None, f"{self.call} has no line"
        return self.the_line

    def miss(self, agent: str) -> None:
        if agent in self.missed:
            self.missed.remove(agent)
        self.missed.append(agent)


def appear(s: "State", name: str, caller: str, dialled: str, known: bool = True) -> Call:
    """A call that nobody has spoken of before."""
    s.arrivals += 1
    call = Call(name, s.arrivals, s.now, caller, dialled, known)
    s.calls[name] = call
    s.counts.arrived()
    s.log(Kind.ARRIVED, name, detail={"caller": caller, "dialled": dialled})
    return call


def ask(s: "State", call: Call, queue: str, skills: Skills, language: str, at: datetime) -> None:
    """The caller asks for a person; the clock starts at `at`."""
    wanted = s.queue(queue)
    call.queue, call.language, call.asked_at, call.after = wanted.name, language, at, None
    call.skills = tuple((skill, level) for skill, level in skills)
    call.priority = wanted.priority + s.rules.priorities.get(call.caller, 0)
    required = merged(wanted.skills, call.skills)
    call.the_line = s.router.line(required)
    s.counts.asked(call.queue)
    s.log(
        Kind.QUEUED,
        call.call,
        queue=call.queue,
        detail={"skills": dict(required), "priority": call.priority, "language": language},
    )
    wait(s, call)


def wait(s: "State", call: Call) -> None:
    """Stand in line, at the place that the first asking gives."""
    call.stage = "waiting"
    if not call.resting:
        call.line.join(call)
        s.waiters.append(call)


def put_back(s: "State", call: Call, reason: str, rest: bool = False) -> None:
    """To the head of the line: nobody served him. `rest`: after a moment in which nobody is asked for him."""
    s.log(Kind.RETURNED, call.call, queue=call.queue, detail={"reason": reason})
    if rest:
        call.resting = True
        s.deadlines.set(("rest", call.call), s.now + REST)
    if rest and call.not_dialled == 2:
        s.log(
            Kind.ALARM,
            call.call,
            detail={
                "name": "call cannot be connected",
                "detail": f"call {call.call}: two offers in a row reached no phone; "
                f"tried again every {REST.total_seconds():g} s",
            },
        )
    wait(s, call)


def leave_line(s: "State", call: Call) -> None:
    if call.in_line:
        call.line.leave(call)
    if call.resting:
        call.resting = False
        s.deadlines.clear(("rest", call.call))


def end(s: "State", call: Call, ending: Ending, at: datetime | None = None) -> None:
    """The one ending. What the engine keeps is the call's name, so that its late events are known for what they are."""
    leave_line(s, call)
    for agent in call.paused:
        s.deadlines.clear(("pause", call.call, agent))
    at = at or s.now
    asked = call.asked_at is not None
    wait_s = call.wait_s
    if call.asked_at is not None and (wait_s is None or ending is not Ending.ANSWERED):
        wait_s = max(0.0, (at - call.asked_at).total_seconds())
    target_s = s.rules.answer_within.total_seconds()
    abandoned = ending in (Ending.ABANDONED_QUEUE, Ending.ABANDONED_RINGING)
    detail = {
        "ending": str(ending),
        "wait_s": wait_s or 0.0,
        "talk_s": call.talk_s,
        "asked_for_person": asked,
        "within_target": ending is Ending.ANSWERED and call.wait_s is not None and call.wait_s <= target_s,
        "short": abandoned and (wait_s or 0.0) < s.rules.short_abandon.total_seconds(),
    }
    s.log(Kind.ENDED, call.call, queue=call.queue, detail=detail)
    s.counts.ended(call, ending, bool(detail["within_target"]), bool(detail["short"]))
    del s.calls[call.call]
    s.over[call.call] = (s.now, True)
    s.forget_old()

"""Standing in line: in which line a caller waits, at which place, and how he comes there and away.

A waiting call stands in its line unless it rests (it could not be connected), is kept for one agent, or is being called
back. Its place is since when it counts as waiting; its turn is that place moved ahead by its priority.
"""

from datetime import datetime, timedelta

from acd.engine.commands import Kind
from acd.engine.entities import Ask, Call, Line
from acd.engine.model import AT_ONCE, Expected, Overflow, Skills, Strategy
from acd.engine.routing.router import merged
from acd.engine.state import State

PAUSE = timedelta(seconds=5)
"""An agent who has sent a call away does not get the same call again before this."""

REST = timedelta(seconds=5)
"""A call that could not be connected to two agents in a row is left alone for so long: the trouble is its own."""

AWAY = ("logged out", "not ready", "unreachable")
"""States of agents who will serve nobody in the next minutes."""


def enter_queue(s: State, call: Call, queue: str) -> None:
    """Come to this queue, whose policy begins anew; the place stays. The call must not stand in line."""
    call.queue = s.queue(queue).name
    call.queued_at = s.now
    begin_policy(call)
    assign_line(s, call)


def begin_policy(call: Call) -> None:
    """No row has been applied yet."""
    call.rows, call.lowered, call.also, call.raised = [], {}, [], 0


def widen(call: Call, row: Overflow) -> None:
    """What a row of a policy changes of what is asked for. Books only."""
    if row.do == "lower-skill":
        call.lowered[row.skill] = min(row.to, call.lowered.get(row.skill, 9))
    elif row.do == "add-queue":
        if row.queue not in call.also and row.queue != call.queue:
            call.also.append(row.queue)
    elif row.do == "raise-priority":
        call.raised += row.by


def carry_policy(call: Call, before: tuple[Overflow, ...], now: tuple[Overflow, ...]) -> None:
    """The queue has another policy: rows that are in both stay applied, so that nobody is asked or sent a second time;
    the others are forgotten with what they changed."""
    applied = [before[number] for number in call.rows]
    begin_policy(call)
    for number, row in enumerate(now):
        if row in applied:
            call.rows.append(number)
            widen(call, row)


def assign_line(s: State, call: Call) -> None:
    """Work out its line and its turn from what is asked for now. The call must not stand in line."""
    queue = s.queue(call.queue)
    call.the_line = s.router.line(_asked(s, call))
    own = queue.priority + s.rules.priorities.get(call.caller, 0) if call.given is None else call.given
    call.priority = own + call.raised
    ahead = call.priority * s.rules.priority_worth
    if queue.emergency:
        ahead += s.rules.emergency_worth
    call.turned_at = call.place - ahead


def _asked(s: State, call: Call) -> Ask:
    queue = s.queue(call.queue)
    if call.handed_skills is not None:
        return by_skill(s, _lowered(merged(call.handed_skills, call.skills), call), queue.strategy)
    required = {name: _lowered(merged(s.queue(name).skills, call.skills), call) for name in (call.queue, *call.also)}
    return Ask(tuple(required.items()), merged(queue.prefers), queue.strategy)


def by_skill(s: State, required: Skills, strategy: Strategy) -> Ask:
    """Whoever has these skills, whatever queue he serves."""
    return Ask(tuple((name, required) for name in s.queues if name not in s.unknown_queues), (), strategy)


def _lowered(required: Skills, call: Call) -> Skills:
    if not call.lowered:
        return required
    any_skill = call.lowered.get("", 9)
    levels = [(skill, min(level, any_skill, call.lowered.get(skill, 9))) for skill, level in required]
    return tuple((skill, level) for skill, level in levels if level > 0)


def requeue(s: State, call: Call) -> None:
    """What it asks for has changed: it stands where that is served."""
    stood = call.in_line
    if stood:
        call.line.leave(call)
    assign_line(s, call)
    if stood:
        call.line.join(call)
        s.followups.calls_to_match.append(call)


def wait(s: State, call: Call) -> None:
    """Stand in line, at the place that it has."""
    call.stage = "waiting"
    if call.kept_for:
        s.followups.calls_to_match.append(call)
    elif not call.resting and not call.dialling:
        call.line.join(call)
        s.followups.calls_to_match.append(call)
    watch_policy(s, call)


def watch_policy(s: State, call: Call) -> None:
    """What his queue's policy has in store for him will be looked at: as time goes by, and if nobody is there for him."""
    arm_policy(s, call)
    if not call.kept_for and not call.line.staffed:
        s.followups.unstaffed_calls.append(call)


def arm_policy(s: State, call: Call) -> None:
    """Set the deadline of the next row that waiting brings."""
    rows = s.queue(call.queue).overflow
    after = [row.after for number, row in enumerate(rows) if row.when == "waited" and number not in call.rows]
    if after and call.queued_at is not None:
        s.deadlines.set(("row", call.call), call.queued_at + min(after))
    else:
        s.deadlines.clear(("row", call.call))


def put_back(s: State, call: Call, reason: str, rest: timedelta | None = None) -> None:
    """To its place in line: nobody served him. `rest`: after a while in which nobody is asked for him."""
    s.log(Kind.RETURNED, call.call, queue=call.queue, detail={"reason": reason})
    if rest is not None:
        call.resting = True
        s.deadlines.set(("rest", call.call), s.now + rest)
    if rest is not None and call.not_dialled == 2:
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


def rested(s: State, call: Call) -> None:
    call.resting = False
    if call.stage == "waiting":
        join_line(s, call)


def join_line(s: State, call: Call) -> None:
    """Nothing keeps this waiting call out of its line any more."""
    call.line.join(call)
    s.followups.calls_to_match.append(call)
    if not call.line.staffed:
        s.followups.unstaffed_calls.append(call)


def leave_line(s: State, call: Call) -> None:
    if call.in_line:
        call.line.leave(call)
    if call.resting:
        call.resting = False
        s.deadlines.clear(("rest", call.call))
    if call.kept_for:
        unreserve(s, call)
    s.deadlines.clear(("row", call.call))


def unreserve(s: State, call: Call) -> None:
    """It is kept for nobody any more. Books only."""
    agent = s.agents.get(call.kept_for)
    if agent is not None and call in agent.kept:
        agent.kept.remove(call)
    call.kept_for = ""
    s.deadlines.clear(("keep", call.call))


def ahead_of(call: Call) -> int:
    """How many callers come before this one of all that compete for the same agents."""
    line = call.line
    ahead = sum(rival.ahead_of(call) for rival in line.rivals if rival.callers)
    return ahead if line in line.rivals else ahead + line.ahead_of(call)  # whom nobody staffs competes with his like


def expected(s: State, queue: str, line: Line, ahead: int) -> Expected:
    """The wait of one with so many before him."""
    if line.counts["idle"] > 0 and s.pbx:
        return AT_ONCE
    working = line.able - sum(line.counts[state] for state in AWAY)
    return s.wait_estimates.expected(queue, ahead, working, s.rules.expected_handling.total_seconds())


def since(at: datetime, now: datetime) -> float:
    """Seconds, never negative."""
    return max(0.0, (now - at).total_seconds())

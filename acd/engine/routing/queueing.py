"""Queue position: in which line a call waits, at which place, and how it gets into line, out of it and back.

A waiting call stands in its line unless it rests (it could not be connected), is kept for one agent, or is being called
back. Its place is since when it counts as waiting; its turn is that place moved ahead by its priority.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from acd.engine.ask import Ask
from acd.engine.brands import brand_named, keeper_of
from acd.engine.caller_classes import class_of
from acd.engine.commands import Kind
from acd.engine.entities import Call, Line
from acd.engine.model import AT_ONCE, Expected, Overflow, Queue, Skills, Strategy
from acd.engine.routing.router import merged
from acd.engine.state import State

PAUSE = timedelta(seconds=5)
"""An agent who has rejected a call does not get the same call again before this."""

REST = timedelta(seconds=5)
"""A call that could not be connected to two agents in a row is offered to nobody for so long: the fault is the call's."""

AWAY = ("logged out", "not ready", "unreachable")
"""States of agents who will take no call in the next minutes."""


def enter_queue(s: State, call: Call, queue: str) -> None:
    """Put the call into this queue, whose policy begins anew; the place stays. The call must not stand in line, and does not
    after this either: see `wait`."""
    call.queue = s.queue(queue).name
    call.queued_at = s.now
    begin_policy(call)
    assign_line(s, call)


def begin_policy(call: Call) -> None:
    """Forget which rows of the policy were applied to the call, and what they changed."""
    call.rows, call.lowered, call.also, call.raised = [], {}, [], 0


def widen(call: Call, row: Overflow) -> None:
    """Note what a row of a policy changes of what the call asks for; `assign_line` must follow."""
    if row.do == "lower-skill":
        call.lowered[row.skill] = min(row.to, call.lowered.get(row.skill, 9))
    elif row.do == "add-queue":
        if row.queue not in call.also and row.queue != call.queue:
            call.also.append(row.queue)
    elif row.do == "raise-priority":
        call.raised += row.by


def carry_policy(call: Call, before: tuple[Overflow, ...], now: tuple[Overflow, ...]) -> None:
    """The queue has another policy now: rows that are in both stay applied, so that no caller is asked or diverted a
    second time; the others are forgotten with what they changed. `call.rows` keeps the order in which they were applied."""
    if before == now:
        return
    applied = [before[number] for number in call.rows]
    begin_policy(call)
    for number in sorted(
        (number for number, row in enumerate(now) if row in applied), key=lambda n: applied.index(now[n])
    ):
        call.rows.append(number)
        widen(call, now[number])


def assign_line(s: State, call: Call) -> None:
    """Work out the call's line, priority and turn from what it asks for now. The call must not stand in line."""
    queue = s.queue(call.queue)
    call.the_line = s.router.line(_asked(s, call))
    call.priority = (_own_priority(s, call, queue) if call.given is None else call.given) + call.raised
    ahead = call.priority * s.rules.priority_worth
    if queue.emergency:
        ahead += s.rules.emergency_worth
    call.turned_at = call.place - ahead


def _own_priority(s: State, call: Call, queue: Queue) -> int:
    known = class_of(s.rules, call.customer_class)
    own = queue.priority + s.rules.priorities.get(call.caller, 0) + (known.priority if known is not None else 0)
    return own + s.faults.priority_of(call.faults)


def _asked(s: State, call: Call) -> Ask:
    queue, keeper = s.queue(call.queue), keeper_of(s.rules, call.brand)
    known = class_of(s.rules, call.customer_class)
    handed = call.transfer is not None or bool(call.handed_by)
    # Who is transferred goes where an agent has sent them, whatever the class would require.
    own = call.skills if known is None or handed else merged(call.skills, known.skills)
    if call.handed_skills is not None:
        return by_skill(
            s, _lowered(merged(call.handed_skills, call.skills), call), queue.strategy, call.handed_tier, keeper
        )
    required = {name: _lowered(merged(s.queue(name).skills, own), call) for name in (call.queue, *call.also)}
    return Ask(tuple(required.items()), merged(queue.prefers), queue.strategy, call.handed_tier, keeper)


def by_skill(s: State, required: Skills, strategy: Strategy, tier: int = 1, keeper: str = "") -> Ask:
    """What is asked for by a transfer to a skill: any agent of the tier who has these skills, whatever queue they serve."""
    return Ask(tuple((name, required) for name in s.queues if name not in s.unknown_queues), (), strategy, tier, keeper)


def _lowered(required: Skills, call: Call) -> Skills:
    if not call.lowered:
        return required
    any_skill = call.lowered.get("", 9)
    levels = [(skill, min(level, any_skill, call.lowered.get(skill, 9))) for skill, level in required]
    return tuple((skill, level) for skill, level in levels if level > 0)


def requeue(s: State, call: Call) -> None:
    """What the call asks for has changed: assign it a line, and move it there if it stands in one."""
    stood = call.in_line
    if stood:
        call.line.leave(call)
    assign_line(s, call)
    if stood:
        call.line.join(call)
        s.followups.calls_to_match.append(call)


def wait(s: State, call: Call) -> None:
    """Make the call wait: in line at its place, unless it is kept for an agent, rests or is being called back."""
    call.stage = "waiting"
    if call.kept_for:
        s.followups.calls_to_match.append(call)
    elif not call.resting and not call.dialling:
        call.line.join(call)
        s.followups.calls_to_match.append(call)
    watch_policy(s, call)


def watch_policy(s: State, call: Call) -> None:
    """Have the rows of the queue's policy looked at: at their times, and at once if nobody staffs the call's line."""
    arm_policy(s, call)
    if not call.kept_for and not call.line.staffed:
        s.followups.unstaffed_calls.append(call)


def arm_policy(s: State, call: Call) -> None:
    """Set the deadline of the next row that is due by waiting; clear it if there is none."""
    rows = s.queue(call.queue).overflow
    after = [row.after for number, row in enumerate(rows) if row.when == "waited" and number not in call.rows]
    if after and call.queued_at is not None:
        s.deadlines.set(("row", call.call), call.queued_at + min(after))
    else:
        s.deadlines.clear(("row", call.call))


def put_back(s: State, call: Call, reason: str, rest: timedelta | None = None) -> None:
    """Put a call that was not served back to its place in line. `rest`: it is offered to nobody for so long."""
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
    """The rest of a call is over: it stands in line again."""
    call.resting = False
    if call.stage == "waiting":
        join_line(s, call)


def join_line(s: State, call: Call) -> None:
    """Put a waiting call that stands in no line into its line."""
    call.line.join(call)
    s.followups.calls_to_match.append(call)
    if not call.line.staffed:
        s.followups.unstaffed_calls.append(call)


def leave_line(s: State, call: Call) -> None:
    """Take the call out of line, rest and reservation, and stop its policy; nothing of it if it does not wait."""
    if call.in_line:
        call.line.leave(call)
    if call.resting:
        call.resting = False
        s.deadlines.clear(("rest", call.call))
    if call.kept_for:
        unreserve(s, call)
    s.deadlines.clear(("row", call.call))


def unreserve(s: State, call: Call) -> None:
    """Keep the call for no agent any more. The call does not join its line by this."""
    agent = s.agents.get(call.kept_for)
    if agent is not None and call in agent.kept:
        agent.kept.remove(call)
    call.kept_for = ""
    s.deadlines.clear(("keep", call.call))


def ahead_of(call: Call) -> int:
    """How many calls come before this one, of all that compete for the same agents."""
    line = call.line
    ahead = sum(rival.ahead_of(call) for rival in line.rivals if rival.callers)
    return (
        ahead if line in line.rivals else ahead + line.ahead_of(call)
    )  # nobody staffs the line: it competes with itself alone


def answer_within_s(s: State, call: Call) -> float:
    """The target in seconds that the call's wait is held against: its queue's own, its brand's, or the hotline's."""
    within = s.queues[call.queue].answer_within if call.queue in s.queues else None
    brand = brand_named(s.rules, call.brand)
    within = within or (brand.answer_within if brand is not None else None)
    return (within or s.rules.answer_within).total_seconds()


def positions(calls: Iterable[Call]) -> dict[str, int]:
    """The position of each call in its own queue, from 1, by the order of their turns. Calls that stand in no line have none."""
    found: dict[str, int] = {}
    ahead: dict[str, int] = {}
    for call in sorted((call for call in calls if call.in_line), key=lambda call: (call.turn, call.order)):
        found[call.call] = ahead[call.queue] = ahead.get(call.queue, 0) + 1
    return found


def expected(s: State, queue: str, line: Line, ahead: int) -> Expected:
    """The wait that a call with so many before it in this line must expect."""
    if line.available > 0 and s.pbx:
        return AT_ONCE
    working = line.able - sum(line.counts[state] for state in AWAY) - line.refusing
    return s.wait_estimates.expected(queue, ahead, working, s.rules.expected_handling.total_seconds())


def since(at: datetime, now: datetime) -> float:
    """Seconds from `at` to `now`, never negative."""
    return max(0.0, (now - at).total_seconds())

"""Breaks: asked for, granted where there is room, begun when the work is done, overdue, over. And work without a rest.

A break that is granted sets the agent not ready for its reason, as the agent's own wish would: a call that rings or talks goes on, and
the break begins after it. An agent who goes not ready for a break's reason unasked is on that break all the same: nobody is kept at
work by a rule. Where there was no room it counts as one without leave, which the supervisor sees.

A place that becomes free goes to the break that was asked for first of those that fit.
"""

from datetime import UTC, datetime, timedelta

from acd.engine.agent_states import PHONE_TEST
from acd.engine.commands import Kind
from acd.engine.entities import Agent
from acd.engine.routing.agents import restate
from acd.engine.state import State
from acd.engine.supervision.book import Break, Obstacle, Work
from acd.engine.supervision.break_rules import BreakLimit, BreakRules, is_within
from acd.engine.supervision.events import BreakAsked, BreakDeclined, BreakGranted, BreakWithdrawn
from acd.engine.transfers.targets import Refusal


def local(s: State) -> datetime:
    """The local time of day, as the fields of an aware UTC time."""
    return s.outer(s.now).astimezone(UTC) + s.rules.utc_offset


def ask_refusal(s: State, event: BreakAsked) -> Refusal | None:
    """Why this break can't be asked for."""
    rules, agent = s.rules.breaks, s.agents.get(event.agent)
    if rules is None:
        return Refusal("no-breaks", "Breaks are not planned here. Set yourself not ready.")
    if agent is None or agent.leaving:
        return Refusal("unknown-agent", f"There is no agent {event.agent}.")
    if rules.kind(event.reason) is None:
        known = [kind.reason for kind in rules.kinds]
        return Refusal("unknown-break", f"Ask for one of: {', '.join(known)}.", {"allowed": known})
    if not agent.logged_in:
        return Refusal("not-logged-in", f"Agent {agent.agent} is not logged in. Log in first.")
    if agent.agent in s.supervision.breaks:
        return Refusal("break-open", f"Agent {agent.agent} has a break already, or has asked for one.")
    return None


def open_refusal(s: State, event: BreakGranted | BreakDeclined | BreakWithdrawn) -> Refusal | None:
    """Why there is nothing to grant, decline or withdraw."""
    known = s.supervision.breaks.get(event.agent)
    if known is None or known.state == "on":
        return Refusal("no-break-open", f"Agent {event.agent} waits for no break.")
    if known.state == "granted" and not isinstance(event, BreakWithdrawn):
        return Refusal("granted-already", f"The break of agent {event.agent} is granted already. Withdraw it instead.")
    return None


def asked(s: State, event: BreakAsked) -> None:
    """BreakAsked: granted at once where there is room, else it waits."""
    if (refused := ask_refusal(s, event)) is not None:
        s.ignore(event, refused.code)
        return
    agent = s.agents[event.agent]
    known = _enter(s, agent, event.reason)
    known.waits = _obstacle(s, agent, event.reason)
    _log(s, known, "asked", waits=known.waits)
    look(s)


def granted(s: State, event: BreakGranted) -> None:
    """BreakGranted: by a supervisor, whatever the limits are."""
    if (refused := open_refusal(s, event)) is not None:
        s.ignore(event, refused.code)
    else:
        _grant(s, s.supervision.breaks[event.agent], event.by)


def declined(s: State, event: BreakDeclined) -> None:
    """BreakDeclined: the agent may ask again later."""
    if (refused := open_refusal(s, event)) is not None:
        s.ignore(event, refused.code)
    else:
        known = s.supervision.breaks.pop(event.agent)
        _log(s, known, "declined", by=event.by, why=event.why)
        look(s)


def withdrawn(s: State, event: BreakWithdrawn) -> None:
    """BreakWithdrawn: what is granted and has not begun is taken back; the agent goes on taking calls."""
    if (refused := open_refusal(s, event)) is not None:
        s.ignore(event, refused.code)
        return
    known, agent = s.supervision.breaks[event.agent], s.agents[event.agent]
    _withdraw(s, known, event.by)
    if known.state == "granted" and agent.logged_in and not agent.ready and agent.reason == known.reason:
        agent.ready, agent.reason = True, ""
        restate(s, agent)
    look(s)


def look(s: State) -> None:
    """Grants the breaks that fit now, in the order of asking; looks again when the plan changes, while any waits."""
    rules = s.rules.breaks
    if rules is None:
        return
    for known in s.supervision.waiting():
        known.waits = _obstacle(s, s.agents[known.agent], known.reason)
        if not known.waits:
            _grant(s, known, "")
    if s.supervision.waiting():
        here = local(s)
        s.deadlines.set(("breaks", ""), s.now + (rules.next_change(here) - here))
    else:
        s.deadlines.clear(("breaks", ""))


def agent_changed(s: State, agent: Agent) -> None:
    """The agent's state, or what they want next, has changed: a break begins, ends, or is wanted no more."""
    rules = s.rules.breaks
    if rules is None:
        return
    known = s.supervision.breaks.get(agent.agent)
    if agent.state_reason == PHONE_TEST:
        # No break, and the end of none; but what was granted may be given up meanwhile.
        if known is not None and known.state != "on" and _is_given_up(agent, known, ""):
            _withdraw(s, known, "")
            look(s)
        return
    reason = agent.state_reason if agent.state == "not ready" and rules.kind(agent.state_reason) else ""
    if known is not None and known.state == "on" and known.reason != reason:
        _end(s, known)
        known = None
    elif known is not None and known.state != "on" and _is_given_up(agent, known, reason):
        _withdraw(s, known, "")
        known = None
    if reason and (known is None or known.state != "on"):
        _begin(s, agent, known, reason, rules)
    _note_work(s, agent, rules)
    look(s)


def follow(s: State) -> None:
    """Another configuration is in force: breaks that it does not know are over, the others go by it."""
    rules = s.rules.breaks
    for known in list(s.supervision.breaks.values()):
        if rules is None or rules.kind(known.reason) is None:
            (_end if known.state == "on" else _drop)(s, known)
    if rules is None:
        s.deadlines.clear(("breaks", ""))
        for name in s.supervision.work:
            s.deadlines.clear(("work", name))
        s.supervision.work.clear()
        return
    for agent in s.agents.values():
        if (work := s.supervision.work.get(agent.agent)) is not None and not work.long:
            s.deadlines.clear(("work", agent.agent))
        agent_changed(s, agent)


def overdue(s: State, name: str) -> None:
    """The break's time is over, and the agent is not back."""
    known = s.supervision.breaks.get(name)
    if known is not None and known.state == "on":
        known.overdue = True
        _log(s, known, "overdue")


def worked_long(s: State, name: str) -> None:
    """The agent has worked for as long as may be without a rest."""
    work = s.supervision.work.get(name)
    if work is None or work.since is None or work.resting_since is not None or name not in s.agents:
        return
    work.long = True
    s.log(Kind.BREAK, agent=name, detail={"state": "due", "worked_s": (s.now - work.since).total_seconds()})


def away(s: State, limit: BreakLimit, but: str = "") -> int:
    """How many agents whom the limit counts have a break that is granted or has begun; `but`: this one is not counted."""
    return sum(
        1
        for known in s.supervision.breaks.values()
        if known.state != "asked" and known.agent != but and counts(s, limit, s.agents[known.agent])
    )


def counts(s: State, limit: BreakLimit, agent: Agent) -> bool:
    """Whether the limit counts this agent: they are of its team, and serve its queue."""
    if limit.team and agent.team != limit.team:
        return False
    queue = s.queues.get(limit.queue) if limit.queue else None
    return not limit.queue or (queue is not None and s.router.line(s.ask_of(queue)) in agent.lines)


def _obstacle(s: State, agent: Agent, reason: str) -> Obstacle:
    rules, here = s.rules.breaks, local(s)
    kind = rules.kind(reason) if rules is not None else None
    if rules is None or kind is None or kind.leave:
        return "leave"
    plans = rules.plans_of(agent.team, reason)
    if plans and not any(is_within(plan.begin_min, plan.end_min, here) for plan in plans):
        return "later"
    for limit in rules.limits:
        if (
            is_within(limit.begin_min, limit.end_min, here)
            and counts(s, limit, agent)
            and away(s, limit, agent.agent) >= limit.at_once
        ):
            return "full"
    return ""


def _is_given_up(agent: Agent, known: Break, reason: str) -> bool:
    """Whether the agent has chosen otherwise since: logged out, another break, or, of a granted one, ready."""
    if not agent.logged_in or (reason and reason != known.reason):
        return True
    return known.state == "granted" and (agent.ready or agent.reason != known.reason)


def _enter(s: State, agent: Agent, reason: str) -> Break:
    s.supervision.orders += 1
    known = Break(agent.agent, reason, "asked", s.now, s.supervision.orders)
    s.supervision.breaks[agent.agent] = known
    return known


def _grant(s: State, known: Break, by: str) -> None:
    agent = s.agents[known.agent]
    known.state, known.waits, known.granted_by = "granted", "", by
    _log(s, known, "granted", by=by, waited_s=(s.now - known.at).total_seconds())
    agent.ready, agent.reason, agent.stepped_out = False, known.reason, False
    restate(s, agent)
    s.watch(agent)  # the agent may have been in that state before


def _begin(s: State, agent: Agent, known: Break | None, reason: str, rules: BreakRules) -> None:
    has_leave = (known is not None and known.state == "granted") or not _obstacle(s, agent, reason)
    known = known or _enter(s, agent, reason)
    length = rules.length(agent.team, reason, local(s))
    known.state, known.waits, known.leave = "on", "", has_leave
    known.began_at, known.ends_at = s.now, s.now + length
    s.deadlines.set(("break", agent.agent), known.ends_at)
    _log(s, known, "began", for_s=length.total_seconds(), leave=has_leave)


def _end(s: State, known: Break) -> None:
    s.deadlines.clear(("break", known.agent))
    del s.supervision.breaks[known.agent]
    began, ends = known.began_at or s.now, known.ends_at or s.now
    over_s = max(0.0, (s.now - ends).total_seconds())
    _log(s, known, "ended", lasted_s=(s.now - began).total_seconds(), over_s=over_s, leave=known.leave)


def _withdraw(s: State, known: Break, by: str) -> None:
    del s.supervision.breaks[known.agent]
    _log(s, known, "withdrawn", by=by)


def _drop(s: State, known: Break) -> None:
    _withdraw(s, known, "configuration")


def _note_work(s: State, agent: Agent, rules: BreakRules) -> None:
    """Work counts from the first log-in, or from the end of the latest rest that was long enough."""
    work = s.supervision.work.setdefault(agent.agent, Work())
    name = ("work", agent.agent)
    if agent.state == "logged out" or (
        agent.agent in s.supervision.breaks and s.supervision.breaks[agent.agent].state == "on"
    ):
        if work.resting_since is None:
            work.resting_since, work.long = s.now, False
            s.deadlines.clear(name)
        return
    if work.since is None or (work.resting_since is not None and s.now - work.resting_since >= rules.rest):
        work.since, work.long = s.now, False
    work.resting_since = None
    if rules.longest_work > timedelta(0) and not work.long and name not in s.deadlines:
        s.deadlines.set(name, work.since + rules.longest_work)


def _log(s: State, known: Break, state: str, **more: object) -> None:
    s.log(Kind.BREAK, agent=known.agent, detail={"state": state, "reason": known.reason, **more})

"""What changes an agent's one-word state, and what follows from each change of it.

An agent has three sides: what they *want* (logged in, ready or not and why), what they *do* (work), and whether their
*phone* can be reached. None is derived from another: a break asked for in mid-call only turns `ready` off, and the one
word (`Agent.word`) shows it when the work is done. The word tiles an agent's time: each change of it is a row in the log
with how long the former word lasted.
"""

import math
from datetime import datetime, timedelta

from acd.engine.commands import Kind
from acd.engine.entities import NO_LOAD, Agent
from acd.engine.model import AgentProfile
from acd.engine.state import State

RING_NO_ANSWER = "ring no answer"
"""The reason of an agent who was set not ready because their phone rang out."""

WRAP_UP_MORE = timedelta(seconds=60)
"""By so much an agent may extend their wrap-up."""
WRAP_UP_EXTENSIONS = 3
"""And so often in one."""
BUSY = ("reserved", "ringing", "talking", "hold", "consult", "wrap-up")
"""The states that count as occupied."""

FADING_S = 3600.0
"""Work of an hour ago weighs 1/e of work of now: "least occupied" is judged by the last hours, not by the day."""

DOUBT = timedelta(seconds=30)
"""How long an agent whose phone gave no sign is offered nothing, unless the phone is seen again before."""


def restate(s: State, agent: Agent, keep_place: bool = False) -> None:
    """Work out the agent's one-word state; if it has changed, log it and do what follows from the change.

    `keep_place`: the agent's phone rang in vain for a caller who left; they keep their place among the idle.
    """
    state, reason = agent.word()
    was = agent.state
    if state == was and reason == agent.state_reason:
        return
    since = agent.since or s.began
    _record_state(s, agent, state, reason, since)
    if state == was:
        recount(s, agent)
        return
    if agent.listed:
        s.router.unlist(agent)
    if was in BUSY:
        add_load(agent, (since - s.began).total_seconds(), (s.now - s.began).total_seconds())
    _update_lines(s, agent, was, state)
    if agent.kept and state not in BUSY and state != "idle":
        s.followups.reservations_to_check.append(agent)
    if state == "idle":
        _now_idle(s, agent, keep_place)
    elif state == "logged out" and agent.leaving:
        forget(s, agent)


def _record_state(s: State, agent: Agent, state: str, reason: str, since: datetime) -> None:
    """Log how long the former state lasted, and take the new one."""
    s.log(
        Kind.AGENT_STATE,
        agent=agent.agent,
        detail={
            "state": state,
            "reason": reason,
            "was": agent.state,
            "was_reason": agent.state_reason,
            "lasted_s": (s.now - since).total_seconds(),
        },
    )
    agent.state, agent.state_reason, agent.since = state, reason, s.now
    s.watch(agent)


def _update_lines(s: State, agent: Agent, was: str, state: str) -> None:
    """Keep the counts of the agent's lines, and note the lines that have lost their last agent who was logged in."""
    for line in agent.lines:
        counts = line.counts
        counts[was] -= 1
        counts[state] += 1
    recount(s, agent)
    if "logged out" in (state, was):
        s.router.share(agent, -1 if state == "logged out" else 1)
        if state == "logged out":
            s.followups.unstaffed_lines.extend(line for line in agent.lines if line.callers and not line.staffed)


def recount(s: State, agent: Agent) -> None:
    """Count the agent's telephone for their lines as it is now, and note the lines that have lost their last staff by it."""
    unrung, refusing = agent.is_unrung, agent.is_refusing
    if (unrung, refusing) == (agent.counted_unrung, agent.counted_refusing):
        return
    lost = unrung and not agent.counted_unrung
    for line in agent.lines:
        line.count_telephone(agent, -1)
    agent.counted_unrung, agent.counted_refusing = unrung, refusing
    for line in agent.lines:
        line.count_telephone(agent, 1)
    if lost:
        s.followups.unstaffed_lines.extend(line for line in agent.lines if line.callers and not line.staffed)


def _now_idle(s: State, agent: Agent, keep_place: bool) -> None:
    """The agent comes last among the idle, unless they keep their place; the matching looks for a call for them."""
    if not (keep_place and agent.rank):
        s.ranks += 1
        agent.rank = s.ranks
    s.followups.freed_agents.append(agent)


def add_load(agent: Agent, from_s: float, to_s: float) -> None:
    """Add a stretch of work, in seconds since the engine began, to the agent's load.

    Occupancy that fades: f(t) = sum of work weighed by exp(-age / FADING_S). While two agents are idle both fade by the
    same factor, so log f(t) + t / FADING_S orders them once for as long as they are idle, and needs no clock.
    """
    stretch = FADING_S * -math.expm1(-(to_s - from_s) / FADING_S)
    if stretch > 0:
        before = math.exp(agent.load - to_s / FADING_S) if agent.load > NO_LOAD else 0.0
        agent.load = math.log(before + stretch) + to_s / FADING_S


def forget(s: State, agent: Agent) -> None:
    """Remove an agent who is no longer configured; an agent of the same extension would start anew."""
    s.followups.reservations_to_check.append(agent)
    _leave_lines(s, agent)
    for name in ("doubt", "dead", "log-out", "places", "test", "break", "work"):
        s.deadlines.clear((name, agent.agent))
    s.supervision.forget(agent.agent)
    del s.agents[agent.agent]


def skills_changed(s: State, agent: Agent) -> None:
    """Work out the agent's lines anew: their skills, or the queues whose calls they take, have changed."""
    _leave_lines(s, agent)
    s.router.enrol(agent)
    s.followups.reservations_to_check.append(agent)
    s.watch(agent)  # who serves a queue counts for its limits of breaks
    if agent.state == "idle":
        s.followups.freed_agents.append(agent)  # they may be able to serve a call that waits


def _leave_lines(s: State, agent: Agent) -> None:
    lines = list(agent.lines)
    s.router.forget(agent)
    s.followups.unstaffed_lines.extend(line for line in lines if line.callers and not line.staffed)


def doubt(s: State, agent: Agent) -> None:
    """The phone gave no sign: offer the agent nothing for DOUBT, or until the phone is seen. `restate` must follow."""
    if agent.reachable:
        s.log(Kind.PHONE, agent=agent.agent, detail={"reachable": False})
    agent.doubted = True
    s.deadlines.set(("doubt", agent.agent), s.now + DOUBT)


def trust(s: State, agent: Agent) -> None:
    """End a doubt: the phone was seen, or DOUBT is over. `restate` must follow."""
    if agent.doubted:
        agent.doubted = False
        s.deadlines.clear(("doubt", agent.agent))
        if agent.phone:
            s.log(Kind.PHONE, agent=agent.agent, detail={"reachable": True})


def begin_wrap_up(s: State, agent: Agent, queue: str, call: str, brand: str) -> None:
    """Begin after-call work for as long as the agent's team or the queue allows (0: none), and until `call` has the disposition that
    the team asks for; restate the agent. `brand`: of the call."""
    team = s.rules.team(agent.team)
    allowed = s.queue(queue).wrap_up if team is None or team.wrap_up is None else team.wrap_up
    agent.wrap_up_queue, agent.wrap_up_brand, agent.wrap_up_call = queue, brand, call
    agent.wrap_up_extended = 0
    agent.to_class = call if owes_disposition(s, agent, call) else ""
    if (allowed > timedelta(0) or agent.to_class) and not agent.leaving:
        agent.work = "wrap-up"
        if allowed > timedelta(0):
            s.deadlines.set(("wrap-up", agent.agent), s.now + allowed)
    else:
        agent.work = "idle"
        s.wait_estimates.handled(queue, agent.talked_s)
    restate(s, agent)


def extend_wrap_up(s: State, agent: Agent) -> bool:
    """Move the end of the after-call work by WRAP_UP_MORE; whether it could be: at most WRAP_UP_EXTENSIONS times, and only while
    there is an end."""
    ends = s.deadlines.due(("wrap-up", agent.agent))
    if agent.work != "wrap-up" or ends is None or agent.wrap_up_extended >= WRAP_UP_EXTENSIONS:
        return False
    agent.wrap_up_extended += 1
    s.deadlines.set(("wrap-up", agent.agent), ends + WRAP_UP_MORE)
    return True


def owes_disposition(s: State, agent: Agent, call: str) -> bool:
    """Whether the agent's team asks for a disposition of each call, and the agent has given this one none."""
    team = s.rules.team(agent.team)
    return team is not None and team.forced_disposition and agent.classed != call


def wrap_up_over(s: State, agent: Agent) -> None:
    """The time of after-call work is over: end it, unless the agent still owes a disposition."""
    if not agent.to_class:
        end_wrap_up(s, agent)


def disposed(s: State, agent: Agent, call: str) -> None:
    """The agent has given this call a disposition: after-call work that only waited for it ends."""
    agent.classed = call
    if agent.to_class == call:
        owes_nothing(s, agent)


def owes_nothing(s: State, agent: Agent) -> None:
    """No disposition is waited for any more."""
    agent.to_class = ""
    if agent.work == "wrap-up" and s.deadlines.due(("wrap-up", agent.agent)) is None:
        end_wrap_up(s, agent)


def end_wrap_up(s: State, agent: Agent) -> None:
    """End after-call work, count it, and restate the agent."""
    cut_wrap_up(s, agent)
    restate(s, agent)


def cut_wrap_up(s: State, agent: Agent) -> None:
    """Count after-call work that ends now. The function that calls this sets what the agent does next, and restates."""
    s.deadlines.clear(("wrap-up", agent.agent))
    agent.to_class = ""
    wrap_up_s = (s.now - (agent.since or s.began)).total_seconds()
    s.counts.wrapped_up(agent.wrap_up_queue, agent.wrap_up_brand, wrap_up_s)
    s.wait_estimates.handled(agent.wrap_up_queue, agent.talked_s + wrap_up_s)
    agent.work = "idle"


def enrol(s: State, profile: AgentProfile, since: datetime | None) -> Agent:
    """Add a configured agent, logged out. `since`: when that state began; None: with the first event."""
    skills = tuple((name, level) for name, level in profile.skills)
    queues = tuple(profile.queues)
    agent = Agent(profile.agent, profile.name, skills, queues, profile.tier, queues, since=since)
    agent.outside, agent.team, agent.kept_by = profile.outside, profile.team, tuple(profile.kept_by)
    s.agents[agent.agent] = agent
    s.router.enrol(agent)
    return agent

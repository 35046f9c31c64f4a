"""An agent as the engine knows him: three sides, one word, and what may change them.

The sides are what he *wants* (logged in, ready or not and why), what he *does* (work) and whether his *phone* can be
reached. None of them is derived from another: a break asked for in mid-call only turns `ready` off, and the one word
shows it when the work is done. The word tiles his time: each change of it is a row with how long the former lasted.
"""

import math
from datetime import datetime, timedelta

from acd.engine.commands import Kind
from acd.engine.entities import NO_LOAD, Agent
from acd.engine.model import AgentProfile
from acd.engine.state import State

RING_NO_ANSWER = "ring no answer"
"""The reason of an agent who was made not ready because he let a phone ring out."""

BUSY = ("reserved", "ringing", "talking", "hold", "consult", "wrap-up")
"""The states that count as occupied."""

FADING_S = 3600.0
"""Work of an hour ago weighs 1/e of work of now: who is "least occupied" is judged by the last hours, not by the day."""

DOUBT = timedelta(seconds=30)
"""How long an agent whose phone gave no sign is left alone, unless his phone is seen again before."""


def restate(s: State, agent: Agent, keep_place: bool = False) -> None:
    """Log a change of the one word, keep the lines' counts, and hand who became idle to the matching.

    `keep_place`: he rang in vain for somebody who left, and keeps his place among the idle.
    """
    state, reason = agent.word()
    was, was_reason = agent.state, agent.state_reason
    if state == was and reason == was_reason:
        return
    since = agent.since or s.began
    s.log(
        Kind.AGENT_STATE,
        agent=agent.agent,
        detail={
            "state": state,
            "reason": reason,
            "was": was,
            "was_reason": was_reason,
            "lasted_s": (s.now - since).total_seconds(),
        },
    )
    agent.state, agent.state_reason, agent.since = state, reason, s.now
    if state == was:
        return
    if agent.listed:
        s.router.unlist(agent)
    if was in BUSY:
        add_load(agent, (since - s.began).total_seconds(), (s.now - s.began).total_seconds())
    for line in agent.lines:
        counts = line.counts
        counts[was] -= 1
        counts[state] += 1
    if "logged out" in (state, was):
        s.router.share(agent, -1 if state == "logged out" else 1)
        if state == "logged out":
            s.followups.unstaffed_lines.extend(line for line in agent.lines if line.callers and not line.staffed)
    if agent.kept and state not in BUSY and state != "idle":
        s.followups.reservations_to_check.append(agent)
    if state == "idle":
        if not (keep_place and agent.rank):
            s.ranks += 1
            agent.rank = s.ranks
        s.followups.freed_agents.append(agent)
    elif state == "logged out" and agent.leaving:
        forget(s, agent)


def add_load(agent: Agent, from_s: float, to_s: float) -> None:
    """Add a stretch of work, in seconds since the engine began, to his load.

    Occupancy that fades: f(t) = sum of work weighed by exp(-age / FADING_S). While two agents are idle both fade by the
    same factor, so log f(t) + t / FADING_S orders them once for as long as they are idle, and needs no clock.
    """
    stretch = FADING_S * -math.expm1(-(to_s - from_s) / FADING_S)
    if stretch > 0:
        before = math.exp(agent.load - to_s / FADING_S) if agent.load > NO_LOAD else 0.0
        agent.load = math.log(before + stretch) + to_s / FADING_S


def forget(s: State, agent: Agent) -> None:
    """He is no agent of this house any more; should he come again, he comes as somebody new."""
    s.followups.reservations_to_check.append(agent)
    _leave_lines(s, agent)
    s.deadlines.clear(("doubt", agent.agent))
    del s.agents[agent.agent]


def skills_changed(s: State, agent: Agent) -> None:
    """What he can do, or whose calls he takes, has changed."""
    _leave_lines(s, agent)
    s.router.enrol(agent)
    s.followups.reservations_to_check.append(agent)
    if agent.state == "idle":
        s.followups.freed_agents.append(agent)  # he may be able to serve somebody who waits


def _leave_lines(s: State, agent: Agent) -> None:
    lines = list(agent.lines)
    s.router.forget(agent)
    s.followups.unstaffed_lines.extend(line for line in lines if line.callers and not line.staffed)


def doubt(s: State, agent: Agent) -> None:
    """His phone gave no sign: ask him nothing for a while."""
    if agent.reachable:
        s.log(Kind.PHONE, agent=agent.agent, detail={"reachable": False})
    agent.doubted = True
    s.deadlines.set(("doubt", agent.agent), s.now + DOUBT)


def trust(s: State, agent: Agent) -> None:
    """His phone was seen, or has been left alone for long enough."""
    if agent.doubted:
        agent.doubted = False
        s.deadlines.clear(("doubt", agent.agent))
        if agent.phone:
            s.log(Kind.PHONE, agent=agent.agent, detail={"reachable": True})


def begin_wrap_up(s: State, agent: Agent, queue: str) -> None:
    """After-call work for as long as the call's queue allows; none of it where that is nothing."""
    allowed = s.queue(queue).wrap_up
    agent.wrap_up_queue = queue
    if allowed > timedelta(0) and not agent.leaving:
        agent.work = "wrap-up"
        s.deadlines.set(("wrap-up", agent.agent), s.now + allowed)
    else:
        agent.work = "idle"
        s.wait_estimates.handled(queue, agent.talked_s)
    restate(s, agent)


def end_wrap_up(s: State, agent: Agent) -> None:
    cut_wrap_up(s, agent)
    restate(s, agent)


def cut_wrap_up(s: State, agent: Agent) -> None:
    """Books only; the caller says what he does from now on."""
    s.deadlines.clear(("wrap-up", agent.agent))
    wrap_up_s = (s.now - (agent.since or s.began)).total_seconds()
    s.counts.wrapped_up(agent.wrap_up_queue, wrap_up_s)
    s.wait_estimates.handled(agent.wrap_up_queue, agent.talked_s + wrap_up_s)
    agent.work = "idle"


def enrol(s: State, profile: AgentProfile, since: datetime | None) -> Agent:
    skills = tuple((name, level) for name, level in profile.skills)
    queues = tuple(profile.queues)
    agent = Agent(profile.agent, profile.name, skills, queues, profile.tier, queues, since=since)
    s.agents[agent.agent] = agent
    s.router.enrol(agent)
    return agent

"""A new configuration is taken whole, between two events: queues, agents, rules. No call loses its place by it.

All lines are made anew, which costs as much as a start; it happens a few times a day. Calls stand where their queue's new
rules put them, at their old place; rows that its old policy had too stay applied, and the new ones that are due by now
apply at once. A queue that is no longer configured stays as it was for the calls that are in it.
"""

from collections.abc import Iterable

from acd.engine.calls.agent_events import log_out, seen_anew
from acd.engine.commands import Kind
from acd.engine.entities import Agent
from acd.engine.events import AgentsChanged, ConfigChanged
from acd.engine.model import AgentProfile
from acd.engine.promises import ledger
from acd.engine.routing import telephones
from acd.engine.routing.agents import enrol, forget, owes_disposition, owes_nothing, skills_changed
from acd.engine.routing.queueing import assign_line, carry_policy, rested, watch_policy
from acd.engine.state import State
from acd.engine.story_calls import dialling
from acd.engine.supervision import breaks


def changed(s: State, event: ConfigChanged) -> None:
    """ConfigChanged: queues, agents and rules are replaced, and every call stands where the new rules put it."""
    s.rules, s.version = event.rules, event.version
    s.counts.follow(event.rules, [queue.name for queue in event.queues])
    _follow_queues(s, event)
    s.log(
        Kind.CONFIGURATION,
        detail={
            "version": event.version,
            "by": event.by,
            "queues": len(event.queues),
            "agents": len(event.agents),
        },
    )
    follow_profiles(s, event.agents)
    for agent in s.agents.values():
        if agent.to_class and not owes_disposition(s, agent, agent.to_class):
            owes_nothing(s, agent)
        telephones.watch_absence(s, agent)
    requeue_everybody(s)
    ledger.adopt(s)
    breaks.follow(s)


def agents_changed(s: State, event: AgentsChanged) -> None:
    """AgentsChanged: the agents are replaced, queues and rules stay."""
    follow_profiles(s, event.agents)


def _follow_queues(s: State, event: ConfigChanged) -> None:
    in_use = {call.queue for call in s.calls.values() if call.asked_at is not None}
    in_use |= {name for call in s.calls.values() for name in call.also}
    in_use |= {agent.wrap_up_queue for agent in s.agents.values() if agent.work == "wrap-up"}
    in_use |= {agent.offer.queue for agent in s.agents.values() if agent.offer is not None}
    before = s.queues
    s.queues = {queue.name: queue for queue in event.queues}
    s.unknown_queues = [name for name in before if name in in_use and name not in s.queues]
    s.queues.update((name, before[name]) for name in s.unknown_queues)
    for call in s.calls.values():
        if call.asked_at is not None:
            carry_policy(call, before[call.queue].overflow, s.queues[call.queue].overflow)
    s.closed = {name: by for name, by in s.closed.items() if name in s.queues}
    s.closed_at = {name: at for name, at in s.closed_at.items() if name in s.queues}
    s.hours_set = {name: hours for name, hours in s.hours_set.items() if not name or name in s.queues}


def follow_profiles(s: State, profiles: Iterable[AgentProfile]) -> None:
    """Add agents who are new, change those who are there, remove those who are missing when their work is done."""
    wanted = {profile.agent: profile for profile in profiles}
    for profile in wanted.values():
        known = s.agents.get(profile.agent)
        if known is None:
            enrol(s, profile, since=s.now)
            continue
        was = (known.skills, known.queues, known.tier, known.kept_by)
        known.name, known.tier, known.team, known.leaving = profile.name, profile.tier, profile.team, False
        known.kept_by = tuple(profile.kept_by)
        if known.outside != profile.outside:
            known.outside = profile.outside
            seen_anew(s, known)
        known.skills = tuple((name, level) for name, level in profile.skills)
        if tuple(profile.queues) != known.configured:
            known.configured = known.queues = tuple(profile.queues)
        if was != (known.skills, known.queues, known.tier, known.kept_by):
            skills_changed(s, known)
    for agent in [agent for agent in s.agents.values() if agent.agent not in wanted]:
        _leave(s, agent)


def _leave(s: State, agent: Agent) -> None:
    agent.leaving = True
    if agent.logged_in:
        log_out(s, agent)
    elif agent.work == "idle":
        forget(s, agent)


def requeue_everybody(s: State) -> None:
    """Make all lines anew: which agents are able to serve each, which calls wait in each."""
    s.router = s.new_router()
    s.followups.freed_agents.clear()
    s.followups.calls_to_match.clear()
    s.followups.unstaffed_lines.clear()
    for agent in s.agents.values():
        agent.lines = {}
        agent.listed = False
        s.router.enrol(agent)
        if agent.state == "idle":
            s.followups.freed_agents.append(agent)
    for call in s.calls.values():
        if call.asked_at is None:
            continue
        stood, call.in_line = call.in_line, False
        assign_line(s, call)
        if stood:
            call.line.join(call)
            s.followups.calls_to_match.append(call)
        if call.stage == "waiting":
            watch_policy(s, call)
        if call.resting and call.call in s.legs_out.held:
            s.deadlines.clear(("rest", call.call))
            rested(s, call)  # other hours or limits may be in force now
    dialling.hours_changed(s)
    s.followups.reservations_to_check.extend(agent for agent in s.agents.values() if agent.kept)

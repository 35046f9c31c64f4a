"""After every event: no call waits while an able agent is idle. The one place that decides who rings where.

Four passes, in this order. `serve_freed`: each agent who became idle in this event gets the first of the calls they can
serve. `serve_waiting`: each call that began to wait gets the best of the idle. `serve_deferred`: agents who had missed
the call that came first for them get it, or another one, if nobody else took it. `cancel_stale_rings`: offers that are over
and were not superseded stop ringing. Every other call and agent was looked at in an earlier event, and nothing has changed
for them since.
"""

from datetime import datetime

from acd.engine.calls.callbacks import hold_back
from acd.engine.commands import TakeBack
from acd.engine.entities import Agent, Call
from acd.engine.offers.choice_log import ASKED_AGAIN, CHOSEN_BY, KNOWS, NEXT_IN_LINE
from acd.engine.offers.offer_lifecycle import make_offer
from acd.engine.state import State


def match(s: State) -> None:
    """Offer the calls and agents that this event has left to each other. Without a link to Asterisk nobody rings."""
    if not s.pbx:
        _list_freed(s)
        return
    deferred = serve_freed(s)
    serve_waiting(s, deferred)
    serve_deferred(s, deferred)
    cancel_stale_rings(s)


def serve_freed(s: State) -> list[Agent]:
    """Agents who became idle, longest idle first, each get the first call that they can serve; one kept for them outranks all.

    Returned: agents who have missed that call before. Others are asked for it first, by `serve_waiting`.
    """
    if not s.followups.freed_agents:
        return []
    freed, s.followups.freed_agents = s.followups.freed_agents, []
    if len(freed) > 1:
        freed.sort(key=lambda agent: agent.rank)
    deferred = []
    for agent in freed:
        if agent.state != "idle" or agent.listed:
            continue
        first = _first_kept(s, agent)
        if first is not None:
            make_offer(s, first, agent, KNOWS[first.kept_why])
            continue
        call = _call_for(s, agent)
        if call is None:
            s.router.list_idle(agent)
        elif agent.agent not in call.missed:
            make_offer(s, call, agent, NEXT_IN_LINE)
        elif call.line.counts["idle"] == 1:
            make_offer(s, call, agent, ASKED_AGAIN)
        else:
            s.router.list_idle(agent)
            s.followups.calls_to_match.append(call)
            deferred.append(agent)
    return deferred


def serve_waiting(s: State, deferred: list[Agent]) -> None:
    """Calls that began to wait, in the order of their turns, each ring at the best of the idle who are able."""
    if not s.followups.calls_to_match:
        return
    waiting, s.followups.calls_to_match = s.followups.calls_to_match, []
    if len(waiting) > 1:
        waiting.sort(key=_turn)
    for call in waiting:
        if call.kept_for:
            agent = s.agents.get(call.kept_for)
            if agent is not None and agent.state == "idle" and not hold_back(s, call):
                make_offer(s, call, agent, KNOWS[call.kept_why])
            continue
        while call.in_line and (agent := s.router.agent_for(call)) is not None:
            # A deferred agent has looked at no other call yet: they get the one whose turn comes first for them.
            first = _call_for(s, agent) if agent in deferred else call
            if hold_back(s, first or call):
                continue
            _offer(s, first or call, agent, CHOSEN_BY[call.line.ask.strategy] if first is call else NEXT_IN_LINE)


def serve_deferred(s: State, deferred: list[Agent]) -> None:
    """Agents whom `serve_freed` deferred and who are still idle get the first call that they can serve, missed before or
    not."""
    for agent in deferred:
        if agent.state == "idle" and (call := _call_for(s, agent)) is not None:
            _offer(s, call, agent, NEXT_IN_LINE)


def _first_kept(s: State, agent: Agent) -> Call | None:
    """The first of the calls that are kept for this agent; a callback that may not be dialled now is kept no longer."""
    while agent.kept:
        first = min(agent.kept, key=_turn)
        if not hold_back(s, first):
            return first
    return None


def _call_for(s: State, agent: Agent) -> Call | None:
    """The first call that this agent can serve; callbacks that may not be dialled now leave their lines."""
    while (call := s.router.call_for(agent)) is not None and hold_back(s, call):
        pass
    return call


def cancel_stale_rings(s: State) -> None:
    """Take back offers that are over, still ring and were superseded by none; never one whose phone was answered."""
    if not s.followups.stale_rings:
        return
    stale, s.followups.stale_rings = s.followups.stale_rings, []
    for call, agent in stale:
        if call.hanging not in ("", call.up) and call.stage == "waiting" and call.call in s.calls:
            s.out.append(TakeBack(agent, call.call, call.hanging))
            call.hanging = ""


def _offer(s: State, call: Call, agent: Agent, rule: str) -> None:
    make_offer(s, call, agent, ASKED_AGAIN if agent.agent in call.missed else rule)


def _list_freed(s: State) -> None:
    """Agents who became idle are listed, so that they are found when the link is back and all calls are looked at."""
    for agent in s.followups.freed_agents:
        if agent.state == "idle" and not agent.listed:
            s.router.list_idle(agent)
    s.followups.freed_agents.clear()
    s.followups.calls_to_match.clear()
    s.followups.stale_rings.clear()


def _turn(call: Call) -> tuple[datetime, int]:
    return (call.turn, call.order)

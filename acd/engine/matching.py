"""After every event: nobody waits while an able agent is available. The one place that decides who rings where.

Two questions, in this order. Who became idle in this event: which of the callers he is able to serve comes first? Who
began to wait: who of the able is idle longest? Everybody else was matched, or found nobody, at an earlier event, and
nothing has changed for him since; so nobody else is looked at.
"""

from datetime import datetime

from acd.engine.commands import TakeBack
from acd.engine.entities import Agent, Call
from acd.engine.offers.choice_log import ASKED_AGAIN, CHOSEN_BY, KNOWS, NEXT_IN_LINE
from acd.engine.offers.offer_lifecycle import make_offer
from acd.engine.state import State


def match(s: State) -> None:
    if not s.pbx:
        _only_list(s)
        return
    asked_last: list[Agent] = []
    if s.followups.freed_agents:
        asked_last = _serve_the_freed(s)
    if s.followups.calls_to_match:
        waiters, s.followups.calls_to_match = s.followups.calls_to_match, []
        if len(waiters) > 1:
            waiters.sort(key=_turn)
        for call in waiters:
            if call.kept_for:
                agent = s.agents.get(call.kept_for)
                if agent is not None and agent.state == "idle":
                    make_offer(s, call, agent, KNOWS[call.kept_why])
                continue
            while call.in_line and (agent := s.router.agent_for(call)) is not None:
                # Whoever waits for others to be asked first has looked at nobody else yet: the first in line is his.
                first = s.router.call_for(agent) if agent in asked_last else call
                _choose(s, first or call, agent, CHOSEN_BY[call.line.ask.strategy] if first is call else NEXT_IN_LINE)
    for agent in asked_last:
        if agent.state == "idle" and (next_call := s.router.call_for(agent)) is not None:
            _choose(s, next_call, agent, NEXT_IN_LINE)
    if s.followups.stale_rings:
        pulled, s.followups.stale_rings = s.followups.stale_rings, []
        for call, name in pulled:
            if call.hanging not in ("", call.up) and call.stage == "waiting" and call.call in s.calls:
                s.out.append(TakeBack(name, call.call, call.hanging))
                call.hanging = ""


def _choose(s: State, call: Call, agent: Agent, rule: str) -> None:
    make_offer(s, call, agent, ASKED_AGAIN if agent.agent in call.missed else rule)


def _only_list(s: State) -> None:
    """Without Asterisk nobody rings; who became idle is ready for the day it is back, when all are looked at."""
    for agent in s.followups.freed_agents:
        if agent.state == "idle" and not agent.listed:
            s.router.list_idle(agent)
    s.followups.freed_agents.clear()
    s.followups.calls_to_match.clear()
    s.followups.stale_rings.clear()


def _turn(call: Call) -> tuple[datetime, int]:
    return (call.turn, call.order)


def _serve_the_freed(s: State) -> list[Agent]:
    """Who became idle gets the first of the callers he can serve. Returned: those who wait for others to be asked first."""
    freed, s.followups.freed_agents = s.followups.freed_agents, []
    if len(freed) > 1:
        freed.sort(key=lambda agent: agent.rank)
    asked_last = []
    for agent in freed:
        if agent.state != "idle" or agent.listed:
            continue
        if agent.kept:
            first = min(agent.kept, key=_turn)
            make_offer(s, first, agent, KNOWS[first.kept_why])
            continue
        call = s.router.call_for(agent)
        if call is None:
            s.router.list_idle(agent)
        elif agent.agent not in call.missed:
            make_offer(s, call, agent, NEXT_IN_LINE)
        elif call.line.counts["idle"] == 1:
            make_offer(s, call, agent, ASKED_AGAIN)
        else:
            s.router.list_idle(agent)
            s.followups.calls_to_match.append(call)
            asked_last.append(agent)
    return asked_last

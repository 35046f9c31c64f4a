"""The agent who knows the caller first, for a bounded time: who owns the matter, or has served him before.

Idle, he is rung at once. Busy, the call is kept for him for some seconds and he gets it before all others; then, or as
soon as he is gone, it stands in line like any other, at its place. So it may overtake, by one call, those seconds.
"""

from datetime import timedelta

from acd.engine.calls.call_lifecycle import is_number
from acd.engine.commands import Kind
from acd.engine.entities import Agent, Call
from acd.engine.routing.queueing import AWAY, join_line, unreserve
from acd.engine.state import State

WHY = {"asked for": "asked for", "last": "last agent", "first": "first owner"}
DROPPED = "line dropped"
HANDED, HANDED_BACK = "transfer", "handed back"
"""For whom a transfer is meant, and who gets the caller back when it came to nothing: whatever they have skills for."""
A_MOMENT = timedelta(seconds=1)


def knows(s: State, call: Call) -> tuple[str, str]:
    """The agent who knows this caller, and why; two empty words: nobody."""
    if call.wanted:
        return call.wanted, DROPPED if call.continues else WHY["asked for"]
    if s.rules.same_agent == "off" or not is_number(call.caller):
        return "", ""
    served = s.caller_history.who_served(call.caller, s.now, s.rules.same_agent_within)
    if served is None:
        return "", ""
    return (served.last if s.rules.same_agent == "last" else served.first), WHY[s.rules.same_agent]


def keep(s: State, call: Call) -> None:
    """Keep the call for the agent who knows the caller, if he can be had soon."""
    name, why = knows(s, call)
    agent = s.agents.get(name)
    if agent is None or call.line not in agent.lines or agent.state in AWAY:
        return
    hold = s.rules.same_agent_hold
    if agent.state != "idle" and (hold <= timedelta(0) or not agent.ready):
        return
    hold = max(hold, A_MOMENT)
    keep_for(s, call, agent, why, hold)
    if agent.state != "idle":
        s.log(Kind.KEPT, call.call, name, queue=call.queue, detail={"why": why, "for_s": hold.total_seconds()})


def keep_for(s: State, call: Call, agent: Agent, why: str, hold: timedelta) -> None:
    """Nobody else is asked for this call for so long. It must not stand in line."""
    call.kept_for, call.kept_why = agent.agent, why
    agent.kept.append(call)
    s.deadlines.set(("keep", call.call), s.now + hold)


def end_reservation(s: State, call: Call) -> None:
    """It was kept long enough, or in vain."""
    if call.kept_why == HANDED:
        s.followups.unreached_transfers.append((call, "not available"))
    unreserve(s, call)
    if call.stage == "waiting" and not call.in_line and not call.resting:
        join_line(s, call)


def end_vain_reservations(s: State) -> None:
    """After an event: nobody is kept for an agent who is gone, or can't serve it any more."""
    agents, s.followups.reservations_to_check = s.followups.reservations_to_check, []
    for agent in agents:
        _end_reservations_for(s, agent)


def _end_reservations_for(s: State, agent: Agent) -> None:
    gone = agent.state in AWAY or s.agents.get(agent.agent) is not agent
    for call in [
        call for call in agent.kept if gone or (call.kept_why in WHY.values() and call.line not in agent.lines)
    ]:
        end_reservation(s, call)

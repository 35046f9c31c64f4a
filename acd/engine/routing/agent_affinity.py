"""Last-agent routing: a call is kept, for a bounded time, for the agent who owns the matter or has served the caller.

If that agent is idle, they are rung at once. If they are busy, the call is kept for them for some seconds, and they get it
before all others; then, or as soon as they are gone, it stands in line like any other, at its place.
"""

from datetime import timedelta

from acd.engine.commands import Kind
from acd.engine.entities import Agent, Call
from acd.engine.model import LINE_DROPPED
from acd.engine.routing.queueing import AWAY, join_line, unreserve
from acd.engine.state import State
from acd.identifiers import is_number

WHY = {"asked for": "asked for", "last": "last agent", "first": "first owner"}
HANDED, HANDED_BACK = "transfer", "handed back"
"""Values of `Call.kept_why`, whatever skills the agent has: the receiver of a transfer, and the first agent of one that
failed."""
A_MOMENT = timedelta(seconds=1)


def knows(s: State, call: Call) -> tuple[str, str]:
    """The agent to whom this call goes first, and why (a value of WHY); two empty words: none."""
    if call.wanted:
        return call.wanted, LINE_DROPPED if call.continues else WHY["asked for"]
    if s.rules.same_agent == "off" or not is_number(call.caller):
        return "", ""
    served = s.caller_history.who_served(call.caller, s.now, s.rules.same_agent_within)
    if served is None:
        return "", ""
    return (served.last if s.rules.same_agent == "last" else served.first), WHY[s.rules.same_agent]


def keep(s: State, call: Call) -> None:
    """Keep the call for the agent to whom it goes first, if there is one who can take it soon. The call must not stand in line."""
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
    """Offer this call to no other agent for so long. It must not stand in line."""
    call.kept_for, call.kept_why = agent.agent, why
    agent.kept.append(call)
    s.deadlines.set(("keep", call.call), s.now + hold)


def end_reservation(s: State, call: Call) -> None:
    """Keep the call no longer: the time is over, or the agent can't take it. It stands in line; a transfer counts as
    unreached."""
    if call.kept_why == HANDED:
        s.followups.unreached_transfers.append((call, "not available"))
    unreserve(s, call)
    if call.stage == "waiting" and not call.in_line and not call.resting:
        join_line(s, call)


def end_vain_reservations(s: State) -> None:
    """After an event: end the reservations for agents who are gone or can't serve the calls any more."""
    agents, s.followups.reservations_to_check = s.followups.reservations_to_check, []
    for agent in agents:
        _end_reservations_for(s, agent)


def _end_reservations_for(s: State, agent: Agent) -> None:
    gone = agent.state in AWAY or s.agents.get(agent.agent) is not agent
    for call in [
        call for call in agent.kept if gone or (call.kept_why in WHY.values() and call.line not in agent.lines)
    ]:
        end_reservation(s, call)

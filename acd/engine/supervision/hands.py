"""An agent asks for help: a raised hand, until the agent or a supervisor lowers it, or the call is over in which it was raised."""

from acd.engine.commands import Kind
from acd.engine.entities import Agent
from acd.engine.state import State
from acd.engine.supervision.book import LONGEST_NOTE, RaisedHand
from acd.engine.supervision.events import ASKED_ALREADY, HelpAsked, HelpEnded


def asked(s: State, event: HelpAsked) -> None:
    """HelpAsked: for the call that the agent has, if there is one."""
    agent = s.agents.get(event.agent)
    if agent is None or not (agent.logged_in or agent.offer):
        s.ignore(event, "no such agent, or not logged in")
        return
    if agent.agent in s.supervision.hands:
        s.ignore(event, ASKED_ALREADY)
        return
    call = agent.offer.call.call if agent.offer is not None else ""
    hand = s.supervision.hands[agent.agent] = RaisedHand(s.now, event.note[:LONGEST_NOTE], call)
    queue = agent.offer.queue if agent.offer is not None else ""
    s.log(Kind.HELP, call, agent.agent, queue=queue, detail={"state": "asked", "note": hand.note})


def ended(s: State, event: HelpEnded) -> None:
    """HelpEnded: by the agent or a supervisor."""
    if event.agent not in s.supervision.hands:
        s.ignore(event, "no help is asked for")
    else:
        _lower(s, event.agent, event.by, "agent" if not event.by else "supervisor")


def agent_changed(s: State, agent: Agent) -> None:
    """The agent's state has changed: a hand that was raised in a call is down when the agent has that call no more."""
    hand = s.supervision.hands.get(agent.agent)
    if hand is None:
        return
    has = agent.offer.call.call if agent.offer is not None else ""
    if (hand.call and hand.call != has) or agent.state == "logged out":
        _lower(s, agent.agent, "", "call over" if hand.call else "logged out")


def _lower(s: State, agent: str, by: str, how: str) -> None:
    hand = s.supervision.hands.pop(agent)
    lasted_s = (s.now - hand.at).total_seconds()
    detail = {"state": "ended", "by": by, "how": how, "lasted_s": lasted_s}
    s.log(Kind.HELP, hand.call if hand.call in s.calls else "", agent, detail=detail)

"""Events of agents and their phones: logged in and out, ready, not ready, wrap-up ended, phone seen or gone."""

from acd.engine.commands import Kind, Outcome
from acd.engine.entities import Agent
from acd.engine.events import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    PhoneChanged,
    WrapUpEnded,
)
from acd.engine.offers.offer_lifecycle import failed
from acd.engine.routing.agents import end_wrap_up, restate
from acd.engine.state import State


def logged_in(s: State, event: AgentLoggedIn) -> None:
    """AgentLoggedIn: logged in and not ready."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.leaving:
        s.ignore(event, "no such agent")
    elif agent.logged_in:
        s.ignore(event, "he is logged in")
    else:
        agent.logged_in, agent.ready, agent.reason = True, False, ""
        restate(s, agent)


def logged_out(s: State, event: AgentLoggedOut) -> None:
    """AgentLoggedOut: see `log_out`."""
    agent = s.agents.get(event.agent)
    if agent is None:
        s.ignore(event, "no such agent")
    elif not agent.logged_in:
        s.ignore(event, "he is not logged in")
    else:
        log_out(s, agent)


def log_out(s: State, agent: Agent) -> None:
    """Log the agent out. A talk goes on, and the state follows when it is over; what only rings is taken back."""
    agent.logged_in, agent.ready, agent.reason, agent.stepped_out = False, False, "", False
    if agent.offer is not None and agent.offer.answered_at is None:
        failed(s, agent.offer, Outcome.TAKEN_BACK, still_rings=not agent.offer.reserved)
    elif agent.work == "wrap-up":
        end_wrap_up(s, agent)  # an agent who has left does no after-call work
    else:
        restate(s, agent)


def ready(s: State, event: AgentReady) -> None:
    """AgentReady: also logs in, and ends the not-ready that a ring no answer has set."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.leaving:
        s.ignore(event, "no such agent")
    elif agent.ready:
        s.ignore(event, "he is ready")
    else:
        agent.logged_in, agent.ready, agent.reason, agent.stepped_out = True, True, "", False
        restate(s, agent)


def not_ready(s: State, event: AgentNotReady) -> None:
    """AgentNotReady: what rings or talks goes on."""
    agent = s.agents.get(event.agent)
    if agent is None:
        s.ignore(event, "no such agent")
    elif not agent.logged_in:
        s.ignore(event, "he is not logged in")
    elif not agent.ready and agent.reason == event.reason:
        s.ignore(event, "he is not ready for that reason already")
    else:
        agent.ready, agent.reason, agent.stepped_out = False, event.reason, False
        restate(s, agent)


def wrap_up_ended(s: State, event: WrapUpEnded) -> None:
    """WrapUpEnded: the agent is done with after-call work before its time is over."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.work != "wrap-up":
        s.ignore(event, "no such agent" if agent is None else "he is not in wrap-up")
    else:
        end_wrap_up(s, agent)


def phone_changed(s: State, event: PhoneChanged) -> None:
    """PhoneChanged: a phone that is seen also ends a doubt."""
    agent = s.agents.get(event.agent)
    if agent is None:
        s.ignore(event, "no such agent")
    elif agent.phone == event.reachable and not (event.reachable and agent.doubted):
        s.ignore(event, "that is known")
    else:
        was = agent.reachable
        agent.phone = event.reachable
        if event.reachable:
            agent.doubted = False
            s.deadlines.clear(("doubt", agent.agent))
        if agent.reachable != was:
            s.log(Kind.PHONE, agent=agent.agent, detail={"reachable": agent.reachable})
        restate(s, agent)

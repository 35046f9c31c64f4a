"""Events of agents and their phones: logged in and out, ready, not ready, wrap-up ended, phone seen or gone."""

from datetime import timedelta

from acd.engine.agent_states import PHONE_GONE
from acd.engine.commands import Kind, Outcome
from acd.engine.entities import Agent
from acd.engine.events import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    PhoneChanged,
    PhoneRegistered,
    PhoneSilent,
    PhoneTestAsked,
    PhoneTested,
    WrapUpEnded,
    WrapUpExtended,
)
from acd.engine.offers.offer_lifecycle import failed
from acd.engine.routing import telephones
from acd.engine.routing.agents import cut_wrap_up, end_wrap_up, extend_wrap_up, restate
from acd.engine.state import State

ASKED_AGAIN_AFTER = timedelta(minutes=1)
"""An agent who talks though their phone is unreachable is not logged out; it is looked at again after this."""

NOT_LOGGED_IN = "he is not logged in"
IS_READY = "he is ready"
NOT_READY_ALREADY = "he is not ready for that reason already"
"""Why an event is ignored although the agent has what it asks for; a code of the telephone is then answered as done (code_answers.py)."""


def logged_in(s: State, event: AgentLoggedIn) -> None:
    """AgentLoggedIn: logged in and not ready."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.leaving:
        s.ignore(event, "no such agent")
    elif agent.logged_in:
        s.ignore(event, "he is logged in")
    else:
        agent.logged_in, agent.ready, agent.reason, agent.set_by = True, False, "", ""
        telephones.watch_absence(s, agent)
        restate(s, agent)


def logged_out(s: State, event: AgentLoggedOut) -> None:
    """AgentLoggedOut: see `log_out`."""
    agent = s.agents.get(event.agent)
    if agent is None:
        s.ignore(event, "no such agent")
    elif not agent.logged_in:
        s.ignore(event, NOT_LOGGED_IN)
    else:
        log_out(s, agent, by=event.by)


def log_out(s: State, agent: Agent, reason: str = "", by: str = "") -> None:
    """Log the agent out. A talk goes on, and the state follows when it is over; what only rings is taken back.

    `reason`: why the engine does it by itself. `by`: the supervisor who does it."""
    agent.logged_in, agent.ready, agent.reason, agent.stepped_out = False, False, reason, False
    agent.set_by = by
    telephones.watch_absence(s, agent)
    s.watch(agent)
    if agent.offer is not None and agent.offer.answered_at is None:
        failed(s, agent.offer, Outcome.TAKEN_BACK, still_rings=not agent.offer.reserved)
    elif agent.work == "wrap-up":
        end_wrap_up(s, agent)  # an agent who has left does no after-call work
    else:
        restate(s, agent)


def ready(s: State, event: AgentReady) -> None:
    """AgentReady: also logs in, and ends the not-ready that a ring no answer has set, and a wrap-up that owes no disposition."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.leaving:
        s.ignore(event, "no such agent")
        return
    wraps_up = agent.work == "wrap-up" and not agent.to_class
    if agent.ready and not wraps_up:
        s.ignore(event, "the call has no disposition yet" if agent.work == "wrap-up" else IS_READY)
    else:
        agent.logged_in, agent.ready, agent.reason, agent.stepped_out = True, True, "", False
        agent.set_by = ""
        telephones.takes_calls(s, agent)
        telephones.watch_absence(s, agent)
        s.watch(agent)
        if wraps_up:
            cut_wrap_up(s, agent)
        restate(s, agent)


def not_ready(s: State, event: AgentNotReady) -> None:
    """AgentNotReady: what rings or talks goes on."""
    agent = s.agents.get(event.agent)
    if agent is None:
        s.ignore(event, "no such agent")
    elif not agent.logged_in:
        s.ignore(event, NOT_LOGGED_IN)
    elif not agent.ready and agent.reason == event.reason:
        s.ignore(event, NOT_READY_ALREADY)
    else:
        agent.ready, agent.reason, agent.stepped_out, agent.set_by = False, event.reason, False, event.by
        s.watch(agent)
        restate(s, agent)


def wrap_up_ended(s: State, event: WrapUpEnded) -> None:
    """WrapUpEnded: the agent is done with after-call work before its time is over. Who owes a disposition is done when it is given,
    or when a supervisor ends it."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.work != "wrap-up":
        s.ignore(event, "no such agent" if agent is None else "he is not in wrap-up")
    elif agent.to_class and not event.by:
        s.ignore(event, "the call has no disposition yet")
    else:
        end_wrap_up(s, agent)


def wrap_up_extended(s: State, event: WrapUpExtended) -> None:
    """WrapUpExtended: the agent gets more time for after-call work, so often as is allowed."""
    agent = s.agents.get(event.agent)
    if agent is None or not extend_wrap_up(s, agent):
        s.ignore(event, "no such agent" if agent is None else "the wrap-up can't be extended")


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
            telephones.came(s, agent)
        else:
            telephones.went(s, agent)
        if agent.reachable != was:
            s.log(Kind.PHONE, agent=agent.agent, detail={"reachable": agent.reachable})
        restate(s, agent)


def phone_registered(s: State, event: PhoneRegistered) -> None:
    """PhoneRegistered: two telephones of one account push each other out, which is told."""
    agent = s.agents.get(event.agent)
    if agent is None:
        s.ignore(event, "no such agent")
    else:
        telephones.registered(s, agent, event.place)


def phone_silent(s: State, event: PhoneSilent) -> None:
    """PhoneSilent: told while the agent talks; the talk goes on."""
    agent = s.agents.get(event.agent)
    if agent is None or (event.silent and agent.work not in ("talking", "consult")):
        s.ignore(event, "no such agent" if agent is None else "the agent does not talk")
    else:
        telephones.silent(s, agent, event.silent)


def phone_test_asked(s: State, event: PhoneTestAsked) -> None:
    """PhoneTestAsked: the phone rings, unless the agent works or Asterisk can't be reached."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.leaving:
        s.ignore(event, "no such agent")
    elif not s.pbx:
        s.ignore(event, "the link to Asterisk is lost")
    elif agent.work != "idle" or agent.test == "under way":
        s.ignore(event, "the agent's telephone is in use")
    else:
        telephones.begin_test(s, agent)


def phone_tested(s: State, event: PhoneTested) -> None:
    """PhoneTested: the agent's former state is back, or Ready where the telephone had taken it."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.test != "under way":
        s.ignore(event, "no such agent" if agent is None else "no test rings there")
    else:
        telephones.end_test(s, agent, event.result)


def absent_too_long(s: State, agent: Agent) -> None:
    """The phone was unreachable for Rules.log_out_unreachable: log the agent out, once no work is left to do."""
    if agent.phone or not agent.logged_in or not s.rules.log_out_unreachable:
        return
    if agent.work not in ("idle", "wrap-up"):
        s.deadlines.set(("log-out", agent.agent), s.now + ASKED_AGAIN_AFTER)
        return
    telephones.say_logged_out(s, agent)
    log_out(s, agent, PHONE_GONE)


def seen_anew(s: State, agent: Agent) -> None:
    """The agent is rung at another kind of place from now on: what was seen of the phone before means nothing."""
    agent.phone, agent.doubted = True, False
    s.deadlines.clear(("doubt", agent.agent))
    telephones.came(s, agent)
    telephones.takes_calls(s, agent)
    restate(s, agent)

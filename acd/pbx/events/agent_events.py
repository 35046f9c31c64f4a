"""What agents' phones say outside of calls: the feature codes (log in, ready, not ready, wrap-up, help, one queue left), and whether each is there.

Pure. A feature code is believed from the agent's own channel only: the endpoint's name is the agent, and the endpoint has a
password.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from acd.engine import events as ev
from acd.engine.supervision.events import HelpAsked, QueueJoined, QueueLeft
from acd.identifiers import EXTENSION, NAME, REASON
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import AGENTS_CHANNEL, fit
from acd.pbx.events.causes import fail_reason

UNREACHABLE = {"UNAVAILABLE", "INVALID", "UNKNOWN"}
"""Device states of a phone that is not registered or does not answer."""
_REASON = re.compile(REASON)
_QUEUE = re.compile(NAME)
_CONTACT = re.compile(r"sips?:(?:[^@<>\s]*@)?([0-9A-Za-z.:\[\]-]{1,80})")
"""The address in a contact; Asterisk has put the sender's own in its place (rewrite_contact)."""
_PRESENT = ("NonQualified", "Created", "Updated", "Reachable")
"""States of a contact that is there: a new one is first "NonQualified", then "Reachable"."""
_TEST_CHANNEL = re.compile(r"Local/s@test-ring-[0-9a-f]{8};2")
_AGENTS_DEVICE = re.compile(f"PJSIP/({EXTENSION})")


def device_state(book: ChannelBook, message: Message) -> list[ev.Event]:
    """PhoneChanged when an agent's phone has come or gone."""
    found = _AGENTS_DEVICE.fullmatch(message["Device"])
    return book.phone_changed(found[1], message["State"] not in UNREACHABLE) if found else []


def contact_status(book: ChannelBook, message: Message) -> list[ev.Event]:
    """PhoneRegistered when an agent's phone has registered anew; one that is only renewed has the same address."""
    agent, found = message["AOR"], _CONTACT.match(message["URI"])
    if agent not in book.agents or message["ContactStatus"] not in _PRESENT or found is None:
        return []
    place = found[1]
    if book.places.get(agent) == place:
        return []
    book.places[agent] = place
    return [ev.PhoneRegistered(agent, place)]


def _tested(agent: str, message: Message) -> ev.Event:
    """PhoneTested, by what Dial says of a test call."""
    status, cause = message["Status"], int(message.get("Cause") or 0)
    if status == "ANSWER":
        return ev.PhoneTested(agent, "answered")
    # Dial's own time-out, status NOANSWER without a cause, has nothing to tell a phone that rings from one that is silent.
    return ev.PhoneTested(agent, fail_reason(status, cause, True, invited=True, forwards=message["Forwards"] == "1"))


def _test_over(book: ChannelBook, message: Message) -> list[ev.Event]:
    """PhoneTested, told by the half of a Local channel that dials the phone, or by the phone's own channel."""
    agent = message["Agent"]
    if agent not in book.agents:
        raise ValueError(f"there is no agent {agent[:80]!r}")
    own = AGENTS_CHANNEL.fullmatch(message["Channel"])
    if not _TEST_CHANNEL.fullmatch(message["Channel"]) and (own is None or own[1] != agent):
        raise ValueError(f"PhoneTested of {agent} comes from {message['Channel'][:80]!r}")
    forwards = "1" if agent in book.tests_forwarded else ""
    book.tests_forwarded.discard(agent)
    return [_tested(agent, {**message, "Forwards": forwards})]


def _of_agent(event: Callable[[str, Message], ev.Event]) -> Reader:
    def reader(book: ChannelBook, message: Message) -> list[ev.Event]:
        agent = message["Agent"]
        if not message["Channel"].startswith(f"PJSIP/{agent}-") or (book.agents and agent not in book.agents):
            raise ValueError(f"{message['UserEvent']} of {agent!r} comes from {message['Channel']}")
        return [event(agent, message)]

    return reader


def _code(event: Callable[[str, Message], ev.Event]) -> Reader:
    """A code after which the agent's telephone waits for the answer."""
    read = _of_agent(event)

    def reader(book: ChannelBook, message: Message) -> list[ev.Event]:
        told = read(book, message)
        book.codes.extend((each, message["Channel"]) for each in told)
        return told

    return reader


READERS: dict[str, Reader] = {"DeviceStateChange": device_state, "ContactStatus": contact_status}
USER_EVENTS: dict[str, Reader] = {
    "AgentLoggedIn": _of_agent(lambda agent, _: ev.AgentLoggedIn(agent)),
    "AgentLoggedOut": _code(lambda agent, _: ev.AgentLoggedOut(agent)),
    "AgentReady": _code(lambda agent, _: ev.AgentReady(agent)),
    "AgentNotReady": _code(lambda agent, message: ev.AgentNotReady(agent, fit(_REASON, message["Reason"]))),
    "WrapUpEnded": _code(lambda agent, _: ev.WrapUpEnded(agent)),
    "HelpAsked": _code(lambda agent, _: HelpAsked(agent)),
    "QueueLeft": _code(
        lambda agent, message: QueueLeft(agent, fit(_QUEUE, message["Queue"]), fit(_REASON, message["Reason"]))
    ),
    "QueueJoined": _code(lambda agent, message: QueueJoined(agent, fit(_QUEUE, message["Queue"]))),
    "PhoneTested": _test_over,
}

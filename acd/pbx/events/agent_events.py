"""What agents' phones say outside of calls: the feature codes (log in, ready, not ready, wrap-up), and whether each is there.

Pure. A feature code is believed from the agent's own channel only: the endpoint's name is the agent, and the endpoint has a
password.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from acd.engine import events as ev
from acd.identifiers import EXTENSION, REASON
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import fit

UNREACHABLE = {"UNAVAILABLE", "INVALID", "UNKNOWN"}
"""Device states of a phone that is not registered or does not answer."""
_REASON = re.compile(REASON)
_AGENTS_DEVICE = re.compile(f"PJSIP/({EXTENSION})")


def device_state(book: ChannelBook, message: Message) -> list[ev.Event]:
    """PhoneChanged when an agent's phone has come or gone."""
    found = _AGENTS_DEVICE.fullmatch(message["Device"])
    return book.phone_changed(found[1], message["State"] not in UNREACHABLE) if found else []


def _of_agent(event: Callable[[str, Message], ev.Event]) -> Reader:
    def reader(book: ChannelBook, message: Message) -> list[ev.Event]:
        agent = message["Agent"]
        if not message["Channel"].startswith(f"PJSIP/{agent}-") or (book.agents and agent not in book.agents):
            raise ValueError(f"{message['UserEvent']} of {agent!r} comes from {message['Channel']}")
        return [event(agent, message)]

    return reader


READERS: dict[str, Reader] = {"DeviceStateChange": device_state}
USER_EVENTS: dict[str, Reader] = {
    "AgentLoggedIn": _of_agent(lambda agent, _: ev.AgentLoggedIn(agent)),
    "AgentLoggedOut": _of_agent(lambda agent, _: ev.AgentLoggedOut(agent)),
    "AgentReady": _of_agent(lambda agent, _: ev.AgentReady(agent)),
    "AgentNotReady": _of_agent(lambda agent, message: ev.AgentNotReady(agent, fit(_REASON, message["Reason"]))),
    "WrapUpEnded": _of_agent(lambda agent, _: ev.WrapUpEnded(agent)),
}

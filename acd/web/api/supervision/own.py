"""What an agent does at the own desk: acknowledge a message, ask for a break or for help, leave and join one queue."""

from typing import Annotated

from pydantic import Field

from acd.engine.supervision.events import (
    BreakAsked,
    BreakWithdrawn,
    HelpAsked,
    HelpEnded,
    MessageSeen,
    QueueJoined,
    QueueLeft,
)
from acd.web.api.supervision.agent_queues import HelpNote, JoinedQueue, LeftQueue
from acd.web.api.supervision.messages import MESSAGE_ID
from acd.web.api.supervision.told import tell
from acd.web.live.not_ready import Told, known_reason
from acd.web.server.lookups import Words
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class WantedBreak(Strict):
    """The kind of break, by the English name of its reason."""

    reason: Annotated[Words, Field(min_length=1)]


async def seen(asked: Asked) -> Told:
    """Says that you have read the message."""
    name = asked.word("message")
    desk = asked.context.at_desk(asked.who.name) or {}
    row = next((one for one in desk.get("messages", ()) if one["message"] == name), None)
    if row is None:
        raise Problem(404, "unknown-message", "This message is shown no more.")
    if row["seen_at"] is not None:  # two tabs, or a key that was pressed twice
        return Told(agent=asked.who.name, told="MessageSeen")
    return await _tell(asked, MessageSeen(name, asked.who.name))


async def ask_break(asked: Asked) -> Told:
    """Granted at once where there is room; else it waits, with its place. In a call it begins after it."""
    wanted = str(asked.body.reason)
    for label in asked.context.config.not_ready_reasons.values():
        if wanted == label.zh:
            wanted = label.en
    return await _tell(asked, BreakAsked(asked.who.name, wanted))


async def withdraw_break(asked: Asked) -> Told:
    """You do not want the break any more that waits or is granted."""
    return await _tell(asked, BreakWithdrawn(asked.who.name))


async def ask_help(asked: Asked) -> Told:
    """A supervisor sees at once that you ask for help, with your call."""
    return await _tell(asked, HelpAsked(asked.who.name, asked.body.note))


async def end_help(asked: Asked) -> Told:
    """You need no help any more."""
    return await _tell(asked, HelpEnded(asked.who.name))


async def leave(asked: Asked) -> Told:
    """You are offered no calls of this queue until you join it again or log out."""
    return await _tell(asked, QueueLeft(asked.who.name, asked.body.queue, known_reason(asked)))


async def join(asked: Asked) -> Told:
    """You are offered calls of this queue again."""
    return await _tell(asked, QueueJoined(asked.who.name, asked.body.queue))


async def _tell(
    asked: Asked, event: MessageSeen | BreakAsked | BreakWithdrawn | HelpAsked | HelpEnded | QueueLeft | QueueJoined
) -> Told:
    return await tell(asked, event, asked.who.name, audited=False)


_QUEUES = {400: "unknown-queue, unknown-reason, or not-theirs", 409: "not-logged-in, left-already, or not-left"}
_HELP = {503: "not-handled"}
ROUTES = [
    Route(
        "POST",
        f"/api/desk/messages/{{message:{MESSAGE_ID}}}/seen",
        seen,
        "desk",
        "Acknowledge a message",
        Told,
        refusals={404: "unknown-message", 503: "not-handled"},
    ),
    Route(
        "POST",
        "/api/desk/break/ask",
        ask_break,
        "desk",
        "Ask for a break",
        Told,
        body=WantedBreak,
        refusals={400: "unknown-break", 409: "no-breaks, break-open, or not-logged-in", 503: "not-handled"},
    ),
    Route(
        "POST",
        "/api/desk/break/withdraw",
        withdraw_break,
        "desk",
        "Take back your wish for a break",
        Told,
        refusals={409: "no-break-open", 503: "not-handled"},
    ),
    Route("POST", "/api/desk/help/ask", ask_help, "desk", "Ask for help", Told, body=HelpNote, refusals=_HELP),
    Route("POST", "/api/desk/help/end", end_help, "desk", "Need no help any more", Told, refusals=_HELP),
    Route(
        "POST",
        "/api/desk/leave-queue",
        leave,
        "desk",
        "Leave one queue for a while",
        Told,
        body=LeftQueue,
        refusals=_QUEUES,
    ),
    Route("POST", "/api/desk/join-queue", join, "desk", "Join a queue again", Told, body=JoinedQueue, refusals=_QUEUES),
]

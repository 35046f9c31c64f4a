"""What an operator does for one call: another priority, another queue, or out while it waits; the end of its talk.

The first three are only for a call that waits: one that rings at an agent or talks has its agent, and one in the menu has not
asked for one yet.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from pydantic import Field

from acd.engine.events import Event
from acd.engine.operator_events import CallMoved, CallPrioritised, CallWithdrawn, TalkCut
from acd.identifiers import CALL_ID
from acd.web.access.auth import DOOR
from acd.web.api.calls import is_over, unknown_call
from acd.web.live.acts import ACTS, Act, Acts
from acd.web.live.seen import seen_call
from acd.web.server.api_model import ApiModel
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.lookups import QueueName, Words, queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

_STAGES = {
    "menu": "is in the menu and has not asked for an agent yet",
    "offered": "rings at agent {agent} at this moment",
    "talking": "talks with agent {agent}",
    "elsewhere": "was sent elsewhere by its queue's policy",
    "after": "has ended its talk and is about to end",
}


class NewPriority(Strict):
    """The priority, from -100 to 100."""

    priority: Annotated[int, Field(ge=-100, le=100)]
    was: int | None = None
    """The priority that the client knew; another one now is refused (409). null: whatever it is."""


class NewQueue(Strict):
    """The queue to move to."""

    queue: QueueName
    was: QueueName | None = None
    """The queue that the client knew it in; another one now is refused (409). null: whatever it is."""


class WhyWithdrawn(Strict):
    """The reason; it is saved to the log."""

    reason: Annotated[Words, Field(min_length=1)]


class ToldCall(ApiModel):
    """The call, and the event that the engine was told."""

    call: str
    told: str


async def priority(asked: Asked) -> ToldCall:
    """Sets the priority of a waiting call, in place of its own and its queue's."""
    new: NewPriority = asked.body
    async with _turn(asked):
        row = await _waiting(asked)
        if new.was is not None and row["priority"] != new.was:
            sentence = f"The priority of call {row['call']} is {row['priority']} by now."
            raise _acts(asked).refusal(row["call"], "changed", sentence, field="priority")
        event = CallPrioritised(row["call"], new.priority, asked.who.name)
        return await _tell(asked, event, str(new.priority), priority=new.priority)


async def move(asked: Asked) -> ToldCall:
    """Moves a waiting call to another open queue; the time already waited counts."""
    new: NewQueue = asked.body
    async with _turn(asked):
        row = await _waiting(asked)
        queue = queue_row(asked, new.queue, status=400)
        if new.was is not None and row["queue"] != new.was:
            sentence = f"Call {row['call']} waits in {row['queue']} by now."
            raise _acts(asked).refusal(row["call"], "changed", sentence, field="queue")
        if row["queue"] == new.queue:
            raise Problem(409, "already-there", f"Call {row['call']} waits in {new.queue} already.", field="queue")
        if queue.get("closed"):
            detail = f"Queue {new.queue} is closed. Open it first: `sanxiang queue open {new.queue}`."
            raise Problem(409, "queue-closed", detail, field="queue")
        return await _tell(asked, CallMoved(row["call"], new.queue, asked.who.name), new.queue, queue=new.queue)


async def withdraw(asked: Asked) -> ToldCall:
    """Takes a waiting call out of its queue; the caller hears an announcement, and the call ends."""
    why: WhyWithdrawn = asked.body
    async with _turn(asked):
        row = await _waiting(asked)
        return await _tell(asked, CallWithdrawn(row["call"], why.reason, asked.who.name), reason=why.reason)


async def hang_up(asked: Asked) -> ToldCall:
    """Ends a talk: the caller hears that the call is ended, and is hung up; the agent wraps up."""
    why: WhyWithdrawn = asked.body
    async with _turn(asked):
        row = await _there(asked)
        event = TalkCut(row["call"], why.reason, asked.who.name)
        refused = asked.context.refusal(event)
        if refused is not None and refused.code == "not-talking":
            raise _acted_on(asked, row["call"], refused.code, _no_talk(row), over=row["stage"] == "after")
        if refused is not None:
            raise Problem(409, refused.code, refused.sentence)
        return await _tell(asked, event, reason=why.reason)


def _turn(asked: Asked) -> AbstractAsyncContextManager[None]:
    """Of two people who act on one call at once the second meets what the first did."""
    return asked.request.app[ENGINE_GATEWAY].turn(asked.word("call"))


def _acts(asked: Asked) -> Acts:
    return asked.request.app[ACTS]


def _acted_on(asked: Asked, call: str, code: str, sentence: str, *, over: bool) -> Problem:
    """With who was first, where another person's act has ended it."""
    act = _acts(asked).latest(call)
    if over and act is not None and act.what in ("CallWithdrawn", "TalkCut") and act.by != asked.who.name:
        return _acts(asked).refusal(call, code, sentence)
    return Problem(409, code, sentence)


def _no_talk(row: Mapping[str, Any]) -> str:
    call = row["call"]
    if row["stage"] == "waiting":
        return f"Call {call} waits in its queue; this is for talks. `sanxiang call withdraw {call}` is for calls that wait."
    where = _STAGES.get(row["stage"], "is in no talk").format(agent=row["agent"] or "?")
    return f"Call {call} {where}; this is for talks."


async def _tell(asked: Asked, event: Event, now: str = "", **about: Any) -> ToldCall:
    """Answers when the engine has taken it up. `now`: what the act has made of it, for who comes second."""
    told, call = type(event).__name__, asked.word("call")
    await asked.request.app[DOOR].audit.note(asked.who.name, told, call=call, **about)
    await asked.request.app[ENGINE_GATEWAY].tell(event)
    _acts(asked).note(call, Act(asked.who.name, told, asked.context.now(), now))
    return ToldCall(call=call, told=told)


async def _waiting(asked: Asked) -> Mapping[str, Any]:
    """The call's row of the snapshot. Raises Problem: 404 when nobody knows it, 409 when it does not wait."""
    row = await _there(asked)
    if row["stage"] != "waiting":
        where = _STAGES.get(row["stage"], "does not wait").format(agent=row["agent"] or "?")
        sentence = f"Call {row['call']} {where}; this is for calls that wait."
        raise _acted_on(asked, row["call"], "not-waiting", sentence, over=row["stage"] == "after")
    return row


async def _there(asked: Asked) -> Mapping[str, Any]:
    """The call's row of the snapshot. Raises Problem: 404 when nobody knows it, 409 when it is over."""
    call = asked.word("call")
    row = asked.context.call(call)
    if row is not None and not asked.scope.holds_call(row):
        raise unknown_call(call)
    if row is None:
        if await is_over(asked, call):
            sentence = f"Call {call} is over. `sanxiang call show {call}` tells its story."
            raise _acted_on(asked, call, "not-waiting", sentence, over=True)
        raise unknown_call(call)
    return seen_call(row, asked.scope)


_REFUSALS = {404: "unknown-call", 409: "not-waiting, or acted-on: somebody else was first", 503: "not-handled"}
_PATH = f"/api/calls/{{call:{CALL_ID}}}"
ROUTES = [
    Route(
        "POST",
        f"{_PATH}/priority",
        priority,
        "calls-act",
        "Set the priority of a waiting call",
        ToldCall,
        body=NewPriority,
        status=202,
        refusals=_REFUSALS,
    ),
    Route(
        "POST",
        f"{_PATH}/move",
        move,
        "calls-act",
        "Move a waiting call to another queue; it keeps its place",
        ToldCall,
        body=NewQueue,
        status=202,
        refusals={**_REFUSALS, 400: "unknown-queue"},
    ),
    Route(
        "POST",
        f"{_PATH}/withdraw",
        withdraw,
        "calls-act",
        "Take a waiting call out of its queue and end it",
        ToldCall,
        body=WhyWithdrawn,
        status=202,
        refusals=_REFUSALS,
    ),
    Route(
        "POST",
        f"{_PATH}/hang-up",
        hang_up,
        "calls-act",
        "End a talk: the caller is told and hung up, the agent wraps up",
        ToldCall,
        body=WhyWithdrawn,
        status=202,
        refusals={404: "unknown-call", 409: "not-talking, no-link, acted-on, or the call is over", 503: "not-handled"},
    ),
]

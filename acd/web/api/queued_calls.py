"""What an operator does for one call: another priority, another queue, or out while it waits; the end of its talk.

The first three are only for a call that waits: one that rings at an agent or talks has its agent, and one in the menu has not
asked for one yet.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from acd.engine.events import CallMoved, CallPrioritised, CallWithdrawn, Event, TalkCut
from acd.identifiers import CALL_ID
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.server.api_model import ApiModel
from acd.web.server.lookups import QueueName, Words, queue_row
from acd.web.server.problems import Problem, StoreAway
from acd.web.server.routes import OPERATOR, Asked, Route, Strict

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


class NewQueue(Strict):
    """The queue to move to."""

    queue: QueueName


class WhyWithdrawn(Strict):
    """The reason; it is saved to the log."""

    reason: Annotated[Words, Field(min_length=1)]


class ToldCall(ApiModel):
    """The call, and the event that the engine was told."""

    call: str
    told: str


async def priority(asked: Asked) -> ToldCall:
    """Sets the priority of a waiting call, in place of its own and its queue's."""
    row = await _waiting(asked)
    new: NewPriority = asked.body
    event = CallPrioritised(row["call"], new.priority, asked.who.name)
    return await _tell(asked, event, priority=new.priority)


async def move(asked: Asked) -> ToldCall:
    """Moves a waiting call to another open queue; the time already waited counts."""
    row = await _waiting(asked)
    new: NewQueue = asked.body
    queue = queue_row(asked, new.queue, status=400)
    if row["queue"] == new.queue:
        raise Problem(409, "already-there", f"Call {row['call']} waits in {new.queue} already.", field="queue")
    if queue.get("closed"):
        detail = f"Queue {new.queue} is closed. Open it first: `sanxiang queue open {new.queue}`."
        raise Problem(409, "queue-closed", detail, field="queue")
    return await _tell(asked, CallMoved(row["call"], new.queue, asked.who.name), queue=new.queue)


async def withdraw(asked: Asked) -> ToldCall:
    """Takes a waiting call out of its queue; the caller hears an announcement, and the call ends."""
    row = await _waiting(asked)
    why: WhyWithdrawn = asked.body
    return await _tell(asked, CallWithdrawn(row["call"], why.reason, asked.who.name), reason=why.reason)


async def hang_up(asked: Asked) -> ToldCall:
    """Ends a talk: the caller hears that the call is ended, and is hung up; the agent wraps up."""
    row, why = await _there(asked), asked.body
    event = TalkCut(row["call"], why.reason, asked.who.name)
    refused = asked.context.refusal(event)
    if refused is not None and refused.code == "not-talking":
        raise Problem(409, refused.code, _no_talk(row))
    if refused is not None:
        raise Problem(409, refused.code, refused.sentence)
    return await _tell(asked, event, reason=why.reason)


def _no_talk(row: Mapping[str, Any]) -> str:
    call = row["call"]
    if row["stage"] == "waiting":
        return f"Call {call} waits in its queue; this is for talks. `sanxiang call withdraw {call}` is for calls that wait."
    where = _STAGES.get(row["stage"], "is in no talk").format(agent=row["agent"] or "?")
    return f"Call {call} {where}; this is for talks."


async def _tell(asked: Asked, event: Event, **about: Any) -> ToldCall:
    told, call = type(event).__name__, asked.word("call")
    await asked.request.app[DOOR].audit.note(asked.who.name, told, call=call, **about)
    asked.context.tell(event)
    return ToldCall(call=call, told=told)


async def _waiting(asked: Asked) -> Mapping[str, Any]:
    """The call's row of the snapshot. Raises Problem: 404 when nobody knows it, 409 when it does not wait."""
    row = await _there(asked)
    if row["stage"] != "waiting":
        where = _STAGES.get(row["stage"], "does not wait").format(agent=row["agent"] or "?")
        raise Problem(409, "not-waiting", f"Call {row['call']} {where}; this is for calls that wait.")
    return row


async def _there(asked: Asked) -> Mapping[str, Any]:
    """The call's row of the snapshot. Raises Problem: 404 when nobody knows it, 409 when it is over."""
    call = asked.word("call")
    row = asked.context.call(call)
    if row is None:
        if await _is_over(asked, call):
            raise Problem(409, "not-waiting", f"Call {call} is over. `sanxiang call show {call}` tells its story.")
        raise Problem(404, "unknown-call", f"There is no call {call}. `sanxiang call list` shows the calls.")
    return row


async def _is_over(asked: Asked, call: str) -> bool:
    """Whether the log knows it; no while the database is away."""
    try:
        async with from_store(asked.context):
            return await asked.context.store.call(call) is not None
    except StoreAway:
        return False


_REFUSALS = {404: "unknown-call", 409: "not-waiting"}
_PATH = f"/api/calls/{{call:{CALL_ID}}}"
ROUTES = [
    Route(
        "POST",
        f"{_PATH}/priority",
        priority,
        OPERATOR,
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
        OPERATOR,
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
        OPERATOR,
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
        OPERATOR,
        "End a talk: the caller is told and hung up, the agent wraps up",
        ToldCall,
        body=WhyWithdrawn,
        status=202,
        refusals={404: "unknown-call", 409: "not-talking, no-link, or the call is over"},
    ),
]

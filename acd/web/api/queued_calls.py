"""What an operator does for one waiting call: another priority, another queue, or out.

Only for a call that waits: one that rings at somebody or talks has its person, and one in the menu asks for nobody yet.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from acd.engine.events import CallMoved, CallPrioritised, CallWithdrawn, Event
from acd.identifiers import CALL_ID
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.server.lookups import QueueName, Words, queue_row
from acd.web.server.problems import Problem, StoreAway
from acd.web.server.routes import OPERATOR, Asked, Route, Strict

_STAGES = {
    "menu": "is in the menu and asks for nobody yet",
    "offered": "rings at agent {agent} at this moment",
    "talking": "talks with agent {agent}",
    "elsewhere": "was sent elsewhere by its queue's policy",
    "after": "has been talked with and is about to end",
}


class NewPriority(Strict):
    priority: Annotated[int, Field(ge=-100, le=100)]


class NewQueue(Strict):
    queue: QueueName


class WhyWithdrawn(Strict):
    reason: Annotated[Words, Field(min_length=1)]


class ToldCall(BaseModel):
    call: str
    told: str


async def priority(asked: Asked) -> ToldCall:
    row = await _waiting(asked)
    new: NewPriority = asked.body
    event = CallPrioritised(row["call"], new.priority, asked.who.name)
    return await _tell(asked, event, priority=new.priority)


async def move(asked: Asked) -> ToldCall:
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
    row = await _waiting(asked)
    why: WhyWithdrawn = asked.body
    return await _tell(asked, CallWithdrawn(row["call"], why.reason, asked.who.name), reason=why.reason)


async def _tell(asked: Asked, event: Event, **about: Any) -> ToldCall:
    told, call = type(event).__name__, asked.word("call")
    await asked.request.app[DOOR].audit.note(asked.who.name, told, call=call, **about)
    asked.house.tell(event)
    return ToldCall(call=call, told=told)


async def _waiting(asked: Asked) -> Mapping[str, Any]:
    """The call as the floor shows it. Raises Problem: 404 when nobody knows it, 409 when it does not wait."""
    call = asked.word("call")
    row = asked.house.call(call)
    if row is None:
        if await _is_over(asked, call):
            raise Problem(409, "not-waiting", f"Call {call} is over. `sanxiang call show {call}` tells its story.")
        raise Problem(404, "unknown-call", f"There is no call {call}. `sanxiang status` shows those in the house.")
    if row["stage"] != "waiting":
        where = _STAGES.get(row["stage"], "does not wait").format(agent=row["agent"] or "?")
        raise Problem(409, "not-waiting", f"Call {call} {where}; this is for calls that wait.")
    return row


async def _is_over(asked: Asked, call: str) -> bool:
    """Whether the log knows it; no while the database is away."""
    try:
        async with from_store(asked.house):
            return await asked.house.store.call(call) is not None
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
        "A waiting call gets another priority, in the place of its own and its queue's",
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
        "A waiting call goes to another queue and keeps its place",
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
        "A waiting call is told so and let go",
        ToldCall,
        body=WhyWithdrawn,
        status=202,
        refusals=_REFUSALS,
    ),
]

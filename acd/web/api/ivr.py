"""What the stories ask while a caller listens: is somebody there, where do I stand, is this the right PIN?

For the story server on this machine alone: loopback, with its own token from `<state>/stories.token`.
"""

import ipaddress
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from acd.identifiers import CALL_ID, NAME
from acd.web.access.auth import DOOR
from acd.web.server.problems import Problem
from acd.web.server.routes import STORIES, Asked, Route, Strict


class QueueQuery(Strict):
    language: Annotated[str, Field(max_length=8)] = ""


class QueueAnswer(BaseModel):
    open: bool
    staffed: int
    waiting: int
    longest_wait_s: float
    median_s: float
    """What half of those who ask now must expect at most; 0 when an agent is free for them."""
    p90_s: float
    """The same for nine of ten."""


class CallAnswer(BaseModel):
    position: int | None
    """Among the calls that compete for the same agents."""
    waited_s: float
    stage: str
    median_s: float
    """What he must still expect."""
    p90_s: float


class Pin(Strict):
    agent: Annotated[str, Field(max_length=20, pattern=r"^[0-9*#A-D]*$")]
    pin: Annotated[str, Field(max_length=20, pattern=r"^[0-9*#A-D]*$")]


class PinAnswer(BaseModel):
    result: Literal["ok", "wrong", "locked", "unknown"]


async def queue(asked: Asked) -> QueueAnswer:
    _from_here(asked)
    name = asked.word("queue")
    for row in asked.house.snapshot()["queues"]:
        if row["name"] == name:
            return QueueAnswer(
                open=asked.house.is_open(name) and not row.get("closed"),
                staffed=row["staffed"],
                waiting=row["waiting"],
                longest_wait_s=row["longest_wait_s"] or 0.0,
                median_s=row.get("median_s") or 0.0,
                p90_s=row.get("p90_s") or 0.0,
            )
    raise Problem(404, "unknown-queue", "There is no such queue. Add it under [queues], or mend the menu.")


async def call(asked: Asked) -> CallAnswer:
    _from_here(asked)
    id_ = asked.word("call")
    row = asked.house.standing(id_)
    if row is not None:
        return CallAnswer(**{name: row[name] for name in CallAnswer.model_fields})
    raise Problem(404, "unknown-call", "No such call is in the house.")


async def log_in(asked: Asked) -> PinAnswer:
    """Three wrong PINs shut the extension for this purpose; a shut one is not looked at."""
    _from_here(asked)
    door, agent = asked.request.app[DOOR], asked.body.agent
    if door.pins.locked_for(agent, f"extension {agent}"):
        return PinAnswer(result="locked")
    result = asked.house.check_pin(agent, asked.body.pin)
    if result == "ok":
        door.pins.succeeded(agent, f"extension {agent}")
    else:
        door.pins.failed(agent, f"extension {agent}")
        await door.audit.note(agent, "PIN refused", result=result)
    return PinAnswer(result=result)


def _from_here(asked: Asked) -> None:
    remote = asked.request.remote or ""
    try:
        here = ipaddress.ip_address(remote).is_loopback
    except ValueError:
        here = False
    if not here:
        raise Problem(403, "not-allowed", "The stories ask from this machine only.")


ROUTES = [
    Route(
        "GET",
        f"/ivr/queue/{{queue:{NAME}}}",
        queue,
        STORIES,
        "May a caller wait here?",
        QueueAnswer,
        QueueQuery,
        refusals={404: "unknown-queue"},
        free=True,
    ),
    Route(
        "GET",
        f"/ivr/call/{{call:{CALL_ID}}}",
        call,
        STORIES,
        "Where a caller stands",
        CallAnswer,
        refusals={404: "unknown-call"},
        free=True,
    ),
    Route("POST", "/ivr/login", log_in, STORIES, "Is this an agent's PIN?", PinAnswer, body=Pin, free=True),
]

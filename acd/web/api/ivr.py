"""What the story server asks while a caller listens: is the queue staffed, the position, whether a PIN is right.

For the story server on this machine alone: loopback, with its own token from `<state>/stories.token`.
"""

import ipaddress
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from acd.calls_out import canonical_of, same
from acd.config import DAYS
from acd.engine.events import CallbackAsked
from acd.identifiers import CALL_ID, NAME
from acd.telephone_numbers import keyed
from acd.web.access.auth import DOOR
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import STORIES, Asked, Route, Strict


class QueueQuery(Strict):
    """The language of the caller."""

    language: Annotated[str, Field(max_length=8)] = ""


class QueueAnswer(ApiModel):
    """The queue as now; waits in seconds."""

    open: bool
    staffed: int
    waiting: int
    longest_wait_s: float
    median_s: float
    """Half of the callers who ask now wait no longer than this; 0 when an agent is free for them."""
    p90_s: float
    """Nine of ten wait no longer than this."""


class CallAnswer(ApiModel):
    """The position of a waiting call; waits in seconds."""

    position: int | None
    """Among the calls that compete for the same agents."""
    waited_s: float
    stage: str
    median_s: float
    """Half of such callers wait no longer than this from now."""
    p90_s: float


class CallbackQuery(Strict):
    """The number at which the caller wants to be called back; empty: whether a callback is offered at all."""

    number: Annotated[str, Field(max_length=20, pattern=r"^[0-9]*$")] = ""


class CallbackAnswer(ApiModel):
    """Whether the caller may be called back, and from when where that is not now."""

    possible: bool
    why: str = ""
    """The code of the refusal, as "emergency"."""
    number: str = ""
    """The number in digits, as a telephone here dials it."""
    day: str = ""
    """"today", "tomorrow" or a weekday as "mon", where customers are not called back when the caller's turn comes."""
    hour: int = 0
    minute: int = 0


class Pin(Strict):
    """What was keyed on the telephone."""

    agent: Annotated[str, Field(max_length=20, pattern=r"^[0-9*#A-D]*$")]
    pin: Annotated[str, Field(max_length=20, pattern=r"^[0-9*#A-D]*$")]


class PinAnswer(ApiModel):
    """Whether the PIN is right; locked after three wrong ones."""

    result: Literal["ok", "wrong", "locked", "unknown"]


async def queue(asked: Asked) -> QueueAnswer:
    """Whether the queue is open and staffed, and the wait to expect, in seconds. For the story server."""
    _from_here(asked)
    name = asked.word("queue")
    for row in asked.context.snapshot()["queues"]:
        if row["name"] == name:
            return QueueAnswer(
                open=asked.context.is_open(name) and not row.get("closed"),
                staffed=row["staffed"],
                waiting=row["waiting"],
                longest_wait_s=row["longest_wait_s"] or 0.0,
                median_s=row.get("median_s") or 0.0,
                p90_s=row.get("p90_s") or 0.0,
            )
    raise Problem(404, "unknown-queue", "There is no such queue. Add it under [queues], or mend the menu.")


async def call(asked: Asked) -> CallAnswer:
    """Position and remaining wait of a call, in seconds. For the story server."""
    _from_here(asked)
    id_ = asked.word("call")
    row = asked.context.standing(id_)
    if row is not None:
        return CallAnswer(**{name: row[name] for name in CallAnswer.model_fields})
    raise Problem(404, "unknown-call", "No such call is waiting.")


async def callback(asked: Asked) -> CallbackAnswer:
    """Whether this caller may be called back, at this number, and from when. For the story server.

    A number that the caller has keyed and that may not be called is told to the engine, which raises an alarm."""
    _from_here(asked)
    id_, number = asked.word("call"), asked.query.number
    row = asked.context.call(id_)
    if row is None:
        raise Problem(404, "unknown-call", "No such call is waiting.")
    rules = asked.context.config.calls_out_rules()
    wish = CallbackAsked(id_, number)
    refused = asked.context.refusal(wish)
    if refused is not None:
        if number and not same(rules, number, str(row["caller"])):
            asked.context.tell(wish)
        return CallbackAnswer(possible=False, why=refused.code)
    told = keyed(canonical_of(rules, number), rules.country) if number else ""
    answer = CallbackAnswer(possible=True, number=told)
    begins = asked.context.callback_from(id_)
    if begins is None:
        return answer
    day, hour, minute = day_and_hour(begins, asked.context.now(), asked.context.config.hotline.timezone)
    return answer.model_copy(update={"day": day, "hour": hour, "minute": minute})


def day_and_hour(begins: datetime, now: datetime, timezone: str) -> tuple[str, int, int]:
    """The moment as it is said: "today", "tomorrow" or the weekday, as "mon"; hour and minute by the clock of `timezone`."""
    local, here = begins.astimezone(ZoneInfo(timezone)), now.astimezone(ZoneInfo(timezone))
    days = (local.date() - here.date()).days
    day = ("today", "tomorrow")[days] if days in (0, 1) else DAYS[local.weekday()]
    return day, local.hour, local.minute


async def log_in(asked: Asked) -> PinAnswer:
    """Three wrong PINs shut the extension for this purpose; a shut one is not looked at."""
    _from_here(asked)
    door, agent = asked.request.app[DOOR], asked.body.agent
    telephone = f"telephone {agent}"
    if door.pins.begin(agent, "", telephone):
        return PinAnswer(result="locked")
    result = asked.context.check_pin(agent, asked.body.pin)
    if result == "ok":
        door.pins.succeeded(agent, "", telephone)
    else:
        await door.audit.note(agent, "PIN refused", result=result)
    return PinAnswer(result=result)


def _from_here(asked: Asked) -> None:
    remote = asked.request.remote or ""
    try:
        here = ipaddress.ip_address(remote).is_loopback
    except ValueError:
        here = False
    if not here:
        raise Problem(403, "not-allowed", "These routes answer the story server of this machine only.")


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
        "Position and expected wait of a caller",
        CallAnswer,
        refusals={404: "unknown-call"},
        free=True,
    ),
    Route(
        "GET",
        f"/ivr/callback/{{call:{CALL_ID}}}",
        callback,
        STORIES,
        "May this caller be called back, at this number?",
        CallbackAnswer,
        CallbackQuery,
        refusals={404: "unknown-call"},
        free=True,
    ),
    Route("POST", "/ivr/login", log_in, STORIES, "Is this an agent's PIN?", PinAnswer, body=Pin, free=True),
]

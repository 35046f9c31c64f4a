"""What the story server asks while a caller listens: is the queue staffed, the position, whether a PIN is right.

For the story server on this machine alone: loopback, with its own token from `<state>/stories.token`.
"""

import asyncio
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import structlog
from pydantic import ConfigDict, Field

from acd.calls_out import canonical_of, same
from acd.config import DAYS
from acd.config.hours.open_now import open_now
from acd.engine.callback_events import CallbackAsked
from acd.engine.customer_events import NumberBarred
from acd.identifiers import CALL_ID, NAME, optional
from acd.store.errors import DatabaseAway
from acd.telephone_numbers import UNKNOWN, keyed
from acd.web.access.auth import DOOR
from acd.web.server.api_model import ApiModel
from acd.web.server.context import CallerFacts
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

log = structlog.get_logger(__name__)


class QueueQuery(Strict):
    """The language of the caller."""

    language: Annotated[str, Field(max_length=8)] = ""
    brand: Annotated[str, Field(max_length=64)] = ""
    """Of the number that the caller has dialled: its hours hold. Empty: those of the queue."""
    dialled: Annotated[str, Field(max_length=32)] = ""
    """The number of ours that the caller has dialled: its own hours hold, where it has any."""


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
    say: str = ""
    """The prompt with an operator's words, where the queue was closed with some."""
    day: str = ""
    """Of a closed queue: "today", "tomorrow" or a weekday as "mon", when it opens; empty where that is more than a week ahead."""
    hour: int = 0
    minute: int = 0


class CallerQuery(Strict):
    """The call that a menu begins with."""

    dialled: Annotated[str, Field(max_length=21, pattern=r"^\+?[0-9]*$")] = ""
    call: Annotated[str, Field(max_length=40, pattern=optional(CALL_ID))] = ""


class CallerAnswer(ApiModel):
    """What is known of a caller; null or empty: nothing."""

    model_config = ConfigDict(extra="allow")

    customer: dict[str, Any] | None = None
    """id, name, class, language, last_order, area, do_not_call."""
    complaint: dict[str, Any] | None = None
    """An open one: ticket, owner (an agent)."""
    faults: list[dict[str, Any]] = []
    """Those that concern the caller."""
    open: bool = True
    """The dialled number is within its hours."""
    lookups: list[str] = []
    """Those that the configuration has, for menus that offer self-service by them."""


class CallAnswer(ApiModel):
    """The position of a waiting call; waits in seconds."""

    position: int | None
    """Among the calls that compete for the same agents."""
    waited_s: float
    stage: str
    median_s: float
    """Half of such callers wait no longer than this from now."""
    p90_s: float
    callback: bool
    """Whether the caller may be called back instead."""
    callback_noted: bool
    """Whether a callback to the caller's number is promised already."""
    message: bool
    """Whether the caller may leave a message instead."""


class CallbackQuery(Strict):
    """The number at which the caller wants to be called back; empty: whether a callback is offered at all."""

    number: Annotated[str, Field(max_length=20, pattern=r"^[0-9]*$")] = ""


class CallbackAnswer(ApiModel):
    """Whether the caller may be called back, and from when where that is not now."""

    possible: bool
    why: str = ""
    """The code of the refusal, as "emergency"; "callback-open": one to this number is promised already."""
    within_s: int = 0
    """What is promised to callers of the queue, from the moment on at which they may be called."""
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
                **_opening(asked, name, bool(row.get("closed"))),
                staffed=row["staffed"],
                waiting=row["waiting"],
                longest_wait_s=row["longest_wait_s"] or 0.0,
                median_s=row.get("median_s") or 0.0,
                p90_s=row.get("p90_s") or 0.0,
            )
    raise Problem(404, "unknown-queue", "There is no such queue. Add it under [queues], or mend the menu.")


def _opening(asked: Asked, queue: str, closed: bool) -> dict[str, Any]:
    """Whether the queue takes callers, what an operator has to say, and when it opens. `closed`: an operator has closed it until it is
    opened again."""
    context, query = asked.context, asked.query
    now = context.now()
    state = open_now(context.config, context.hours_set(), now, queue, query.dialled, query.brand)
    if closed:
        return {"open": False}
    found: dict[str, Any] = {"open": state.open, "say": ""}
    if not state.open and (state.en if query.language == "en" else state.zh):
        found["say"] = state.prompt  # words in the other language alone are for its callers
    if state.next_open is not None and state.next_open - now < timedelta(days=6):
        found["day"], found["hour"], found["minute"] = day_and_hour(
            state.next_open, now, context.config.hotline.timezone
        )
    return found


FACTS_WITHIN_S = 0.9
"""A menu waits for a second."""


async def caller(asked: Asked) -> CallerAnswer:
    """What the parts of the hotline know of this caller within a second; a part that does not answer is left out. For the story
    server."""
    _from_here(asked)
    known = asked.context.call(asked.query.call) if asked.query.call else None
    if known is not None:
        # Where the carrier has found that the number is not the caller's, nothing is known of them.
        number = UNKNOWN if str(known["identity"]).startswith("failed") else str(known["caller"])
    else:
        number = asked.context.config.numbering.caller(asked.word("caller"))
    answers = await asyncio.gather(
        *(_fact(each, number, asked.query.dialled, asked.query.call) for each in asked.context.caller_facts)
    )
    found: dict[str, Any] = {}
    for answer in answers:
        found |= answer
    context = asked.context
    state = open_now(context.config, context.hours_set(), context.now(), number=asked.query.dialled)
    found |= {"open": state.open, "lookups": list(context.config.lookups)}
    return CallerAnswer.model_validate(found)


async def _fact(part: CallerFacts, number: str, dialled: str, call: str) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(FACTS_WITHIN_S):
            return await part(number, dialled, call)
    except TimeoutError:
        return {}
    except Exception:
        log.exception("a part of the hotline can't say what it knows of a caller; the menu goes on without")
        return {}


async def call(asked: Asked) -> CallAnswer:
    """Position and remaining wait of a call, in seconds. For the story server."""
    _from_here(asked)
    id_ = asked.word("call")
    row = asked.context.standing(id_)
    if row is not None:
        keys = asked.context.config.waiting.keys
        refused = asked.context.refusal(CallbackAsked(id_, "")) if "callback" in keys else None
        return CallAnswer(
            **row,
            callback="callback" in keys and refused is None,
            callback_noted=refused is not None and refused.code == "callback-open",
            message="message" in keys and row["stage"] == "waiting" and not row["called_back"],
        )
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
    if number and await _is_barred(asked, canonical_of(rules, number)):
        return CallbackAnswer(possible=False, why="do-not-call")
    wish = CallbackAsked(id_, number)
    refused = asked.context.refusal(wish)
    if refused is not None:
        if number and not same(rules, number, str(row["caller"])):
            asked.context.tell(wish)
        return CallbackAnswer(possible=False, why=refused.code)
    told = keyed(canonical_of(rules, number), rules.country) if number else ""
    answer = CallbackAnswer(
        possible=True, number=told, within_s=asked.context.config.callbacks.within_s(str(row["queue"]))
    )
    begins = asked.context.callback_from(id_)
    if begins is None:
        return answer
    day, hour, minute = day_and_hour(begins, asked.context.now(), asked.context.config.hotline.timezone)
    return answer.model_copy(update={"day": day, "hour": hour, "minute": minute})


async def _is_barred(asked: Asked, number: str) -> bool:
    """Whether the records know a customer of this number who does not want to be called; the engine then is told, too. False while
    the records can't be asked: acd/customers/watch.py asks again before the callback is due."""
    if asked.context.customers is None:
        return False
    try:
        barred = number in await asked.context.customers.barred([number])
    except DatabaseAway:
        return False
    if barred:
        asked.context.tell(NumberBarred(number))
    return barred


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
        "stories",
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
        "stories",
        "Position and expected wait of a caller",
        CallAnswer,
        refusals={404: "unknown-call"},
        free=True,
    ),
    Route(
        "GET",
        "/ivr/caller/{caller:[A-Za-z0-9+]{1,24}}",
        caller,
        "stories",
        "What is known of this caller?",
        CallerAnswer,
        CallerQuery,
        free=True,
    ),
    Route(
        "GET",
        f"/ivr/callback/{{call:{CALL_ID}}}",
        callback,
        "stories",
        "May this caller be called back, at this number?",
        CallbackAnswer,
        CallbackQuery,
        refusals={404: "unknown-call"},
        free=True,
    ),
    Route("POST", "/ivr/login", log_in, "stories", "Is this an agent's PIN?", PinAnswer, body=Pin, free=True),
]

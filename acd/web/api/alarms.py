"""The alarms: those that are open, those that are over, and what a supervisor says of one: seen, over."""

from datetime import datetime
from typing import Literal

from acd.errors import SanxiangError
from acd.web.access.auth import DOOR
from acd.web.live.seen import alarms as seen_alarms
from acd.web.live.state import LiveAlarm, of_brands
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class Which(Strict):
    """Which alarms."""

    all: bool = False
    """Those that are over too, and each with its history."""


class AlarmStep(ApiModel):
    """Something that happened to an alarm."""

    at: datetime
    what: Literal["raised", "worse", "better", "repeated", "seen", "cleared"]
    by: str
    """The person; empty: by itself."""
    detail: str
    """As the log has it, in English."""


class ToldAlarm(LiveAlarm):
    """An alarm with its history."""

    history: list[AlarmStep] = []
    """The oldest first; of a long one the first step and the latest. Only where `all` was asked for."""


class Alarms(ApiModel):
    """Alarms, the open ones first, the worst of them first."""

    alarms: list[ToldAlarm]


class TriedWay(ApiModel):
    """What came of a test by one way outward."""

    way: str
    """command, webhook, mail"""
    configured: bool
    why: str
    """Why it could not be sent; empty: it was taken, or there is no such way."""


class Tested(ApiModel):
    """What came of a test."""

    ways: list[TriedWay]


class ToldOfAlarm(ApiModel):
    """The alarm, and what the engine was told of it."""

    number: int
    told: Literal["AlarmSeen", "AlarmCleared"]


async def alarms(asked: Asked) -> Alarms:
    """The open alarms; with `all=true` those that are over too, the latest first, each with its history."""
    book = asked.context.alarms
    rows = [] if book is None else book.all() if asked.query.all else book.open()
    return Alarms.model_validate({"alarms": seen_alarms(of_brands(asked.context, rows), asked.scope)})


async def seen(asked: Asked) -> ToldOfAlarm:
    """Somebody takes care of it: the alarm stays open, and every page shows by whom it was seen."""
    return await _tell(asked, "AlarmSeen")


async def clear(asked: Asked) -> ToldOfAlarm:
    """The alarm is over. When its cause is still there it is raised anew."""
    return await _tell(asked, "AlarmCleared")


async def test(asked: Asked) -> Tested:
    """Sends a test by every way that is configured, and says what came of it; it takes up to a minute."""
    if asked.context.test_alarms is None:
        raise Problem(409, "no-test", "This server can't tell alarms outside.")
    await asked.request.app[DOOR].audit.note(asked.who.name, "alarms-test")
    try:
        found = await asked.context.test_alarms(asked.who.name)
    except SanxiangError as error:
        raise Problem(409, "no-test", str(error)) from None
    return Tested(ways=[TriedWay(way=one.way, configured=one.configured, why=one.why) for one in found])


async def _tell(asked: Asked, what: Literal["AlarmSeen", "AlarmCleared"]) -> ToldOfAlarm:
    number, book = int(asked.word("number")), asked.context.alarms
    open_ones = [] if book is None else seen_alarms(of_brands(asked.context, book.open()), asked.scope)
    row = next((row for row in open_ones if row["number"] == number), None)
    if book is None or row is None:
        raise Problem(404, "unknown-alarm", f"No open alarm has the number {number}. It may be over already.")
    about = {"alarm": number, "kind": row["kind"], "subject": row["subject"]}
    await asked.request.app[DOOR].audit.note(asked.who.name, what, **about)
    tell = book.seen if what == "AlarmSeen" else book.cleared
    tell(number, asked.who.name)
    return ToldOfAlarm(number=number, told=what)


_PATH = r"/api/alarms/{number:[0-9]{1,9}}"
_UNKNOWN = {404: "unknown-alarm: no open alarm has this number"}
ROUTES = [
    Route(
        "POST",
        "/api/alarms/test",
        test,
        "installation-act",
        "Send a test by every way that alarms are told outside",
        Tested,
        refusals={409: "no-test: one is under way, or this server can't"},
    ),
    Route(
        "GET", "/api/alarms", alarms, "alarms-see", "Open alarms; with `all` also those that are over", Alarms, Which
    ),
    Route(
        "POST",
        f"{_PATH}/seen",
        seen,
        "alarms-act",
        "Say that an alarm is taken care of",
        ToldOfAlarm,
        status=202,
        refusals=_UNKNOWN,
    ),
    Route(
        "POST",
        f"{_PATH}/clear",
        clear,
        "alarms-act",
        "Say that an alarm is over",
        ToldOfAlarm,
        status=202,
        refusals=_UNKNOWN,
    ),
]

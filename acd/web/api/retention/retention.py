"""How long what is stored of a call is kept: its class, until when, and holds of whole calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from acd.identifiers import CALL_ID
from acd.store.retention import by_hand
from acd.store.retention.by_hand import CallRetention
from acd.store.retention.of_config import rules_of
from acd.store.retention.rules import GENERAL
from acd.store.store import BeforeCommit
from acd.web.access.auth import DOOR
from acd.web.api.calls import PAGE, from_store, opened_call, seen_call, unknown_call
from acd.web.api.recording_keeping import Reason, Why
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class ClassChoice(Strict):
    """Of which class the call is from now on, and why."""

    class_name: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9-]*$")]
    """One of the configuration; empty: only those whose rules apply."""
    reason: Reason


class KnownClass(ApiModel):
    """A class of the configuration."""

    name: str
    days: int
    """0: until somebody deletes it."""


class RetainedCall(ApiModel):
    """How long what is stored of a call is kept."""

    call: str
    class_name: str
    """Of all that apply the one that is kept longest; "general": no class, but `recordings.keep_days` and its like."""
    known: bool
    """False: it was given by hand, and the configuration has it no longer; nothing is deleted until it is given another."""
    days: int
    """0: until somebody deletes it."""
    until: datetime | None
    """When its time is over; the night after that deletes it. null: never, or not known yet."""
    recordings: int
    """That have sound."""
    held_recordings: int
    """Of them, those that are held one by one."""
    deleted_recordings: int
    """Whose sound was deleted."""
    given: str
    """The class that was given by hand; empty: none."""
    given_at: datetime | None
    given_by: str
    given_why: str
    held_at: datetime | None
    """Since when the call is held: nothing deletes its recordings, nor what names its caller. null: it is not."""
    held_by: str
    held_why: str
    classes: list[KnownClass]
    """That it can be given."""


class RetentionChanged(ApiModel):
    """The call as it is kept now."""

    call: str
    class_name: str
    held: bool
    recordings: int
    """That have sound."""
    deleted_recordings: int
    """Whose sound was deleted: their rows are held with the call."""


class HeldByHand(ApiModel):
    """A call that is held, or one recording of it that is."""

    call: str
    offer: str
    """The recording; empty: the whole call."""
    recordings: int
    """That have sound."""
    held_at: datetime
    held_by: str
    held_why: str


class HeldList(ApiModel):
    """What is held, the oldest hold first; at most 500."""

    held: list[HeldByHand]


async def retention(asked: Asked) -> RetainedCall:
    """The class of the call's recordings, until when they are kept, and whether they are held. The audit log has a line."""
    call = asked.word("call")
    async with from_store(asked.context):
        await opened_call(asked, call)
        found = await _of(asked, call)
    classes = [KnownClass(name=name, days=each.days) for name, each in rules_of(asked.context.config).classes.items()]
    told = {name: getattr(found, name) for name in CallRetention.__dataclass_fields__}
    return RetainedCall(**told, classes=classes)


async def hold(asked: Asked) -> RetentionChanged:
    """Nothing deletes the call's recordings from now on, those that are filed later too, nor what names its caller."""
    found = await _seen(asked)
    if found.held_at is not None:
        raise _held(found)
    by, why = asked.who.name, asked.body.reason
    async with _change(asked, "call held", reason=why) as (connection, noted):
        if await by_hand.hold(connection, found.call, asked.context.now(), by, why) is None:
            raise Problem(409, "changed", f"Somebody else has held call {found.call} at this moment. Look at it again.")
        await noted()
    return await _changed(asked)


async def release(asked: Asked) -> RetentionChanged:
    """The call's recordings are kept as others are; those that are held one by one stay held."""
    found = await _seen(asked)
    if found.held_at is None:
        raise _not_held(found)
    about = {"reason": asked.body.reason, "held_by": found.held_by, "held_why": found.held_why}
    async with _change(asked, "call released", **about) as (connection, noted):
        if not await by_hand.release(connection, found.call):
            raise _not_held(found)
        await noted()
    return await _changed(asked)


async def give_class(asked: Asked) -> RetentionChanged:
    """Gives the call's recordings a class by hand. Of all classes that apply the longest still counts."""
    found, wanted = await _seen(asked), "" if asked.body.class_name == "none" else asked.body.class_name
    classes = rules_of(asked.context.config).classes
    if wanted and wanted not in classes:
        detail = f"There is no class {wanted} ({', '.join(classes)}). Name one of [recordings.retention], or `none`."
        raise Problem(400, "unknown-class", detail, field="class_name")
    by, why = asked.who.name, asked.body.reason
    async with _change(asked, "retention class given", was=found.given, now=wanted, reason=why) as (connection, noted):
        await by_hand.give_class(connection, found.call, wanted, asked.context.now(), by, why)
        await noted()
    return await _changed(asked)


async def held(asked: Asked) -> HeldList:
    """Calls that are held, and recordings that are held one by one."""
    async with from_store(asked.context), asked.context.store.transaction() as connection:
        rows = await by_hand.held(connection, PAGE, asked.scope.part)
    fields = HeldByHand.model_fields
    return HeldList(held=[HeldByHand(**{name: getattr(row, name) for name in fields}) for row in rows])


async def _of(asked: Asked, call: str) -> CallRetention:
    """Raises Problem (404)."""
    async with asked.context.store.transaction() as connection:
        found = await by_hand.of_one(connection, rules_of(asked.context.config), call)
    if found is None:
        raise unknown_call(call)
    return found


async def _seen(asked: Asked) -> CallRetention:
    """Raises Problem (404) where there is none, or it is not seen."""
    call = asked.word("call")
    async with from_store(asked.context):
        await seen_call(asked, call)
        return await _of(asked, call)


async def _changed(asked: Asked) -> RetentionChanged:
    found = await _seen(asked)
    return RetentionChanged(
        call=found.call,
        class_name=found.class_name or GENERAL,
        held=found.held_at is not None,
        recordings=found.recordings,
        deleted_recordings=found.deleted_recordings,
    )


def _held(found: CallRetention) -> Problem:
    return Problem(409, "held", f"Call {found.call} is held already, by {found.held_by}: {found.held_why}")


def _not_held(found: CallRetention) -> Problem:
    return Problem(409, "call-not-held", f"Call {found.call} is not held.")


@asynccontextmanager
async def _change(asked: Asked, action: str, **about: object) -> AsyncIterator[tuple[Any, BeforeCommit]]:
    """A transaction, and what writes the change's line of the audit log: to be awaited last, before the commit."""
    change = asked.request.app[DOOR].audit.change(asked.who.name, action, call=asked.word("call"), **about)
    async with from_store(asked.context), change as noted, asked.context.store.transaction() as connection:
        yield connection, noted


_PATH = f"/api/calls/{{call:{CALL_ID}}}/retention"
_AWAY = {404: "unknown-call", 503: "store-away, or audit-away"}
ROUTES = [
    Route(
        "GET",
        _PATH,
        retention,
        "retention-see",
        "How long a call's recordings are kept: class, until when, and hold",
        RetainedCall,
        refusals={404: "unknown-call", 503: "store-away"},
    ),
    Route(
        "POST",
        f"{_PATH}/hold",
        hold,
        "recordings-keep",
        "Hold a call: nothing deletes its recordings",
        RetentionChanged,
        body=Why,
        refusals={**_AWAY, 409: "held, changed"},
    ),
    Route(
        "POST",
        f"{_PATH}/release",
        release,
        "recordings-keep",
        "Release a call that is held",
        RetentionChanged,
        body=Why,
        refusals={**_AWAY, 409: "call-not-held"},
    ),
    Route(
        "POST",
        f"{_PATH}/class",
        give_class,
        "recordings-keep",
        "Give a call's recordings a class of retention by hand",
        RetentionChanged,
        body=ClassChoice,
        refusals={400: "unknown-class", **_AWAY},
    ),
    Route(
        "GET",
        "/api/retention/held",
        held,
        "recordings-keep",
        "Calls and recordings that are held",
        HeldList,
        refusals={503: "store-away"},
    ),
]

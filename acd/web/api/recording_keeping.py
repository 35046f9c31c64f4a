"""What is done with a recording: held, so that nothing deletes it; released; deleted. The row stays, and says so."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated, Literal

from pydantic import Field

from acd.identifiers import OFFER_ID
from acd.store.queries.recordings import Recording
from acd.store.store import BeforeCommit
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.api.recordings import seen_recording
from acd.web.server.api_model import ApiModel
from acd.web.server.context import RecordingKeeping
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f\u0085\u2028\u2029]*[^\s\x00-\x1f\x7f\u0085\u2028\u2029][^\x00-\x1f\x7f\u0085\u2028\u2029]*$",
    ),
]


class Why(Strict):
    """The reason; it is saved beside the recording, and to the audit log."""

    reason: Reason


class KeptRecording(ApiModel):
    """The recording, and what was done."""

    offer: str
    done: Literal["held", "released", "deleted"]


async def hold(asked: Asked) -> KeptRecording:
    """Neither its age nor a command deletes it from now on."""
    row, keeping = await _row(asked), keeping_of(asked)
    _refuse_without_sound(row)
    if row.held_at is not None:
        raise Problem(409, "held", f"Recording {row.offer} is held already, by {row.held_by}: {row.held_why}")
    async with from_store(asked.context), _audited(asked, "recording held", row, reason=asked.body.reason) as noted:
        if not await keeping.hold(row.offer, asked.who.name, asked.body.reason, noted):
            raise _changed(row)
    return KeptRecording(offer=row.offer, done="held")


async def release(asked: Asked) -> KeptRecording:
    """It is kept as others are, and may be deleted."""
    row, keeping = await _row(asked), keeping_of(asked)
    if row.held_at is None:
        raise Problem(409, "recording-not-held", f"Recording {row.offer} is not held.")
    if row.held_call:
        detail = f"Recording {row.offer} is held with its whole call {row.call}. Release the call."
        raise Problem(409, "call-held", detail)
    about = {"held_by": row.held_by, "held_why": row.held_why}
    async with from_store(asked.context), _audited(asked, "recording released", row, **about) as noted:
        if not await keeping.release(row.offer, noted):
            raise _changed(row)
    return KeptRecording(offer=row.offer, done="released")


async def delete(asked: Asked) -> KeptRecording:
    """Deletes the sound for good. The row stays with its checksum, and says when, by whom and why; so does the manifest."""
    row, keeping = await _row(asked), keeping_of(asked)
    _refuse_without_sound(row)
    if row.held_at is not None:
        detail = f"Recording {row.offer} is held by {row.held_by} ({row.held_why}). Release it first."
        raise Problem(409, "held", detail)
    async with from_store(asked.context), _audited(asked, "recording deleted", row, reason=asked.body.reason) as noted:
        if not await keeping.delete([row.offer], asked.who.name, asked.body.reason, noted):
            raise _changed(row)
    return KeptRecording(offer=row.offer, done="deleted")


def keeping_of(asked: Asked) -> RecordingKeeping:
    """Raises Problem (409) where there is none."""
    if asked.context.keeping is None:
        raise Problem(409, "no-hotline", "This server runs without a hotline around it, and keeps no recordings.")
    return asked.context.keeping


async def _row(asked: Asked) -> Recording:
    return await seen_recording(asked)


def _refuse_without_sound(row: Recording) -> None:
    if row.deleted_at is not None:
        raise Problem(409, "deleted", f"The sound of {row.offer} was deleted by {row.deleted_by}: {row.deleted_why}.")
    if not row.path:
        raise Problem(409, "no-recording", f"There is no sound of {row.offer}: nobody talked, or it is not filed yet.")


def _changed(row: Recording) -> Problem:
    return Problem(409, "changed", f"Somebody else has changed recording {row.offer} at this moment. Look at it again.")


def _audited(asked: Asked, action: str, row: Recording, **about: object) -> AbstractAsyncContextManager[BeforeCommit]:
    return asked.request.app[DOOR].audit.change(asked.who.name, action, offer=row.offer, call=row.call, **about)


_PATH = f"/api/recordings/{{offer:{OFFER_ID}}}"
_AWAY = {404: "unknown-recording", 503: "store-away, or audit-away"}
ROUTES = [
    Route(
        "POST",
        f"{_PATH}/hold",
        hold,
        "recordings-keep",
        "Hold a recording: nothing deletes it",
        KeptRecording,
        body=Why,
        refusals={**_AWAY, 409: "held, deleted, no-recording, changed, no-hotline"},
    ),
    Route(
        "POST",
        f"{_PATH}/release",
        release,
        "recordings-keep",
        "Release a recording that is held",
        KeptRecording,
        refusals={**_AWAY, 409: "recording-not-held, call-held, changed, no-hotline"},
    ),
    Route(
        "POST",
        f"{_PATH}/delete",
        delete,
        "recordings-keep",
        "Delete the sound of a recording for good; its row stays",
        KeptRecording,
        body=Why,
        refusals={**_AWAY, 409: "held, deleted, no-recording, changed, no-hotline"},
    ),
]

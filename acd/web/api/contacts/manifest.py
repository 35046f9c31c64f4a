"""The book of a contact's recordings: every leg of a call, and of the callbacks that were promised in it, with what was checked and what is missing.

Each leg comes from the manifest that lies beside the sound and from its row in PostgreSQL: one that only one of them has is shown and said.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from acd.identifiers import CALL_ID
from acd.store.queries import promises
from acd.store.queries.recordings import Recording as StoredRecording
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store, seen_call, seen_in_store
from acd.web.api.recordings import RecordingSpan
from acd.web.server.api_model import ApiModel
from acd.web.server.routes import Asked, Route
from acd.words.recording_reasons import in_chinese
from recordings import manifest

_LEGS = 200
"""So many legs of one call are told."""


class SideLevel(ApiModel):
    """How loud one side is, in dBFS."""

    speaker: str
    """caller, agent; of a consult first agent, receiver."""
    loudest_db: float
    """Of the loudest tenth of a second."""
    speech_db: float
    """Of the tenths of a second in which somebody speaks."""
    clipped_percent: float


class ManifestLeg(ApiModel):
    """One leg; lengths in seconds."""

    offer: str
    kind: str
    """talk, message, consult or word."""
    agent: str
    """Of a consult the receiver."""
    first: str = ""
    """Of a consult the first agent."""
    queue: str
    began_at: datetime | None
    ended_at: datetime | None
    talk_s: float | None
    hold_s: float | None
    """Of the talk, the caller on hold by page; null: filed before it was written down, as `consult_s`."""
    consult_s: float | None
    spans: list[RecordingSpan]
    """Where caller and agent were not alone with each other."""
    file: str
    """Under the recordings folder; empty: there is none, or it was deleted."""
    seconds: float | None
    """The sound's length."""
    sha256: str
    complete: bool
    """The sound was filed, and nothing is wrong with it."""
    why: str
    """Why it is not complete, or what became of it; empty: it is complete."""
    why_zh: str
    silent: str
    """Who is not heard: caller, agent, both …"""
    levels: list[SideLevel]
    """Empty: not measured, as of legs that were filed before levels were."""
    level_faults: list[str]
    filed_at: datetime | None
    deleted_at: datetime | None
    deleted_by: str = ""
    deleted_why: str = ""
    held: bool
    """Nothing deletes it."""
    in_manifest: bool
    """Whether the file beside the sound has it; false: it is not filed yet, or the file lacks it."""


class ManifestCall(ApiModel):
    """One call of the contact."""

    call: str
    promised_in: str
    """The call in which this one, a callback, was promised; empty: it is none, or the call is not shown to you."""
    arrived_at: datetime
    ended_at: datetime | None
    queue: str
    agents: list[str]
    """Who talked with the caller, in order."""
    complete: bool
    """The call is over, and every leg is; a call without any is."""
    legs: list[ManifestLeg]
    """In the order of time."""


class ContactManifest(ApiModel):
    """A call with the callbacks that were promised in it, or with the call in which it was promised: one contact."""

    call: str
    """The one that was asked for."""
    complete: bool
    """Every leg of every call is."""
    calls: list[ManifestCall]
    """In the order of time."""


async def contact_manifest(asked: Asked) -> ContactManifest:
    """The legs of the call's contact, as far as they are seen, with what was checked of each. The audit log has a line."""
    wanted = asked.word("call")
    async with from_store(asked.context):
        await seen_call(asked, wanted)
        async with asked.context.store.transaction() as connection:
            promised_in = await promises.of_contact(connection, wanted)
        rows = [row for each in promised_in if (row := await seen_in_store(asked, each)) is not None]
        seen = {row.call for row in rows}
        await asked.request.app[DOOR].readings.note(
            asked.who.name, "opened a manifest", wanted, call=wanted, calls=sorted(seen)
        )
        calls = []
        for row in sorted(rows, key=lambda one: (one.arrived_at, one.call)):
            stored = await asked.context.store.recordings(call=row.call, part=asked.scope.part, limit=_LEGS)
            legs = await _legs(asked, row.call, stored)
            calls.append(
                ManifestCall(
                    call=row.call,
                    promised_in=of if (of := promised_in[row.call]) in seen else "",
                    arrived_at=row.arrived_at,
                    ended_at=row.ended_at,
                    queue=row.queue,
                    agents=list(dict.fromkeys(leg.agent for leg in legs if leg.agent and leg.kind == "talk")),
                    complete=row.ended_at is not None and all(leg.complete for leg in legs),
                    legs=legs,
                )
            )
    return ContactManifest(call=wanted, complete=all(one.complete for one in calls), calls=calls)


async def _legs(asked: Asked, call: str, stored: list[StoredRecording]) -> list[ManifestLeg]:
    """What manifest and rows have; of those whose scope is not the whole hotline the rows decide which legs are seen."""
    book = await asyncio.to_thread(manifest.read, asked.context.recordings_folder, call)
    filed: Mapping[str, Mapping[str, Any]] = {each["offer"]: each for each in book["legs"]}
    rows = {row.offer: row for row in stored}
    offers = [*filed, *rows] if asked.scope.whole else [*rows]
    legs = [_leg(offer, filed.get(offer), rows.get(offer)) for offer in dict.fromkeys(offers)]
    legs = await asyncio.to_thread(lambda: [_as_found(asked.context.recordings_folder, leg) for leg in legs])
    return sorted(legs, key=lambda leg: (leg.began_at is None, leg.began_at, leg.offer))


def _leg(offer: str, filed: Mapping[str, Any] | None, row: StoredRecording | None) -> ManifestLeg:
    if filed is None:
        assert row is not None, offer
        return _unfiled(row)
    checks, deleted = filed["checks"], filed.get("deleted")
    why = "; ".join(checks["reasons"])
    told = {
        "offer": offer,
        "kind": filed.get("kind") or (row.kind if row else "talk"),
        **{name: filed.get(name) or "" for name in ("agent", "first", "queue", "sha256")},
        "file": "" if deleted else filed["file"],
        "began_at": _in_utc(filed.get("talk_began_at")),
        "ended_at": _in_utc(filed["talk_ended_at"]),
        "filed_at": _in_utc(filed.get("filed_at")),
        **{name: filed.get(name) for name in ("talk_s", "hold_s", "consult_s")},
        "spans": [RecordingSpan.model_validate(span) for span in filed.get("spans", ())],
        "seconds": filed["to_s"],
        "complete": filed["complete"] and deleted is None,
        "why": "deleted" if deleted and not why else why,
        "silent": checks["silent"],
        "levels": [SideLevel(speaker=name, **level) for name, level in checks.get("levels", {}).items()],
        "level_faults": checks.get("level_faults", []),
        "deleted_at": _in_utc(deleted["at"]) if deleted else None,
        "deleted_by": deleted["by"] if deleted else "",
        "deleted_why": deleted["why"] if deleted else "",
        "held": row is not None and row.held_at is not None,
        "in_manifest": True,
    }
    return ManifestLeg.model_validate(told | {"why_zh": in_chinese(told["why"])})


def _in_utc(at: str | None) -> datetime | None:
    """A moment of a manifest; older ones have the hotline's zone."""
    return None if at is None else datetime.fromisoformat(at).astimezone(UTC)


def _as_found(folder: Path, leg: ManifestLeg) -> ManifestLeg:
    """The leg; not complete where its file has gone. Whether a file that is there was altered only its checksum tells (`recording verify`)."""
    if not leg.complete or (folder / leg.file).is_file():
        return leg
    return leg.model_copy(
        update={"complete": False, "why": "there is no file", "why_zh": in_chinese("there is no file")}
    )


_NOT_FILED = {"expected": "not filed yet", "declined": "declined"}
"""A leg's state in PostgreSQL to what is said of it, where the manifest has none."""


def _unfiled(row: StoredRecording) -> ManifestLeg:
    """A leg of which the manifest knows nothing: still talked, or being filed; declined; or taken out of the manifest."""
    why = _NOT_FILED.get(row.state) or "the manifest lacks it"
    told: dict[Literal["began_at", "ended_at"], datetime | None] = {
        "began_at": row.connected_at or row.offered_at,
        "ended_at": row.talk_ended_at,
    }
    return ManifestLeg(
        offer=row.offer,
        kind=row.kind,
        agent=row.agent,
        first=row.first,
        queue=row.queue,
        **told,
        talk_s=row.talk_s,
        hold_s=None,
        consult_s=None,
        spans=[RecordingSpan.model_validate(span) for span in row.spans],
        file=row.path,
        seconds=row.seconds,
        sha256=row.sha256,
        complete=False,
        why=why,
        why_zh=in_chinese(why),
        silent=row.silent,
        levels=[],
        level_faults=[],
        filed_at=row.filed_at,
        deleted_at=row.deleted_at,
        deleted_by=row.deleted_by,
        deleted_why=row.deleted_why,
        held=row.held_at is not None,
        in_manifest=False,
    )


ROUTES = [
    Route(
        "GET",
        f"/api/calls/{{call:{CALL_ID}}}/manifest",
        contact_manifest,
        "recordings-hear",
        "The manifest of a call's recordings, and of the callbacks promised in it",
        answer=ContactManifest,
        refusals={404: "unknown-call", 503: "store-away"},
    ),
]

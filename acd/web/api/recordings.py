"""What was said, for QA and for supervisors of the agents who said it: search, one recording with its verdict, sound by ranges, and the list as a table.

A recording is named by its offer, never by a path. Each time it is heard its checksum is held against the one in the
store, and a line stands in the audit log before the first byte goes out.
"""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from aiohttp import web
from pydantic import ConfigDict, Field, model_validator

from acd import csv_table
from acd.engine.events import AlarmRaised
from acd.identifiers import EXTENSION_ASKED_FOR, OFFER_ID, optional
from acd.store.queries.recordings import Recording as StoredRecording
from acd.web.access.auth import DOOR
from acd.web.access.number_access import NumbersQuery, numbers_in_full
from acd.web.access.roles import may
from acd.web.api.calls import PAGE, LegQuality, Words, from_store, leg_quality, searched_number
from acd.web.api.files import Checksums, NotUnderRoot, asked_range, opened_under, send
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.context import WebContext
from acd.web.server.days import first_and_last, span
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from acd.words.recording_reasons import in_chinese

CHECKSUMS: web.AppKey[Checksums] = web.AppKey("checksums", Checksums)
_AT_MOST_IN_A_TABLE = 50_000

Verdict = Literal["intact", "altered", "missing", "unreadable", "no file", "deleted"]


class Filter(Strict):
    """Which recordings."""

    day: date | None = None
    first: date | None = None
    """The first of several days, in the place of `day`."""
    last: date | None = None
    """The last of them, included; at most 366 days."""
    agent: Annotated[str, Field(pattern=optional(EXTENSION_ASKED_FOR))] = ""
    queue: Words = ""
    brand: Words = ""
    caller: Words = ""
    """The caller's number or a part of it, in any writing; for who sees numbers masked the whole number or its last four digits."""
    text: Words = ""
    """Part of the call's id, of the offer's, or of the reason why a recording is not complete."""
    state: Literal["", "complete", "incomplete", "expected", "declined"] = ""
    kind: Literal["", "talk", "message", "consult", "word"] = ""
    bad_line: bool = False
    """Only talks in which the line of caller or agent was bad."""


class RecordingQuery(Filter):
    """Filters, and where the page begins."""

    limit: Annotated[int, Field(ge=1, le=PAGE)] = 100
    before: Annotated[str, Field(max_length=60, pattern=optional(OFFER_ID))] = ""
    """The last offer of the former page."""


class SoundQuery(Strict):
    """To play or to keep."""

    download: bool = False
    """As a file to keep, instead of to hear."""


class Recording(ApiModel):
    """One recording; lengths in seconds."""

    model_config = ConfigDict(from_attributes=True)
    offer: str
    call: str
    caller: str
    """As people here write it; masked in lists; in full on one recording for QA, when they ask for it. "withheld": the caller does not want it to be shown."""
    agent: str
    queue: str
    brand: str = ""
    """Of the call; empty: no brand's."""
    offered_at: datetime
    state: str
    seconds: float | None
    talk_s: float | None
    sha256: str
    reason: str
    reason_zh: str = ""
    """The same in Chinese."""
    silent: str
    filed_at: datetime | None
    kind: str
    """talk; message: what the caller left on voicemail; consult: first agent and receiver while the caller was on hold; word:
    what the caller said after the survey."""
    recorded_s: float | None = None
    """How long the file should be, where that is not the talk's length: hold by page and consults are in no talk's file."""
    deleted_at: datetime | None = None
    """When its sound was deleted."""
    deleted_by: str = ""
    """The account; "keep_days": by its age."""
    deleted_why: str = ""
    held_at: datetime | None = None
    """Since when it is held: nothing deletes it."""
    held_by: str = ""
    held_why: str = ""
    held_call: bool = False
    """The whole call is held, and not this recording alone."""
    first: str = ""
    """Of a consult the first agent; `agent` is the receiver, and the sides are theirs."""
    caller_mos: float | None = None
    """Estimated (ITU-T G.107), 1 to 4.5, of what came from the caller in this talk; null: not measured, as of messages and consults."""
    caller_problems: list[str] | None = None
    """What was wrong with the caller's line, as in `lines` of one recording; empty: a good line; null: not measured."""
    agent_mos: float | None = None
    agent_problems: list[str] | None = None

    @model_validator(mode="after")
    def _in_chinese(self) -> Self:
        self.reason_zh = in_chinese(self.reason)
        return self


class RecordingSpan(ApiModel):
    """A part of the recording, in seconds from its beginning."""

    kind: str
    """hold, consult, three-way; supervisor: one was in the talk, too; masked: the file is silent there."""
    from_s: float
    to_s: float
    """In the file; the same as from_s where nothing of it was recorded."""
    lasted_s: float
    by: str = ""
    """The supervisor's account."""


class Recordings(ApiModel):
    """One page of recordings."""

    recordings: list[Recording]
    before: str | None


class OneRecording(ApiModel):
    """A recording and whether its file is intact."""

    recording: Recording
    spans: list[RecordingSpan]
    """Where caller and agent were not alone with each other, or the sound is masked."""
    verdict: Verdict
    """Of the file as it lies on the disk now, against the checksum it was filed with."""
    lines: list[LegQuality] = []
    """How well the lines of caller and agent carried speech in this talk."""


async def recordings(asked: Asked) -> Recordings:
    """One page of recordings, the newest first. Callers' numbers are masked."""
    query: RecordingQuery = asked.query
    if query.caller:
        looked_for = searched_number(asked.context, query.caller)
        await asked.request.app[DOOR].audit.note(asked.who.name, "searched by number", search=looked_for)
    rows = await found_recordings(asked, query, query.limit, query.before)
    found = [shown_recording(asked, row) for row in rows]
    return Recordings(recordings=found, before=found[-1].offer if len(found) == query.limit else None)


async def recording(asked: Asked) -> OneRecording:
    """One recording. Its file's checksum is verified now, against the one in the database. The audit log has a line."""
    row = await seen_recording(asked)
    await asked.request.app[DOOR].readings.note(
        asked.who.name, "opened a recording", row.offer, offer=row.offer, call=row.call
    )
    async with from_store(asked.context):
        lines = await asked.context.store.leg_quality(offer=row.offer)
    return OneRecording(
        recording=shown_recording(asked, row, in_full=await numbers_in_full(asked, row.call)),
        spans=[RecordingSpan(**each) for each in row.spans],
        verdict=await verdict(asked, row),
        lines=[leg_quality(line) for line in lines],
    )


async def sound(asked: Asked) -> web.StreamResponse:
    """The sound as WAV. Refused (409) when the checksum differs. Each time it is heard is written to the audit log."""
    row = await seen_recording(asked)
    found = await verdict(asked, row)
    if found != "intact":
        if found == "altered":
            asked.context.tell(
                AlarmRaised("recording altered", f"{row.offer}: its checksum is not the filed one", row.call)
            )
        raise _refused(found)
    # Opened anew and checked by its mark: what is sent is what was weighed.
    with opened_under(asked.context.recordings_folder, row.path) as file:
        if await asyncio.to_thread(asked.request.app[CHECKSUMS].of, file) != row.sha256:
            raise _refused("altered")
        part = asked_range(asked.request, file)
        action = "downloaded" if asked.query.download else "listened to"
        if asked.request.method != "HEAD":
            first, end = part or (0, file.size)
            await asked.request.app[DOOR].audit.note(
                asked.who.name, action, offer=row.offer, call=row.call, bytes=f"{first}-{end - 1}"
            )
        kind = "attachment" if asked.query.download else "inline"
        headers = {
            "Content-Type": "audio/wav",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'{kind}; filename="{row.offer}.wav"',
        }
        return await send(asked.request, file, part, headers)


async def as_table(asked: Asked) -> web.StreamResponse:
    """The list under the same filter as CSV, numbers masked."""
    query: Filter = asked.query
    rows: list[Any] = []
    before = ""
    while len(rows) < _AT_MOST_IN_A_TABLE:
        page = await found_recordings(asked, query, PAGE, before)
        rows += page
        if len(page) < PAGE:
            break
        before = page[-1].offer
    await note_export(asked, query, len(rows))
    columns = list(Recording.model_fields)
    lines = [_cells(shown_recording(asked, row)) for row in rows]
    headers = {"Content-Disposition": 'attachment; filename="recordings.csv"', "Cache-Control": "no-store"}
    body = await asyncio.to_thread(csv_table.csv, columns, lines)
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


async def note_export(asked: Asked, query: Filter, rows: int) -> None:
    """A line in the audit log: which recordings were exported, and how many."""
    chosen = query.model_dump(mode="json", exclude_defaults=True)
    if query.caller:
        chosen["caller"] = searched_number(asked.context, query.caller)
    await asked.request.app[DOOR].audit.note(asked.who.name, "exported recordings", rows=rows, filter=chosen)


async def verdict(asked: Asked, row: Any) -> Verdict:
    """What is found under the row's path now."""
    if row.deleted_at is not None:
        return "deleted"
    if not row.path:
        return "no file"
    return await asyncio.to_thread(_weigh, asked.context, asked.request.app[CHECKSUMS], row)


def _weigh(context: WebContext, checksums: Checksums, row: Any) -> Verdict:
    try:
        with opened_under(context.recordings_folder, row.path) as file:
            return "intact" if checksums.of(file) == row.sha256 else "altered"
    except FileNotFoundError:
        return "missing"
    except (NotUnderRoot, OSError):
        return "unreadable"


def _refused(found: Verdict) -> Problem:
    status, code, detail = _WHY[found]
    return Problem(status, code, detail)


_WHY: dict[Verdict, tuple[int, str, str]] = {
    "altered": (409, "altered", "This recording is not what was filed: its checksum differs. Tell the operator."),
    "missing": (404, "file-missing", "The recording's file is no longer there. Tell the operator."),
    "unreadable": (404, "file-unreadable", "The recording's file can't be opened. Tell the operator."),
    "deleted": (404, "deleted", "The sound of this recording was deleted. The recording says when, by whom and why."),
    "no file": (404, "no-recording", "There is no sound for this offer: nobody talked, or it is not filed yet."),
}


async def seen_recording(asked: Asked) -> StoredRecording:
    """The row of the offer in the path. Raises Problem (404) where there is none, or it is not seen."""
    async with from_store(asked.context):
        row = await asked.context.store.recording(asked.word("offer"))
    if row is None or not _is_seen(asked, row):
        detail = f"There is no recording {asked.word('offer')}. `sanxiang recording list` shows the recordings."
        raise Problem(404, "unknown-recording", detail)
    return row


def _is_seen(asked: Asked, row: Any) -> bool:
    """Of these brands; and of these teams' agents, as talk or consult, a message by its queue."""
    scope = asked.scope
    if scope.teams is None or not scope.has_brand(row.brand):
        return scope.has_brand(row.brand)
    theirs = scope.has_leg_of(row.agent) or scope.has_leg_of(row.first)
    return theirs if row.agent else scope.has_queue(row.queue)


async def found_recordings(asked: Asked, query: Filter, limit: int, before: str) -> list[Any]:
    """The rows under the filter that are seen, the newest first. Raises Problem."""
    since = until = None
    if query.first or query.last:
        if query.day:
            raise Problem(400, "bad-request", "Give `day`, or `first` and `last`, not both.", field="day")
        first, last = first_and_last(asked.context, query.first, query.last)
        since, until = span(asked.context, first)[0], span(asked.context, last)[1]
    async with from_store(asked.context):
        return list(
            await asked.context.store.recordings(
                day=query.day,
                since=since,
                until=until,
                agent=query.agent,
                queue=query.queue,
                brand=query.brand,
                caller=query.caller,
                numbering=asked.context.config.numbering,
                part_of_number=may(asked.who.roles, "numbers-in-full"),
                part=asked.scope.part,
                text=query.text,
                state=query.state,
                kind=query.kind,
                bad_line=query.bad_line,
                limit=limit,
                before=before,
            )
        )


def _cells(row: Recording) -> dict[str, Any]:
    """The row as a table has it: a good line says so, and what was not measured is empty."""
    problems = {
        name: None if (found := getattr(row, name)) is None else " ".join(found) or "good"
        for name in ("caller_problems", "agent_problems")
    }
    return row.model_dump(mode="json") | problems


def shown_recording(asked: Asked, row: Any, *, in_full: bool = False) -> Recording:
    """The row with its caller's number as people see it."""
    caller = shown_caller(asked.context.config, row.caller, withheld=row.withheld, in_full=in_full)
    return Recording.model_validate(row).model_copy(update={"caller": caller})


_AWAY = {503: "store-away"}
ROUTES = [
    Route(
        "GET",
        "/api/recordings",
        recordings,
        "recordings-hear",
        "Recordings, newest first",
        answer=Recordings,
        query=RecordingQuery,
        refusals=_AWAY,
    ),
    Route(
        "GET",
        "/api/recordings.csv",
        as_table,
        "recordings-hear",
        "The same list as a table, for a spreadsheet",
        query=Filter,
        content="text/csv",
        refusals=_AWAY,
    ),
    Route(
        "GET",
        f"/api/recordings/{{offer:{OFFER_ID}}}",
        recording,
        "recordings-hear",
        "One recording, its checksum verified now",
        answer=OneRecording,
        query=NumbersQuery,
        refusals={404: "unknown-recording", **_AWAY},
    ),
    Route(
        "GET",
        f"/api/recordings/{{offer:{OFFER_ID}}}/audio",
        sound,
        "recordings-hear",
        "Sound of a recording: caller left, agent right; whole or by range (206, 416)",
        query=SoundQuery,
        content="audio/wav",
        also={206: "A part, by Range"},
        refusals={404: "unknown-recording, file-missing, deleted", 409: "altered", 416: "beyond-the-end", **_AWAY},
    ),
]

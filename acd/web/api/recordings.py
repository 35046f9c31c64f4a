"""QA's door to what was said: search, one recording with its verdict, sound by ranges, and the list as a table.

A recording is named by its offer, never by a path. Each time it is heard its checksum is held against the one in the
store, and a line stands in the audit log before the first byte goes out.
"""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import ConfigDict, Field

from acd.engine.events import AlarmRaised
from acd.identifiers import EXTENSION_ASKED_FOR, OFFER_ID, optional
from acd.web.access.auth import DOOR
from acd.web.api.calls import PAGE, LegQuality, Words, from_store, leg_quality
from acd.web.api.files import Checksums, NotUnderRoot, asked_range, opened_under, send
from acd.web.server import table
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem
from acd.web.server.routes import QA, Asked, Route, Strict

CHECKSUMS: web.AppKey[Checksums] = web.AppKey("checksums", Checksums)
_AT_MOST_IN_A_TABLE = 50_000

Verdict = Literal["intact", "altered", "missing", "unreadable", "no file"]


class Filter(Strict):
    """Which recordings."""

    day: date | None = None
    agent: Annotated[str, Field(pattern=optional(EXTENSION_ASKED_FOR))] = ""
    queue: Words = ""
    caller: Words = ""
    """The caller's number or a part of it, in any writing."""
    text: Words = ""
    """Part of the call's id, of the offer's, or of the reason why a recording is not complete."""
    state: Literal["", "complete", "incomplete", "expected"] = ""
    kind: Literal["", "talk", "message", "consult"] = ""


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
    """As people here write it; masked in lists, in full on one recording. "withheld": the caller does not want it to be shown."""
    agent: str
    queue: str
    offered_at: datetime
    state: str
    seconds: float | None
    talk_s: float | None
    sha256: str
    reason: str
    silent: str
    filed_at: datetime | None
    kind: str
    """talk; message: what the caller left on voicemail; consult: first agent and receiver while the caller was on hold."""
    recorded_s: float | None = None
    """How long the file should be, where that is not the talk's length: hold by page and consults are in no talk's file."""
    first: str = ""
    """Of a consult the first agent; `agent` is the receiver, and the sides are theirs."""


class RecordingSpan(ApiModel):
    """A part of the recording, in seconds from its beginning."""

    kind: str
    """hold, consult or three-way."""
    from_s: float
    to_s: float
    """In the file; the same as from_s where nothing of it was recorded."""
    lasted_s: float


class Recordings(ApiModel):
    """One page of recordings."""

    recordings: list[Recording]
    before: str | None


class OneRecording(ApiModel):
    """A recording and whether its file is intact."""

    recording: Recording
    spans: list[RecordingSpan]
    """Where caller and agent were not alone with each other."""
    verdict: Verdict
    """Of the file as it lies on the disk now, against the checksum it was filed with."""
    lines: list[LegQuality] = []
    """How well the lines of caller and agent carried speech in this talk."""


async def recordings(asked: Asked) -> Recordings:
    """One page of recordings, the newest first. Callers' numbers are masked."""
    query: RecordingQuery = asked.query
    rows = await _find(asked, query, query.limit, query.before)
    found = [_shown(asked, row) for row in rows]
    return Recordings(recordings=found, before=found[-1].offer if len(found) == query.limit else None)


async def recording(asked: Asked) -> OneRecording:
    """One recording. Its file's checksum is verified now, against the one in the database."""
    row = await _row(asked)
    async with from_store(asked.context):
        lines = await asked.context.store.leg_quality(offer=row.offer)
    return OneRecording(
        recording=_shown(asked, row, in_full=True),
        spans=[RecordingSpan(**each) for each in row.spans],
        verdict=await verdict(asked, row),
        lines=[leg_quality(line) for line in lines],
    )


async def sound(asked: Asked) -> web.StreamResponse:
    """The sound as WAV. Refused (409) when the checksum differs. Each time it is heard is written to the audit log."""
    row = await _row(asked)
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
        page = await _find(asked, query, PAGE, before)
        rows += page
        if len(page) < PAGE:
            break
        before = page[-1].offer
    chosen = query.model_dump(mode="json", exclude_defaults=True)
    await asked.request.app[DOOR].audit.note(asked.who.name, "exported recordings", rows=len(rows), filter=chosen)
    columns = list(Recording.model_fields)
    lines = [_shown(asked, row).model_dump(mode="json") for row in rows]
    headers = {"Content-Disposition": 'attachment; filename="recordings.csv"', "Cache-Control": "no-store"}
    body = await asyncio.to_thread(table.csv, columns, lines)
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


async def verdict(asked: Asked, row: Any) -> Verdict:
    """What is found under the row's path now."""
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
    "no file": (404, "no-recording", "There is no sound for this offer: nobody talked, or it is not filed yet."),
}


async def _row(asked: Asked) -> Any:
    async with from_store(asked.context):
        row = await asked.context.store.recording(asked.word("offer"))
    if row is None:
        raise Problem(404, "unknown-recording", "There is no such recording. The list shows those there are.")
    return row


async def _find(asked: Asked, query: Filter, limit: int, before: str) -> list[Any]:
    async with from_store(asked.context):
        return list(
            await asked.context.store.recordings(
                day=query.day,
                agent=query.agent,
                queue=query.queue,
                caller=query.caller,
                numbering=asked.context.config.numbering,
                text=query.text,
                state=query.state,
                kind=query.kind,
                limit=limit,
                before=before,
            )
        )


def _shown(asked: Asked, row: Any, *, in_full: bool = False) -> Recording:
    caller = shown_caller(asked.context.config, row.caller, withheld=row.withheld, in_full=in_full)
    return Recording.model_validate(row).model_copy(update={"caller": caller})


_AWAY = {503: "store-away"}
ROUTES = [
    Route(
        "GET",
        "/api/recordings",
        recordings,
        QA,
        "Recordings, newest first",
        answer=Recordings,
        query=RecordingQuery,
        refusals=_AWAY,
    ),
    Route(
        "GET",
        "/api/recordings.csv",
        as_table,
        QA,
        "The same list as a table, for a spreadsheet",
        query=Filter,
        content="text/csv",
        refusals=_AWAY,
    ),
    Route(
        "GET",
        f"/api/recordings/{{offer:{OFFER_ID}}}",
        recording,
        QA,
        "One recording, its checksum verified now",
        answer=OneRecording,
        refusals={404: "unknown-recording", **_AWAY},
    ),
    Route(
        "GET",
        f"/api/recordings/{{offer:{OFFER_ID}}}/audio",
        sound,
        QA,
        "Sound of a recording: caller left, agent right; whole or by range (206, 416)",
        query=SoundQuery,
        content="audio/wav",
        refusals={404: "unknown-recording, file-missing", 409: "altered", 416: "beyond-the-end", **_AWAY},
    ),
]

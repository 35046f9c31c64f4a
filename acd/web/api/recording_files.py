"""Recordings of some days as a workbook. The list, and the same as CSV for programs: recordings.py."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal

from aiohttp import web

from acd.reports.table_file import CONTENT, Column, Value
from acd.web.api.calls import PAGE
from acd.web.api.recordings import Filter, Recording, found_recordings, note_export, shown_recording
from acd.web.server.exports import sent_file, table_file
from acd.web.server.labels import agent_label, brand_label, queue_label
from acd.web.server.routes import Asked, Route
from acd.words.call_tables import FILED, KINDS, Language, heading


class RecordingFileQuery(Filter):
    """Which recordings, and in which language they are written."""

    language: Literal["en", "zh"] = "en"


async def as_workbook(asked: Asked) -> web.StreamResponse:
    """The list under the same filter as a workbook, in words, numbers masked. Written to the audit log."""
    query: RecordingFileQuery = asked.query
    language = query.language

    async def pages() -> AsyncIterator[Sequence[Sequence[Value]]]:
        before = ""
        while page := await found_recordings(asked, query, PAGE, before):
            yield [_in_words(asked, shown_recording(asked, row), language) for row in page]
            if len(page) < PAGE:
                return
            before = page[-1].offer

    columns = [Column(heading(name, language), kind, width) for name, kind, width in _COLUMNS]
    body, rows = await table_file(asked, "xlsx", heading("recordings", language), columns, pages())
    await note_export(asked, query, rows)
    return sent_file("recordings", "xlsx", body)


_COLUMNS: list[tuple[str, Literal["text", "seconds", "moment"], int]] = [
    *(("offered_at", "moment", 20), ("kind", "text", 10), ("caller", "text", 16), ("queue", "text", 14)),
    *(("brand", "text", 12), ("agent", "text", 24), ("seconds", "seconds", 9), ("talk_s", "seconds", 9)),
    *(("state", "text", 14), ("reason", "text", 24), ("held_at", "moment", 20), ("deleted_at", "moment", 20)),
    *(("call", "text", 22), ("offer", "text", 24), ("sha256", "text", 20)),
]


def _in_words(asked: Asked, row: Recording, language: Language) -> list[Value]:
    config = asked.context.config
    agents = [agent_label(config, agent) for agent in (row.first, row.agent) if agent]
    return [
        row.offered_at,
        KINDS.get(row.kind, {}).get(language, row.kind),
        row.caller,
        queue_label(config, row.queue, language),
        brand_label(config, row.brand, language),
        " → ".join(agents),
        row.seconds,
        row.talk_s,
        FILED.get(row.state, {}).get(language, row.state),
        row.reason,
        row.held_at,
        row.deleted_at,
        row.call,
        row.offer,
        row.sha256,
    ]


ROUTES = [
    Route(
        "GET",
        "/api/recordings.xlsx",
        as_workbook,
        "recordings-hear",
        "The same list as a workbook (XLSX), in words",
        query=RecordingFileQuery,
        content=CONTENT["xlsx"],
        refusals={400: "narrow-the-list, narrow-the-period", 429: "exports-busy", 503: "store-away"},
    ),
]

"""Lists as files: rows are asked for page by page and written as they come, so that a long list holds neither the daemon nor its memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from zoneinfo import ZoneInfo

from aiohttp import web

from acd.reports.table_file import CONTENT, MOST_ROWS, Column, Format, TableFile, Value
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked

AT_ONCE = 2
"""Files that are made at the same moment."""
EXPORTS: web.AppKey[asyncio.Semaphore] = web.AppKey("exports", asyncio.Semaphore)


async def table_file(
    asked: Asked,
    form: Format,
    title: str,
    columns: Sequence[Column],
    pages: AsyncIterator[Sequence[Sequence[Value]]],
) -> tuple[bytes, int]:
    """The file, and how many rows it has. Raises Problem: 400 when there are more than `MOST_ROWS`; 429 while `AT_ONCE` are being made."""
    turn = asked.request.app[EXPORTS]
    if turn.locked():
        raise Problem(
            429, "exports-busy", "Other lists are being exported. Try again in a moment.", headers={"Retry-After": "5"}
        )
    async with turn:
        table = TableFile(form, title, columns, ZoneInfo(asked.context.config.hotline.timezone))
        async for rows in pages:
            if table.rows + len(rows) > MOST_ROWS:
                detail = f"The list has more than {MOST_ROWS} rows. Choose fewer days, or filter it."
                raise Problem(400, "narrow-the-list", detail, field="first")
            await asyncio.to_thread(table.add, rows)
        return await asyncio.to_thread(table.end), table.rows


def asked_format(asked: Asked) -> Format:
    """As what the list is asked for, by the end of the path."""
    return "csv" if asked.request.path.endswith(".csv") else "xlsx"


def sent_file(name: str, form: Format, body: bytes) -> web.Response:
    """As a file to keep, never to be shown."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    charset = "utf-8" if form == "csv" else None
    return web.Response(body=body, content_type=CONTENT[form], charset=charset, headers=headers)

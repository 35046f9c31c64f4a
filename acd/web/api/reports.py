"""Reports: the figures of some days by queue or by agent, as JSON and as files; those that made themselves, and their files.

A report is computed in a process of its own (acd/reports/process.py). Each download is a line in the audit log.
"""

import asyncio
import errno
import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from acd.errors import SanxiangError
from acd.identifiers import NAME, optional
from acd.reports.contents import Report, Row, Section, Wanted
from acd.reports.make import Busy, TooLong, TooManyRows
from acd.reports.spans import Span
from acd.store.errors import DatabaseAway
from acd.web.access.auth import DOOR
from acd.web.server.api_model import ApiModel
from acd.web.server.context import MadeReport, Reports
from acd.web.server.days import today
from acd.web.server.lookups import queue_row
from acd.web.server.problems import Problem, StoreAway
from acd.web.server.routes import Asked, Route, Strict
from acd.words.reports import FIGURES

By = Literal["queues", "agents"]
FILE_NAME = "[a-z0-9][A-Za-z0-9._-]{0,150}"
DEFAULT_DAYS = 7
MOST_BYTES = 100_000_000
"""Of a made file that is sent."""


class ReportQuery(Strict):
    """Which days, by what, of which queue."""

    by: By = "queues"
    first: date | None = None
    """The first day, on the hotline's clock; six days before the last when left out."""
    last: date | None = None
    """The last day, included; today when left out."""
    queue: Annotated[str, Field(max_length=60, pattern=optional(NAME))] = ""
    """Of this queue alone."""
    brand: Annotated[str, Field(max_length=60, pattern=optional(NAME))] = ""
    """Of the calls to the numbers of this brand alone, against its targets."""


class ReportFileQuery(ReportQuery):
    """The same, and as what."""

    format: Literal["csv", "xlsx", "page"] = "xlsx"
    language: Literal["en", "zh"] = "en"
    report: Annotated[str, Field(max_length=60, pattern=optional(NAME))] = ""
    """Sections, queues and language as the configuration has them for the report of this name; `by`, `queue` and `brand` then mean nothing.
    Without days: of its newest span that is over."""


class BothWords(ApiModel):
    """A text in both languages."""

    zh: str
    en: str


class ReportFigure(ApiModel):
    """A figure of the table, with its definition."""

    name: str
    kind: Literal["count", "share", "seconds", "time"]
    """share: from 0 to 1; seconds: a mean; time: a sum, in seconds."""
    label: BothWords
    definition: BothWords
    anchor: str
    """Its heading in docs/definitions.md."""
    target: float | None
    """The hotline's; null: there is none."""


class ReportRow(ApiModel):
    """The figures of one queue or agent, or of all together."""

    name: str
    """Empty: all together."""
    label: BothWords
    values: dict[str, float | int | None]
    """Figure to value; null: there is nothing to divide by."""
    few: list[str]
    """Figures made of fewer than ten calls or offers: they say little, and are held against no target."""
    missed: list[str]
    """Figures that miss their target."""


class ReportDay(ApiModel):
    """All together on one day."""

    day: date
    figures: ReportRow


class ReportAnswer(ApiModel):
    """The figures of some days."""

    by: By
    first: date
    last: date
    whole: bool
    """The last day is over."""
    made_at: datetime
    figures: list[ReportFigure]
    rows: list[ReportRow]
    total: ReportRow
    days: list[ReportDay]


class ConfiguredReport(ApiModel):
    """A report of the configuration."""

    name: str
    every: Literal["daily", "weekly", "monthly"]
    at: str
    what: list[By]
    queues: list[str]
    formats: list[Literal["csv", "xlsx", "page"]]
    language: Literal["en", "zh"]
    folder: str
    mails: int
    """To so many addresses it is mailed."""
    next_at: datetime
    trouble: str
    """Why the last try failed; empty: it did not. In English, as in the log."""


class OneMadeReport(ApiModel):
    """A report that was made, and its files."""

    number: int
    name: str
    first: date
    last: date
    made_at: datetime
    why: Literal["due", "asked"]
    folder: str
    files: list[str]
    mail: Literal["none", "waiting", "sending", "sent", "unknown", "given up"]


class ReportsAnswer(ApiModel):
    """The reports of the configuration, and those that were made, the newest first."""

    reports: list[ConfiguredReport]
    made: list[OneMadeReport]


class TryBody(Strict):
    """Whether it is mailed, too."""

    mail: bool = False


async def reports(asked: Asked) -> ReportsAnswer:
    """The reports that make themselves, when each is due next, and the made ones, the newest first."""
    found = _reports(asked)
    if not asked.scope.whole:
        return ReportsAnswer(reports=[], made=[])  # Each of them is about the whole hotline.
    return ReportsAnswer(
        reports=[ConfiguredReport.model_validate(row) for row in found.configured()],
        made=[_made(each) for each in found.made()],
    )


async def figures(asked: Asked) -> ReportAnswer:
    """The figures of some days, by queue or by agent, with each figure's definition. At most 366 days."""
    query: ReportQuery = asked.query
    try:
        report = await _reports(asked).maker.report(_wanted(asked, query))
    except (SanxiangError, DatabaseAway) as error:
        raise _problem(error) from None
    return await asyncio.to_thread(_answer, report, query.by)


async def file(asked: Asked) -> web.StreamResponse:
    """The same as a file: CSV, a workbook, or a page that prints. Written to the audit log."""
    query: ReportFileQuery = asked.query
    found = _reports(asked)
    try:
        wanted, language, stem = _wanted(asked, query), query.language, "report"
        if query.report:
            _refuse_made(asked)
            span = _span(asked, query) if query.first or query.last else None
            wanted, table = found.wanted(query.report, span)
            language, stem = table.language, query.report
        if query.format == "csv" and len(wanted.by) > 1:
            wanted = replace(wanted, by=(query.by,))  # A CSV file is one table.
        _, made = await found.maker.files(wanted, [query.format], language, stem)
    except (SanxiangError, DatabaseAway) as error:
        raise _problem(error) from None
    [one] = made
    await asked.request.app[DOOR].audit.note(
        asked.who.name,
        "downloaded a report",
        file=one.name,
        by=list(wanted.by),
        first=wanted.span.first.isoformat(),
        last=wanted.span.last.isoformat(),
        queues=list(wanted.queues),
        **({} if wanted.brands is None else {"brands": list(wanted.brands)}),
    )
    return _sent(one.name, one.content, one.data)


async def made_file(asked: Asked) -> web.StreamResponse:
    """A file of a report that was made. Written to the audit log."""
    number, name = int(asked.word("number")), asked.word("name")
    _refuse_made(asked)
    found = _reports(asked).made_file(number, name)
    if found is None:
        raise _unknown_report()
    path, content = found
    try:
        data = await asyncio.to_thread(_read, path)
    except OSError as error:
        raise Problem(
            404, "file-missing", f"{path.name} can't be read any more ({error.strerror}). Make the report again."
        ) from None
    await asked.request.app[DOOR].audit.note(asked.who.name, "downloaded a report", number=number, file=name)
    return _sent(name, content, data)


async def try_report(asked: Asked) -> OneMadeReport:
    """Makes the report of the newest span that is over, once more; mailed only when asked. It is kept beside the others."""
    name = asked.word("report")
    await asked.request.app[DOOR].audit.note(asked.who.name, "report-try", report=name, mail=asked.body.mail)
    try:
        return _made(await _reports(asked).make_now(name, mail=asked.body.mail))
    except (SanxiangError, DatabaseAway) as error:
        raise _problem(error) from None


def _reports(asked: Asked) -> Reports:
    found = asked.context.reports
    if found is None:
        raise Problem(409, "no-reports", "This server makes no reports.")
    return found


def _refuse_made(asked: Asked) -> None:
    """Raises Problem (404) for who is limited to brands: a report of the configuration is about the whole hotline."""
    if not asked.scope.whole:
        raise _unknown_report()


def _unknown_report() -> Problem:
    return Problem(404, "unknown-report", "There is no such report. `sanxiang report list` shows those there are.")


def _span(asked: Asked, query: ReportQuery) -> Span:
    last = query.last or (
        today(asked.context) if query.first is None or query.first <= today(asked.context) else query.first
    )
    first = query.first or last - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        raise Problem(400, "bad-request", f"first ({first}) is later than last ({last}). Swap them.", field="first")
    if not date(2000, 1, 1) <= first <= last <= date(2200, 1, 1):
        raise Problem(400, "bad-request", "The days must lie between 2000-01-01 and 2200-01-01.", field="first")
    return Span(first, last)


def _wanted(asked: Asked, query: ReportQuery) -> Wanted:
    config, scope = asked.context.config, asked.scope
    if query.queue and not (query.queue in config.queues and scope.has_queue(query.queue)):
        queue_row(asked, query.queue, status=400)
    if query.brand and not (query.brand in config.brands and scope.has_brand(query.brand)):
        known = ", ".join(brand for brand in config.brands if scope.has_brand(brand)) or "none"
        raise Problem(400, "unknown-brand", f"There is no brand {query.brand}. Brands: {known}.", field="brand")
    return Wanted(
        _span(asked, query),
        (query.by,),
        (query.queue,) if query.queue else (),
        (query.brand,) if query.brand else scope.brands,
        None if scope.whole else frozenset(agent for agent in config.agents if scope.has_agent(agent)),
    )


def _problem(error: Exception) -> Problem:
    if isinstance(error, DatabaseAway):
        return StoreAway()
    if isinstance(error, TooLong | TooManyRows):
        return Problem(400, "narrow-the-period", str(error), field="first")
    if isinstance(error, Busy):
        return Problem(429, "reports-busy", str(error), headers={"Retry-After": "30"})
    code = {"NoSuchReport": (404, "unknown-report"), "NoMailHere": (409, "no-mail")}
    status, name = code.get(type(error).__name__, (409, "report-failed"))
    return Problem(status, name, str(error))


def _answer(report: Report, by: By) -> ReportAnswer:
    (section,) = report.sections
    return ReportAnswer(
        by=by,
        first=report.span.first,
        last=report.span.last,
        whole=report.whole,
        made_at=report.made_at,
        figures=_figures(section),
        rows=[_row(row) for row in section.rows],
        total=_row(section.total),
        days=[ReportDay(day=day, figures=_row(row)) for day, row in section.days],
    )


def _figures(section: Section) -> list[ReportFigure]:
    return [
        ReportFigure(
            name=figure.name,
            kind=figure.kind,
            label=BothWords(**FIGURES[figure.name].label),
            definition=BothWords(**FIGURES[figure.name].definition),
            anchor=FIGURES[figure.name].anchor,
            target=section.targets.get(figure.name),
        )
        for figure in section.figures
    ]


def _row(row: Row) -> ReportRow:
    return ReportRow(
        name=row.name,
        label=BothWords(**row.label),
        values=dict(row.values),
        few=sorted(row.few),
        missed=sorted(row.missed),
    )


def _made(made: MadeReport) -> OneMadeReport:
    return OneMadeReport.model_validate(made, from_attributes=True)


def _read(path: Path) -> bytes:
    """Raises OSError; also for what can't be a report of ours."""
    with path.open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def _sent(name: str, content: str, data: bytes) -> web.Response:
    """As a file to keep, never to be shown: the page's policy holds for what is shown."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    charset = "utf-8" if content.startswith("text/") else None
    return web.Response(body=data, content_type=content, charset=charset, headers=headers)


_AWAY = {503: "store-away"}
_MANY = {429: "reports-busy: others are being made", **_AWAY}
ROUTES = [
    Route(
        "GET",
        "/api/reports",
        reports,
        "reports-see",
        "Reports that make themselves, and those that were made",
        ReportsAnswer,
        refusals={409: "no-reports"},
    ),
    Route(
        "GET",
        "/api/reports/figures",
        figures,
        "reports-see",
        "The figures of some days, by queue or by agent, with their definitions",
        ReportAnswer,
        ReportQuery,
        refusals={400: "narrow-the-period, unknown-queue, unknown-brand", 409: "no-reports", **_MANY},
    ),
    Route(
        "GET",
        "/api/reports/file",
        file,
        "reports-see",
        "The same as CSV, a workbook (XLSX), or a page that prints",
        query=ReportFileQuery,
        content="*/*",
        refusals={
            400: "narrow-the-period, unknown-queue, unknown-brand",
            404: "unknown-report",
            409: "no-reports",
            **_MANY,
        },
    ),
    Route(
        "GET",
        f"/api/reports/made/{{number:[0-9]{{1,9}}}}/{{name:{FILE_NAME}}}",
        made_file,
        "reports-see",
        "A file of a report that was made",
        content="*/*",
        refusals={404: "unknown-report, file-missing", 409: "no-reports"},
    ),
    Route(
        "POST",
        f"/api/reports/{{report:{NAME}}}/try",
        try_report,
        "installation-act",
        "Make a report of the newest span that is over, once more; mailed only when asked",
        OneMadeReport,
        body=TryBody,
        refusals={404: "unknown-report", 409: "no-mail, report-failed, no-reports", **_MANY},
    ),
]

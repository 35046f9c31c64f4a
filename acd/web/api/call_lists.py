"""Calls of some days: searched by number, words, agent, transfer, reason, disposition, promise, finding and length; as a page of rows and as a file."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from acd.config.analysis import FindingKind
from acd.engine.commands import Ending
from acd.identifiers import CALL_ID, EXTENSION_ASKED_FOR, TIME_OF_DAY, optional
from acd.reports.table_file import CONTENT, Column, Format, Value
from acd.store.queries.call_facts import CallFacts
from acd.store.queries.call_search import CallFilters
from acd.store.queries.part import Part
from acd.web.access.auth import DOOR
from acd.web.access.roles import may
from acd.web.access.scope import scope_of
from acd.web.api.calls import PAGE, Call, Words, from_store, searched_number, shown_call
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.days import at_time, first_and_last, span, today
from acd.web.server.exports import asked_format, sent_file, table_file
from acd.web.server.labels import (
    agent_label,
    agents_meant,
    brand_label,
    disposition_label,
    dispositions_meant,
    queue_label,
    reason_label,
    reasons_meant,
    target_label,
)
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from acd.words import masked, word
from acd.words.call_tables import Language, heading

WORDS_DAYS = 92
"""So many days back words are looked for where no days are told: each card of the time is read."""


class CallFilter(Strict):
    """Which calls."""

    day: date | None = None
    """On the hotline's clock; today when no day is told, every day with `search`. Words are then looked for in the last 92 days."""
    first: date | None = None
    """The first of several days, in the place of `day`."""
    last: date | None = None
    """The last of them, included; at most 366 days."""
    from_time: Annotated[str, Field(pattern=optional(TIME_OF_DAY))] = ""
    """As 10:30 on the hotline's clock: on the first day only calls that arrived then or later."""
    to_time: Annotated[str, Field(pattern=optional(TIME_OF_DAY))] = ""
    """As 11:00: on the last day only calls that arrived before."""
    search: Words = ""
    """The caller's whole number in any writing or its last four digits, the call's id, an agent who talked in it, by extension or by a part of
    the name, a customer's id or a part of the name, the number that was dialled; or words: a part of the matter, a note, a promise, a disposition, or the
    reason or note of a transfer. For QA also any part of the caller's number: to others numbers are masked, and a search for parts would
    tell them one digit after the other."""
    agent: Annotated[str, Field(pattern=optional(EXTENSION_ASKED_FOR))] = ""
    """Who talked with the caller at any time."""
    queue: Words = ""
    brand: Words = ""
    """Only calls to the numbers of this brand."""
    ending: Ending | None = None
    transferred: bool = False
    """Only calls that were handed over."""
    reason: Words = ""
    """Of a transfer."""
    disposition: Words = ""
    """Code of the configuration."""
    promise: bool = False
    """Only calls in which something was promised."""
    finding: Literal[FindingKind, "", "any"] = ""
    """Only calls in a talk of which the automatic checks found this; `any`: anything. For who may hear recordings, and of the talks that they may hear."""
    shortest_s: Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)] | None = None
    """Of the talks with agents, together, in seconds."""
    longest_s: Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)] | None = None


class CallQuery(CallFilter):
    """Which calls, and where the page begins."""

    limit: Annotated[int, Field(ge=1, le=PAGE)] = 100
    before: Annotated[str, Field(max_length=40, pattern=optional(CALL_ID))] = ""
    """The last call of the former page."""


class CallFileQuery(CallFilter):
    """Which calls, and in which language they are written."""

    language: Literal["en", "zh"] = "en"


class SoundOfCall(ApiModel):
    """A recording of the call that has sound."""

    offer: str
    kind: str
    """talk, message, consult or word."""


class ListedCall(Call):
    """A call as lists have it."""

    agents: list[str] = []
    """All who talked with the caller, in order; `agent` is the last of them."""
    reasons: list[str] = []
    """Of completed transfers."""
    matter: str = ""
    disposition: str = ""
    """The code that was given last."""
    promise: str = ""
    """What was promised last; empty: nothing."""
    promise_due_at: str = ""
    """ISO time; empty: none was told."""
    recordings: list[SoundOfCall] = []
    """For who may hear them."""


class Calls(ApiModel):
    """One page of calls."""

    day: date | None
    """null: several days, or every day."""
    first: date | None = None
    last: date | None = None
    calls: list[ListedCall]
    before: str | None
    """For the next page; null: this was the last."""


async def calls(asked: Asked) -> Calls:
    """One page of calls, the newest first. Callers' numbers are masked."""
    query: CallQuery = asked.query
    await note_search(asked, query.search)
    wanted = replace(_wanted(asked, query), limit=query.limit, before=query.before or None)
    found = await _page(asked, wanted)
    first, last = _days(asked.context, query)
    return Calls(
        day=first if first == last else None,
        first=first,
        last=last,
        calls=found,
        before=found[-1].call if len(found) == query.limit else None,
    )


async def as_file(asked: Asked) -> web.StreamResponse:
    """The calls under the same filter as CSV or a workbook, in words, numbers masked. Written to the audit log."""
    query: CallFileQuery = asked.query
    form, language = asked_format(asked), query.language
    await note_search(asked, query.search)
    wanted = replace(_wanted(asked, query), limit=PAGE)

    async def pages() -> AsyncIterator[Sequence[Sequence[Value]]]:
        before: str | None = None
        while page := await _page(asked, replace(wanted, before=before)):
            yield [_cells(asked, call, language) for call in page]
            if len(page) < PAGE:
                return
            before = page[-1].call

    columns = [Column(heading(name, language), kind, width) for name, kind, width in _COLUMNS]
    body, rows = await table_file(asked, form, heading("calls", language), columns, pages())
    chosen = query.model_dump(mode="json", exclude_defaults=True)
    if query.search:
        chosen["search"] = searched_number(asked.context, query.search)
    await asked.request.app[DOOR].audit.note(asked.who.name, "exported calls", rows=rows, format=form, filter=chosen)
    first, last = _days(asked.context, query)
    days = "" if first is None else f"-{first}" if first == last else f"-{first}-{last}"
    return sent_file(f"calls{days}", form, body)


async def note_search(asked: Asked, typed: str) -> None:
    """A line in the audit log where a number is looked for. Raises Problem (503) when it can't be written."""
    if _is_number(asked.context, typed):
        looked_for = searched_number(asked.context, typed)
        await asked.request.app[DOOR].audit.note(asked.who.name, "searched by number", search=looked_for)


def _is_number(context: WebContext, typed: str) -> bool:
    return bool(context.config.numbering.number(typed) or typed.isdigit())


def _days(context: WebContext, query: CallFilter) -> tuple[date | None, date | None]:
    """The first and the last day; none: every day."""
    if query.first or query.last:
        if query.day:
            raise Problem(400, "bad-request", "Give `day`, or `first` and `last`, not both.", field="day")
        return first_and_last(context, query.first, query.last)
    if query.search and not query.day:
        now = today(context)
        by_number = _is_number(context, query.search)
        return (None, None) if by_number else (now - timedelta(days=WORDS_DAYS - 1), now)
    day = query.day or today(context)
    return day, day


def _bounds(context: WebContext, query: CallFilter) -> tuple[datetime | None, datetime | None]:
    """The first instant that is asked for, and the first after it; none: whenever. Raises Problem (400): times without a day, or the wrong
    way round."""
    first, last = _days(context, query)
    if first is None or last is None:
        if field := "from_time" if query.from_time else "to_time" if query.to_time else "":
            raise Problem(400, "bad-request", f"{field} needs a day. Give `day`, or `first` and `last`.", field=field)
        return None, None
    since, until = span(context, first)[0], span(context, last)[1]
    if query.from_time:
        since = at_time(context, first, time.fromisoformat(query.from_time))
    if query.to_time:
        until = at_time(context, last, time.fromisoformat(query.to_time))
    if since >= until:
        detail = "from_time is not before to_time. Swap them, or leave one out."
        raise Problem(400, "bad-request", detail, field="from_time")
    return since, until


def _wanted(asked: Asked, query: CallFilter) -> CallFilters:
    context, config, typed = asked.context, asked.context.config, query.search.strip()
    since, until = _bounds(context, query)
    if query.shortest_s is not None and query.longest_s is not None and query.shortest_s > query.longest_s:
        raise Problem(400, "bad-request", "shortest_s is more than longest_s. Swap them.", field="shortest_s")
    if query.finding and not may(asked.who.roles, "recordings-hear"):
        detail = "What was found in talks is for those who may hear recordings. Leave `finding` out."
        raise Problem(403, "not-allowed", detail, field="finding")
    seen = [agent for agent in config.agents if asked.scope.has_leg_of(agent)]
    return CallFilters(
        since=since,
        until=until,
        search=typed,
        words=bool(typed) and since is not None,
        agents_named=agents_meant(config, typed, seen) if typed else (),
        reasons_named=reasons_meant(config, typed) if typed else (),
        dispositions_named=dispositions_meant(config, typed) if typed else (),
        agent=query.agent,
        queue=query.queue,
        brand=query.brand,
        ending=query.ending or "",
        transferred=query.transferred,
        reason=query.reason,
        disposition=query.disposition,
        promise=query.promise,
        finding=query.finding,
        heard=_heard(asked) if query.finding else None,
        shortest_s=query.shortest_s,
        longest_s=query.longest_s,
        numbering=config.numbering,
        part_of_number=may(asked.who.roles, "numbers-in-full"),
        part=asked.scope.part,
    )


async def _page(asked: Asked, wanted: CallFilters) -> list[ListedCall]:
    hears = may(asked.who.roles, "recordings-hear")
    part = _heard(asked) if hears else None
    async with from_store(asked.context):
        rows = await asked.context.store.calls(wanted)
        facts = await asked.context.store.call_facts([row.call for row in rows], part, recordings=hears)
    return [_listed(shown_call(asked.context, row, in_full=False), facts[row.call]) for row in rows]


def _heard(asked: Asked) -> Part | None:
    """Whose recordings are heard: a role that sees all calls may hear those of its teams alone."""
    return scope_of(asked.who, "recordings-hear", asked.request.app[DOOR].account, asked.context.config).part


def _listed(call: Call, facts: CallFacts) -> ListedCall:
    return ListedCall(
        **(
            call.model_dump()
            | {
                "agents": facts.agents,
                "transferred_to": [f"{kind} {masked(to) if kind == 'number' else to}" for kind, to in facts.transfers],
                "reasons": facts.reasons,
                "matter": facts.matter,
                "disposition": facts.disposition,
                "promise": facts.promise,
                "promise_due_at": facts.promise_due_at,
                "recordings": [SoundOfCall(offer=offer, kind=kind) for offer, kind in facts.recordings],
            }
        )
    )


_COLUMNS: list[tuple[str, Literal["text", "seconds", "moment"], int]] = [
    ("arrived_at", "moment", 20),
    ("caller", "text", 16),
    ("customer", "text", 18),
    ("dialled", "text", 14),
    ("brand", "text", 12),
    ("queue", "text", 14),
    ("agents", "text", 24),
    ("wait_s", "seconds", 9),
    ("talk_s", "seconds", 9),
    ("ending", "text", 18),
    ("transferred_to", "text", 24),
    ("reasons", "text", 16),
    ("matter", "text", 30),
    ("disposition", "text", 16),
    ("promise", "text", 30),
    ("promise_due_at", "moment", 20),
    ("call", "text", 22),
]


def _cells(asked: Asked, call: ListedCall, language: Language) -> list[Value]:
    config, between = asked.context.config, "、" if language == "zh" else ", "
    targets = (target.partition(" ") for target in call.transferred_to)
    return [
        call.arrived_at,
        call.caller,
        call.customer_name or call.customer,
        call.dialled,
        brand_label(config, call.brand, language),
        queue_label(config, call.queue, language),
        between.join(agent_label(config, agent) for agent in call.agents),
        call.wait_s,
        call.talk_s,
        word("ending", call.ending, language) if call.ending else "",
        between.join(target_label(config, kind, to, language) for kind, _, to in targets),
        between.join(reason_label(config, reason, language) for reason in call.reasons),
        call.matter,
        disposition_label(config, call.disposition, language),
        call.promise,
        _instant(call.promise_due_at),
        call.call,
    ]


def _instant(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


_FORMATS: dict[Format, str] = {"csv": "CSV", "xlsx": "a workbook (XLSX)"}
_REFUSED = {400: "bad-request, narrow-the-period", 503: "store-away, or audit-away for a search by number"}
ROUTES = [
    Route(
        "GET",
        "/api/calls",
        calls,
        "calls-see",
        "Calls, newest first: searched and filtered",
        answer=Calls,
        query=CallQuery,
        refusals=_REFUSED,
    ),
    *(
        Route(
            "GET",
            f"/api/calls.{form}",
            as_file,
            "calls-see",
            f"The same calls as {what}, in words",
            query=CallFileQuery,
            content=CONTENT[form],
            refusals={**_REFUSED, 400: "bad-request, narrow-the-period, narrow-the-list", 429: "exports-busy"},
        )
        for form, what in _FORMATS.items()
    ),
]

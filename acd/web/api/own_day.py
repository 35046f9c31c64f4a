"""An agent's own day at the desk: figures, the queues served, promises, and the calls whose cards may be opened again."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from aiohttp import web

from acd.web.api.calls import from_store
from acd.web.live.agent_desk_state import DeskCalls
from acd.web.live.agent_desk_stream import DESKS
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.context import WebContext
from acd.web.server.days import span, today
from acd.web.server.routes import Asked, Route

QUEUES_KEPT_S = 2.0
"""So long the queues' figures are told again: hundreds of desks ask, and they change for all of them."""


class DeskFigures(ApiModel):
    """Counts and sums of today; docs/definitions.md#agents-figures."""

    talks: int
    handling_s: float | None
    """(Talk + hold + wrap-up) / talks; null: there was no talk."""
    talk_s: float
    hold_s: float
    wrap_up_s: float
    not_ready_s: float
    occupancy: float | None
    """Busy / (busy + idle), from 0 to 1; null: neither."""
    ended_by_agent: int
    """Talks that the agent ended by hanging up."""
    ended_by_caller: int


class OwnDayQueue(ApiModel):
    """A queue that the agent serves, as now."""

    name: str
    zh: str
    en: str
    waiting: int
    longest_wait_s: float


class DeskDisposition(ApiModel):
    """As the agent has given it."""

    code: str | None
    text: str | None


class DeskPastCall(ApiModel):
    """One of the agent's talks of today; its card may be read and written on."""

    call: str
    at: datetime
    queue: str
    caller: str
    name: str
    matter: str
    talk_s: float | None
    """null: it goes on."""
    ended_by: str
    """caller, agent, transfer, operator, lost, line lost; empty: it goes on."""
    disposition: DeskDisposition | None


class DeskPromise(ApiModel):
    """What the agent has promised on a card."""

    call: str
    caller: str
    name: str
    text: str
    due_at: datetime


class DeskCallback(ApiModel):
    """An open callback that the agent owns or has promised."""

    promise: str
    number: str
    queue: str
    begins: datetime
    until: datetime
    note: str


class DeskDay(ApiModel):
    """The agent's own day until now."""

    day: date
    figures: DeskFigures
    queues: list[OwnDayQueue]
    calls: list[DeskPastCall]
    """The latest first, at most fifty."""
    promises: list[DeskPromise]
    """Due today or later, the first due first."""
    callbacks: list[DeskCallback]
    """Open ones, the first due first."""


async def own_day(asked: Asked) -> DeskDay:
    """Your own figures of today, the queues that you serve, your promises, and your calls of today; nobody else's."""
    context, agent = asked.context, asked.who.name
    day = today(context)
    begin, end = span(context, day)
    async with from_store(context):
        found = await context.store.own_day(agent, begin, min(context.now(), end))
    asked.request.app[DESKS].had(DeskCalls(agent, tuple((one.call, one.at) for one in found.calls)))
    asked.request.app[DESKS].had(DeskCalls(agent, tuple((one.call, context.now()) for one in found.promises)))
    handled = found.talk_s + found.hold_s + found.wrap_up_s
    there = found.busy_s + found.idle_s
    return DeskDay(
        day=day,
        figures=DeskFigures(
            talks=found.talks,
            handling_s=handled / found.talks if found.talks else None,
            talk_s=found.talk_s,
            hold_s=found.hold_s,
            wrap_up_s=found.wrap_up_s,
            not_ready_s=found.not_ready_s,
            occupancy=found.busy_s / there if there else None,
            ended_by_agent=found.ended_by_agent,
            ended_by_caller=found.ended_by_caller,
        ),
        queues=_queues(asked, agent),
        calls=[
            DeskPastCall.model_validate({**asdict(one), "caller": _caller(context, one.caller)}) for one in found.calls
        ],
        promises=[
            DeskPromise.model_validate({**asdict(one), "caller": _caller(context, one.caller)})
            for one in found.promises
        ],
        callbacks=_callbacks(context, agent),
    )


def _caller(context: WebContext, caller: str) -> str:
    return shown_caller(context.config, caller, withheld=caller == "withheld", in_full=True)


def _queues(asked: Asked, agent: str) -> list[OwnDayQueue]:
    """The queues whose calls the agent takes: by name, or all for which the skills suffice."""
    context = asked.context
    at_desk = context.at_desk(agent)
    if at_desk is None:
        return []
    named, levels = at_desk["agent"]["queues"], at_desk["agent"]["skills"]
    found = []
    for row in asked.request.app[QUEUES].rows(context):
        configured = context.config.queues.get(row["name"])
        if configured is None or (named and row["name"] not in named):
            continue
        if all(levels.get(skill, 0) >= level for skill, level in configured.skills.items()):
            figures = {name: row[name] for name in ("name", "waiting", "longest_wait_s")}
            found.append(OwnDayQueue(**figures, zh=configured.label.zh, en=configured.label.en))
    return found


def _callbacks(context: WebContext, agent: str) -> list[DeskCallback]:
    mine = [each for each in context.promises() if agent in (each.owner, each.by)]
    return [
        DeskCallback(
            promise=each.promise,
            number=shown_caller(context.config, each.number, in_full=True),
            queue=each.queue,
            begins=each.begins,
            until=each.until,
            note=each.note,
        )
        for each in sorted(mine, key=lambda each: each.until)[:50]
    ]


class QueueRows:
    """The queues of the engine's snapshot, looked at once in QUEUES_KEPT_S whoever asks."""

    def __init__(self) -> None:
        self._rows: list[Mapping[str, Any]] = []
        self._at: datetime | None = None

    def rows(self, context: WebContext) -> list[Mapping[str, Any]]:
        """As they were at most QUEUES_KEPT_S ago."""
        now = context.now()
        if self._at is None or not 0 <= (now - self._at).total_seconds() < QUEUES_KEPT_S:
            self._rows, self._at = list(context.snapshot()["queues"]), now
        return self._rows


QUEUES: web.AppKey[QueueRows] = web.AppKey("desk queues", QueueRows)
ROUTES = [
    Route(
        "GET",
        "/api/desk/day",
        own_day,
        "desk",
        "Your own day: figures, queues, promises, calls",
        answer=DeskDay,
        refusals={503: "store-away"},
    ),
]

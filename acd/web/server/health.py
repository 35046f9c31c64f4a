"""Is the hotline well? For a watchdog (/health: 200 or 503) and for Prometheus (/metrics: never a label per caller)."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from acd.store.journal.journal_in_database import Notice
from acd.web.access.scope import WHOLE, Scope
from acd.web.live.floor_stream import LIVE, Live
from acd.web.live.seen import seen
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.problems import CODE
from acd.web.server.routes import ANYONE, Asked, Route
from acd.words import journal

BEHIND_LIMIT = 10_000
"""Rows that the database may lack before an operator should look: some minutes of a busy hotline."""
PING_WITHIN_S = 2.0


class Check(ApiModel):
    """One check; `figure` in `unit` where it has one."""

    name: str
    up: bool
    warning: bool = False
    """Somebody should look, and the hotline serves its callers: the check is up, and the answer stays 200."""
    figure: float | None = None
    unit: str = ""


class NoticeInWords(ApiModel):
    """A notice in one language."""

    what: str
    remedy: str


class HealthNotice(ApiModel):
    """Something between the journal, its database and other hotlines that the operator should know."""

    code: str
    """state-older, second-writer, other-hotline, other-journal, database-older, lines-missing or rows-set-aside."""
    at: datetime
    en: NoticeInWords
    zh: NoticeInWords


class Health(ApiModel):
    """All checks."""

    status: str
    """up, or degraded when one of the checks is down."""
    checks: list[Check]
    notices: list[HealthNotice] = []
    """What happened once is shown for a day, what is so for as long as it is."""


async def look(context: WebContext) -> Health:
    """Runs all checks now."""
    known = context.health()
    behind = context.shipper.behind
    free_mb = await asyncio.to_thread(_free_mb, context)
    checks = [
        Check(name="pbx", up=bool(known.get("pbx"))),
        # Asterisk itself may be well and take no call: its SIP port is another matter than the daemon's link to it.
        Check(name="sip", up=bool(known.get("sip"))),
        Check(name="store", up=await store_up(context)),
        Check(name="shipper", up=context.shipper.healthy and behind <= BEHIND_LIMIT, figure=behind, unit="rows behind"),
        Check(name="stories", up=bool(known.get("stories"))),
        Check(name="disk", up=free_mb >= context.config.recordings.min_free_mb, figure=round(free_mb), unit="MB free"),
    ]
    if trunks := context.trunks():
        ill = sum(not row["well"] for row in trunks)
        watched = sum(row["state"] != "not-watched" for row in trunks)
        # Callers come and go over those that are well; one that nothing is known of proves neither.
        checks.append(Check(name="trunks", up=not ill or ill < watched, warning=ill > 0, figure=ill, unit="not well"))
    rows = context.self_calls.rows() if context.self_calls is not None else []
    if made := [row["report"]["ok"] for row in rows if row["report"] is not None]:
        failing = made.count(False)
        checks.append(Check(name="self-calls", up=True, warning=failing > 0, figure=failing, unit="with a fault"))
    status = "up" if all(check.up for check in checks) else "degraded"
    return Health(status=status, checks=checks, notices=[_in_words(each) for each in context.shipper.notices])


def _in_words(notice: Notice) -> HealthNotice:
    def said(language: str) -> NoticeInWords:
        sentence = journal.said(notice.code, notice.words, language)
        return NoticeInWords(what=f"{sentence[0].upper()}{sentence[1:]}", remedy=journal.REMEDY[language][notice.code])

    return HealthNotice(code=notice.code, at=notice.at, en=said("en"), zh=said("zh"))


async def store_up(context: WebContext) -> bool:
    """Whether PostgreSQL answers now; slowly is no."""
    try:
        async with asyncio.timeout(PING_WITHIN_S):
            # The store raises whatever its driver does: any of it means "away".
            await context.store.ping()
    except Exception:
        return False
    return True


async def health(asked: Asked) -> web.StreamResponse:
    """200 when all checks are up, else 503; without log-in, for a watchdog."""
    found = await look(asked.context)
    return web.Response(
        status=200 if found.status == "up" else 503,
        text=found.model_dump_json(),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _free_mb(context: WebContext) -> float:
    with suppress(OSError):
        return shutil.disk_usage(context.recordings_folder).free / 1e6
    return 0.0


class Figures(Collector):
    """Queues, agents and calls as gauges, read when Prometheus asks."""

    def __init__(self, context: WebContext, live: Live, scope: Scope = WHOLE) -> None:
        """`scope`: what is seen of the hotline. A part has its queues, agents and calls alone, and nothing of the installation."""
        self._context, self._live, self._scope = context, live, scope

    def collect(self) -> Iterable[Metric]:
        """The gauges of this moment."""
        found = self._context.snapshot()
        if self._scope.whole:
            yield from self._of_floor(found)
            yield from self._of_installation(found)
        else:
            # Alarms are no part of the snapshot; trunks and lines are the installation's.
            yield from self._of_floor(seen({**found, "alarms": []}, self._scope))

    def _of_floor(self, found: Mapping[str, Any]) -> Iterable[Metric]:
        for name, text in (
            ("waiting", "Calls that wait"),
            ("longest_wait_s", "Longest wait in seconds"),
            ("staffed", "Agents logged in who could take its calls"),
            ("available", "Agents who could take a call now"),
        ):
            family = GaugeMetricFamily(f"sanxiang_queue_{_unit(name)}", text, labels=["queue", *self._by_brand])
            for row in found["queues"]:
                family.add_metric([row["name"], *self._brand_of(row)], float(row[name] or 0))
            yield family
        yield from self._brands(found)
        states: dict[str, int] = {}
        for row in found["agents"]:
            states[row["state"]] = states.get(row["state"], 0) + 1
        family = GaugeMetricFamily("sanxiang_agents", "Agents by state", labels=["state"])
        for state, number in sorted(states.items()):
            family.add_metric([state], number)
        yield family
        yield GaugeMetricFamily("sanxiang_calls", "Calls in progress", value=len(found["calls"]))
        family = GaugeMetricFamily("sanxiang_today", "Today's counts and figures, by queue", labels=["queue", "what"])
        counts = found["counts"]
        for queue, figures in {"": counts["total"], **counts["queues"]}.items():
            for what, value in figures.items():
                if value is not None:
                    family.add_metric([queue, what], float(value))
        yield family

    def _of_installation(self, found: Mapping[str, Any]) -> Iterable[Metric]:
        yield from _lines(found["lines"])
        yield GaugeMetricFamily("sanxiang_pbx_up", "Asterisk is connected", value=float(found["pbx"]))
        yield GaugeMetricFamily(
            "sanxiang_rows_behind", "Rows of the call log not yet in PostgreSQL", value=self._context.shipper.behind
        )
        yield GaugeMetricFamily(
            "sanxiang_rows_set_aside",
            "Rows of the call log that could not be put into PostgreSQL's tables",
            value=self._context.shipper.set_aside,
        )
        notices = GaugeMetricFamily("sanxiang_journal_notice", "Told by status and doctor: 1", labels=["code"])
        for notice in self._context.shipper.notices:
            notices.add_metric([notice.code], 1.0)
        yield notices
        yield from self._trunks()
        yield self._alarms()
        for name, (text, value) in self._context.figures().items():
            yield GaugeMetricFamily(f"sanxiang_{name}", text, value=value)
        yield GaugeMetricFamily("sanxiang_live_streams", "Open live streams", value=len(self._live))
        yield GaugeMetricFamily("sanxiang_live_streams_dropped", "Cut off as too slow", value=self._live.dropped)

    @property
    def _by_brand(self) -> list[str]:
        """The further label of queues where there are brands; an installation without them has none."""
        return ["brand"] if self._context.config.brands else []

    def _brand_of(self, row: Mapping[str, Any]) -> list[str]:
        return [str(row.get("brand", ""))] if self._by_brand else []

    def _brands(self, found: Mapping[str, Any]) -> Iterable[Metric]:
        """Calls of each brand, whatever queue they stand in; none where there are no brands."""
        if not self._by_brand:
            return
        calls = GaugeMetricFamily("sanxiang_brand_calls", "Calls in progress, by brand", labels=["brand"])
        waiting = GaugeMetricFamily("sanxiang_brand_waiting", "Calls that wait, by brand", labels=["brand"])
        longest = GaugeMetricFamily(
            "sanxiang_brand_longest_wait_seconds", "Longest wait in seconds, by brand", labels=["brand"]
        )
        for brand in (each for each in ("", *self._context.config.brands) if self._scope.has_brand(each)):
            mine = [row for row in found["calls"] if row.get("brand", "") == brand]
            waits = [float(row["waited_s"]) for row in mine if row["stage"] == "waiting"]
            calls.add_metric([brand], len(mine))
            waiting.add_metric([brand], len(waits))
            longest.add_metric([brand], max(waits, default=0.0))
        yield from (calls, waiting, longest)

    def _alarms(self) -> Metric:
        counts = self._context.alarms.counts() if self._context.alarms is not None else {}
        family = GaugeMetricFamily("sanxiang_alarm", "Open alarms", labels=["kind", "severity"])
        for (kind, severity), number in sorted(counts.items()):
            family.add_metric([kind, severity], number)
        return family

    def _trunks(self) -> Iterable[Metric]:
        rows = self._context.trunks()
        up = GaugeMetricFamily(
            "sanxiang_trunk_up", "Nothing is wrong with the trunk, as far as it is watched", labels=["trunk"]
        )
        wrong = GaugeMetricFamily("sanxiang_trunk_trouble", "What is wrong with the trunk: 1", labels=["trunk", "what"])
        calls = GaugeMetricFamily(
            "sanxiang_trunk_calls_out", "Calls out since the daemon began", labels=["trunk", "outcome"]
        )
        refused = GaugeMetricFamily("sanxiang_trunk_refuses", "SIP answer to our calls out; 0: taken", labels=["trunk"])
        for row in rows:
            up.add_metric([row["name"]], float(row["well"]))
            if not row["well"]:
                wrong.add_metric([row["name"], row["state"]], 1.0)
            for outcome in ("carried", "failed"):
                calls.add_metric([row["name"], outcome], float(row[outcome]))
            refused.add_metric([row["name"]], float(row["refused"]))
        return (up, wrong, calls, refused)


def _lines(parties: Mapping[str, Mapping[str, float]]) -> Iterable[Metric]:
    """How well each trunk's lines carry speech: legs counted since the first start, and means of its latest legs."""
    trunks = {name.removeprefix("trunk "): row for name, row in parties.items() if name.startswith("trunk ")}
    for name, unit, text, scale in (
        ("measured", "legs", "Callers' legs that were measured", 1.0),
        ("bad", "legs_bad", "Callers' legs whose line was bad", 1.0),
        ("mos", "mos", "Estimated MOS, mean of the latest legs, the worse direction of each", 1.0),
        (
            "loss_percent",
            "loss_ratio",
            "Share of packets lost, mean of the latest legs, the worse direction of each",
            0.01,
        ),
        ("jitter_ms", "jitter_seconds", "Jitter, mean of the latest legs, the worse direction of each", 0.001),
        ("round_trip_ms", "round_trip_seconds", "Round trip to the carrier, mean of the latest legs", 0.001),
    ):
        family = GaugeMetricFamily(f"sanxiang_trunk_{unit}", text, labels=["trunk"])
        for trunk, row in sorted(trunks.items()):
            if name in row:
                family.add_metric([trunk], row[name] * scale)
        yield family


def _unit(name: str) -> str:
    return f"{name[:-2]}_seconds" if name.endswith("_s") else name


class Metrics:
    """The registry for Prometheus, and the counter of requests."""

    def __init__(self, context: WebContext, live: Live) -> None:
        # Twice the lines, and nobody asks when a counter was made.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sanxiang_requests", "Requests by route and status", ["route", "status"], registry=self.registry
        )
        self.refused = Counter("sanxiang_refused", "Requests refused, by code", ["code"], registry=self.registry)
        self.registry.register(Figures(context, live))


METRICS: web.AppKey[Metrics] = web.AppKey("metrics", Metrics)


@web.middleware
async def count(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Counts by the route's pattern, never by what stands in the address."""
    status = 499  # The client went away.
    try:
        response = await handler(request)
        status = response.status
        if code := response.get(CODE):
            request.app[METRICS].refused.labels(code).inc()
        return response
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        request.app[METRICS].requests.labels(route, str(status)).inc()


async def metrics(asked: Asked) -> web.StreamResponse:
    """All figures in the text format of Prometheus. For a token that is limited to brands those of their queues, agents and calls."""
    registry = asked.request.app[METRICS].registry
    if not asked.scope.whole:
        registry = CollectorRegistry()
        registry.register(Figures(asked.context, asked.request.app[LIVE], asked.scope))
    body = generate_latest(registry)
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


ROUTES = [
    Route(
        "GET",
        "/health",
        health,
        ANYONE,
        "200 when all is well, 503 when a check is down",
        answer=Health,
        also={503: "degraded; the body is the same"},
    ),
    Route(
        "GET",
        "/metrics",
        metrics,
        "metrics",
        "Figures for Prometheus, with the bearer token",
        content="text/plain",
    ),
]

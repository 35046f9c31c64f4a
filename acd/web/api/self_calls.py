"""The hotline calls itself: one such call now, and the reports of those before, in figures and in words."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

from acd.errors import SanxiangError
from acd.web.access.auth import DOOR
from acd.web.live.self_call_rows import FoundFault, in_words
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class Ask(Strict):
    """Which way."""

    trunk: str = ""
    """A trunk of the configuration; empty: the local loop."""


class Way(ApiModel):
    """The sound of one direction."""

    heard: bool
    level_dbov: float | None
    """0 dBov is a full square wave (ITU-T G.100.1)."""
    lost_db: float | None
    loss_percent: float
    jitter_ms: float
    mos: float | None
    """Estimated by the E-model (ITU-T G.107)."""


class MeasuredSound(ApiModel):
    """Both directions: `out` from the channel that dialled to the one that came in."""

    out: Way
    back: Way
    round_trip_ms: float | None


class CameAs(ApiModel):
    """As what the call came in."""

    caller: str
    dialled: str
    withheld: bool
    asserted: str


class SelfCallReport(ApiModel):
    """One call of the hotline to itself."""

    model_config = ConfigDict(extra="ignore")

    at: str
    """When it was over, ISO 8601."""
    why: str
    """"asked" or "nightly"."""
    ok: bool
    trunk: str
    """Empty: the local loop."""
    number: str
    shown: str
    written: str = ""
    """The number as it was dialled, as the trunk's `dial_as` says."""
    answered: bool
    cause: int
    sip: str
    arrived: CameAs | None
    keys_out: str
    keys_back: str
    heard_out: str | None
    heard_back: str | None
    sound: MeasuredSound | None
    recording: str
    complete: bool
    took_s: float
    faults: list[FoundFault]
    """The worst first."""
    lines: dict[str, list[str]]
    """The report in words, by language: a heading and what was measured."""


class Reports(ApiModel):
    """The reports that are kept."""

    calls: list[SelfCallReport]
    """The latest first."""


def told(report: Mapping[str, Any]) -> SelfCallReport:
    """A kept report with its sentences."""
    return SelfCallReport.model_validate({**report, **in_words(report)})


async def call(asked: Asked) -> SelfCallReport:
    """Calls now, over a trunk or by the local loop, and tells what was found; it takes up to a minute."""
    context = asked.context
    if context.self_calls is None:
        raise Problem(409, "no-self-calls", "This server can't call itself.")
    await asked.request.app[DOOR].audit.note(asked.who.name, "self-call", trunk=asked.body.trunk)
    try:
        return told(await context.self_calls.call(asked.body.trunk))
    except SanxiangError as error:
        raise Problem(409, "self-call", str(error)) from None


async def history(asked: Asked) -> Reports:
    """The reports of earlier calls, nightly ones too."""
    calls = asked.context.self_calls
    return Reports(calls=[told(report) for report in calls.kept()] if calls is not None else [])


ROUTES = [
    Route(
        "POST",
        "/api/self-call",
        call,
        "installation-act",
        "The hotline calls itself, over a trunk or by the local loop",
        answer=SelfCallReport,
        body=Ask,
        refusals={409: "There is no such trunk, such a call is under way, or this server can't call itself"},
    ),
    Route(
        "GET", "/api/self-call", history, "installation-see", "Reports of the hotline's calls to itself", answer=Reports
    ),
]

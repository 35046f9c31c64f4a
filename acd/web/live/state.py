"""The floor at this moment: queues, agents, live calls, counts. What the wallboard and the command line read."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict

from acd.web.live.self_call_rows import LiveSelfCall, self_calls
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.context import WebContext
from acd.web.server.routes import AGENT, BOTH, Asked, Route
from acd.words.trunks import state as trunk_state


class _Row(ApiModel):
    """Fields that the engine adds later are handed on: the document names those that a client may rely on."""

    model_config = ConfigDict(extra="allow")


class LiveQueue(_Row):
    """A queue as now; waits in seconds."""

    name: str
    zh: str
    en: str
    waiting: int
    longest_wait_s: float
    staffed: int
    available: int
    open: bool
    """Within its hours, and not closed by an operator."""
    closed: bool = False
    """By an operator."""
    median_s: float = 0.0
    """What half of those who ask now wait longer than; 0: an able agent is idle."""
    p90_s: float = 0.0
    """What one in ten waits longer than."""
    target: dict[str, float] = {}
    """What its service level is held against: `answer_within_s`, `within_share`; its own, or the hotline's."""


class LiveAgent(_Row):
    """An agent as now."""

    agent: str
    name: str
    state: str
    """logged out, not ready, unreachable, idle, reserved, ringing, talking, hold, consult, wrap-up: each moment has
    exactly one."""
    reason: str
    state_since: datetime
    reachable: bool
    outside: bool = False
    """The agent is rung at a number outside."""
    habits: dict[str, int] = {}
    """What the telephone does, and how often: forwards, do-not-disturb, declines, fails, no-sign, hangs-up, no-sound, muted,
    no-voice, answers-itself, two-places."""
    phone_test: str = ""
    """"under way", or what the latest test call met: "answered", "busy", "rejected", "forwarded", "unreachable", "ring no
    answer", "failed"."""
    call: str | None
    tier: int = 1
    """Which transfers the agent may receive."""
    consults: str | None = None
    """The call about which another agent consults this one."""


class LiveTransfer(_Row):
    """A transfer under way."""

    number: int
    state: str
    """asked, calling, consulting, three-way, joining"""
    first: str
    """The first agent."""
    kind: str
    """agent, queue, skill, number"""
    to: str
    receiver: str
    """The agent who gets the caller; empty while none is found."""
    reason: str
    note: str
    warm: bool
    how: str
    """page, api, command line, code, telephone"""
    amount: float
    since: datetime


class LiveCall(_Row):
    """A call in progress; waits in seconds."""

    call: str
    caller: str
    """Masked; "withheld": the caller does not want it to be shown; "unknown": nobody in particular."""
    trunk: str = ""
    identity: str = ""
    """What the carrier says of the number: passed, failed, unchecked, attested; behind a dash the letter of its attestation."""
    nuisance: str = ""
    """What is known of this caller ([nuisance] of the configuration); empty: nothing."""
    queue: str | None
    stage: str
    agent: str | None
    offer: str | None
    position: int | None
    asked_at: datetime | None
    waited_s: float
    priority: int = 0
    virtual: bool = False
    """The caller has hung up, keeps the place and is called back."""
    kept_for: str | None = None
    """The agent that the call is kept for."""
    held: str | None = None
    """hold, consult, three-way"""
    held_since: datetime | None = None
    muted: bool = False
    """The agent is not heard by the caller."""
    line: dict[str, list[str]] = {}
    """"caller", "agent": what is wrong with that line at this moment; a line that is well is missing."""
    transfer: LiveTransfer | None = None
    """What is under way."""
    rows: list[int] = []
    """Rows of the queue's policy in force."""


class LiveTrunk(_Row):
    """A trunk as now."""

    name: str
    state: str
    """registered, answers, not-watched, unknown; or what is wrong: not-registered, no-answer, unresolved, closed."""
    well: bool
    since: datetime | None
    """Since when it is not well."""
    said: dict[str, str]
    """The state in words: zh, en."""
    registrar: int | None = None
    """What the registrar answered last, where the trunk is not registered; 0: nothing."""
    refused: int
    """The SIP answer with which its carrier refuses our calls out; 0: it does not."""
    carried: int
    """Calls out that it has carried since the daemon began."""
    failed: int
    """Calls out that it has not."""


class SeenBy(ApiModel):
    """A person who has seen an alarm, and when."""

    by: str
    at: datetime


class LiveAlarm(_Row):
    """An alarm: open, or over."""

    number: int
    kind: str
    """The code of its kind."""
    subject: str
    """What it is about, as a trunk's name or an agent's extension; empty: there is one of its kind."""
    severity: Literal["warning", "critical"]
    title: dict[str, str]
    """zh, en"""
    said: dict[str, str]
    """What is wrong and what to do: zh, en."""
    raised_at: datetime
    last_at: datetime
    """When it was raised for the last time."""
    times: int
    call: str
    agent: str
    queue: str
    seen: list[SeenBy]
    cleared_at: datetime | None
    """None: it is open."""
    cleared_by: str
    """Empty: it was over by itself."""


class State(ApiModel):
    """The live state: queues, agents, calls in progress, today's counts."""

    at: datetime
    pbx: bool
    behind: int
    """Rows of the call log that are on disk and not yet in PostgreSQL."""
    queues: list[LiveQueue]
    agents: list[LiveAgent]
    calls: list[LiveCall]
    trunks: list[LiveTrunk] = []
    """In the order of the configuration."""
    self_calls: list[LiveSelfCall] = []
    """The local loop, then each trunk that can be dialled."""
    alarms: list[LiveAlarm] = []
    """The open ones, the worst first."""
    counts: dict[str, Any]
    """Today's, as the engine counts them: {"day", "total": {…}, "queues": {name: {…}}}."""
    lines: dict[str, dict[str, float]] = {}
    """"trunk NAME", "agent 1001" to measured and bad (legs in all), and means of the latest legs: mos, loss_percent, jitter_ms,
    round_trip_ms."""


class Vocabulary(ApiModel):
    """What the page needs once: names, reasons, targets."""

    hotline: str
    not_ready_reasons: list[dict[str, str]]
    """Each {"reason", "zh", "en"}."""
    target: dict[str, float]
    ring_s: float
    rings: int
    queues: list[dict[str, str]]
    timezone: str


def look(context: WebContext) -> dict[str, Any]:
    """The snapshot as it may be shown: numbers masked, queues with their labels."""
    found = context.snapshot()
    labels = context.config.queues
    queues = []
    for row in found["queues"]:
        configured = labels.get(row["name"])
        label = configured.label if configured else None
        names = {"zh": label.zh, "en": label.en} if label else {"zh": row["name"], "en": row["name"]}
        own = configured.target if configured else context.config.target
        target = {
            word: getattr(context.config.target, word) if getattr(own, word) is None else getattr(own, word)
            for word in ("answer_within_s", "within_share")
        }
        queues.append(
            {**row, **names, "target": target, "open": context.is_open(row["name"]) and not row.get("closed")}
        )
    calls = [
        {
            **row,
            "caller": shown_caller(context.config, str(row.get("caller", ""))),
            "nuisance": context.config.nuisance_why(str(row.get("caller", ""))),
        }
        for row in found["calls"]
    ]
    alarms = context.alarms.open() if context.alarms is not None else []
    return {
        **found,
        "queues": queues,
        "calls": calls,
        "trunks": trunks(context),
        "self_calls": self_calls(context),
        "alarms": alarms,
        "behind": context.shipper.behind,
    }


def trunks(context: WebContext) -> list[dict[str, Any]]:
    """Each trunk's row, with its state in words."""
    return [
        {**row, "said": {language: trunk_state(row, language) for language in ("zh", "en")}} for row in context.trunks()
    ]


async def state(asked: Asked) -> State:
    """The live state. Callers' numbers are masked."""
    return State.model_validate(look(asked.context))


async def vocabulary(asked: Asked) -> Vocabulary:
    """Names, reasons and targets of the configuration in force; they change only with it."""
    config = asked.context.config
    return Vocabulary(
        hotline=config.hotline.name,
        not_ready_reasons=[
            {"reason": label.en, "zh": label.zh, "en": label.en} for label in config.not_ready_reasons.values()
        ],
        target=config.target.model_dump(),
        ring_s=config.rings.ring_s,
        rings=config.rings.rings,
        queues=[{"name": name, "zh": queue.label.zh, "en": queue.label.en} for name, queue in config.queues.items()],
        timezone=config.hotline.timezone,
    )


ROUTES = [
    Route("GET", "/api/state", state, BOTH, "The live state: queues, agents, calls, today's counts", answer=State),
    Route(
        "GET",
        "/api/vocabulary",
        vocabulary,
        BOTH | AGENT,
        "Names, reasons and targets of this hotline",
        answer=Vocabulary,
    ),
]

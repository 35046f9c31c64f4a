"""The floor at this moment: queues, agents, live calls, counts. What the wallboard and the command line read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from acd.web.live.names import Named, NamedDisposition, NamedReason, NamedTeam, NamedWay, ServiceLevel
from acd.web.live.seen import seen
from acd.web.live.self_call_rows import LiveSelfCall, self_calls
from acd.web.live.serving import SERVING
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.context import WebContext
from acd.web.server.routes import Asked, Route
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
    closed_by: str = ""
    closed_at: datetime | None = None
    """When the operator closed it; null where it is not known."""
    median_s: float = 0.0
    """What half of those who ask now wait longer than; 0: an able agent is idle."""
    p90_s: float = 0.0
    """What one in ten waits longer than."""
    target: ServiceLevel
    """What its service level is held against: its own, its brand's, or the hotline's."""
    brand: str = ""
    """The brand that it belongs to; empty: it is open to all."""


class LiveBreak(_Row):
    """An agent's break."""

    reason: str
    state: Literal["asked", "granted", "on"]
    """Granted: it begins after the call."""
    since: datetime
    ends_at: datetime | None = None
    overdue: bool = False
    leave: bool = True
    """False: it was begun though there was no room."""
    waits: str = ""
    """Of one that is asked for: full, later, leave."""
    place: int | None = None
    by: str = ""
    """The supervisor who has granted it."""


class LiveHand(_Row):
    """An agent asks for help."""

    since: datetime
    note: str = ""


class LiveAgent(_Row):
    """An agent as now."""

    agent: str
    name: str
    state: str
    """logged out, not ready, unreachable, idle, reserved, ringing, talking, hold, consult, wrap-up: each moment has
    exactly one."""
    reason: str
    set_by: str = ""
    """The supervisor who set them not ready or logged them out, also when it holds only after the call; empty: nobody else did."""
    state_since: datetime
    reachable: bool
    outside: bool = False
    """The agent is rung at a number outside."""
    habits: dict[str, int] = {}
    """What the telephone does, and how often: forwards, do-not-disturb, declines, fails, no-sign, hangs-up, no-sound, muted,
    no-voice, answers-itself, two-places."""
    team: str = ""
    """Empty: none."""
    to_class: str | None = None
    """The call whose disposition the agent owes: the wrap-up lasts until it is given."""
    phone_test: str = ""
    """"under way", or what the latest test call met: "answered", "busy", "rejected", "forwarded", "unreachable", "ring no
    answer", "failed"."""
    logged_in: bool
    ready: bool
    """Wants calls; the state says what stands in the way."""
    call: str | None
    tier: int = 1
    """Which transfers the agent may receive."""
    skills: dict[str, int] = {}
    serves: list[str] = []
    """The queues whose required skills the agent reaches, of those that the agent takes."""
    wrap_up_ends_at: datetime | None = None
    consults: str | None = None
    """The call about which another agent consults this one."""
    brands: list[str] = []
    """The brands to whose teams the agent belongs."""
    break_: LiveBreak | None = Field(default=None, alias="break")
    """Asked for, granted, or begun."""
    hand: LiveHand | None = None
    """The agent asks for help."""
    worked_since: datetime | None = None
    """Since when the agent works without a rest; null: at rest, or breaks are not planned."""
    worked_long: bool = False
    """For longer than [breaks] allows."""
    queues_left: dict[str, str] = {}
    """Queues of which the agent takes no calls for a while, each with the reason."""
    kept_by: list[str] = []
    """Of these, the brands that keep the agent to themselves; empty: the agent takes the calls of all that do not."""


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


class LiveListener(_Row):
    """A supervisor who listens to the call, or whose telephone rings for it."""

    listener: str
    account: str
    telephone: str
    mode: str
    """listen, whisper, barge, take-over"""
    state: str
    """ringing, listening, joined: in the talk"""
    took_over: bool
    """The agent has left, and the caller is with this supervisor."""
    teams: list[str]
    """The supervisor leads these, and hears their agents alone; empty: not bounded by teams."""
    since: datetime


class LiveCall(_Row):
    """A call in progress; waits in seconds."""

    call: str
    caller: str
    """Masked; "withheld": the caller does not want it to be shown; "unknown": nobody in particular."""
    trunk: str = ""
    brand: str = ""
    """Of the number that was dialled; empty: no brand's."""
    identity: str = ""
    """What the carrier says of the number: passed, failed, unchecked, attested; behind a dash the letter of its attestation."""
    customer: str = ""
    """Id of the customer whose number it is; empty: nobody's, or not found in time."""
    customer_name: str = ""
    customer_class: str = ""
    nuisance: str = ""
    """What is known of this caller ([nuisance] of the configuration); empty: nothing."""
    queue: str | None
    stage: str
    agent: str | None
    offer: str | None
    position: int | None
    """Among all callers who wait for the same agents, whatever queue they stand in."""
    position_in_queue: int | None = None
    """What the caller is told."""
    asked_at: datetime | None
    waiting_since: datetime | None = None
    """Of a caller who waits: since asking, or since an agent who had served the caller left."""
    in_time: bool | None = None
    """Whether the first bridge came within the target; null: there was none yet."""
    waited_s: float
    priority: int = 0
    virtual: bool = False
    """The caller has hung up, keeps the place and is called back."""
    kept_for: str | None = None
    """The agent that the call is kept for."""
    held: Literal["hold", "consult", "three-way"] | None = None
    held_since: datetime | None = None
    muted: bool = False
    """The agent is not heard by the caller."""
    masked_since: datetime | None = None
    """The recordings of the call are masked since then; null: they are not."""
    masked_until: datetime | None = None
    """When that ends by itself."""
    masked_by: str = ""
    """Who asked for it: an agent's extension, or an account."""
    mask_failed: str = ""
    """Why the recording is not masked though somebody asked for it: no-recorder, refused, no-answer, no-link; empty: it is, or nobody asked."""
    line: dict[str, list[str]] = {}
    """"caller", "agent": what is wrong with that line at this moment; a line that is well is missing."""
    transfer: LiveTransfer | None = None
    """What is under way."""
    listeners: list[LiveListener] = []
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
    brand: str = ""
    """Of the call; empty: none, or the call is over for long."""
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
    """Today's, as the engine counts them: {"day", "total": {…}, "queues": {name: {…}}, "brands": {name: {"total", "queues"}}}; of brands
    those that had calls today. `recent`: of each queue and brand, callers of the last 30 minutes of whom it is known whether they were answered
    within the target: [{"queue", "brand", "asked", "within_target"}]."""
    lines: dict[str, dict[str, float]] = {}
    """"trunk NAME", "agent 1001" to measured and bad (legs in all), and means of the latest legs: mos, loss_percent, jitter_ms,
    round_trip_ms."""


class Vocabulary(ApiModel):
    """What the page needs once: names, reasons, targets."""

    hotline: str
    not_ready_reasons: list[NamedReason]
    transfer_reasons: list[NamedReason] = []
    dispositions: list[NamedDisposition] = []
    verify: list[NamedWay] = []
    """The ways of verifying a customer."""
    target: dict[str, float]
    floor: dict[str, float] = {}
    """From when on the page marks something: [floor] of the configuration."""
    ring_s: float
    rings: int
    priority_s: float
    """What a point of priority is worth, in seconds of waiting."""
    queues: list[Named]
    teams: list[NamedTeam] = []
    """For a supervisor the own ones."""
    brands: list[Named] = []
    """Empty: there is one hotline. For an account that is limited to some these alone."""
    classes: list[Named] = []
    """The classes of customers."""
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
        own = context.config.target_of(row["name"])
        target = {word: getattr(own, word) for word in ("answer_within_s", "within_share")}
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
    brands = context.config.brands.items()
    agents = [
        {
            **row,
            "brands": [name for name, brand in brands if row["agent"] in brand.agents],
            "serves": SERVING.queues(context.config, row),
        }
        for row in found["agents"]
    ]
    alarms = of_brands(context, context.alarms.open()) if context.alarms is not None else []
    return {
        **found,
        "queues": queues,
        "agents": agents,
        "calls": calls,
        "trunks": trunks(context),
        "self_calls": self_calls(context),
        "alarms": alarms,
        "behind": context.shipper.behind,
    }


def of_brands(context: WebContext, alarms: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The alarms, each with the brand of its call; empty: it names none, or the call is of no brand or over for long."""

    def brand(call: str) -> str:
        row = (context.call(call) or context.cards.get(call) or {}) if call else {}
        return str(row.get("brand", ""))

    return [{**row, "brand": brand(row["call"])} for row in alarms]


def trunks(context: WebContext) -> list[dict[str, Any]]:
    """Each trunk's row, with its state in words."""
    return [
        {**row, "said": {language: trunk_state(row, language) for language in ("zh", "en")}} for row in context.trunks()
    ]


async def state(asked: Asked) -> State:
    """The live state. Callers' numbers are masked."""
    return State.model_validate(seen(look(asked.context), asked.scope))


def _team_is_seen(asked: Asked, team: str) -> bool:
    """For a supervisor the own ones; for an account that is limited to brands those of agents that it sees."""
    scope, agents = asked.scope, asked.context.config.agents
    if scope.teams is not None and team not in scope.teams:
        return False
    return scope.brands is None or any(scope.has_agent(agent) for agent in agents if agents[agent].team == team)


async def vocabulary(asked: Asked) -> Vocabulary:
    """Names, reasons and targets of the configuration in force; they change only with it."""
    config = asked.context.config
    return Vocabulary(
        hotline=config.hotline.name,
        not_ready_reasons=[
            NamedReason(reason=label.en, zh=label.zh, en=label.en) for label in config.not_ready_reasons.values()
        ],
        transfer_reasons=[
            NamedReason(reason=name, zh=label.zh, en=label.en) for name, label in config.transfers.named().items()
        ],
        dispositions=[
            NamedDisposition(code=code, zh=label.zh, en=label.en)
            for code, label in config.transfers.dispositions.items()
        ],
        verify=[NamedWay(how=how, zh=label.zh, en=label.en) for how, label in config.transfers.verify.items()],
        target=config.target.model_dump(),
        floor=config.floor.model_dump(),
        ring_s=config.rings.ring_s,
        rings=config.rings.rings,
        priority_s=config.routing.priority_s,
        queues=[
            Named(name=name, zh=queue.label.zh, en=queue.label.en)
            for name, queue in config.queues.items()
            if asked.scope.has_queue(name)
        ],
        teams=[
            NamedTeam(team=name, zh=team.label.zh, en=team.label.en)
            for name, team in config.teams.items()
            if _team_is_seen(asked, name)
        ],
        brands=[
            Named(name=name, zh=brand.name.zh, en=brand.name.en)
            for name, brand in config.brands.items()
            if asked.scope.has_brand(name)
        ],
        classes=[
            Named(name=name, zh=known.label.zh if known.label else name, en=known.label.en if known.label else name)
            for name, known in config.classes.items()
        ],
        timezone=config.hotline.timezone,
    )


ROUTES = [
    Route(
        "GET", "/api/state", state, "floor-see", "The live state: queues, agents, calls, today's counts", answer=State
    ),
    Route(
        "GET",
        "/api/vocabulary",
        vocabulary,
        "page",
        "Names, reasons and targets of this hotline",
        answer=Vocabulary,
    ),
]

"""An agent's own page: its contents, its live stream, and the actions for the own state.

The stream begins with `snapshot`; every `change` after it carries the whole desk again, for it is small, and is sent in
the moment in which the event was handled: an agent sees the caller before the telephone rings. `beat` comes each second.
"""

import asyncio
import json
from datetime import datetime
from typing import Any, Literal

import structlog
from aiohttp import web
from pydantic import Field

from acd.engine.commands import Command, Kind, Log
from acd.engine.events import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    AgentsChanged,
    ConfigChanged,
    Event,
    PbxFound,
    PbxLost,
    PhoneTestAsked,
    WrapUpEnded,
    WrapUpExtended,
)
from acd.web.live.agent_desk_state import Desks
from acd.web.live.hub import BEAT_S, Hub, without_durations
from acd.web.live.names import DeskRules, NamedDisposition, NamedReason, NamedWay
from acd.web.live.not_ready import Reason, Told, known_reason
from acd.web.live.phone_test import refuse_test
from acd.web.live.state import LiveAgent, LiveCall
from acd.web.live.stream import Message, Reader, begin, send_all
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route

log = structlog.get_logger(__name__)

_FOR_ALL = (PbxLost, PbxFound, ConfigChanged, AgentsChanged)


class HandedBy(ApiModel):
    """Who hands a caller over, and why."""

    agent: str
    name: str
    reason: str
    note: str
    warm: bool


class DeskCall(LiveCall):
    """The call that an agent has, with its queue's name."""

    zh: str
    en: str


class DeskOffer(ApiModel):
    """What rings at the agent, or is about to."""

    call: str
    offer: str
    kind: Literal["call", "consult"]
    state: str
    """ringing; reserved: the customer of a callback is dialled first"""
    since: datetime
    caller: str
    queue: str | None
    zh: str
    en: str
    from_: HandedBy | None = Field(default=None, alias="from")
    """Null: it is no transfer."""


class DeskConsult(ApiModel):
    """A warm transfer on its way, as first agent or as receiver."""

    call: str
    role: Literal["first", "receiver"]
    first: str
    first_name: str
    receiver: str
    receiver_name: str
    kind: str
    to: str
    state: str
    """asked, calling, consulting, three-way, joining"""
    reason: str
    note: str
    since: datetime


class WrapUp(ApiModel):
    """The agent's wrap-up."""

    call: str | None
    since: datetime
    ends_at: datetime | None
    extensions: int = 0
    """How often it may still be extended, by a minute each time."""


class UnexplainedTransfer(ApiModel):
    """A transfer that the agent made by telephone and that has no reason yet."""

    call: str
    number: int
    to: str
    receiver: str
    at: datetime


class DeskBrand(ApiModel):
    """The hotline that the caller has dialled, where there are several."""

    name: str
    zh: str
    en: str
    greeting: dict[str, str]
    """zh, en: what the agent says first; empty: nothing is configured."""


class DeskMessage(ApiModel):
    """A supervisor's message."""

    message: str
    text: str
    by: str
    at: datetime
    until: datetime
    seen_at: datetime | None
    """Null: you have not acknowledged it."""


class DeskQueue(ApiModel):
    """A queue whose calls you take."""

    queue: str
    zh: str
    en: str
    left: str
    """Why you take none of its calls for a while; empty: you take them."""


class DeskBreakKind(ApiModel):
    """A break that you may ask for."""

    reason: str
    zh: str
    en: str
    minutes: float
    leave: bool
    """A supervisor grants each."""


class Desk(ApiModel):
    """All that an agent's page shows."""

    at: datetime
    pbx: bool
    agent: LiveAgent
    call: DeskCall | None
    """The agent's call, with the number in full."""
    offer: DeskOffer | None
    card: dict[str, Any] | None
    """Of the call, else the consult, else the offer, else the agent's last call."""
    brand: DeskBrand | None = None
    """Of what rings, else of the call: shown before the telephone rings."""
    consult: DeskConsult | None
    wrap_up: WrapUp | None
    explain: list[UnexplainedTransfer]
    rules: DeskRules
    messages: list[DeskMessage] = []
    """Of supervisors, oldest first."""
    own_queues: list[DeskQueue] = []
    break_kinds: list[DeskBreakKind] = []
    """Empty: breaks are not planned."""
    not_ready_reasons: list[NamedReason]
    reasons: list[dict[str, Any]]
    dispositions: list[NamedDisposition]
    verify: list[NamedWay]
    links: list[dict[str, str]] = []
    """zh, en, url: the company's pages about a caller; {number}, {customer}, {ticket}, {order}, {call} in the address are filled in by the page."""


class Streams(Hub):
    """The readers of each agent's page (the agent is the channel), and what was sent last."""

    def __init__(self, context: WebContext, desks: Desks) -> None:
        super().__init__(context)
        self._desks = desks
        self._shown: dict[str, dict[str, Any]] = {}
        self._due: set[str] = set()

    def join(self, agent: str, limit: int) -> Reader:
        """A new reader of this agent's page, with the whole of it queued. Raises Problem (404)."""
        self._shown[agent] = found = whole(self._desks, agent)
        return self._add_reader(agent, limit, [self._message("snapshot", found)])

    def has_page(self, agent: str) -> bool:
        """Whether the agent has the page open at this moment."""
        return bool(self._readers.get(agent))

    def talks(self, agent: str) -> bool:
        """Whether the agent has a caller or is consulted: present, though no key is touched."""
        shown = self._shown.get(agent)
        return shown is not None and bool(shown["call"] or shown["consult"])

    def leave(self, reader: Reader, *, dropped: bool = False) -> None:
        """Forgets the reader, and with an agent's last reader what was sent; `dropped`: it was too slow."""
        super().leave(reader, dropped=dropped)
        for agent in self._shown.keys() - self._readers.keys():
            del self._shown[agent]

    async def run(self) -> None:
        """Beats until cancelled."""
        while True:
            await asyncio.sleep(BEAT_S)
            beat = Message("beat", json.dumps({"at": self._context.now().isoformat()}))
            for agent in tuple(self._readers):
                self._hand_out(agent, beat)

    def _heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        self._desks.heard(at, commands)
        if not self._readers:
            return
        agents, calls = set[str](), set[str]()
        for_all = isinstance(event, _FOR_ALL) or any(isinstance(each, Log) and _is_for_all(each) for each in commands)
        for told in (event, *commands):
            agents |= {getattr(told, "agent", ""), getattr(told, "first", "")}
            calls.add(getattr(told, "call", ""))
        for agent, shown in self._shown.items():
            if agent in agents or for_all or calls & _calls_on(shown):
                if not self._due:
                    asyncio.get_running_loop().call_soon(self._push)
                self._due.add(agent)

    def _push(self) -> None:
        due, self._due = self._due, set()
        for agent in due & self._readers.keys():
            try:
                self._show(agent)
            except Exception:
                log.exception("a desk missed a change; the next one carries it", agent=agent)

    def _show(self, agent: str) -> None:
        found = self._desks.look(agent)
        if found is None or _still(found) == _still(self._shown[agent]):
            return
        self._shown[agent] = found
        self._hand_out(agent, self._message("change", found))

    def _message(self, event: str, found: dict[str, Any]) -> Message:
        return Message(event, Desk.model_validate(found).model_dump_json(by_alias=True), self._next_id())


DESKS: web.AppKey[Desks] = web.AppKey("desks", Desks)
STREAMS: web.AppKey[Streams] = web.AppKey("desk streams", Streams)


def whole(desks: Desks, agent: str) -> dict[str, Any]:
    """Raises Problem (404) while the engine does not know the agent."""
    found = desks.look(agent)
    if found is None:
        detail = f"Agent {agent} is not known yet. Wait a moment, then reload the page."
        raise Problem(404, "unknown-agent", detail)
    return found


def _is_for_all(row: Log) -> bool:
    """A message that begins or ends, and a break by which others' places change."""
    return row.kind is Kind.BREAK or (row.kind is Kind.AGENT_MESSAGE and row.detail["state"] != "seen")


def _calls_on(desk: dict[str, Any]) -> set[str]:
    return {part["call"] for part in (desk["call"], desk["offer"], desk["consult"], desk["card"]) if part}


def _still(desk: dict[str, Any]) -> dict[str, Any]:
    """The desk without what grows with the clock."""
    return {**desk, "call": desk["call"] and without_durations(desk["call"]), "at": None}


async def desk(asked: Asked) -> Desk:
    """The agent's own state, call, ringing offer, consult, context card and choices."""
    return Desk.model_validate(whole(asked.request.app[DESKS], asked.who.name))


async def events(asked: Asked) -> web.StreamResponse:
    """The stream of the agent's own page. It ends with the session."""
    streams = asked.request.app[STREAMS]
    whole(asked.request.app[DESKS], asked.who.name)
    response = await begin(asked, len(streams))
    reader = streams.join(asked.who.name, asked.context.stream_queue)
    await send_all(asked, response, reader, streams, lambda: streams.talks(asked.who.name))
    return response


async def log_in(asked: Asked) -> Told:
    """Logs the agent in, not ready."""
    return _tell(asked, AgentLoggedIn(asked.who.name))


async def ready(asked: Asked) -> Told:
    """Calls are offered from now on."""
    return _tell(asked, AgentReady(asked.who.name))


async def not_ready(asked: Asked) -> Told:
    """No calls are offered. During a call it takes effect after wrap-up."""
    return _tell(asked, AgentNotReady(asked.who.name, known_reason(asked)))


async def log_out(asked: Asked) -> Told:
    """Logs the agent out. During a call it takes effect after wrap-up."""
    return _tell(asked, AgentLoggedOut(asked.who.name))


async def wrap_up_ended(asked: Asked) -> Told:
    """Ends the wrap-up before its time is over. Refused (409) while the team asks for a disposition that is not given."""
    call = whole(asked.request.app[DESKS], asked.who.name)["agent"]["to_class"]
    if call is not None:
        detail = "Give the call a disposition first: your team asks for one of each call."
        raise Problem(409, "no-disposition", detail, field="disposition", words={"call": call})
    return _tell(asked, WrapUpEnded(asked.who.name))


async def wrap_up_extended(asked: Asked) -> Told:
    """A minute more of wrap-up. Refused (409) when there is none, or it was extended as often as may be."""
    now = whole(asked.request.app[DESKS], asked.who.name)["wrap_up"]
    if now is None or not now["extensions"]:
        detail = "There is no wrap-up that can be extended: none goes on, or it has had all its extensions."
        raise Problem(409, "not-extended", detail)
    return _tell(asked, WrapUpExtended(asked.who.name))


async def test_phone(asked: Asked) -> Told:
    """Rings the agent's own telephone without a caller."""
    refuse_test(whole(asked.request.app[DESKS], asked.who.name)["agent"])
    return _tell(asked, PhoneTestAsked(asked.who.name, asked.who.name))


def _tell(asked: Asked, event: Event) -> Told:
    asked.context.tell(event)
    return Told(agent=asked.who.name, told=type(event).__name__)


ROUTES = [
    Route(
        "GET",
        "/api/desk",
        desk,
        "desk",
        "Your own page: state, call, context card",
        answer=Desk,
        refusals={404: "unknown-agent"},
    ),
    Route(
        "GET",
        "/api/desk/events",
        events,
        "desk",
        "Server-Sent Events: `snapshot`, then `change`, each with the whole page; `beat` each second",
        content="text/event-stream",
        refusals={404: "unknown-agent"},
        free=True,
    ),
    *(
        Route("POST", f"/api/desk/{word}", handler, "desk", summary, Told, status=202)
        for word, handler, summary in (
            ("log-in", log_in, "Log in, not ready"),
            ("ready", ready, "Set yourself ready"),
            ("log-out", log_out, "Log out"),
        )
    ),
    Route(
        "POST",
        "/api/desk/wrap-up-ended",
        wrap_up_ended,
        "desk",
        "End your wrap-up",
        answer=Told,
        status=202,
        refusals={409: "no-disposition"},
    ),
    Route(
        "POST",
        "/api/desk/wrap-up-extended",
        wrap_up_extended,
        "desk",
        "A minute more of your wrap-up",
        answer=Told,
        status=202,
        refusals={409: "not-extended"},
    ),
    Route(
        "POST",
        "/api/desk/test-phone",
        test_phone,
        "desk",
        "Ring your telephone for a test",
        answer=Told,
        status=202,
        refusals={409: "phone-in-use, or phone-outside"},
    ),
    Route(
        "POST",
        "/api/desk/not-ready",
        not_ready,
        "desk",
        "Set yourself not ready, with a reason",
        answer=Told,
        body=Reason,
        status=202,
        refusals={400: "unknown-reason"},
    ),
]

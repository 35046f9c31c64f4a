"""A promised callback as it is shown, and who sees which: an agent the own ones, others those of their teams' queues and brands."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from acd.engine.commands import Kind
from acd.engine.promises.promise import Promise
from acd.store.queries.promises import Promised, PromiseStep
from acd.web.access.call_access import is_agent
from acd.web.access.roles import may
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller, shown_detail
from acd.web.server.log_labels import labelled
from acd.web.server.routes import Asked
from acd.words import sentence

State = Literal["open", "due", "late", "over"]


class CallbackTold(ApiModel):
    """A promised callback."""

    callback: str
    """Its id, and that of the call that keeps it."""
    number: str
    customer: str
    """The id of the customer's record; empty: none is known."""
    queue: str
    brand: str
    language: str
    source: str
    """caller, message, abandoned, agent, api"""
    how: str
    """call: the hotline calls when the time has come; list: a person calls, and says so with done."""
    by: str
    owner: str
    """The agent or account whose matter it is; empty: the queue's."""
    note: str
    of_call: str
    """The call in which it was promised, where another keeps it; empty: the same."""
    made_at: datetime
    begins: datetime | None
    until: datetime | None
    state: State
    """open: its time is to come; due: it has begun; late: it is past; over."""
    asked: int
    """How often the same callback was asked for."""
    tries: int
    outcome: str
    """Empty: it is open. kept, done, cancelled, not-reached, barred, left, lost, otherwise."""
    in_time: bool
    """Kept or done within the promised time."""
    ended_at: datetime | None
    ended_by: str


class StepTold(ApiModel):
    """One thing that happened to a promised callback."""

    at: datetime
    zh: str
    en: str


class CallbackWithStory(CallbackTold):
    """A promised callback with its tries and changes, oldest first; without them while PostgreSQL is away."""

    steps: list[StepTold]


class CallbacksTold(ApiModel):
    """Promised callbacks, the most urgent first."""

    callbacks: list[CallbackTold]
    complete: bool
    """False: PostgreSQL is away, so those that are over are missing."""


def sees(asked: Asked, one: Promise | Promised) -> bool:
    """Whether the promise is among those that this person or program sees."""
    if is_agent(asked.who):
        return one.owner == asked.who.name
    scope = asked.scope
    if not scope.has_brand(one.brand):
        return False
    return scope.has_queue(one.queue) or (scope.of_teams is not None and one.owner in scope.of_teams.agents)


def told_open(asked: Asked, one: Promise) -> CallbackTold:
    """An open promise."""
    now = asked.context.now()
    state: State = "late" if one.late or one.until <= now else "due" if one.begins <= now else "open"
    values = {name: value for name, value in asdict(one).items() if name in CallbackTold.model_fields}
    over = {"outcome": "", "in_time": False, "ended_at": None, "ended_by": ""}
    return CallbackTold(
        **{**values, **over, "callback": one.promise, "number": _number(asked, one.number), "state": state}
    )


def told_over(asked: Asked, one: Promised) -> CallbackTold:
    """One that PostgreSQL has."""
    values = {name: value for name, value in asdict(one).items() if name in CallbackTold.model_fields}
    state: State = "over" if one.ended_at is not None else "late" if one.late_at is not None else "open"
    return CallbackTold(**{**values, "callback": one.promise, "number": _number(asked, one.number), "state": state})


def step_told(asked: Asked, one: PromiseStep) -> StepTold:
    """A row of its story, in words, with the number masked."""
    detail = shown_detail(asked.context.config.numbering, one.detail, in_full=True)
    kind, config = Kind(one.kind), asked.context.config
    queue = config.queues.get(one.queue)
    words = {
        language: sentence(
            kind,
            one.agent,
            getattr(queue.label, language) if queue else one.queue,
            labelled(config, kind, detail, language),
            language,
        )
        for language in ("zh", "en")
    }
    return StepTold(at=one.at, **words)


def _number(asked: Asked, number: str) -> str:
    return shown_caller(asked.context.config, number, in_full=may(asked.who.roles, "numbers-in-full"))

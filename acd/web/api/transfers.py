"""Handing a caller over, and what goes with it: consult, complete, take back, three-way, decline; hold, mute and mask.

Each is asked of the engine first (`Acd.refusal`), so that what can't be is refused with its reason and nothing was done;
then it is told, and answered when the engine has taken it up. An operator may do it for any agent; that is audited.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StrictBool, model_validator

from acd.config import BY_TELEPHONE
from acd.engine.callback_events import CallOutRefused
from acd.engine.commands import Command, Kind, Log
from acd.engine.events import Event
from acd.engine.masking.events import MaskAsked
from acd.engine.transfer_events import (
    HoldAsked,
    How,
    MuteAsked,
    RetrieveAsked,
    TargetKind,
    ThreeWayAsked,
    TransferCompleted,
    TransferDeclined,
    TransferExplained,
    TransferRequested,
    TransferTakenBack,
)
from acd.identifiers import EXTENSION, NAME, NUMBER, whole
from acd.web.access.auth import DOOR
from acd.web.access.call_access import IN_PATH, Line, is_agent, permitted_call, sees_live_call, unknown_call
from acd.web.api.calls import live_call
from acd.web.live.agent_desk_state import reasons
from acd.web.server.api_model import ApiModel
from acd.web.server.context import Refusal
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.lookups import near_names
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Nothing, Route, Strict
from acd.web.server.text_validation import validated_text
from acd.words import shown

HIDDEN_FROM_AGENTS = ("no-such-call", "not-yours")
BAD_INPUT = {
    "no-reason": "reason",
    "unknown-reason": "reason",
    "unknown-target": "to",
    "oneself": "to",
    "circle": "to",
    "other-brand": "to",
    "not-allowed": "to",
    "own-number": "to",
    "tier": "to",
    "not-for-team": "to",
}
"""The engine's refusals that another request would avoid, and the field to change; all others are of the moment."""
COMMAND_LINE = "sanxiang"
"""How our own command line calls itself (`User-Agent`)."""


class Target(Strict):
    """Exactly one of them."""

    agent: Annotated[str, Field(pattern=whole(EXTENSION))] | None = None
    queue: Annotated[str, Field(pattern=whole(NAME))] | None = None
    skill: Annotated[str, Field(pattern=whole(NAME))] | None = None
    number: Annotated[str, Field(pattern=whole(NUMBER))] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Target":
        if len(self.named()) != 1:
            raise ValueError("Name one target: an agent, a queue, a skill or a number.")
        return self

    def named(self) -> list[tuple[TargetKind, str]]:
        """The targets that are given, as kind and name."""
        each: list[tuple[TargetKind, str | None]] = [
            *(("agent", self.agent), ("queue", self.queue), ("skill", self.skill), ("number", self.number))
        ]
        return [(kind, to) for kind, to in each if to is not None]


class Transfer(Strict):
    """A transfer: target, reason, note, cold or warm."""

    to: Target
    reason: Annotated[str, Field(max_length=80)] = ""
    """One of the configured reasons, by its name; its Chinese name and its key on the telephone are taken too."""
    note: Line = ""
    warm: StrictBool = False
    """A consult with the receiver first, while the caller is on hold."""
    amount: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] = 0
    """What the matter is about, in money."""


class GivenReason(Strict):
    """The reason of a transfer that was made by telephone."""

    reason: Annotated[str, Field(max_length=80)]
    note: Line = ""


class Declined(Strict):
    """Why the receiver declines."""

    reason: Line


class Muted(Strict):
    """Muted or not."""

    muted: StrictBool


class Masked(Strict):
    """Masked or not."""

    masked: StrictBool


class Done(ApiModel):
    """What the engine did."""

    call: str
    told: str
    number: int | None = None
    """Of the transfer: the first of this call is 1."""
    state: str | None = None
    """Of the transfer, as the engine logged it."""


async def transfer(asked: Asked) -> Done:
    """Cold: the caller goes to the target at once. Warm: the caller is put on hold and the receiver is rung for a consult."""
    row, wanted = await live_call(asked), asked.body
    agent = asked.who.name if is_agent(asked.who) else row["agent"] or ""
    [(kind, to)] = wanted.to.named()
    _refuse_beyond(asked, kind, to)
    _refuse_unverified(asked, row["call"], reason_named(asked, wanted.reason))
    reason, note = reason_named(asked, wanted.reason), validated_text(wanted.note, "note")
    by = "" if is_agent(asked.who) else asked.who.name
    event = TransferRequested(row["call"], agent, kind, to, reason, note, wanted.warm, _how(asked), by, wanted.amount)
    about = {"to": f"{kind}:{to}", "reason": reason, "warm": wanted.warm, "agent": agent}
    return await _do(asked, event, about)


async def complete(asked: Asked) -> Done:
    """Ends the consult: the receiver gets the caller, the first agent goes to wrap-up."""
    return await _do(asked, TransferCompleted(await _first_agents(asked), asked.who.name))


async def take_back(asked: Asked) -> Done:
    """Ends the consult: the first agent continues with the caller."""
    return await _do(asked, TransferTakenBack(await _first_agents(asked), asked.who.name))


async def three_way(asked: Asked) -> Done:
    """Caller, first agent and receiver hear each other."""
    return await _do(asked, ThreeWayAsked(await _first_agents(asked), asked.who.name))


async def decline(asked: Asked) -> Done:
    """The receiver of a consult declines; the first agent reads the reason."""
    row, reason = await live_call(asked), validated_text(asked.body.reason, "reason").strip()
    if not reason:
        raise Problem(400, "no-reason", "Say why you decline: the first agent reads it.", field="reason")
    receiver = asked.who.name if is_agent(asked.who) else (row.get("transfer") or {}).get("receiver") or ""
    return await _do(asked, TransferDeclined(row["call"], receiver, reason), {"reason": reason})


async def explain(asked: Asked) -> Done:
    """Gives the reason of a transfer that was made by telephone; the call may be over by then."""
    call, agent = permitted_call(asked), asked.who.name
    if not is_agent(asked.who):
        card = await asked.context.cards.find(call)
        theirs = asked.scope.whole or sees_live_call(asked, call) or (card is not None and asked.scope.sees_card(card))
        if not theirs:
            raise Problem(404, "unknown-call", f"There is no call {call}. `sanxiang call list` shows the calls.")
        agent = card["transfers"][-1]["from"] if card and card["transfers"] else ""
    reason, note = reason_named(asked, asked.body.reason), validated_text(asked.body.note, "note")
    return await _do(asked, TransferExplained(call, agent, reason, note), {"reason": reason})


async def hold(asked: Asked) -> Done:
    """Puts the caller on hold, with music."""
    return await _of_agent(asked, HoldAsked)


async def retrieve(asked: Asked) -> Done:
    """Takes the caller off hold."""
    return await _of_agent(asked, RetrieveAsked)


async def mute(asked: Asked) -> Done:
    """Mutes the agent for the caller, or unmutes."""
    return await _of_agent(asked, lambda call, agent: MuteAsked(call, agent, asked.body.muted))


async def mask(asked: Asked) -> Done:
    """Masks the recording: silence in the place of what is said, until it is asked to hold sound again, at most for `recordings.mask_limit_s`."""
    by = "" if is_agent(asked.who) else asked.who.name
    return await _of_agent(asked, lambda call, agent: MaskAsked(call, agent, asked.body.masked, by))


def _refuse_beyond(asked: Asked, kind: TargetKind, to: str) -> None:
    """Raises Problem (400) when a supervisor would ring agents of another team; the same whether the target exists or not."""
    scope = asked.scope
    theirs = {"agent": scope.has_agent(to), "queue": scope.has_queue(to), "skill": scope.whole, "number": True}
    if not theirs[kind]:
        yours = "your teams" if scope.brands is None else "what you see"
        detail = f"Choose an agent or a queue of {yours}, or an outside number of the list."
        raise Problem(400, "beyond-teams", detail, field="to")


def _refuse_unverified(asked: Asked, call: str, reason: str) -> None:
    """Raises Problem (409) for sensitive business ([identity.business]) of a caller who is not verified as far as it needs."""
    needs = asked.context.config.identity.business.get(reason)
    card = asked.context.cards.get(call)
    level = str(card["verified"]["level"]) if card is not None else "none"
    if needs is None or level == "full" or level == needs:
        return
    wanted = {"full": "verified in full", "number": "verified by the number"}[needs]
    detail = f"{reason} needs a caller who is {wanted}, and the card says {level}. Have the caller verified first."
    raise Problem(409, "not-verified", detail, field="reason", words={"reason": reason, "needs": needs, "level": level})


async def _first_agents(asked: Asked) -> str:
    """The call, which the agent must have, and not only be consulted about. Raises Problem (404)."""
    row = await live_call(asked)
    if is_agent(asked.who) and row["agent"] != asked.who.name:
        raise unknown_call(row["call"])
    return str(row["call"])


async def _of_agent(asked: Asked, event: Callable[[str, str], Event]) -> Done:
    row = await live_call(asked)
    return await _do(asked, event(row["call"], asked.who.name if is_agent(asked.who) else row["agent"] or ""))


async def _do(asked: Asked, event: Event, about: Mapping[str, Any] | None = None) -> Done:
    """Told, and taken up. Raises Problem with the engine's reason when it can't be."""
    call, told, gateway = asked.word("call"), type(event).__name__, asked.request.app[ENGINE_GATEWAY]
    async with gateway.turn(call):
        refuse(asked, event)
        if not is_agent(asked.who):
            await asked.request.app[DOOR].audit.note(asked.who.name, told, call=call, **(about or {}))
        commands = await gateway.tell(event)
        _refuse_if_ignored(asked, event, commands)
    rows = [row for row in commands if isinstance(row, Log) and row.kind is Kind.TRANSFER and row.call == call]
    said = rows[-1].detail if rows else {}
    return Done(call=call, told=told, number=said.get("number"), state=said.get("state"))


def refuse(asked: Asked, event: Event) -> None:
    """Raises Problem when the engine would not take this just now."""
    refusal = asked.context.refusal(event)
    if refusal is not None:
        if isinstance(event, TransferRequested) and refusal.code in ("not-allowed", "calls-out-full"):
            why = str(refusal.words.get("limit") or refusal.words.get("why") or refusal.code)
            asked.context.tell(CallOutRefused(event.call, event.to, why))
        raise refused(asked, event, refusal)
    if isinstance(event, TransferRequested | TransferExplained) and event.reason == BY_TELEPHONE:
        raise Problem(400, "no-reason", "Choose a reason: only a telephone can't be asked for one.", field="reason")


def refused(asked: Asked, event: Event, refusal: Refusal) -> Problem:
    """The engine's refusal as a Problem, with near names or the allowed values."""
    call = asked.word("call")
    if refusal.code in HIDDEN_FROM_AGENTS and is_agent(asked.who):
        return unknown_call(call)
    if refusal.code == "under-way":
        return _under_way(refusal)
    near = _near(asked, event, refusal.code)
    words = f" Did you mean {' or '.join(near)}?" if near else ""
    if refusal.code == "not-allowed" and isinstance(event, TransferRequested) and is_own(asked, event.to):
        return Problem(400, "own-number", asked.context.config.dial_problem(event.to), field="to")
    status = 404 if refusal.code in HIDDEN_FROM_AGENTS else 400 if refusal.code in BAD_INPUT else 409
    code = "unknown-call" if refusal.code == "no-such-call" else refusal.code
    return Problem(
        status,
        code,
        (_for_operator(refusal.sentence) if "operator" in asked.who.roles else refusal.sentence) + words,
        field=BAD_INPUT.get(refusal.code),
        allowed=_reasons(asked, refusal) or near or None,
        words=refusal.words,
    )


def _for_operator(sentence: str) -> str:
    """The engine's sentence with the remedy of one who need not ask anybody."""
    listed = sentence.replace("Ask your supervisor to add it.", "Add it to [transfers.numbers], then `config reload`.")
    return listed.replace("Ask your supervisor.", "`config show calls_out` shows what may leave the hotline.")


def is_own(asked: Asked, number: str) -> bool:
    """Whether it leads back to ourselves."""
    return number in asked.context.config.numbers


def _under_way(refusal: Refusal) -> Problem:
    """With who began it, and when."""
    by, at = refusal.words["agent"], datetime.fromisoformat(refusal.words["at"])
    sentence = f"{refusal.sentence} {by} began it at {at:%H:%M:%S} UTC."
    return Problem(409, refusal.code, sentence, words=refusal.words, by=by, at=at)


def _refuse_if_ignored(asked: Asked, event: Event, commands: list[Command]) -> None:
    """Something else came first: between our question and the event the telephone told of it."""
    for row in commands:
        if isinstance(row, Log) and (row.kind is Kind.IGNORED or row.detail.get("state") == "refused"):
            refuse(asked, event)
            why = shown(str(row.detail.get("why") or "it does not fit any more")).rstrip(".")
            raise Problem(409, "not-now", f"Something else came first: {why}. See how the call stands.")


def _how(asked: Asked) -> How:
    if is_agent(asked.who) or asked.who.session is not None:
        return "page"
    agent = asked.request.headers.get("User-Agent", "")
    return "command line" if agent.startswith(COMMAND_LINE) else "api"


def reason_named(asked: Asked, said: str) -> str:
    """The reason by its configured English name; an unknown one is left for the engine to refuse."""
    said = validated_text(said, "reason").strip()
    for row in reasons(asked.context.config):
        if said in (row["reason"], row["zh"], row["key"]):
            return str(row["reason"])
    return said


def _reasons(asked: Asked, refusal: Refusal) -> list[str] | None:
    if refusal.code not in ("no-reason", "unknown-reason"):
        return None
    return [row["reason"] for row in reasons(asked.context.config)]


def _near(asked: Asked, event: Event, code: str) -> list[str]:
    """Names like the one that nobody has."""
    if code == "unknown-reason" and isinstance(event, TransferRequested | TransferExplained):
        return near_names(event.reason, [row["reason"] for row in reasons(asked.context.config)])
    if code != "unknown-target" or not isinstance(event, TransferRequested):
        return []
    config = asked.context.config
    known: Mapping[TargetKind, Iterable[str]] = {
        "agent": config.agents,
        "queue": config.queues,
        "skill": {skill for agent in config.agents.values() for skill in agent.skills},
        "number": config.transfers.numbers,
    }
    return [name for name in near_names(event.to, known[event.kind]) if not _is_refused(asked, replace(event, to=name))]


def _is_refused(asked: Asked, event: Event) -> bool:
    return asked.context.refusal(event) is not None


_REFUSALS = {404: "unknown-call", 409: "It can't be now: the code says why"}
ROUTES = [
    Route(
        "POST",
        f"{IN_PATH}/transfer",
        transfer,
        "calls-handle",
        "Transfer the caller to an agent, a queue, any agent with a skill, or a number",
        answer=Done,
        body=Transfer,
        refusals={**_REFUSALS, 400: "What is asked for is not possible: the code says why"},
    ),
    *(
        Route("POST", f"{IN_PATH}/{word}", handler, "calls-handle", summary, Done, body=body, refusals=_REFUSALS)
        for word, handler, body, summary in (
            ("transfer/complete", complete, Nothing, "Complete a warm transfer: the receiver gets the caller"),
            (
                "transfer/take-back",
                take_back,
                Nothing,
                "Take back a warm transfer: the first agent continues with the caller",
            ),
            ("transfer/three-way", three_way, Nothing, "Connect caller, first agent and receiver in one call"),
            ("transfer/decline", decline, Declined, "Decline a warm transfer, as its receiver"),
            ("transfer/explain", explain, GivenReason, "Give the reason of a transfer that was made by telephone"),
            ("hold", hold, Nothing, "Put the caller on hold"),
            ("retrieve", retrieve, Nothing, "Take the caller off hold"),
            ("mute", mute, Muted, "Mute or unmute the agent for the caller"),
            ("mask", mask, Masked, "Mask the recording while the caller says what must not be kept, or end that"),
        )
    ),
]

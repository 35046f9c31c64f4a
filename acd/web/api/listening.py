"""Supervisors who listen to a talk, whisper to its agent, join it, or take the caller over, on a telephone of their own.

The telephone is an agent's: the one that the request names, else that of [supervision.telephones]. It must be in the part of the hotline that
the supervisor sees, and nobody may take calls on it at that moment. Whoever listens already only changes what they do.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from pydantic import Field

from acd.engine.commands import Kind, Log
from acd.engine.events import Event
from acd.engine.listening.events import ListenAsked, ListenEnded, ListenMode, ListenSwitched
from acd.identifiers import EXTENSION, whole
from acd.web.access.auth import DOOR
from acd.web.access.call_access import IN_PATH
from acd.web.access.roles import Permission
from acd.web.api.calls import not_in_progress
from acd.web.server.api_model import ApiModel
from acd.web.server.context import Refusal
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

COMMAND_LINE = "command line"
_FIELDS = {
    "no-such-telephone": "telephone",
    "talks-there": "telephone",
    "listens-there": "telephone",
    "outside": "telephone",
    "telephone-busy": "telephone",
    "telephone-ready": "telephone",
    "telephone-away": "telephone",
}
_BAD = ("no-such-telephone", "talks-there", "outside")


class Wanted(Strict):
    """Where to listen."""

    telephone: Annotated[str, Field(pattern=f"({whole(EXTENSION)})?")] = ""
    """The extension whose telephone rings; empty: that of [supervision.telephones]."""


class Leaving(Strict):
    """Who is to leave."""

    listener: Annotated[str, Field(max_length=40)] = ""
    """Empty: all of the own listenings to this call."""


class Listening(ApiModel):
    """What somebody does in this call from now on."""

    call: str
    listener: str
    mode: str
    telephone: str
    state: str
    """ringing: the telephone is to be answered; listening; joined"""


class Left(ApiModel):
    """How many have left."""

    call: str
    left: int


async def listen(asked: Asked) -> Listening:
    """The supervisor hears caller and agent; neither hears the supervisor."""
    return await _do(asked, "listen")


async def whisper(asked: Asked) -> Listening:
    """The agent hears the supervisor; the caller does not, and no recording holds it."""
    return await _do(asked, "whisper")


async def barge(asked: Asked) -> Listening:
    """All three hear each other, and the recording holds it."""
    return await _do(asked, "barge")


async def take_over(asked: Asked) -> Listening:
    """As barge; once the supervisor is in the talk, the agent is let go and wraps up."""
    return await _do(asked, "take-over")


async def _do(asked: Asked, mode: ListenMode) -> Listening:
    row = await _theirs(asked)
    own = _own(asked, row)
    wanted: Wanted = asked.body
    known = next((each for each in own if each["telephone"] == wanted.telephone), own[0] if own else None)
    if known is not None and wanted.telephone not in ("", known["telephone"]) and asked.who.name == COMMAND_LINE:
        known = None  # Several people have the command line: another telephone is another of them.
    if len(own) > 1 and not wanted.telephone:
        raise Problem(
            409,
            "which-telephone",
            "Several people listen to this call by command line. Name the telephone.",
            field="telephone",
        )
    if known is not None and wanted.telephone not in ("", known["telephone"]):
        detail = f"You listen to this call at telephone {known['telephone']} already. Leave first, or name none."
        raise Problem(409, "listens-already", detail, field="telephone")
    event: ListenSwitched | ListenAsked
    if known is not None:
        telephone, listener, state = known["telephone"], known["listener"], known["state"]
        event = ListenSwitched(listener, mode, asked.who.name)
    else:
        telephone, listener, state = _telephone(asked, wanted.telephone), f"ls-{secrets.token_hex(8)}", "ringing"
        event = ListenAsked(listener, row["call"], asked.who.name, telephone, mode, asked.scope.teams or ())
    await _tell(asked, event, mode=mode, telephone=telephone, listener=listener)
    return Listening(call=row["call"], listener=listener, mode=mode, telephone=telephone, state=state)


async def leave(asked: Asked) -> Left:
    """Ends the own listening to this call; the command line ends anybody's."""
    row = await _theirs(asked)
    own = _own(asked, row, everybody=asked.who.name == COMMAND_LINE)
    wanted: Leaving = asked.body
    going = [each for each in own if wanted.listener in ("", each["listener"])]
    if not going:
        raise Problem(409, "not-listening", "You don't listen to this call, or not any more.")
    for each in going:
        await _tell(asked, ListenEnded(each["listener"], asked.who.name), listener=each["listener"])
    return Left(call=row["call"], left=len(going))


async def _theirs(asked: Asked) -> Mapping[str, Any]:
    """The live call in the path. Raises Problem (404): there is none in progress, or it is none of theirs."""
    call = asked.word("call")
    row = asked.context.call(call)
    # A caller whom one of them has taken over is with no agent of a team any more.
    if row is not None and (asked.scope.holds_call(row) or _own(asked, row)):
        return row
    raise await not_in_progress(asked, call)


def _own(asked: Asked, row: Mapping[str, Any], *, everybody: bool = False) -> list[Mapping[str, Any]]:
    return [each for each in row.get("listeners", ()) if everybody or each["account"] == asked.who.name]


def _telephone(asked: Asked, named: str) -> str:
    """The telephone that is to ring. Raises Problem (400)."""
    config = asked.context.config
    own = config.supervision.telephones.get(asked.who.name, "")
    telephone = named or own
    if not telephone:
        detail = "Name the telephone that is to ring, as --telephone 1001, or enter the account's under [supervision.telephones]."
        raise Problem(400, "no-telephone", detail, field="telephone")
    if telephone != own and not (telephone in config.agents and asked.scope.has_agent(telephone)):
        raise Problem(400, "no-such-telephone", f"There is no telephone {telephone}.", field="telephone")
    return telephone


async def _tell(asked: Asked, event: Event, **about: object) -> None:
    call, told, gateway = asked.word("call"), type(event).__name__, asked.request.app[ENGINE_GATEWAY]
    async with gateway.turn(call):
        _refuse(asked.context.refusal(event))
        await asked.request.app[DOOR].audit.note(asked.who.name, told, call=call, **about)
        commands = await gateway.tell(event)
        if any(isinstance(row, Log) and row.kind is Kind.IGNORED for row in commands):
            _refuse(asked.context.refusal(event))
            raise Problem(409, "not-now", "Something else came first. See how the call stands.")


def _refuse(refusal: Refusal | None) -> None:
    if refusal is None:
        return
    status = 404 if refusal.code == "no-such-call" else 400 if refusal.code in _BAD else 409
    code = "unknown-call" if refusal.code == "no-such-call" else refusal.code
    raise Problem(status, code, refusal.sentence, field=_FIELDS.get(refusal.code), words=refusal.words)


def _route(word: str, handler: Callable[[Asked], Awaitable[Listening]], need: Permission, summary: str) -> Route:
    refusals = {404: "unknown-call", 409: "It can't be now: the code says why", 400: "no-telephone, no-such-telephone"}
    return Route("POST", f"{IN_PATH}/{word}", handler, need, summary, Listening, body=Wanted, refusals=refusals)


ROUTES = [
    _route("listen", listen, "calls-listen", "Listen to a talk on a telephone of the own"),
    _route("whisper", whisper, "calls-join", "Listen, and be heard by the agent alone"),
    _route("barge", barge, "calls-join", "Join the talk: caller, agent and supervisor hear each other"),
    _route(
        "take-over",
        take_over,
        "calls-join",
        "Join the talk, and let the agent go: the caller stays with the supervisor",
    ),
    Route(
        "POST",
        f"{IN_PATH}/leave",
        leave,
        "calls-listen",
        "End the own listening to a call; a caller who was taken over goes on to the survey",
        Left,
        body=Leaving,
        refusals={404: "unknown-call", 409: "not-listening"},
    ),
]

"""What stories ask of the company's systems while a caller listens, and who the caller is: look-ups, the answer's end, identity.

For the story server of this machine alone, but for two routes: the agent's wish to have a caller verified, and the signed word of
the company's app. What a caller has keyed comes in a body, and goes no further than the comparison or the look-up.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from pydantic import Field

from acd.config.hours.said_hours import said_hours
from acd.engine.self_service_events import AnswerTold, LookedUp
from acd.engine.transfer_events import CardWritten, HoldAsked
from acd.identifiers import CALL_ID, NAME, NUMBER, whole
from acd.identity import signed
from acd.identity.verifier import Caller
from acd.lookups.fields import OF_KIND
from acd.lookups.result import Result
from acd.telephone_numbers import UNKNOWN
from acd.web.access.call_access import IN_PATH, is_agent
from acd.web.access.short_lived import ShortLived
from acd.web.api.calls import live_call
from acd.web.api.ivr import _from_here
from acd.web.api.transfers import Done, _do
from acd.web.server.api_model import ApiModel
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.problems import Problem
from acd.web.server.routes import ANYONE, Asked, Nothing, Route, Strict

log = structlog.get_logger(__name__)

HELD_S = 1.8
"""So long a question waits for its answer; a story that gets "pending" then says "one moment"."""
MOST = 200
"""Look-ups under way at a time; a caller beyond is taken to a person."""
KEPT = timedelta(seconds=60)
CALL = Annotated[str, Field(pattern=whole(CALL_ID))]
KEYED = Annotated[str, Field(max_length=40, pattern=r"^[0-9*#A-D]*$")]
HOURS = "hours"
"""The look-up that the configuration itself answers."""
BY_IDENTITY, BY_APP = "identity", "app"
"""Who wrote on the card, where no person did."""


class LookUp(Strict):
    """What a story looks up."""

    lookup: Annotated[str, Field(pattern=whole(NAME))]
    call: CALL
    by: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,30}$")]
    keyed: KEYED = ""


class Ticket(Strict):
    """A look-up that was pending."""

    ticket: Annotated[str, Field(max_length=64)]


class LookUpAnswer(ApiModel):
    """What came of it."""

    state: Literal["found", "not-found", "refused", "failed", "pending"]
    records: list[dict[str, str]] = []
    today: str
    """The day where the hotline is."""
    why: str = ""
    ticket: str = ""
    """Of one that is pending: to be asked with again."""


class ToldBody(Strict):
    """An answer was heard to its end."""

    call: CALL
    service: Annotated[str, Field(pattern=whole(NAME))]


class ToldAnswer(ApiModel):
    """It is noted."""

    told: bool = True


class IdentityBody(Strict):
    """What a caller has keyed to show who they are; empty: whether they may be asked."""

    call: CALL
    keyed: KEYED = Field(default="", repr=False)


class IdentityAnswer(ApiModel):
    """What the story does next."""

    result: Literal["ask", "ok", "locked", "no-record", "withheld", "off"]
    digits: int = 0


class Confirmed(Strict):
    """The app's word: this customer has shown who they are."""

    number: Annotated[str, Field(pattern=whole(NUMBER))]
    """The customer's registered number, from which they call."""
    call: CALL | None = None
    """Where the app knows it: the number may have several calls."""
    level: Literal["full"] = "full"


class ConfirmedAnswer(ApiModel):
    """The call that is verified by it."""

    call: str


@dataclass
class Pending:
    """Look-ups under way, by ticket."""

    tasks: dict[str, asyncio.Task[Result]] = field(default_factory=dict)
    begun: int = 0

    def begin(self, work: Any) -> asyncio.Task[Result]:
        """The task of this coroutine, counted until it is over."""
        self.begun += 1
        task: asyncio.Task[Result] = asyncio.create_task(work, name="look-up of a story")
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[Result]) -> None:
        self.begun -= 1

    def put(self, task: asyncio.Task[Result]) -> str:
        """A ticket for it; it is forgotten a minute later, whoever has asked for it or not."""
        ticket = secrets.token_urlsafe(12)
        self.tasks[ticket] = task
        asyncio.get_running_loop().call_later(KEPT.total_seconds(), self.tasks.pop, ticket, None)
        return ticket


PENDING: web.AppKey[Pending] = web.AppKey("pending look-ups", Pending)
SEEN: web.AppKey[ShortLived[bool]] = web.AppKey("ids of the app's words", ShortLived)


def set_up(app: web.Application, now: Any) -> None:
    """What these routes keep."""
    app[PENDING] = Pending()
    app[SEEN] = ShortLived(now, timedelta(seconds=2 * signed.TOLERANCE_S))


# -- look-ups ------------------------------------------------------------------------------------------------------


async def look_up(asked: Asked) -> LookUpAnswer:
    """Looks something up for a caller. Waits for at most 1.8 s; "pending" has a ticket. For the story server."""
    _from_here(asked)
    body: LookUp = asked.body
    if body.lookup == HOURS:
        return _hours(asked, body.call)
    pending = asked.request.app[PENDING]
    card = _card(asked, body.call)
    refused = _refused(asked, body, card)
    if refused is not None or card is None:
        refused = refused or Result("failed", why="no-such-lookup")
        _note(asked, body, refused)
        return _answer(asked, refused)
    if pending.begun >= MOST:
        busy = Result("failed", why="busy")
        _note(asked, body, busy)
        return _answer(asked, busy)
    return await _held(asked, pending, pending.begin(_looked_up(asked, body, card)))


async def look_up_answer(asked: Asked) -> LookUpAnswer:
    """The answer of a look-up that was pending; waits as `look_up`. For the story server."""
    _from_here(asked)
    pending = asked.request.app[PENDING]
    task = pending.tasks.pop(asked.body.ticket, None)
    if task is None:
        return _answer(asked, Result("failed", why="slow"))
    return await _held(asked, pending, task)


async def _held(asked: Asked, pending: Pending, task: asyncio.Task[Result]) -> LookUpAnswer:
    done, _ = await asyncio.wait({task}, timeout=HELD_S)
    if done:
        return _answer(asked, task.result())
    return LookUpAnswer(state="pending", today=_today(asked), ticket=pending.put(task))


async def _looked_up(asked: Asked, body: LookUp, card: Mapping[str, Any]) -> Result:
    lookups = asked.context.lookups
    assert lookups is not None, "refused before"
    result = await lookups.ask(body.lookup, body.by, caller=str(card["caller"]), keyed=body.keyed)
    _note(asked, body, result)
    return result


def _refused(asked: Asked, body: LookUp, card: Mapping[str, Any] | None) -> Result | None:
    lookups = asked.context.lookups
    if lookups is None or card is None:
        return Result("failed", why="no-such-lookup")
    needs = lookups.needed(body.lookup)
    known = card["caller"] != UNKNOWN and _vouched(card)
    verified = str(card["verified"]["level"])
    if (needs == "full" and verified != "full") or (needs == "number" and not known and verified == "none"):
        return Result("refused", why="not-verified")
    if body.by == "caller" and not _vouched(card):
        return Result("not-found", why="no-caller")
    return None


def _note(asked: Asked, body: LookUp, result: Result) -> None:
    """The card's line about it: the record's own fields, and never what was keyed."""
    fields = OF_KIND.get(body.lookup, ())
    answer = {name: value for name, value in (result.records[0] if result.records else {}).items() if name in fields}
    asked.context.tell(
        LookedUp(body.call, body.lookup, body.by, result.state, result.why, round(result.took_s, 1), answer)
    )


def _answer(asked: Asked, result: Result) -> LookUpAnswer:
    return LookUpAnswer(
        state=result.state, records=[dict(row) for row in result.records], today=_today(asked), why=result.why
    )


def _hours(asked: Asked, call: str) -> LookUpAnswer:
    """The opening hours of the dialled number, as acd/config/hours/said_hours.py has them; `why` names the languages in which the address
    can be said."""
    context, card = asked.context, _card(asked, call)
    number, brand = (str(card["dialled"]), str(card["brand"])) if card is not None else ("", "")
    rows = said_hours(context.config, context.hours_set(), context.now(), number, brand)
    address = context.config.hotline.address
    said = [f"address-{language}" for language, text in (("zh", address.zh), ("en", address.en)) if text]
    return LookUpAnswer(state="found", records=rows or [{}], today=_today(asked), why=" ".join(said))


def _today(asked: Asked) -> str:
    return asked.context.now().astimezone(ZoneInfo(asked.context.config.hotline.timezone)).date().isoformat()


def _card(asked: Asked, call: str) -> Mapping[str, Any] | None:
    return asked.context.cards.get(call) if asked.context.call(call) is not None else None


def _vouched(card: Mapping[str, Any]) -> bool:
    """False where the carrier has checked the number and says that it is not the caller's."""
    return not str(card["identity"]).startswith("failed")


async def told(asked: Asked) -> ToldAnswer:
    """The caller has heard an answer to its end. For the story server."""
    _from_here(asked)
    asked.context.tell(AnswerTold(asked.body.call, asked.body.service))
    return ToldAnswer()


# -- identity ------------------------------------------------------------------------------------------------------


async def identity(asked: Asked) -> IdentityAnswer:
    """Whether the caller may be asked who they are, or whether what was keyed is right. For the story server."""
    _from_here(asked)
    body: IdentityBody = asked.body
    card, rules, verifier = _card(asked, body.call), asked.context.config.identity, asked.context.verifier
    if card is None or verifier is None:
        return IdentityAnswer(result="off")
    if card["verified"]["level"] == "full":
        return IdentityAnswer(result="ok")
    caller = Caller(body.call, str(card["caller"]), _vouched(card), str(card["brand"]))
    verdict = await verifier.check(caller, rules, body.keyed)
    if verdict.outcome == "ok":
        await _verified(asked, body.call, rules.how, BY_IDENTITY)
    if verdict.wrong or verdict.outcome != "ask":
        why = "wrong" if verdict.wrong and verdict.outcome == "ask" else verdict.outcome
        state = "found" if verdict.outcome == "ok" else "failed" if verdict.outcome == "off" else "refused"
        asked.context.tell(LookedUp(body.call, "identity", "order", state, "" if why == "ok" else why))
    return IdentityAnswer(result=verdict.outcome, digits=verdict.digits)


async def _verified(asked: Asked, call: str, how: str, by: str) -> None:
    """On the card when this returns: what needs a verified caller may follow at once."""
    detail = {"level": "full", "how": how}
    await asked.request.app[ENGINE_GATEWAY].tell(CardWritten(call, by, "verified", detail))


async def verify(asked: Asked) -> Done:
    """Takes the caller out of the talk to show who they are by keys that nobody hears; then both are joined again."""
    row = await live_call(asked)
    card = asked.context.cards.get(row["call"])
    if card is not None and card["verified"]["level"] == "full":
        raise Problem(409, "verified-already", "The caller is verified. The card says how.")
    rules = asked.context.config.identity
    no_source = rules.against == "lookup" and rules.lookup not in asked.context.config.lookups
    if asked.context.verifier is None or no_source:
        detail = "Verifying by keys is not set up here ([identity] and its look-up). Verify another way, and write it on the card."
        raise Problem(409, "verify-not-set-up", detail)
    if card is None or card["caller"] == UNKNOWN or not _vouched(card):
        detail = "The number that calls is not known, or is not the caller's. Ask the customer to confirm in the app, or call back."
        raise Problem(409, "verify-no-number", detail)
    agent = asked.who.name if is_agent(asked.who) else row["agent"] or ""
    return await _do(asked, HoldAsked(row["call"], agent, verify=True))


async def confirm(asked: Asked) -> ConfirmedAnswer:
    """The company's app says, signed by the Standard Webhooks specification, that the customer with this number has shown who
    they are: the card of their call says so. Each id is taken once."""
    rules, context, body = asked.context.config.identity, asked.context, asked.body
    if rules.secret_file is None:
        raise Problem(404, "not-set-up", "There is no app that confirms callers here (identity.secret_file).")
    try:
        secret = await asyncio.to_thread(signed.read_secret, rules.secret_file)
        id_ = signed.check(asked.request.headers, await asked.request.read(), secret, context.now().timestamp())
    except signed.NotSigned as why:
        raise Problem(401, "not-signed", str(why)) from None
    seen = asked.request.app[SEEN]
    if seen.look(id_):
        raise Problem(409, "seen-before", "A request with this webhook-id was taken already.")
    call = _call_of(asked, body)
    seen.put(True, id_)
    await _verified(asked, call, rules.app_how, BY_APP)
    return ConfirmedAnswer(call=call)


def _call_of(asked: Asked, body: Confirmed) -> str:
    """The live call of this number. Raises Problem: 404 none, 409 several."""
    number = asked.context.config.numbering.caller(body.number)
    theirs = [
        str(row["call"])
        for row in asked.context.snapshot()["calls"]
        if (card := asked.context.cards.get(row["call"])) is not None and card["caller"] == number != UNKNOWN
    ]
    if body.call is not None:
        theirs = [call for call in theirs if call == body.call]
    if not theirs:
        raise Problem(404, "no-such-call", "No call of this number is in progress.")
    if len(theirs) > 1:
        raise Problem(409, "several-calls", "Several calls of this number are in progress. Name the call.")
    return theirs[0]


ROUTES = [
    Route(
        "POST",
        "/ivr/lookup",
        look_up,
        "stories",
        "Look something up for a caller",
        LookUpAnswer,
        body=LookUp,
        free=True,
    ),
    Route(
        "POST",
        "/ivr/lookup-answer",
        look_up_answer,
        "stories",
        "What came of a look-up",
        LookUpAnswer,
        body=Ticket,
        free=True,
    ),
    Route("POST", "/ivr/told", told, "stories", "The caller has heard an answer", ToldAnswer, body=ToldBody, free=True),
    Route(
        "POST",
        "/ivr/identity",
        identity,
        "stories",
        "Is this caller the customer?",
        IdentityAnswer,
        body=IdentityBody,
        free=True,
    ),
    Route(
        "POST",
        f"{IN_PATH}/verify",
        verify,
        "calls-handle",
        "Have the caller verified by keys that nobody hears",
        answer=Done,
        body=Nothing,
        refusals={404: "unknown-call", 409: "It can't be now: the code says why"},
    ),
    Route(
        "POST",
        "/api/identity/confirm",
        confirm,
        ANYONE,
        "The company's app confirms a caller; signed by the Standard Webhooks specification",
        answer=ConfirmedAnswer,
        body=Confirmed,
        refusals={401: "not-signed", 404: "no-such-call", 409: "seen-before, or several-calls"},
    ),
]

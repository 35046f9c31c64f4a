"""The context card of a call: read by its agent, by operators, QA and programs with customer records; written on by
its agent. Each writing names the version that was read: of two tabs the second is told who wrote first."""

from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import AwareDatetime, Field, model_validator

from acd.context_card.cards import CardChanged, CardFull, CardNotWritten
from acd.engine.transfer_events import CardWritten
from acd.web.access.auth import DOOR
from acd.web.access.call_access import IN_PATH, Line, is_agent, permitted_call, sees_live_call, unknown_call
from acd.web.access.number_access import NumbersQuery, numbers_in_full
from acd.web.api.calls import from_store
from acd.web.live.drafts import Drafts
from acd.web.live.state import _Row
from acd.web.live.transfer_summary import with_transfer_lines
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from acd.web.server.text_validation import validated_text
from acd.words import masked

What = Literal["note", "matter", "verified", "promise", "disposition", "name", "value"]
_FIELDS: dict[What, tuple[set[str], set[str]]] = {
    "note": ({"text"}, set()),
    "matter": ({"text"}, set()),
    "name": ({"text"}, set()),
    "value": ({"text"}, set()),
    "promise": ({"text", "due_at"}, set()),
    "disposition": ({"code"}, {"text"}),
    "verified": ({"level"}, {"how"}),
}
"""What each needs, and what it may have beside it."""
_OF_LINES = ("note", "promise", "disposition")
"""These may have line breaks; what stands in one line of the card may not."""


class VerifiedBefore(_Row):
    """What was found out before the line ended: in this call, where it is a callback, else in a dropped one."""

    call: str
    level: Literal["number", "full"]
    how: str
    by: str
    at: str


class Verified(_Row):
    """How far the person on this line is verified, and by what way; never the answers."""

    level: Literal["none", "number", "full"]
    how: str
    by: str
    at: str | None
    before: VerifiedBefore | None
    """To be read, and to be verified again: the caller's number proves nothing."""


class CardCustomer(_Row):
    """The customer whose number it is, as the record was when the call came."""

    id: str
    customer_class: str
    """Empty: none."""
    class_label: dict[str, str]
    """zh and en: the class as it is shown."""
    language: str
    last_order: str
    area: str
    do_not_call: bool
    complaint_ticket: str
    complaint_owner: str


class LookedUp(_Row):
    """A look-up of the menu: what was asked, what came back, and why nothing did. Never what the caller has keyed."""

    at: str
    lookup: str
    by: str
    """"caller": by the number that calls; else what the caller keyed, as "order"."""
    state: Literal["found", "not-found", "refused", "failed"]
    why: str
    took_s: float
    answer: dict[str, str]
    """The record's fields that the caller was told."""


class Card(_Row):
    """See acd/store/context_card.py for each part."""

    call: str
    contact: str
    """The first call of this matter."""
    continues: str
    version: int
    """To be sent with each writing."""
    caller: str
    """As people here write it: in full on the agent's own call, for QA and the customer records; else masked. "withheld": the
    caller does not want it to be shown."""
    number: str
    """The same as E.164, where it is in full."""
    trunk: str
    """Over which the call came."""
    identity: str
    """What the carrier says of the number: passed (checked, it is the caller's), failed, unchecked, attested; behind a dash the
    letter of its attestation, a, b or c. Empty: nothing, or the trunk is not believed."""
    nuisance: str
    """What is known of this caller ([nuisance] of the configuration): to be read before answering. Empty: nothing."""
    region: dict[str, str]
    customer: CardCustomer | None = None
    """null: nobody's number, or it was not found in time."""
    name: str
    value: str
    language: str
    dialled: str
    brand: str
    """Of the dialled number; empty: no brand's."""
    recording_declined: bool = False
    """The caller does not want to be recorded: no talk of the call is."""
    menu_path: str
    asked: dict[str, Any] | None
    verified: Verified
    matter: str
    lookups: list[LookedUp]
    """What the menu has looked up for the caller, the earliest first."""
    entries: list[dict[str, Any]]
    """Notes, promises and dispositions."""
    transfers: list[dict[str, Any]]
    legs: list[dict[str, Any]]
    lines: dict[str, list[str]]
    """zh and en: one line for each completed transfer."""
    holds: int
    arrived_at: datetime | None
    ended_at: datetime | None
    ending: str
    updated_at: datetime | None
    updated_by: str


class Writing(Strict):
    """One entry to write on the card."""

    version: Annotated[int, Field(ge=0, le=1_000_000)]
    """Of the card as it was read."""
    what: What
    text: Line | None = None
    due_at: AwareDatetime | None = None
    """Of a promise."""
    code: Annotated[str, Field(max_length=40)] | None = None
    """Of a disposition."""
    level: Literal["none", "number", "full"] | None = None
    how: Annotated[str, Field(max_length=40)] | None = None
    """Of a verification: by which of the configured ways. The answers themselves are kept nowhere."""

    @model_validator(mode="after")
    def _fitting(self) -> "Writing":
        needed, beside = _FIELDS[self.what]
        given = {name for name in ("text", "due_at", "code", "level", "how") if getattr(self, name) is not None}
        if missing := sorted(needed - given):
            raise ValueError(f"{self.what} needs {' and '.join(missing)}.")
        if beyond := sorted(given - needed - beside):
            raise ValueError(f"{' and '.join(beyond)} does not belong to {self.what}. Leave it out.")
        return self


class Text(Strict):
    """The draft of a note."""

    text: Line


class Drafted(ApiModel):
    """The kept draft; empty when there is none."""

    text: str
    at: datetime | None


class Contact(_Row):
    """An earlier call of the same customer."""

    call: str
    at: datetime
    queue: str
    agents: list[str]
    """Those who had the caller, in turn."""
    ending: str
    """Empty while the call goes on."""
    matter: str


class Contacts(ApiModel):
    """The earlier calls, the latest first."""

    contacts: list[Contact]


DRAFTS: web.AppKey[Drafts] = web.AppKey("drafts", Drafts)


async def card(asked: Asked) -> web.StreamResponse:
    """The card with all that is known. For operators and supervisors the number is masked, for QA until it is asked for; an agent reads the cards of the own calls
    only. Whoever else reads one leaves a line in the audit log."""
    found = await _card(asked)
    await _noted(asked, found["call"])
    return _answer(asked, found, in_full=await numbers_in_full(asked, found["call"]))


async def write(asked: Asked) -> web.StreamResponse:
    """Writes one entry and gives the new card. Refused (409) when somebody else changed the card after `version` was read."""
    writing: Writing = asked.body
    found = await _card(asked)
    asked.request.app[DOOR].writings.take(found["call"])
    event = CardWritten(found["call"], asked.who.name, writing.what, _detail(asked, writing))
    try:
        after = await asked.context.cards.write(event, writing.version, asked.context.tell)
    except CardChanged as changed:
        raise Problem(409, "card-changed", str(changed), by=changed.by, at=changed.at) from None
    except CardFull as full:
        raise Problem(409, "card-full", str(full)) from None
    except CardNotWritten as not_written:
        raise Problem(503, "not-handled", str(not_written)) from None
    if writing.what == "note":
        await asked.request.app[DRAFTS].put(asked.who.name, found["call"], "")
    return _answer(asked, after, in_full=is_agent(asked.who))


async def draft(asked: Asked) -> Drafted:
    """The draft of a note that this account has begun for the call."""
    await _theirs(asked)
    found = asked.request.app[DRAFTS].get(asked.who.name, permitted_call(asked))
    return Drafted(text=found.text if found else "", at=found.at if found else None)


async def keep_draft(asked: Asked) -> Drafted:
    """Keeps the draft for 24 hours; an empty text removes it."""
    call, text = permitted_call(asked), validated_text(asked.body.text, "text", lines=True)
    await _theirs(asked)
    await asked.request.app[DRAFTS].put(asked.who.name, call, text)
    return await draft(asked)


async def contacts(asked: Asked) -> Contacts:
    """The customer's last ones before this call; for a supervisor those with the own teams, for an account that is limited to brands those to them."""
    found = await _card(asked)
    await _noted(asked, found["call"])
    async with from_store(asked.context):
        rows = await asked.context.cards.contacts(found["call"])
    seen = [row for row in rows if asked.scope.sees_past_call(row["agents"], row["queue"], row["brand"])]
    return Contacts.model_validate({"contacts": seen})


async def _noted(asked: Asked, call: str) -> None:
    """In the audit log, but for an agent, whose work on the own calls the call log has."""
    if not is_agent(asked.who):
        await asked.request.app[DOOR].readings.note(asked.who.name, "read a card", call, call=call)


async def _theirs(asked: Asked) -> None:
    """Raises Problem (404) when a supervisor asks about a call of another team."""
    if not asked.scope.whole:
        await _card(asked)


async def _card(asked: Asked) -> dict[str, Any]:
    """Raises Problem: 404 when there is none, or it is of no call of this agent."""
    call = permitted_call(asked)
    found = asked.context.cards.get(call)
    if found is None:
        async with from_store(asked.context):
            found = await asked.context.cards.find(call)
    if found is not None and (asked.scope.sees_card(found) or sees_live_call(asked, call)):
        return found
    if is_agent(asked.who):
        raise unknown_call(call)
    raise Problem(404, "unknown-call", f"There is no call {call}. `sanxiang call list` shows the calls.")


def _answer(asked: Asked, found: dict[str, Any], *, in_full: bool) -> web.StreamResponse:
    shown = with_transfer_lines(found, asked.context.config)
    if not in_full:
        shown |= {"caller": masked(shown["caller"]), "number": ""}
    return web.Response(
        text=Card.model_validate(shown).model_dump_json(),
        content_type="application/json",
        headers={"Cache-Control": "no-store", "ETag": f'"{found["version"]}"'},
    )


def _detail(asked: Asked, writing: Writing) -> dict[str, Any]:
    """What the event carries. Raises Problem (400) for words that are not configured or must not be written."""
    transfers = asked.context.config.transfers
    text = validated_text(writing.text or "", "text", lines=writing.what in _OF_LINES)
    if writing.what == "verified":
        how = writing.how or ""
        if how not in transfers.verify and (how or writing.level != "none"):
            raise _unknown("how", "unknown-way", "way of verifying", list(transfers.verify))
        return {"level": writing.level, "how": how}
    if writing.what == "disposition":
        if writing.code not in transfers.dispositions:
            raise _unknown("code", "unknown-disposition", "disposition", list(transfers.dispositions))
        return {"code": writing.code, "text": text}
    if writing.what in ("note", "promise") and not text.strip():
        raise Problem(400, "empty-text", "There is nothing in text. Write something, or leave it.", field="text")
    if writing.what == "promise":
        assert writing.due_at is not None, "a promise without its time was let through"
        return {"text": text, "due_at": writing.due_at.isoformat()}
    return {"text": text}


def _unknown(field: str, code: str, what: str, known: list[str]) -> Problem:
    return Problem(400, code, f"That {what} is unknown. Use one of: {', '.join(known)}.", field=field, allowed=known)


_UNKNOWN = {404: "unknown-call"}
ROUTES = [
    Route(
        "GET",
        f"{IN_PATH}/card",
        card,
        "cards-read",
        "The context card of a call; its version is the ETag",
        answer=Card,
        query=NumbersQuery,
        refusals={**_UNKNOWN, 503: "store-away"},
    ),
    Route(
        "POST",
        f"{IN_PATH}/card",
        write,
        "cards-write",
        "Write on the card: a note, promise, disposition, matter, name or how far the customer is verified",
        answer=Card,
        body=Writing,
        refusals={**_UNKNOWN, 409: "card-changed, or card-full", 503: "not-handled"},
    ),
    Route("GET", f"{IN_PATH}/draft", draft, "cards-write", "The draft of your note", Drafted, refusals=_UNKNOWN),
    Route(
        "POST",
        f"{IN_PATH}/draft",
        keep_draft,
        "cards-write",
        "Keep the draft of your note",
        answer=Drafted,
        body=Text,
        refusals=_UNKNOWN,
    ),
    Route(
        "GET",
        f"{IN_PATH}/contacts",
        contacts,
        "cards-write",
        "The customer's last contacts before this call",
        answer=Contacts,
        refusals={**_UNKNOWN, 503: "store-away"},
    ),
]

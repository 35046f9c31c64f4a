"""The context card of a call: what its log has told so far, for whoever takes the call next.

A card is a plain dictionary that JSON can hold, the same in the daemon's memory and in the table `cards`, because both
fold it from the same rows. A fold never changes the card that it was given, so a card that has been handed out stays as
it was.

`version` is the number of writings: rows of kind CARD (a person wrote) and TRANSFER (the call was handed over, or was to
be). Each stands in `history` with its time and its author, in the order of time. So the version says whether anybody has
written since, whatever else has happened in the call; and a row that is told twice, or after a later one, makes no other
card than it would have made once and in its turn.

What a person writes is the event CardWritten, and its detail holds

    note         text
    matter       text                     the matter in one line; the last one counts
    verified     level, how               "none", "number", "full"; how in words, never the answers
    promise      text, due_at             ISO time with a zone
    disposition  code, text
    name, value  text                     the customer's name, and tier

`verified` is of the person on this line, so a transfer keeps it. A call that goes on with a dropped one, and a callback,
bring another line, and a caller's number proves nothing: whoever shows it begins at "none". What was found before stands
in `verified.before` {call, level, how, by, at}, for the agent to read and to verify again; matter and notes go on.
"""

import hashlib
import json
from bisect import insort
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from acd.engine.commands import Kind, Log

Card = dict[str, Any]
Former = Callable[[str], Card | None]
"""The card of another call, which this one goes on with."""

LEVELS = ("none", "number", "full")
"""How well the caller is known: not at all; by the number that the call comes from; by the configured questions."""

ENTRIES = ("note", "promise", "disposition")
"""Writings that stay beside each other; of the others the last one counts."""

MOST_BEFORE = 100
"""Entries, transfers and legs of dropped lines before that a card goes on with; the earlier ones stay on their own cards."""

MOST_LOOKUPS = 20
"""Of one call; the earlier ones stand in the log."""

BEGINS = frozenset({Kind.ARRIVED, Kind.CUSTOMER, Kind.MENU, Kind.QUEUED, Kind.CONNECTED})
"""Rows that a card may begin with: what is written on a call that there never was makes none."""
TOLD = BEGINS | {
    Kind.TALK_ENDED,
    Kind.HOLD,
    Kind.TRANSFER,
    Kind.CARD,
    Kind.CALLBACK,
    Kind.LOOKED_UP,
    Kind.DECLINED,
    Kind.ENDED,
}
"""Rows that tell a card anything."""

CUSTOMER_SAID = {
    "id": "customer",
    "customer_class": "class",
    **{name: name for name in ("language", "last_order", "area", "complaint_ticket", "complaint_owner")},
}
"""What a card has of the customer's record, beside the name: its key there to that of the row (Kind.CUSTOMER)."""
_SAID_OF_A_TRANSFER = ("kind", "to", "receiver", "reason", "note", "how", "why", "returned_to")
_NOBODY = {"level": "none", "how": "", "by": "", "at": None}
"""Of a person of whom nobody has found out anything."""


def new(call: str) -> Card:
    """The card of a call of which nothing is known."""
    return {
        "call": call,
        "contact": call,
        "continues": "",
        "version": 0,
        "caller": "unknown",
        "withheld": False,
        "trunk": "",
        "identity": "",
        "region": {"zh": "", "en": ""},
        "customer": None,
        "name": "",
        "value": "",
        "language": "",
        "dialled": "",
        "brand": "",
        "menu_path": "",
        "asked": None,
        "verified": _NOBODY | {"before": None},
        "matter": "",
        "recording_declined": False,
        "lookups": [],
        "entries": [],
        "transfers": [],
        "legs": [],
        "before": {"transfers": [], "legs": [], "verified": None},
        "holds": 0,
        "arrived_at": None,
        "line_at": None,
        "ended_at": None,
        "ending": "",
        "updated_at": None,
        "updated_by": "",
        "history": [],
    }


def fold(card: Card | None, at: datetime, row: Log, former: Former = lambda call: None) -> Card | None:
    """The card after one more row of the log; the same object when the row tells it nothing. None: there is none yet.

    `former` finds the card of the call whose line dropped, when this row says that the call goes on with it.
    """
    take = _FOLDS.get(row.kind)
    if take is None or not row.call:
        return card
    if card is None:
        if row.kind not in BEGINS:
            return None
        card = new(row.call) | {"arrived_at": iso(at), "updated_at": iso(at)}
    return take(card, at, row, former)


def current(card: Card) -> Card:
    """A card that this or a former version has stored, as this version has it. The card that is given stays as it was.

    Former versions did not know of lines (no `line_at`), and a call that went on with a dropped one took over that one's level.
    Nor of numbers that are withheld, nor of what a carrier says of a number, nor of brands, nor of customers, nor of look-ups.
    """
    unaware: Card = {"withheld": False, "trunk": "", "identity": "", "brand": "", "customer": None, "lookups": []}
    unaware["recording_declined"] = False
    if not unaware.keys() <= card.keys():
        card = unaware | card
    if "line_at" in card:
        return card
    verified = card["verified"]
    history = [
        each | {name: verified[name] if each["at"] == verified["at"] else _NOBODY[name] for name in ("level", "how")}
        if each["what"] == "verified"
        else each
        for each in card["history"]
    ]
    own = any((each["what"], each["at"]) == ("verified", verified["at"]) for each in history)
    inherited = None if own or not card["continues"] else _verified_before(verified, card["continues"])
    return _judged(card | {"line_at": None, "history": history, "before": card["before"] | {"verified": inherited}})


def iso(at: datetime) -> str:
    """As it stands on a card: UTC, to the microsecond, so that texts are in the order of the times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# -- what happens in the call --------------------------------------------------------------------------------------


def _arrived(card: Card, at: datetime, row: Log, former: Former) -> Card:
    said: Card = {"caller": _text(row, "caller") or card["caller"], "dialled": _text(row, "dialled")}
    said["withheld"] = card["withheld"] or bool(row.detail.get("withheld"))
    said |= {name: _text(row, name) or card[name] for name in ("trunk", "identity", "brand")}
    return card | said | {"arrived_at": min(card["arrived_at"], iso(at))}


def _customer(card: Card, at: datetime, row: Log, former: Former) -> Card:
    """The caller's number belongs to a customer. A name that an agent has written counts more than the record's."""
    said: Card = {name: _text(row, told) for name, told in CUSTOMER_SAID.items()}
    said["do_not_call"] = bool(row.detail.get("do_not_call"))
    written = any(each["what"] == "name" for each in card["history"])
    return card | {
        "customer": said,
        "name": card["name"] if written else _text(row, "name") or card["name"],
        "language": card["language"] or said["language"],
    }


def _menu(card: Card, at: datetime, row: Log, former: Former) -> Card:
    return card | {"menu_path": _text(row, "path")}


def _queued(card: Card, at: datetime, row: Log, former: Former) -> Card:
    card = card | {"language": _text(row, "language") or card["language"]}
    if card["asked"] is None:
        # Who was found by resync asked before this row was written.
        asked = at - timedelta(seconds=_number(row, "waited_s") or 0.0)
        skills = row.detail.get("skills")
        skills = dict(skills) if isinstance(skills, Mapping) else {}
        card["asked"] = {"queue": row.queue, "skills": skills, "at": iso(asked)}
    continues = _text(row, "continues")
    if continues and not card["continues"]:
        return continued(card, continues, former(continues))
    return card


def continued(card: Card, continues: str, former: Card | None) -> Card:
    """The card of a caller whose line had dropped: it begins with what the former call's card held."""
    if former is None:
        return card | {"continues": continues, "contact": continues}
    before = {
        each: [*former["before"][each], *({"call": former["call"]} | one for one in former[each])][-MOST_BEFORE:]
        for each in ("transfers", "legs")
    }
    went_on = card | {
        "continues": continues,
        "contact": former["contact"],
        "entries": [*former["entries"][-MOST_BEFORE:], *card["entries"]],
        "before": before | {"verified": _verified_before(former["verified"], former["call"])},
        **{each: card[each] or former[each] for each in ("name", "value", "language", "matter")},
    }
    return _judged(went_on)


def _callback(card: Card, at: datetime, row: Log, former: Former) -> Card:
    """Whoever answers a callback need not be who asked for it: from then on another line counts."""
    if row.detail.get("state") != "answered":
        return card
    return _judged(card | {"line_at": max(iso(at), card["line_at"] or "")})


def _judged(card: Card) -> Card:
    """The card with `verified` as its history has it: of this line, and what was before it."""
    found = [each for each in card["history"] if each["what"] == "verified"]
    earlier = [each for each in found if each["at"] <= (card["line_at"] or "")]
    before = _verified_before(earlier[-1], card["call"]) if earlier else card["before"]["verified"]
    latest = found[-1] if len(found) > len(earlier) else _NOBODY
    return card | {"verified": {name: latest[name] for name in _NOBODY} | {"before": before}}


def _verified_before(verified: Mapping[str, Any], call: str) -> dict[str, Any] | None:
    """What was found out on the line before, in `call` or in one that it went on with; None when nothing was."""
    if verified["at"] is None:
        return verified.get("before")
    if verified["level"] == "none":  # an agent took it back
        return None
    return {"call": call} | {name: verified[name] for name in _NOBODY}


def _connected(card: Card, at: datetime, row: Log, former: Former) -> Card:
    began = min([iso(at), *(leg["from_at"] for leg in card["legs"] if leg["offer"] == row.offer)])
    return _leg(card, row, {"from_at": began})


def _talk_ended(card: Card, at: datetime, row: Log, former: Former) -> Card:
    said: dict[str, Any] = {name: _number(row, name) or 0.0 for name in ("talk_s", "hold_s", "consult_s")}
    began = at - timedelta(seconds=sum(said.values()))
    known = any(leg["offer"] == row.offer for leg in card["legs"])
    return _leg(card, row, said | {"to_at": iso(at)} | ({} if known else {"from_at": iso(began)}))


def _leg(card: Card, row: Log, said: Mapping[str, Any]) -> Card:
    """The card with this said of the leg of the row's offer; the same card where there is no offer."""
    if not row.offer:
        return card
    named = {"offer": row.offer, "agent": row.agent, "queue": row.queue}
    leg = named | {"from_at": None, "to_at": None, "talk_s": None, "hold_s": 0.0, "consult_s": 0.0}
    legs = [dict(each) for each in card["legs"]]
    leg = next((each for each in legs if each["offer"] == row.offer), leg)
    if leg not in legs:
        legs.append(leg)
    leg.update(said)
    return card | {"legs": legs}


def _hold(card: Card, at: datetime, row: Log, former: Former) -> Card:
    return card | {"holds": card["holds"] + 1} if row.detail.get("state") == "held" else card


def _looked_up(card: Card, at: datetime, row: Log, former: Former) -> Card:
    """What a menu has looked up for the caller: the latest MOST_LOOKUPS, in the order of time."""
    answer = row.detail.get("answer")
    entry = {
        "at": iso(at),
        **{name: _text(row, name) for name in ("lookup", "by", "state", "why")},
        "took_s": _number(row, "took_s") or 0.0,
        "answer": dict(answer) if isinstance(answer, Mapping) else {},
    }
    if entry in card["lookups"]:
        return card
    return card | {"lookups": sorted([*card["lookups"], entry], key=_by_time)[-MOST_LOOKUPS:]}


def _by_time(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["at"], entry["lookup"], json.dumps(entry, sort_keys=True)


def _ended(card: Card, at: datetime, row: Log, former: Former) -> Card:
    legs = []
    for leg in card["legs"]:
        if leg["to_at"] is None:  # Asterisk was killed: the talk's end was never told.
            lasted = at - datetime.fromisoformat(leg["from_at"])
            leg = leg | {"to_at": iso(at), "talk_s": max(0.0, lasted.total_seconds())}
        legs.append(leg)
    return card | {"ended_at": iso(at), "ending": _text(row, "ending"), "legs": legs}


# -- what raises the version ---------------------------------------------------------------------------------------


def _written(card: Card, at: datetime, row: Log, former: Former) -> Card:
    """A person has written on the card."""
    what, by = _text(row, "what"), _text(row, "by") or row.agent
    if what == "verified":
        level = _text(row, "level")
        said = {"level": level if level in LEVELS else "none", "how": _text(row, "how")}
        return _judged(_recorded(card, at, row, what, by, **said))
    after = _recorded(card, at, row, what, by)
    if after is card:
        return card
    text = _text(row, "text")
    if what in ENTRIES:
        entry = {"at": iso(at), "by": by, "queue": _desk(card, by) or row.queue, "what": what, "text": text}
        if what == "disposition":
            entry["code"] = _text(row, "code")
        if what == "promise" and row.detail.get("due_at"):
            entry["due_at"] = _text(row, "due_at")
        return after | {"entries": sorted([*card["entries"], entry], key=_in_order)}
    if _superseded(after, row, at, what):
        return after
    return after | {what: text} if what in ("matter", "name", "value") else after


def _transfer(card: Card, at: datetime, row: Log, former: Former) -> Card:
    """The call was handed over, or was to be."""
    state, number = _text(row, "state"), int(_number(row, "number") or 0)
    what = f"transfer {number}"
    after = _recorded(card, at, row, what, _text(row, "by") or row.agent, state=state)
    if after is card or not number:
        return after
    transfers = [dict(each) for each in card["transfers"]]
    transfer = next((each for each in transfers if each["number"] == number), None)
    if transfer is None:
        transfer = {"number": number, "at": iso(at), "from": row.agent, "warm": False, "amount": 0.0, "state": ""}
        transfer |= dict.fromkeys(_SAID_OF_A_TRANSFER, "")
        transfers.append(transfer)
    superseded = _superseded(after, row, at, what)
    said: dict[str, Any] = {name: _text(row, name) for name in _SAID_OF_A_TRANSFER if row.detail.get(name)}
    if "warm" in row.detail:
        said["warm"] = bool(row.detail["warm"])
    if row.detail.get("amount"):
        said["amount"] = _number(row, "amount") or 0.0
    for name, value in said.items():
        if not superseded or not transfer[name]:
            transfer[name] = value
    # "Explained" tells why it was made, when it may be long over: its state stays what it was.
    states = [each["state"] for each in after["history"] if each["what"] == what and each["state"] != "explained"]
    transfer |= {"state": states[-1] if states else "", "at": min(transfer["at"], iso(at))}
    return after | {"transfers": sorted(transfers, key=lambda each: int(each["number"]))}


def _recorded(card: Card, at: datetime, row: Log, what: str, by: str, **more: str) -> Card:
    """The card with the writing in its history, and one version further; the same card when it was told before."""
    writing = {"at": iso(at), "mark": _mark(row), "by": by, "what": what, **more}
    history = list(card["history"])
    if any((each["at"], each["mark"]) == (writing["at"], writing["mark"]) for each in history):
        return card
    insort(history, writing, key=lambda each: (each["at"], each["mark"]))
    latest = history[-1]
    said = {"history": history, "version": len(history), "updated_at": latest["at"], "updated_by": latest["by"]}
    return card | said


def _superseded(card: Card, row: Log, at: datetime, what: str) -> bool:
    """A later writing of the same is on the card already."""
    latest = [each for each in card["history"] if each["what"] == what][-1]
    return bool((latest["at"], latest["mark"]) != (iso(at), _mark(row)))


def _mark(row: Log) -> str:
    """Tells writings of one instant apart."""
    said = json.dumps([row.kind, row.agent, dict(row.detail)], sort_keys=True, default=str)
    return hashlib.blake2s(said.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _in_order(entry: Mapping[str, str]) -> tuple[str, ...]:
    return entry["at"], entry["what"], entry["text"]


def _desk(card: Card, by: str) -> str:
    """The queue for which this agent has the call, or had it."""
    return next((str(leg["queue"]) for leg in reversed(card["legs"]) if leg["agent"] == by), "")


def _text(row: Log, name: str) -> str:
    said = row.detail.get(name)
    return "" if said is None else str(said)


def _number(row: Log, name: str) -> float | None:
    said = row.detail.get(name)
    return float(said) if isinstance(said, int | float) else None


_FOLDS: dict[Kind, Callable[[Card, datetime, Log, Former], Card]] = {
    Kind.ARRIVED: _arrived,
    Kind.CUSTOMER: _customer,
    Kind.MENU: _menu,
    Kind.QUEUED: _queued,
    Kind.CONNECTED: _connected,
    Kind.TALK_ENDED: _talk_ended,
    Kind.HOLD: _hold,
    Kind.TRANSFER: _transfer,
    Kind.CALLBACK: _callback,
    Kind.CARD: _written,
    Kind.LOOKED_UP: _looked_up,
    Kind.DECLINED: lambda card, at, row, former: {**card, "recording_declined": True, "updated_at": iso(at)},
    Kind.ENDED: _ended,
}

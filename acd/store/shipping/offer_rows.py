"""Log rows into offers: each ring at an agent, and the talk that came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.engine.commands import Kind, Log, Outcome
from acd.store.shipping.upsert import FILL, FIRST, FIRST_SAID, LATEST, WORD, Upsert
from acd.store.tables import OfferRow

_OFFERS = Upsert(
    OfferRow,
    {
        "call": WORD,
        "agent": WORD,
        "queue": WORD,
        "number": LATEST,
        "offered_at": FIRST,
        "ringing_at": FIRST,
        "answered_at": FIRST,
        "connected_at": FIRST,
        "ended_at": LATEST,
        "outcome": FILL,
        "cause": FILL,
        "crossed": "offers.crossed OR excluded.crossed",
        "ring_s": FILL,
        "rings": FILL,
        "wait_s": FILL,
        "talk_s": FILL,
        "ended_by": FILL,
        "explanation": "CASE WHEN excluded.explanation = '{{}}' THEN offers.explanation ELSE excluded.explanation END",
        # The first time that it was over is the one that counts.
        "closed_at": FIRST_SAID,
        "rang": "CASE WHEN offers.closed_at IS NULL THEN excluded.rang ELSE offers.rang END",
        "closed_answered": "CASE WHEN offers.closed_at IS NOT NULL THEN offers.closed_answered"
        " ELSE excluded.closed_answered OR (excluded.closed_at IS NOT NULL AND offers.answered_at IS NOT NULL) END",
        "closed_rings": FIRST_SAID,
        **dict.fromkeys(("talk_ended_at", "hold_s", "consult_s", "consulted_s"), LATEST),
        "recorded_s": FILL,
    },
)
_CLOSE_LEGS = text(
    # A call that is over has no live leg, also when its end came without the end of the talk (Asterisk was killed).
    "UPDATE offers SET talk_s = GREATEST(0, EXTRACT(EPOCH FROM calls.ended_at - connected_at)),"
    " ended_at = COALESCE(offers.ended_at, calls.ended_at), ended_by = COALESCE(ended_by, 'lost')"
    " FROM calls WHERE calls.call = offers.call AND calls.ended_at IS NOT NULL AND offers.call = ANY(:calls)"
    " AND connected_at IS NOT NULL AND offers.talk_s IS NULL"
).bindparams(bindparam("calls", type_=ARRAY(Text())))


class OfferRows:
    """What a run of log rows says of offers."""

    def __init__(self) -> None:
        self._offers: dict[str, dict[str, Any]] = {}
        self._ended: list[str] = []
        """Calls that are over."""

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        take = _TAKERS.get(log.kind)
        if take is not None:
            take(self, at, log)

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction, after the calls."""
        await _OFFERS.run(connection, self._offers.values())
        if self._ended:
            await connection.execute(_CLOSE_LEGS, {"calls": self._ended})

    def _offer(self, at: datetime, log: Log) -> dict[str, Any]:
        offer = self._offers.get(log.offer)
        if offer is None:
            offer = self._offers[log.offer] = {
                "offer": log.offer,
                "offered_at": at,
                "number": 0,
                "explanation": {},
                "crossed": False,
                "rang": False,
                "closed_answered": False,
                "hold_s": 0.0,
                "consult_s": 0.0,
                "consulted_s": 0.0,
            }
            offer |= {"call": log.call, "agent": log.agent, "queue": log.queue}
        return offer

    def _offered(self, at: datetime, log: Log) -> None:
        offer = self._offer(at, log)
        offer["number"] = _whole(log.detail.get("number")) or 0
        offer["explanation"] = {key: each for key, each in log.detail.items() if key != "number"}

    def _ringing(self, at: datetime, log: Log) -> None:
        self._offer(at, log).setdefault("ringing_at", at)

    def _answered(self, at: datetime, log: Log) -> None:
        offer = self._offer(at, log)
        offer.setdefault("answered_at", at)
        self._rang(offer, log)

    def _connected(self, at: datetime, log: Log) -> None:
        offer = self._offer(at, log)
        offer.setdefault("connected_at", at)
        offer["wait_s"] = _number(log.detail.get("wait_s"))
        offer["outcome"] = Outcome.ANSWERED.value

    def _crossed(self, at: datetime, log: Log) -> None:
        self._offer(at, log)["crossed"] = True

    def _offer_ended(self, at: datetime, log: Log) -> None:
        offer = self._offer(at, log)
        offer["outcome"] = str(log.detail["outcome"])
        offer["cause"] = _whole(log.detail.get("cause"))
        offer["ended_at"] = at
        self._rang(offer, log)
        if "closed_at" not in offer:
            offer["closed_at"] = at
            offer["closed_rings"] = _whole(log.detail.get("rings")) or 0
            offer["closed_answered"] = "answered_at" in offer
            offer["rang"] = offer["closed_rings"] > 0 and offer["outcome"] != Outcome.CALLER_LEFT

    def _talk_ended(self, at: datetime, log: Log) -> None:
        offer = self._offer(at, log)
        offer["talk_s"] = _number(log.detail["talk_s"])
        offer["ended_by"] = str(log.detail.get("by") or "")
        offer["ended_at"] = offer["talk_ended_at"] = at
        offer["hold_s"] = _number(log.detail.get("hold_s")) or 0.0
        offer["consult_s"] = _number(log.detail.get("consult_s")) or 0.0
        offer["recorded_s"] = _number(log.detail.get("recorded_s"))

    def _consult_ended(self, at: datetime, log: Log) -> None:
        if log.offer:  # a number that is consulted has none
            self._offer(at, log)["consulted_s"] = _number(log.detail.get("consult_s")) or 0.0

    def _ended_call(self, at: datetime, log: Log) -> None:
        self._ended.append(log.call)

    @staticmethod
    def _rang(offer: dict[str, Any], log: Log) -> None:
        if log.detail.get("ring_s") is not None:
            offer["ring_s"] = _number(log.detail["ring_s"])
        if log.detail.get("rings") is not None:
            offer["rings"] = _whole(log.detail["rings"])


_TAKERS = {
    Kind.OFFERED: OfferRows._offered,
    Kind.RINGING: OfferRows._ringing,
    Kind.ANSWERED: OfferRows._answered,
    Kind.CONNECTED: OfferRows._connected,
    Kind.CROSSED: OfferRows._crossed,
    Kind.OFFER_ENDED: OfferRows._offer_ended,
    Kind.TALK_ENDED: OfferRows._talk_ended,
    Kind.CONSULT_ENDED: OfferRows._consult_ended,
    Kind.ENDED: OfferRows._ended_call,
}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)

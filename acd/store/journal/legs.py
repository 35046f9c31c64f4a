"""Which legs still owe a recording, from the spool alone: known at the start, whether PostgreSQL is there or not."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from acd.engine.commands import Kind, Log, Outcome, Span
from acd.store.journal import spool
from acd.store.journal.codec import log_from

logger = logging.getLogger("acd.store")

LOOK_BACK_S = 24 * 3600
"""Segments that were written to within this of the newest are read: a leg that is older was filed, or is a stray that
the sweep of the recordings' folder finds by itself."""


def message_of(call: str) -> str:
    """The leg that is the message which this caller left (recordings.names makes the same name)."""
    return f"{call}-m1"


def word_of(call: str) -> str:
    """The leg that is what the caller said after the survey (recordings.names makes the same name)."""
    return f"{call}-m2"


def consult_of(offer: str) -> str:
    """The leg that is the consult with whom this offer was made (recordings.names makes the same name)."""
    call, _, number = offer.rpartition("-")
    return f"{call}-k{number}"


def kind_of(offer: str) -> str:
    """talk, message, word or consult, by the leg's name."""
    leg = offer.rpartition("-")[2]
    return "word" if leg == "m2" else {"k": "consult", "m": "message"}.get(leg[:1], "talk")


@dataclass(frozen=True, slots=True)
class LegDue:
    """A talk that has ended and whose recording is to be filed. Of a consult: the talk of first agent and receiver."""

    call: str
    offer: str
    talk_s: float | None
    """They heard each other; None when nobody knows."""
    ended_at: datetime
    agent: str = ""
    """Of a consult the receiver."""
    queue: str = ""
    recorded_s: float | None = None
    """How long its file should be, where that is not the talk: a softphone's hold is in it, hold by page is not."""
    hold_s: float = 0.0
    consult_s: float = 0.0
    """The caller was on hold meanwhile, for itself or for a consult."""
    spans: tuple[Span, ...] = ()
    first: str = ""
    """The first agent; of a consult only."""
    measured: bool = True
    """False: it began or ended while nobody listened, and its file may be longer or shorter than is told."""
    brand: str = ""
    """Of the call; empty: no brand's, or a message."""

    declined: bool = False
    """The caller did not want to be recorded: there is no file, and none is missed."""

    @property
    def expected_s(self) -> float | None:
        """How long its file should be; None when nobody knows."""
        return self.talk_s if self.recorded_s is None else self.recorded_s

    @property
    def began_at(self) -> datetime | None:
        """When the talk began; None when nobody knows."""
        if self.talk_s is None:
            return None
        return self.ended_at - timedelta(seconds=self.talk_s + self.hold_s + self.consult_s)


def leg_ended_by(at: datetime, row: Log) -> LegDue | None:
    """The leg whose talk this row of the log ends; None when it ends none."""
    detail = row.detail
    if detail.get("goes_on"):
        return None  # A supervisor has taken the caller over: the recorder of the leg runs on, until "leg over".
    if row.kind is Kind.TALK_ENDED or (row.kind is Kind.LISTENING and detail.get("state") == "leg over"):
        return LegDue(
            row.call,
            row.offer,
            _seconds(detail.get("talk_s")),
            at,
            row.agent,
            row.queue,
            recorded_s=_seconds(detail.get("recorded_s")),
            hold_s=_seconds(detail.get("hold_s")) or 0.0,
            consult_s=_seconds(detail.get("consult_s")) or 0.0,
            spans=_spans(detail),
            brand=str(detail.get("brand") or ""),
            declined=detail.get("declined") is True,
        )
    if row.kind is Kind.CONSULT_ENDED and row.offer:  # An outside number that is consulted has no offer, and no leg.
        return LegDue(
            row.call,
            consult_of(row.offer),
            _seconds(detail.get("consult_s")),
            at,
            row.agent,
            row.queue,
            recorded_s=_seconds(detail.get("recorded_s")),
            spans=_spans(detail),
            first=str(detail.get("first") or ""),
            measured=detail.get("recorded_s", 0) is not None,
            brand=str(detail.get("brand") or ""),
            declined=detail.get("declined") is True,
        )
    if row.kind is Kind.MESSAGE:
        return LegDue(row.call, message_of(row.call), _seconds(detail.get("seconds")), at, "", row.queue)
    if row.kind is Kind.SURVEY and detail.get("state") == "word":
        return LegDue(row.call, word_of(row.call), _seconds(detail.get("seconds")), at, "", row.queue)
    return None


def legs_due(folder: Path) -> tuple[list[LegDue], set[str]]:
    """(legs that ended and were not filed, offers that go on), from the segments of the last 24 h.

    Blocks: about a second for 50,000 lines. Run it in a thread.
    """
    due: dict[str, LegDue] = {}
    going_on: dict[str, str] = {}
    written = [(segment.stat().st_mtime, segment) for segment in spool.segments(folder)]
    newest = max((at for at, _ in written), default=0.0)
    for segment in [segment for at, segment in written if newest - at <= LOOK_BACK_S]:
        for line, _ in spool.lines(segment):
            if isinstance(line, spool.Damaged):
                continue
            for row in line.logs:
                kind, offer = row.get("kind"), row.get("offer", "")
                detail = row.get("detail", {})
                if kind == Kind.OFFERED:
                    going_on[offer] = row.get("call", "")
                elif kind == Kind.OFFER_ENDED and detail.get("outcome") != Outcome.ANSWERED:
                    going_on.pop(offer, None)
                elif kind in _ENDS_A_LEG:
                    if detail.get("goes_on"):
                        going_on[offer] = row.get("call", "")
                    elif kind == Kind.TALK_ENDED or detail.get("state") == "leg over":
                        going_on.pop(offer, None)
                    ended = leg_ended_by(line.at, log_from(row))
                    if ended is not None:
                        due[ended.offer] = ended
                elif kind == Kind.RECORDED:
                    due.pop(offer, None)
                elif kind == Kind.ENDED:
                    for each in [known for known, call in going_on.items() if call == row.get("call")]:
                        going_on.pop(each)
    return list(due.values()), set(going_on)


_ENDS_A_LEG = (Kind.TALK_ENDED, Kind.CONSULT_ENDED, Kind.MESSAGE, Kind.LISTENING)


def _spans(detail: Mapping[str, Any]) -> tuple[Span, ...]:
    return tuple(cast(Span, dict(each)) for each in detail.get("spans") or () if isinstance(each, Mapping))


def _seconds(said: Any) -> float | None:
    return float(said) if isinstance(said, int | float) else None

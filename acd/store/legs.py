"""Which legs still owe a recording, from the spool alone: known at the start, whether PostgreSQL is there or not."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from acd.engine.commands import Kind, Outcome
from acd.store import spool

logger = logging.getLogger("acd.store")

LOOK_BACK_S = 24 * 3600
"""Segments that were written to within this of the newest are read: a leg that is older was filed, or is a stray that
the sweep of the recordings' folder finds by itself."""


def message_of(call: str) -> str:
    """The leg that is the message which this caller left (recordings.names makes the same name)."""
    return f"{call}-m1"


@dataclass(frozen=True, slots=True)
class LegDue:
    """A talk that has ended and whose recording is to be filed."""

    call: str
    offer: str
    talk_s: float | None
    """Time in the bridge; None when nobody knows."""
    ended_at: datetime
    agent: str = ""
    queue: str = ""


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
                elif kind == Kind.TALK_ENDED:
                    going_on.pop(offer, None)
                    due[offer] = LegDue(
                        call=row.get("call", ""),
                        offer=offer,
                        talk_s=detail.get("talk_s"),
                        ended_at=line.at,
                        agent=row.get("agent", ""),
                        queue=row.get("queue", ""),
                    )
                elif kind == Kind.MESSAGE:
                    name = message_of(row.get("call", ""))
                    due[name] = LegDue(
                        row.get("call", ""), name, detail.get("seconds"), line.at, "", row.get("queue", "")
                    )
                elif kind == Kind.RECORDED:
                    due.pop(offer, None)
                elif kind == Kind.ENDED:
                    for each in [known for known, call in going_on.items() if call == row.get("call")]:
                        going_on.pop(each)
    return list(due.values()), set(going_on)

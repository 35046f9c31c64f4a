"""A day that really was, recorded from a floor's log: what acd/store/queries/day.py finds in PostgreSQL, found in the rows."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from acd.engine.commands import Ending, Kind, Log
from acd.store.queries.agent_time import Stretch
from acd.store.queries.day import Arrival

Rows = list[tuple[datetime, Log]]


@dataclass
class Recorded:
    begin: datetime
    end: datetime
    arrivals: list[Arrival] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)


def recorded(rows: Rows, begin: datetime, end: datetime) -> Recorded:
    calls: dict[str, Arrival] = {}
    last: dict[str, tuple[datetime, str, str]] = {}
    stretches: list[Stretch] = []
    numbers: dict[str, str] = {}
    talked: dict[str, str] = {}
    for at, row in rows:
        detail = row.detail
        if row.kind is Kind.ARRIVED:
            numbers[row.call] = detail["caller"]
        elif row.kind is Kind.QUEUED:
            skills = tuple(sorted(detail["skills"].items()))
            calls[row.call] = Arrival(
                row.call, at, numbers[row.call], row.queue, skills, detail["language"], 0, "", "", 0, 0, 0, None, False
            )
        elif row.kind is Kind.TALK_ENDED:
            talked[row.agent] = row.call
        elif row.kind is Kind.AGENT_STATE:
            if row.agent in last:
                began, state, reason = last[row.agent]
                stretches.append(Stretch(row.agent, began, at, state, reason))
            if detail["was"] == "wrap-up":
                call = talked[row.agent]
                calls[call] = replace(calls[call], wrap_up_s=detail["lasted_s"])
            last[row.agent] = (at, detail["state"], detail["reason"])
        elif row.kind is Kind.ENDED:
            gone = detail["ending"] in (Ending.ABANDONED_QUEUE, Ending.ABANDONED_RINGING)
            calls[row.call] = replace(
                calls[row.call],
                ending=detail["ending"],
                wait_s=detail["wait_s"],
                talk_s=detail["talk_s"],
                patience_s=detail["wait_s"] if gone else None,
                callback=detail["callback"],
            )
    stretches += [Stretch(agent, began, end, state, reason) for agent, (began, state, reason) in last.items()]
    stretches.sort(key=lambda stretch: (stretch.agent, stretch.from_at))
    return Recorded(begin, end, list(calls.values()), stretches)

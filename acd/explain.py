"""Why this agent? Every decision about one call, in order: who was chosen, by which rule and row, who came next, who was
passed over and why.

The log of a call keeps the winner, five runners-up and counts per reason: `told` reads them from its rows. The whole
list of agents at each choice is not kept but worked out again: `replay` finds the segment of the journal in which the
call first appears, restores the engine from that segment's head, tells it every event since, and keeps what it decides
about this call. Where a segment follows (the daemon was started anew, or the segment was full) the engine is restored
from its head, which is what the daemon itself went on from.

A replay takes a second or more of a processor: `python -m acd.explain JOURNAL CALL` does it in a process of its own, at
low priority, and prints JSON.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Kind, Log
from acd.engine.offers.choice_log import FOUND_TALKING
from acd.engine.recovery.checkpoint import CheckpointOfAnotherFormat
from acd.store.errors import NotAnEvent
from acd.store.journal import spool
from acd.store.journal.codec import log_from

Row = tuple[datetime, Log]

TOLD = frozenset(
    {
        *(Kind.ARRIVED, Kind.QUEUED, Kind.KEPT, Kind.OVERFLOW, Kind.CALLBACK, Kind.SENT_ON, Kind.MESSAGE),
        *(Kind.OPERATOR, Kind.OFFERED, Kind.OFFER_ENDED, Kind.CROSSED, Kind.RETURNED, Kind.CONNECTED, Kind.ENDED),
    }
)
"""The kinds that decide about a call, or show what became of a decision."""

BEGAN_EARLIER = "began earlier"
NOT_KEPT = "not kept"
OTHER_VERSION = "other version"
DIFFERS = "differs"
NOTES = {
    NOT_KEPT: {
        "en": "The journal of that time is no longer kept, so the whole lists can't be rebuilt; the log's own rows are "
        "shown: the winner, five runners-up and the counts.",
        "zh": "当时的日志已不再保留，无法重建完整名单；以下为记录中保存的内容：选中者、其后五位与各原因人数。",
    },
    BEGAN_EARLIER: {
        "en": "The journal of this call's beginning is no longer kept; the whole lists begin where it does.",
        "zh": "此来电开始时的日志已不再保留；完整名单从现存日志处开始。",
    },
    OTHER_VERSION: {
        "en": "The journal of that time was written by another version, which kept other things; the log's own rows are "
        "shown.",
        "zh": "当时的日志由其他版本写成，内容不同；以下为记录中保存的内容。",
    },
    DIFFERS: {
        "en": "A replay of the journal decides otherwise than the log says, as another version of the engine would: "
        "lists are shown only where both agree.",
        "zh": "重放日志的结果与记录不一致（引擎版本不同）；仅在两者一致处显示完整名单。",
    },
}
"""Why a whole explanation is not whole, in words."""


@dataclass
class Replayed:
    """What a replay gave."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    """As `Acd.decisions`, in order."""
    rows: list[Row] = field(default_factory=list)
    """The call's own log rows, as they were written."""
    note: str = ""
    """A key of NOTES; empty: all of it is there."""


def told(rows: Iterable[Row], decisions: Iterable[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """The call's decisions in order, one step for each log row that is or shows one.

    `at, kind, agent, offer, queue, detail`; an offer has a `choice` beside: `rule, strategy, runners_up, passed_over`,
    `rows` (the policy's rows in force, each as its "overflow" row told it), `outcome` (None while it rings), and `whole`:
    the decision of the replay, None without one.
    """
    whole = {decision["offer"]: decision for decision in decisions if decision["agent"]}
    steps: list[dict[str, Any]] = []
    choices: dict[str, dict[str, Any]] = {}
    applied: dict[tuple[str, int], Mapping[str, Any]] = {}
    for at, row in rows:
        if row.kind not in TOLD:
            continue
        if row.kind is Kind.OVERFLOW:
            applied[row.queue, row.detail.get("row", 0)] = row.detail
        if row.kind is Kind.OFFER_ENDED and row.offer in choices:
            choices[row.offer]["outcome"] = row.detail.get("outcome")
        step: dict[str, Any] = {
            "at": at,
            "kind": row.kind,
            "agent": row.agent,
            "offer": row.offer,
            "queue": row.queue,
            "detail": dict(row.detail),
            "choice": None,
        }
        if row.kind is Kind.OFFERED:
            step["choice"] = choices[row.offer] = _choice(row, applied, whole.get(row.offer))
        steps.append(step)
    return steps


def _choice(
    row: Log, applied: Mapping[tuple[str, int], Mapping[str, Any]], whole: Mapping[str, Any] | None
) -> dict[str, Any]:
    detail = row.detail
    in_force = [
        {"row": number, **{key: found[key] for key in ("do", "why", "when") if key in found}, "detail": dict(found)}
        for number in detail.get("rows", ())
        # A call that was moved keeps the numbers of the queue whose rows were applied to it.
        for found in [applied.get((row.queue, number)) or _by_number(applied, number)]
    ]
    return {
        "rule": detail.get("rule", ""),
        "strategy": detail.get("strategy", ""),
        "waited_s": detail.get("waited_s"),
        "runners_up": [str(agent) for agent in detail.get("runners_up", ())],
        "passed_over": {reason: n for reason, n in dict(detail.get("passed_over", {})).items() if n},
        "rows": in_force,
        "outcome": None,
        # What a replay says otherwise than the log is no explanation of what happened.
        "whole": whole if whole is not None and whole["agent"] == row.agent else None,
    }


def _by_number(applied: Mapping[tuple[str, int], Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    return next((found for (_, row), found in applied.items() if row == number), {})


# -- the replay ---------------------------------------------------------------------------------------------------------


def replay(journal: Path, call: str) -> Replayed:
    """Every decision about this call, worked out again from the spool in this folder. Reads only."""
    found = Replayed()
    present = spool.segments(journal)
    first = next((index for index, segment in enumerate(present) if mentions(segment, call)), None)
    if first is None:
        return Replayed(note=NOT_KEPT)
    engine: Acd | None = None
    for segment in present[first:]:
        try:
            engine = _from_head(segment, call, found, engine)
            over = _tell(engine, segment, call, found)
        except FileNotFoundError:
            # The daemon has let go of it meanwhile.
            found.note = NOT_KEPT
            continue
        if engine is not None:
            found.decisions += engine.decisions
        if over:
            break
    if not found.note and not _agree(found):
        found.note = DIFFERS
    return found


def _agree(found: Replayed) -> bool:
    """Whether the replay chose whom the log says. Who was found talking was chosen by nobody."""
    rows = [row for _, row in found.rows if row.kind is Kind.OFFERED and row.detail.get("rule") != FOUND_TALKING]
    return [(row.offer, row.agent) for row in rows] == [(one["offer"], one["agent"]) for one in found.decisions]


def mentions(segment: Path, call: str) -> bool:
    """Whether this segment names the call. It is looked through as bytes: much faster than line by line."""
    wanted, before = f'"{call}"'.encode(), b""
    try:
        with segment.open("rb") as file:
            while chunk := file.read(4_000_000):
                if wanted in before + chunk:
                    return True
                before = chunk[-len(wanted) :]
    except FileNotFoundError:
        pass  # The daemon has let go of it meanwhile.
    return False


def _from_head(segment: Path, call: str, found: Replayed, before: Acd | None) -> Acd | None:
    """The engine that the segment's head holds; where it holds none that can be read, the one of the segment before."""
    head = spool.head(segment)
    if head is None or head["state"] is None:
        if before is None:
            found.note = NOT_KEPT
        return before
    if not found.rows and any(kept["call"] == call for kept in head["state"].get("calls", ())):
        found.note = BEGAN_EARLIER
    try:
        engine = Acd.restore(head["state"])
    except (CheckpointOfAnotherFormat, KeyError, TypeError, ValueError):
        found.note = OTHER_VERSION
        return None
    engine.explain(call)
    return engine


def _tell(engine: Acd | None, segment: Path, call: str, found: Replayed) -> bool:
    """Tells the engine what stands in the segment. True once the call is over."""
    for line, _ in spool.lines(segment):
        if isinstance(line, spool.Damaged):
            continue
        if engine is not None:
            try:
                engine.handle(line.event(), line.at)
            except NotAnEvent:
                found.note = OTHER_VERSION
            except Exception:
                # The daemon left that event out too; see its log.
                found.note = found.note or DIFFERS
        for row in _rows_of(line, call):
            found.rows.append((line.at, row))
            if row.kind is Kind.ENDED:
                return True
    return False


def _rows_of(line: spool.Line, call: str) -> Iterator[Log]:
    for form in line.logs:
        if form.get("call") == call:
            try:
                yield log_from(form)
            except NotAnEvent:
                continue


def as_json(found: Replayed) -> str:
    rows = [
        {
            "at": at.isoformat(),
            "kind": row.kind,
            "agent": row.agent,
            "offer": row.offer,
            "queue": row.queue,
            "detail": row.detail,
        }
        for at, row in found.rows
    ]
    return json.dumps({"note": found.note, "decisions": found.decisions, "rows": rows}, ensure_ascii=False, default=str)


def from_json(text: str | bytes, call: str) -> Replayed:
    """What `python -m acd.explain` printed."""
    said = json.loads(text)
    rows = [
        (
            datetime.fromisoformat(row["at"]),
            Log(Kind(row["kind"]), call, row["agent"], row["offer"], row["queue"], row["detail"]),
        )
        for row in said["rows"]
    ]
    return Replayed(said["decisions"], rows, said["note"])


if __name__ == "__main__":
    os.nice(15)
    sys.stdout.write(as_json(replay(Path(sys.argv[1]), sys.argv[2])))

"""What the call log tells of a talk against the thresholds. Pure functions."""

from collections.abc import Sequence
from datetime import datetime

from acd.config.analysis import AnalysisTable
from acd.engine.commands import Span
from acd.store.queries.analysis import Told
from recordings.analysis.findings import Finding


def all_of(
    told: Told,
    spans: Sequence[Span],
    seconds: float | None,
    connected_at: datetime | None,
    talk_ended_at: datetime | None,
    rules: AnalysisTable,
) -> list[Finding]:
    """Everything about what was done. `seconds`: the length of the recording; None: there is none."""
    found = [*_holds(spans, rules), *_transfers(told, spans, seconds, connected_at)]
    if told.ended_by == "agent":
        found.append(Finding("agent-hung-up", "agent", seconds, seconds))
    if not told.menu_path:
        found.append(Finding("not-announced", "", None if seconds is None else 0.0, None if seconds is None else 0.0))
    if told.ended_by != "transfer":  # The next agent ends the matter.
        found += _written(told, talk_ended_at, rules)
    return found


def _holds(spans: Sequence[Span], rules: AnalysisTable) -> list[Finding]:
    holds = [span for span in spans if span["kind"] == "hold"]
    found = [
        Finding("hold-long", "agent", span["from_s"], span["to_s"], round(span["lasted_s"], 1), rules.hold_s)
        for span in holds
        if span["lasted_s"] > rules.hold_s
    ]
    if len(holds) > rules.holds:
        extra = holds[rules.holds]
        found.append(Finding("holds-many", "agent", extra["from_s"], extra["to_s"], len(holds), rules.holds))
    return found


def _transfers(
    told: Told, spans: Sequence[Span], seconds: float | None, connected_at: datetime | None
) -> list[Finding]:
    found = []
    for asked_at in told.transfers:
        at = None
        if seconds is not None and connected_at is not None:
            since = (asked_at - connected_at).total_seconds()
            # What was in no bridge is in no recording. A mask or a supervisor may lie over it, and count once.
            unheard = sum(
                max(0.0, span["lasted_s"] - (span["to_s"] - span["from_s"]))
                for span in spans
                if span["kind"] in ("hold", "consult")
            )
            at = round(min(max(0.0, since - unheard), seconds), 2)
        found.append(Finding("transfer-without-reason", "agent", at, at))
    return found


def _written(told: Told, talk_ended_at: datetime | None, rules: AnalysisTable) -> list[Finding]:
    found = []
    if not told.notes:
        found.append(Finding("no-note", "agent", limit=rules.note_within_s))
    elif talk_ended_at is not None:
        late = (told.notes[0] - talk_ended_at).total_seconds()
        if late > rules.note_within_s:
            found.append(Finding("note-late", "agent", value=round(late, 1), limit=rules.note_within_s))
    if not told.disposed:
        found.append(Finding("no-disposition", "agent"))
    return found

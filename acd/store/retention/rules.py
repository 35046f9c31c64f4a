"""Which class a recording is of, and for how many days it is kept: the configuration's rules as SQL.

Of all that apply the longest wins: the general days (those of the queue, else of the brand, else of the hotline), the classes whose rules
apply, and the class that somebody gave by hand. 0 days are the longest: until somebody deletes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Function, SQLColumnExpression, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from acd.engine.commands import Kind
from acd.store.queries.recording_keeping import KeepDays, general_days
from acd.store.retention_tables import CallRetentionRow
from acd.store.tables import CallRow, CardRow, LogRow, RecordingRow, TransferRow

GENERAL = "general"
"""The class of whatever no other class keeps longer."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """One class of the configuration."""

    days: int
    """0: until somebody deletes it."""
    queues: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    lookups: tuple[str, ...] = ()
    """What a story has looked up for the caller."""
    reasons: tuple[str, ...] = ()
    """Of a transfer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says of retention."""

    keep: KeepDays
    classes: Mapping[str, RetentionClass] = field(default_factory=dict)
    forget_callers: bool = False
    """Whether what names the caller goes with the call's last sound."""

    @property
    def longest_first(self) -> list[tuple[str, RetentionClass]]:
        """The classes, those that are kept until somebody deletes them before all others."""
        return sorted(self.classes.items(), key=lambda each: (each[1].days != 0, -each[1].days, each[0]))


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns of one query: the class that wins, its days, and whether a hold goes before it."""

    class_name: ColumnElement[str]
    days: ColumnElement[int]
    """0: until somebody deletes it."""
    known: ColumnElement[bool]
    """False: the class was given by hand, and is no longer in the configuration. Nothing is deleted then."""
    shortest: ColumnElement[int]
    """The general days: less than these nothing is kept. Cheap to reckon, so that young rows cost nothing."""


def of_recording(rules: Rules) -> Kept:
    """For queries of RecordingRow, joined with CallRow and CallRetentionRow."""
    leg = RecordingRow.call
    queues = (RecordingRow.queue, CallRow.queue, CallRow.asked_queue)
    return _kept(rules, leg, queues, general_days(rules.keep, RecordingRow.queue))


def of_call(rules: Rules) -> Kept:
    """For queries of CallRow, joined with CallRetentionRow."""
    return _kept(rules, CallRow.call, (CallRow.queue, CallRow.asked_queue), general_days(rules.keep, CallRow.queue))


def over(ended: SQLColumnExpression[Any], days: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """Whether so many days of 24 hours have gone since. In seconds: PostgreSQL's own days have 23 or 25 hours where the session's clock is set
    to another time of the year."""
    seconds: Function[Any] = func.make_interval(0, 0, 0, 0, 0, 0, days * DAY.total_seconds())
    return and_(days > 0, ended + seconds < now)


def not_held(call: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """The call is not held as a whole."""
    held = aliased(CallRetentionRow)
    return ~exists().where(held.call == call, held.held_at.is_not(None)).correlate_except(held)


def _kept(rules: Rules, call: Any, queues: tuple[Any, ...], general: ColumnElement[int]) -> Kept:
    given = func.coalesce(CallRetentionRow.class_name, "")
    known = or_(given == "", given.in_([*rules.classes]))
    # In CASE, what stands first is looked at first: the look-ups in other tables are made for old rows alone.
    names: list[tuple[ColumnElement[bool], Any]] = [(~known, given), (general == 0, literal(GENERAL))]
    days: list[tuple[ColumnElement[bool], Any]] = [(~known, literal(0)), (general == 0, literal(0))]
    for name, each in rules.longest_first:
        longer = literal(True) if each.days == 0 else general < each.days
        applies = and_(longer, or_(given == name, *_rules_of(each, call, queues)))
        names.append((applies, literal(name)))
        days.append((applies, literal(each.days)))
    return Kept(case(*names, else_=literal(GENERAL)), case(*days, else_=general), known, general)


def _rules_of(each: RetentionClass, call: Any, queues: tuple[Any, ...]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if each.queues:
        found += [queue.in_(each.queues) for queue in queues]
    if each.dispositions:
        entries = [
            CardRow.body["entries"].contains([{"what": "disposition", "code": code}]) for code in each.dispositions
        ]
        found.append(_one_of(CardRow, CardRow.call == call, or_(*entries)))
    if each.lookups:
        asked = LogRow.detail["lookup"].astext.in_(each.lookups)
        found.append(_one_of(LogRow, LogRow.call == call, LogRow.kind == Kind.LOOKED_UP, asked))
    if each.reasons:
        found.append(_one_of(TransferRow, TransferRow.call == call, TransferRow.reason.in_(each.reasons)))
    return found


def _one_of(table: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(literal(1)).select_from(table).where(*conditions).correlate_except(table).exists()

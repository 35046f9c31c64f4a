"""The book of alarms: which are open, since when, how often, who has seen them, and those that are over. A fold of the call log.

Two rows of one name and one subject are one alarm that has repeated. An alarm is over when a row says so: the end that its watchdog
tells, a row of the call or agent that it is about, or an operator. Then it goes to the alarms that are over, and the next row of its
name and subject begins a new one. The same rows give the same book, so it is rebuilt by a replay; `kept` and `restore` carry it over
a checkpoint. How many alarms are kept, and how much of each, is bounded: whoever calls can raise some of them.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from acd.alarms.kinds import ENDED_BY_ALARM, ENDED_BY_ROW, Severity, code, kind_of
from acd.engine.commands import Kind, Log
from acd.engine.events import AlarmRaised

OPEN = 300
"""Open alarms at most. Beyond it the one that has not repeated for longest goes, a warning before a critical one."""
OVER = 200
"""Alarms that are over, the latest."""
STEPS = 30
"""Steps of an alarm's history: the first and the latest."""
SEEN = 20
"""People who have seen an alarm: the latest."""
FORMAT = 1

What = Literal["raised", "worse", "better", "repeated", "seen", "cleared"]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to an alarm. `by`: the person; empty: nobody, it happened by itself."""

    at: datetime
    what: What
    by: str = ""
    detail: str = ""


@dataclass(slots=True)
class Alarm:
    number: int
    """What people call it by; the next alarm has the next number."""
    name: str
    subject: str
    """What it is about, as a trunk's name or an agent's extension; empty: there is one of its kind."""
    severity: Severity
    raised_at: datetime
    last_at: datetime
    """When it was raised for the last time."""
    times: int = 1
    call: str = ""
    agent: str = ""
    queue: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    """Of the latest row: `words` makes the sentence of it."""
    seen: dict[str, datetime] = field(default_factory=dict)
    """Who has seen it, and when; nobody any more after it has become worse."""
    cleared_at: datetime | None = None
    cleared_by: str = ""
    """Empty: it was over by itself."""
    steps: list[Step] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The kind, for machines."""
        return code(self.name)

    @property
    def key(self) -> Key:
        """Same kind and same subject: same alarm."""
        return self.name, self.subject

    def note(self, step: Step) -> None:
        """Adds to the history."""
        self.steps.append(step)
        if len(self.steps) > STEPS:
            del self.steps[1]


@dataclass(frozen=True, slots=True)
class Change:
    """What a row has done to the book."""

    what: What
    alarm: Alarm


class Book:
    def __init__(self) -> None:
        self._open: dict[Key, Alarm] = {}
        self._over: deque[Alarm] = deque(maxlen=OVER)
        self._number = 0

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> list[Alarm]:
        """The open alarms, the critical ones first, of these the latest first."""
        return sorted(self._open.values(), key=lambda one: (one.severity != "critical", -one.last_at.timestamp()))

    def over(self) -> list[Alarm]:
        """The latest alarms that are over, the latest first."""
        return list(reversed(self._over))

    def is_open(self, name: str, subject: str) -> bool:
        """Whether there is such an alarm now."""
        return (name, subject) in self._open

    def of(self, number: int) -> Alarm | None:
        """The open alarm of this number."""
        return next((alarm for alarm in self._open.values() if alarm.number == number), None)

    def take(self, at: datetime, row: Log) -> list[Change]:
        """The next row of the call log. What has changed, in order; mostly nothing."""
        match row.kind:
            case Kind.ALARM:
                return self._alarm(at, row)
            case Kind.ALARM_SEEN:
                return list(self._seen(at, row))
            case Kind.ALARM_CLEARED:
                named = (str(row.detail.get("name", "")), str(row.detail.get("subject", "")))
                return list(self._clear(at, (named,), str(row.detail.get("by", ""))))
        if self._open and row.kind in ENDED_BY_ROW:
            return list(self._clear(at, _ended(row)))
        return []

    # --- across a restart ---

    def kept(self) -> dict[str, Any]:
        """The whole book, JSON-able, for `restore`. The caller may keep it: nothing in it is changed afterwards."""
        return {
            "format": FORMAT,
            "number": self._number,
            "open": [_form(alarm) for alarm in self._open.values()],
            "over": [_form(alarm) for alarm in self._over],
        }

    @classmethod
    def restore(cls, kept: Mapping[str, Any] | None) -> "Book":
        """The book of a checkpoint; an empty one of None. ValueError, KeyError or TypeError: it is not of this format."""
        book = cls()
        if kept is None:
            return book
        if kept.get("format") != FORMAT:
            raise ValueError(f"alarms of format {kept.get('format')!r}; this version reads {FORMAT}")
        book._number = int(kept["number"])
        book._open = {alarm.key: alarm for alarm in map(_alarm_from, kept["open"])}
        book._over.extend(map(_alarm_from, kept["over"]))
        return book

    # --- inside ---

    def _alarm(self, at: datetime, row: Log) -> list[Change]:
        name = str(row.detail.get("name", ""))
        if (ended := _ended_by_alarm(name, row)) is not None:
            return list(self._clear(at, (ended,)))
        subject = subject_of(row)
        severity = cast(Severity, row.detail.get("severity") or kind_of(name).severity)
        known = self._open.get((name, subject))
        if known is None:
            return [*self._make_room(at), self._raise(at, row, name, subject, severity)]
        what: What = "repeated"
        if severity != known.severity:
            what = "worse" if severity == "critical" else "better"
        if what == "worse":
            known.seen.clear()
        known.severity, known.last_at = severity, at
        known.times += 1
        known.call, known.agent, known.queue, known.detail = row.call, row.agent, row.queue, dict(row.detail)
        known.note(Step(at, what, detail=str(row.detail.get("detail", ""))))
        return [Change(what, known)]

    def _raise(self, at: datetime, row: Log, name: str, subject: str, severity: Severity) -> Change:
        self._number += 1
        alarm = Alarm(
            self._number,
            name,
            subject,
            severity,
            at,
            at,
            call=row.call,
            agent=row.agent,
            queue=row.queue,
            detail=dict(row.detail),
        )
        alarm.note(Step(at, "raised", detail=str(row.detail.get("detail", ""))))
        self._open[alarm.key] = alarm
        return Change("raised", alarm)

    def _make_room(self, at: datetime) -> Iterator[Change]:
        while len(self._open) >= OPEN:
            oldest = min(self._open.values(), key=lambda one: (one.severity == "critical", one.last_at))
            yield from self._clear(at, (oldest.key,))

    def _seen(self, at: datetime, row: Log) -> Iterator[Change]:
        key = (str(row.detail.get("name", "")), str(row.detail.get("subject", "")))
        by = str(row.detail.get("by", ""))
        if (alarm := self._open.get(key)) is not None and by not in alarm.seen:
            alarm.seen[by] = at
            while len(alarm.seen) > SEEN:
                del alarm.seen[next(iter(alarm.seen))]
            alarm.note(Step(at, "seen", by))
            yield Change("seen", alarm)

    def _clear(self, at: datetime, keys: tuple[Key, ...], by: str = "") -> Iterator[Change]:
        for key in keys:
            if (alarm := self._open.pop(key, None)) is not None:
                alarm.cleared_at, alarm.cleared_by = at, by
                alarm.note(Step(at, "cleared", by))
                self._over.append(alarm)
                yield Change("cleared", alarm)


def key_of(event: AlarmRaised) -> Key:
    """The identity of the alarm that this event raises."""
    detail = {"name": event.name, "detail": event.detail, "subject": event.subject}
    return event.name, subject_of(Log(Kind.ALARM, event.call, detail=detail))


def subject_of(row: Log) -> str:
    """What an alarm's row is about: with its name, the identity of the alarm."""
    name = str(row.detail.get("name", ""))
    match kind_of(name).about:
        case "call":
            return row.call
        case "nothing":
            return ""
    if name.startswith("trunk-"):
        return str(row.detail.get("detail", "")).partition("|")[0]
    return str(row.detail.get("subject") or row.agent or row.queue)


def _ended_by_alarm(name: str, row: Log) -> Key | None:
    if name == "trunk-well":
        said = str(row.detail.get("detail", "")).split("|")
        return (f"trunk-{said[2]}", said[0]) if len(said) > 2 else None
    return (ENDED_BY_ALARM[name], "") if name in ENDED_BY_ALARM else None


def _ended(row: Log) -> tuple[Key, ...]:
    """Which alarms this row of another kind ends, where they are open."""
    names = ENDED_BY_ROW[row.kind]
    match row.kind:
        case Kind.PBX:
            return tuple((name, "") for name in names) if row.detail.get("state") != "lost" else ()
        case Kind.AGENT_STATE:
            return tuple((name, row.agent) for name in names) if row.detail.get("state") != "logged out" else ()
        case Kind.HOLD:
            return tuple((name, row.call) for name in names) if row.detail.get("state") == "retrieved" else ()
        case Kind.PHONE:
            was = f"telephone {row.detail.get('was', '')}"
            over = was if was in names else "telephone refuses"
            return ((over, row.agent),) if row.detail.get("habit") == "" else ()
    return tuple((name, row.call) for name in names)


_PLAIN = ("number", "name", "subject", "severity", "times", "call", "agent", "queue", "cleared_by")


def _form(alarm: Alarm) -> dict[str, Any]:
    form = {name: getattr(alarm, name) for name in _PLAIN}
    return form | {
        "detail": dict(alarm.detail),
        "raised_at": alarm.raised_at.isoformat(),
        "last_at": alarm.last_at.isoformat(),
        "cleared_at": None if alarm.cleared_at is None else alarm.cleared_at.isoformat(),
        "seen": {by: at.isoformat() for by, at in alarm.seen.items()},
        "steps": [[step.at.isoformat(), step.what, step.by, step.detail] for step in alarm.steps],
    }


def _alarm_from(form: Mapping[str, Any]) -> Alarm:
    read = datetime.fromisoformat
    return Alarm(
        **{
            **form,
            "raised_at": read(form["raised_at"]),
            "last_at": read(form["last_at"]),
            "cleared_at": read(form["cleared_at"]) if form["cleared_at"] else None,
            "seen": {by: read(at) for by, at in form["seen"].items()},
            "steps": [Step(read(at), what, by, detail) for at, what, by, detail in form["steps"]],
        }
    )

"""What becomes of an alarm: a person has seen it, or it is over. They are only logged; the book of alarms (acd/alarms) reads the log."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlarmSeen:
    """A person has seen the open alarm of this name and subject."""

    name: str
    subject: str
    by: str


@dataclass(frozen=True, slots=True)
class AlarmCleared:
    """The alarm of this name and subject is over."""

    name: str
    subject: str = ""
    by: str = ""
    """The person who says so; empty: it is over by itself."""


AlarmEvent = AlarmSeen | AlarmCleared

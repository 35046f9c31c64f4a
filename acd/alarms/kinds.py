"""The kinds of alarms: how severe each is, what it is about, and what ends it. The table that the book runs from.

An alarm's name stands in the call log as it was first written, with blanks; its code is for machines (`/metrics`, JSON).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from acd.engine.commands import Kind

Severity = Literal["warning", "critical"]
"""critical: callers are lost or may be lost. warning: somebody should look at it today."""
Ends = Literal["watched", "told", "operator"]
"""watched: its watchdog tells the end, and after a start of the daemon raises it anew if it still stands. told: the end is told, at
whatever time. operator: nothing tells that it is over, so a person clears it."""
About = Literal["subject", "call", "nothing"]
"""subject: what the row names (a trunk, a line), else its agent, else its queue. call: one alarm for each call. nothing: one alarm."""


@dataclass(frozen=True, slots=True)
class AlarmKind:
    severity: Severity = "warning"
    ends: Ends = "operator"
    about: About = "subject"


_WATCHED = AlarmKind("warning", "watched")
_GRAVE = AlarmKind("critical", "watched")
_OCCURRENCE = AlarmKind("warning", "operator", "nothing")
"""Something that happened, to some call: it does not go on, and each further one counts as a repetition."""

OTHER = AlarmKind()
"""A name that the table does not have: an older or newer version has raised it."""

KINDS: Mapping[str, AlarmKind] = {
    "AMI login refused": AlarmKind("critical", "told", "nothing"),
    "SIP does not answer": _GRAVE,
    "agent logged out": AlarmKind("warning", "told"),
    "an agent calls as a customer": _OCCURRENCE,
    "asterisk deaf": _GRAVE,
    "asterisk hung": AlarmKind("critical", "told", "nothing"),
    "asterisk overloaded": _GRAVE,
    "asterisk stuck": _GRAVE,
    "asterisk's files changed": _WATCHED,
    "background work failed": AlarmKind("warning", "told"),
    "bad line": AlarmKind("warning", "told"),
    "call cannot be connected": AlarmKind("warning", "told", "call"),
    "callback late": AlarmKind("warning", "told"),
    "call out refused": _OCCURRENCE,
    "caller forgotten on hold": AlarmKind("warning", "told", "call"),
    "calls refused": _GRAVE,
    "certificate ends": _WATCHED,
    "certificate unusable": _WATCHED,
    "codecs refused": _OCCURRENCE,
    "customer system away": _WATCHED,
    "daemon frozen": _OCCURRENCE,
    "event left out": _OCCURRENCE,
    "limit of calls out": _OCCURRENCE,
    "fault overdue": AlarmKind("warning", "told"),
    "loop blocked": _OCCURRENCE,
    "low mark": AlarmKind("warning", "operator"),
    "no such queue": AlarmKind("warning", "told"),
    "out of step": _OCCURRENCE,
    "proxy not trusted": AlarmKind("warning", "told"),
    "recording altered": AlarmKind("critical", "operator", "nothing"),
    "recording incomplete": _OCCURRENCE,
    "recording level wrong": _OCCURRENCE,
    "recording missing": AlarmKind("warning", "told", "nothing"),
    "recording silent": _OCCURRENCE,
    "recordings disk full": _GRAVE,
    "recordings disk nearly full": _WATCHED,
    "recordings disk stalls": _GRAVE,
    "recordings folder cannot be written": _GRAVE,
    "report failed": AlarmKind("warning", "told"),
    "self-call failed": AlarmKind("critical", "told"),
    "supervisor gone": _GRAVE,
    "telephone no-voice": AlarmKind("warning", "told"),
    "telephone refuses": AlarmKind("warning", "told"),
    "telephone two-places": AlarmKind("warning", "told"),
    "transferred below the tier": _OCCURRENCE,
    "trunk-closed": _GRAVE,
    "trunk-no-answer": _GRAVE,
    "trunk-not-registered": _GRAVE,
    "trunk-refuses": AlarmKind("critical", "told"),
    "trunk-silent": AlarmKind("warning", "told"),
    "trunk-unresolved": _WATCHED,
    "unknown number called": _OCCURRENCE,
    "queue waiting": AlarmKind("warning", "told"),
    "queue longest wait": AlarmKind("warning", "told"),
    "queue service level": AlarmKind("warning", "told"),
    "queue abandoned": AlarmKind("warning", "told"),
    "queue staffed": AlarmKind("warning", "told"),
    "queue three-ring rate": AlarmKind("warning", "told"),
    "trunks ill": AlarmKind("warning", "told"),
    "disk room short": AlarmKind("warning", "told"),
    "events late": AlarmKind("warning", "told"),
    "certificate days few": AlarmKind("warning", "told"),
    "test alarm": AlarmKind("warning", "operator", "nothing"),
}
"""Name to its kind. The severity of a threshold's alarm stands in its row: the level that was crossed."""

ENDED_BY_ALARM: Mapping[str, str] = {
    "calls taken again": "calls refused",
    "recordings disk answers again": "recordings disk stalls",
}
"""Rows that are written as alarms and tell the end of another one. "trunk-well" names in its detail which one it ends."""

ENDED_BY_ROW: Mapping[Kind, tuple[str, ...]] = {
    Kind.CONNECTED: ("call cannot be connected",),
    Kind.ENDED: ("call cannot be connected", "caller forgotten on hold"),
    Kind.TALK_ENDED: ("caller forgotten on hold",),
    Kind.PBX: ("AMI login refused", "asterisk hung"),
    Kind.AGENT_STATE: ("agent logged out",),
    Kind.PHONE: ("telephone refuses", "telephone no-voice", "telephone two-places"),
    Kind.HOLD: ("caller forgotten on hold",),
}
"""Rows of the call log by which an alarm is over, of the same call or agent. book.py says which of these rows count."""


def kind_of(name: str) -> AlarmKind:
    """The kind of an alarm of this name."""
    return KINDS.get(name, OTHER)


def code(name: str) -> str:
    """The name for machines: `asterisk's files changed` is `asterisks-files-changed`."""
    return name.lower().replace("'", "").replace(" ", "-")

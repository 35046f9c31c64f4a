"""Who hung up while the daemon was away, and after what: read from the book that the dialplan keeps of it.

A line for each caller, entered as he hangs up (extensions_gone.conf); nothing of it is asked for while the link is well,
for then his Hangup has been heard. The file is kept small by putting it aside from time to time: Asterisk opens it anew
for every line.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from acd.engine.pbx_report import GoneCall
from acd.identifiers import is_caller_number
from acd.pbx.events.destination_events import CALLABLE, seconds_of
from acd.pbx.events.translator import parse_skills
from acd.pbx.recovery.resync import talk_of

log = logging.getLogger(__name__)

FIELDS: tuple[str, ...] = (
    "CALL_ID",
    "CALLER",
    "DIALLED",
    "QUEUE",
    "SKILLS",
    "LANG",
    "ASKED",
    "NEXT",
    "OFFER_ID",
    "AGENT",
)
FIELDS += ("TALK_FROM", "TALK_TO", "CALLBACK_TO", "SENT_ON", "MESSAGE_BYTES", "GONE")
_LINE = re.compile(r'"+extra"+:"+([^"]*)"')
"""Asterisk writes what it was given as JSON, and that as a quoted CSV field."""
LARGEST = 4 * 1024 * 1024
"""Bytes: some 25,000 callers."""


def gone_since(book: Path, since: float, now: float) -> tuple[GoneCall, ...]:
    """Callers who hung up at `since` (epoch seconds) or later, the first gone first."""
    found: list[GoneCall] = []
    for file in (book.with_suffix(".old"), book):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("The book of callers who hung up can't be read (%s): some calls will be called lost.", error)
            continue
        for line in text.splitlines():
            call = _read(line, since, now)
            if call is not None:
                found.append(call)
    return tuple(sorted(found, key=lambda call: -call.gone_s))


def _read(line: str, since: float, now: float) -> GoneCall | None:
    found = _LINE.search(line)
    values = dict(zip(FIELDS, found[1].split("|"), strict=False)) if found else {}
    if len(values) != len(FIELDS) or not values["CALL_ID"] or not values["GONE"].isdigit():
        return None
    gone_at = int(values["GONE"]) / 1000
    if gone_at < since:
        return None
    try:
        asked = float(values["ASKED"] or 0)
    except ValueError:
        asked = 0.0
    callback, message = values["CALLBACK_TO"], values["MESSAGE_BYTES"]
    return GoneCall(
        call=values["CALL_ID"],
        gone_s=max(0.0, now - gone_at),
        caller=values["CALLER"] if is_caller_number(values["CALLER"]) else "unknown",
        dialled=values["DIALLED"],
        queue=values["QUEUE"],
        skills=parse_skills(values["SKILLS"]),
        language=values["LANG"],
        waiting_for_s=max(0.001, now - asked) if asked else 0.0,
        served=values["NEXT"] == "goodbye",
        talk=talk_of(values, now),
        callback=callback if CALLABLE.fullmatch(callback) else "",
        sent_on=bool(values["SENT_ON"]),
        message_s=seconds_of(message) if message.isdigit() else 0.0,
    )


def keep_small(book: Path) -> None:
    """Puts a book that has grown aside; the one before it is forgotten."""
    try:
        if book.stat().st_size > LARGEST:
            book.replace(book.with_suffix(".old"))
    except OSError:
        pass  # Not there yet, or not ours to touch: it is read as it is.

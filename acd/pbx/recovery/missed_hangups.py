"""Callers who hung up while the daemon was away: read from a file that the dialplan writes.

The dialplan writes a line for each caller at the hang-up (extensions_gone.conf, by CEL). While the link is up the file is not
read, for the Hangup events are heard. It is kept small by renaming it from time to time: Asterisk opens it for every line.
"""

from __future__ import annotations

import re
from pathlib import Path

import structlog

from acd.engine.pbx_report import MissedHangup
from acd.pbx.channels import CALLABLE
from acd.pbx.events.call_events import parse_skills, who_calls
from acd.pbx.events.destination_events import seconds_of
from acd.pbx.events.survey_events import answers_of
from acd.pbx.recovery.resync import talk_of
from acd.telephone_numbers import UNKNOWN, Numbering

log = structlog.get_logger(__name__)

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
LATER_FIELDS = ("WITHHELD", "SURVEY")
"""Behind the others; lines of a former version lack them."""
_LINE = re.compile(r'"+extra"+:"+([^"]*)"')
"""Asterisk writes the fields as a JSON string, and the JSON as a quoted CSV field."""
LARGEST = 4 * 1024 * 1024
"""Bytes: some 25,000 callers."""


def missed_since(file: Path, since: float, now: float, numbering: Numbering | None = None) -> tuple[MissedHangup, ...]:
    """Callers who hung up at `since` or later, in the order of their hang-ups. `since` and `now`: epoch seconds of Asterisk's
    clock. `numbering`: how the numbers are read.

    A file that can't be read is logged; nothing is raised.
    """
    found: list[MissedHangup] = []
    for part in (file.with_suffix(".old"), file):
        try:
            text = part.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning(
                "the file of hang-ups can't be read; some calls will be logged as lost", file=str(part), why=str(error)
            )
            continue
        for line in text.splitlines():
            call = _read(line, since, now, numbering or Numbering())
            if call is not None:
                found.append(call)
    return tuple(sorted(found, key=lambda call: -call.gone_s))


def _read(line: str, since: float, now: float, numbering: Numbering) -> MissedHangup | None:
    found = _LINE.search(line)
    values = dict(zip(FIELDS + LATER_FIELDS, found[1].split("|"), strict=False)) if found else {}
    if len(values) < len(FIELDS) or not values["CALL_ID"] or not values["GONE"].isdigit():
        return None
    gone_at = int(values["GONE"]) / 1000
    if gone_at < since:
        return None
    try:
        asked = float(values["ASKED"] or 0)
    except ValueError:
        asked = 0.0
    callback, message = values["CALLBACK_TO"], values["MESSAGE_BYTES"]
    caller, written = who_calls(numbering, values["CALLER"])
    return MissedHangup(
        call=values["CALL_ID"],
        gone_s=max(0.0, now - gone_at),
        caller=caller,
        dialled=values["DIALLED"],
        queue=values["QUEUE"],
        skills=parse_skills(values["SKILLS"]),
        language=values["LANG"],
        waiting_for_s=max(0.001, now - asked) if asked else 0.0,
        served=values["NEXT"] == "goodbye",
        talk=talk_of(values, now),
        callback=numbering.caller(callback).replace(UNKNOWN, "") if CALLABLE.fullmatch(callback) else "",
        sent_on=bool(values["SENT_ON"]),
        message_s=seconds_of(message) if message.isdigit() else 0.0,
        written=written,
        withheld=values.get("WITHHELD", "") == "1",
        survey=answers_of(values["CALL_ID"], values.get("SURVEY", "")),
    )


def keep_small(file: Path) -> None:
    """Renames a file larger than `LARGEST` to `.old`; an earlier `.old` is replaced."""
    try:
        if file.stat().st_size > LARGEST:
            file.replace(file.with_suffix(".old"))
    except OSError:
        pass  # It does not exist yet, or may not be renamed: then it is read as it is.

"""Events that the engine could not handle: each kept whole in a file, for the developer who fixes the bug.

`<state>/dead-letters.jsonl`, a line each: when, the event as the journal writes events, what went wrong and where. The call
goes on by the dialplan's own time-outs and is corrected by the next comparison with Asterisk's channels. The file holds callers'
numbers, so only its owner may read it. A file larger than `LARGEST` is renamed to `.old`, and a new one is begun.
"""

import json
import os
import traceback
from datetime import datetime
from pathlib import Path

import structlog

from acd.engine.events import Event
from acd.engine.outline import outline
from acd.store.journal.codec import event_form, to_json

log = structlog.get_logger(__name__)

LARGEST = 10_000_000
"""Bytes."""


class UnhandledEvents:
    """Appends to the file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.number = 0
        """Number of events since the start."""

    def put(self, event: Event, at: datetime, error: Exception) -> None:
        """Keeps the event. Raises nothing: a file that can't be written is logged."""
        self.number += 1
        try:
            form = json.loads(to_json(event_form(event)))
        except Exception:
            form = repr(event)
        entry = {
            "at": at.isoformat(),
            "event": form,
            "error": f"{type(error).__name__}: {error}",
            "where": traceback.format_tb(error.__traceback__)[-6:],
        }
        try:
            if self.file.exists() and self.file.stat().st_size > LARGEST:
                self.file.replace(self.file.with_suffix(".old"))
            handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8", errors="replace") as out:
                out.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as reason:
            log.error("an unhandled event could not be kept", why=reason.strerror, failed=outline(event))

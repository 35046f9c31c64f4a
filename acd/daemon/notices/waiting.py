"""What waits on its way outside, on the disk: the next daemon goes on with it.

Written whole at each change by a thread of its own, so that a disk that hangs holds up no call; of changes that come while one is
being written only the last is. A notice that was on its way when the daemon ended is sent again, with the same id.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import structlog

from acd.daemon.notices.notice import Notice, What
from acd.files import write_private

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=24)
"""A notice that is older is not told any more: the alarm stands on the page, with its end."""
LONGEST = 4_000_000
"""Bytes of the file that are read at most; a full queue for each way has some 600,000."""


class WaitingNotices:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="alarm notices")
        self._lock = threading.Lock()
        self._latest: str | None = None
        """What is to be written next; None: nothing."""
        self._fails = False

    def read(self, now: datetime) -> dict[str, list[Notice]]:
        """Way to the notices that its former daemon still had, the oldest first. What can't be read is left out and said in the log."""
        try:
            with self._file.open("rb") as opened:
                said = json.loads(opened.read(LONGEST))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            log.error("alarms that waited to be told outside can't be read", file=str(self._file), why=str(error))
            return {}
        found: dict[str, list[Notice]] = {}
        for way, notices in said.items() if isinstance(said, dict) else ():
            for each in notices if isinstance(notices, list) else ():
                notice = _notice(each)
                if notice is None or notice.at < now - KEPT:
                    log.error("an alarm was not told outside and is given up: it is too old or damaged", way=way)
                else:
                    found.setdefault(way, []).append(notice)
        return found

    def keep(self, waiting: Mapping[str, Sequence[Notice]]) -> None:
        """Returns at once; soon afterwards this stands on the disk, in the place of what did."""
        boxes = {way: [_row(each) for each in notices] for way, notices in waiting.items() if notices}
        with self._lock:
            idle, self._latest = self._latest is None, json.dumps(boxes, ensure_ascii=False)
        if idle:
            with suppress(RuntimeError):  # closed already
                self._thread.submit(self._write)

    def close(self) -> None:
        """Waits until all is written."""
        self._thread.shutdown()

    def _write(self) -> None:
        with self._lock:
            text, self._latest = self._latest, None
        try:
            if text in (None, "{}"):
                self._file.unlink(missing_ok=True)
            else:
                write_private(self._file, str(text))
            self._fails = False
        except (OSError, UnicodeEncodeError) as error:
            if not self._fails:
                self._fails = True
                log.error("alarms that wait to be told outside are not on the disk", why=str(error))


def _row(notice: Notice) -> dict[str, Any]:
    at = notice.at.isoformat()
    told = {"on_call": notice.on_call, "to": notice.to}
    return {"what": notice.what, "at": at, "hotline": notice.hotline, "row": notice.row, **told, "id": notice.id}


def _notice(said: Any) -> Notice | None:
    try:
        on_call, to = (tuple(map(str, said.get(each) or ())) for each in ("on_call", "to"))
        at = datetime.fromisoformat(said["at"])
        notice = Notice(said["what"], at, said["hotline"], said["row"], on_call, to, said["id"])
        well = notice.what in get_args(What) and isinstance(notice.row, dict) and notice.at.tzinfo is not None
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
    return notice if well and isinstance(notice.hotline, str) and isinstance(notice.id, str) else None

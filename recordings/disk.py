"""The room left for recordings: said before it is gone.

One recorded call writes three files of 16 kB/s each. The default bound leaves 50 calls a quarter of an hour.
"""

import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event

BYTES_PER_CALL_S = 3 * 16_000
MIN_FREE_BYTES = 50 * BYTES_PER_CALL_S * 900

STALLED_S = 3.0
"""A write that has not come back for so long: the disk or share stalls."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a full disk, quota or limit says."""


class DiskWatch:
    """Looks when told to; raises its alarm once, and again only after it had been well."""

    def __init__(self, root: Path, tell: Callable[[Event], None], min_free_bytes: int = MIN_FREE_BYTES) -> None:
        self._root, self._tell, self._min = root, tell, min_free_bytes
        self._raised = ""
        self._look_began: float | None = None
        """When the look that goes on began; None: none goes on."""
        self._stalls_since: float | None = None
        """The begin of the look about whose length an alarm was raised."""

    @property
    def full(self) -> bool:
        """So little is left that a recording in progress will be cut."""
        return self.free() < 256 * 1024

    def free(self) -> int:
        """Bytes; 0 when the folder is gone."""
        try:
            return shutil.disk_usage(self._root).free
        except OSError:
            return 0

    def look(self) -> None:
        self._look_began = time.monotonic()
        try:
            trouble, detail = self._trouble()
        finally:
            self._look_began = None
        if self._raised and trouble != self._raised:
            self._tell(AlarmCleared(self._raised))
        if trouble and trouble != self._raised:
            self._tell(AlarmRaised(trouble, detail))
        self._raised = trouble

    def tell_if_stalled(self, now_s: float) -> None:
        """For another thread than the one that looks, once a second: an alarm when a look does not come back, and when the disk
        answers again. `now_s`: time.monotonic()."""
        began = self._look_began
        if self._stalls_since is None:
            if began is not None and now_s - began >= STALLED_S:
                self._stalls_since = began
                said = "calls go on, and what is said meanwhile may be missing in their recordings; look at the disk or share"
                self._tell(AlarmRaised("recordings disk stalls", f"{self._root}: {said}"))
        elif began != self._stalls_since:
            lasted_s = round(now_s - self._stalls_since)
            self._tell(AlarmRaised("recordings disk answers again", f"{self._root}: after {lasted_s} s"))
            self._stalls_since = None

    def _trouble(self) -> tuple[str, str]:
        free = self.free()
        probe = self._root / "live" / ".probe"
        try:
            file = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, b"x" * 512)
            finally:
                os.close(file)
                probe.unlink(missing_ok=True)
        except OSError as reason:
            if reason.errno in FULL:
                return "recordings disk full", f"{self._root}: recordings are being cut; make room now"
            said = f"{self._root}: {reason.strerror}; mend the folder's owner, rights or disk"
            return "recordings folder cannot be written", said
        if free < self._min:
            left = f"{free // 2**20} MB free, {self._min // 2**20} MB wanted"
            return "recordings disk nearly full", f"{self._root}: {left}; make room or move old recordings"
        return "", ""

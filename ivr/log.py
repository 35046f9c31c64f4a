"""The stories' log: one plain sentence a line on standard error, with the call in it. No digit a caller keys stands here.

Not the logging module: Asterisk starts `agi_scripts/` anew for each session, and every import is paid for each time.
"""

import sys
import time
from contextlib import suppress
from threading import Lock

_lock = Lock()
_said: set[str] = set()
MOST_SAID = 1000


def log(sentence: str, call: str = "") -> None:
    """Control characters are shown as escapes: a line of the log is always ours."""
    plain = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in sentence)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with suppress(OSError):  # Its pipe is full, for want of a supervisor that reads it: a story waits for no log.
        sys.stderr.write(f"{stamp} ivr {call or '-'}: {plain}\n")
        sys.stderr.flush()


def log_once(sentence: str, call: str = "") -> None:
    """A fault that every call meets is said once, by the first."""
    with _lock:
        if sentence in _said or len(_said) >= MOST_SAID:
            return
        _said.add(sentence)
    log(sentence, call)

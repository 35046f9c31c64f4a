"""What Asterisk had run out of when it refused calls that it could have taken, from the lines of its log. Pure but for `read`.

Without RTP ports or open files Asterisk answers an INVITE 488, as it answers codecs that it does not have; beyond `maxcalls` it
answers 503. No event tells of either: the log alone says why. A line's beginning is Asterisk's own, and what a stranger may write into
other lines of that file never begins a line.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Literal

Shortage = Literal["ports", "files", "calls"]
"""RTP ports; files and sockets that the process may open; calls (`maxcalls`)."""
MOST_BYTES = 65536
_LINE = re.compile(
    r"^\[[0-9 :.-]+\] (?:ERROR|WARNING)\[[0-9]+\](?:\[[^\]]*\])? "
    r"(?:res_rtp_asterisk\.c: (?P<ports>[^\n]*couldn't allocate a port for RTP instance)"
    r"|res_rtp_asterisk\.c: (?P<files>Unable to allocate RTP socket: Too many open files)"
    r"|pbx\.c: (?P<calls>Maximum call limit of [0-9]+ calls exceeded by))",
    re.M,
)


def found(log: str) -> Counter[str]:
    """Each Shortage to how many lines of this text tell of it."""
    return Counter(str(line.lastgroup) for line in _LINE.finditer(log))


def size(file: Path) -> int:
    """The length of the log now; 0 when it can't be seen."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def read(file: Path, since: int) -> str:
    """What was written after that length, at most the last MOST_BYTES of it; empty when it can't be read."""
    try:
        with file.open("rb") as log:
            end = log.seek(0, 2)
            log.seek(max(0, since if since <= end else 0, end - MOST_BYTES))
            return log.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""

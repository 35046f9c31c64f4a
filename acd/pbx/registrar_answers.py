"""What carriers' registrars answered last, read from Asterisk's log: AMI tells that a registration failed, and not why. Pure but for `tail`.

The lines are those of res_pjsip_outbound_registration.c. Their beginning is Asterisk's own, and what a stranger may write into other
lines of that file never begins a line.
"""

import re
from pathlib import Path

from acd.number_masks import masked_asterisk

TAIL_BYTES = 65536
_LINE = re.compile(
    r"^\[[0-9 :.-]+\] WARNING\[[0-9]+\](?:\[[^\]]*\])? res_pjsip_outbound_registration\.c: "
    r"(?:'(?P<fatal>[0-9]{3})' fatal response|(?P<forbidden>403) Forbidden fatal response|Temporal response '(?P<temporal>[0-9]{3})'"
    r"|(?P<silence>No response)) received from '[^']*' on registration attempt to '(?P<account>[^']*)', retrying",
    re.M,
)


def last_answers(log: str) -> dict[str, int]:
    """Account (`as_logged`) to the SIP answer of its last failed try; 0: there was no answer."""
    return {
        as_logged(found["account"]): int(found["fatal"] or found["forbidden"] or found["temporal"] or 0)
        for found in _LINE.finditer(log)
    }


def as_logged(account: str) -> str:
    """The account's URI (`client_uri` of the registration) as it stands in the log, where a number in it is masked."""
    return masked_asterisk(account.encode()).decode()


def tail(file: Path) -> str:
    """The last TAIL_BYTES of the file; empty when it can't be read."""
    try:
        with file.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - TAIL_BYTES))
            return log.read().decode("utf-8", "replace")
    except OSError:
        return ""

"""An event or a command in one line for logs and alarms: what happened to which call, and nothing that a person said or is called by.

Logs are read by whoever keeps the machine, and alarms by operators, who see callers' numbers masked. So only ids, codes and
figures are shown; of every other text no more than its length.
"""

import re
from dataclasses import fields, is_dataclass
from enum import Enum

SHOWN = frozenset({"call", "offer", "agent", "queue", "first", "receiver", "name", "stage", "language", "trunk", "was"})
"""Fields whose text is an id or a code of ours."""
_ID = re.compile(r"[A-Za-z0-9 ._-]{0,60}")
_NUMBER = re.compile(r"(?<![A-Za-z0-9.-])[0-9]{7,}(?![A-Za-z0-9-])")


def outline(told: object) -> str:
    """`CallArrived(call='c1-1-1', caller=<11 characters>, …)`."""
    if not is_dataclass(told) or isinstance(told, type):
        return type(told).__name__
    return f"{type(told).__name__}({', '.join(f'{each.name}={_shown(each.name, getattr(told, each.name))}' for each in fields(told))})"


def _shown(name: str, value: object) -> str:
    if isinstance(value, Enum):
        return repr(value.value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        plain = name in SHOWN and _ID.fullmatch(value) and not _NUMBER.search(value)
        return repr(value) if plain or not value else f"<{len(value)} characters>"
    if isinstance(value, list | tuple | set | frozenset | dict):
        return f"<{len(value)}>"
    return f"<{type(value).__name__}>"

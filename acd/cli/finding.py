"""What `doctor` has found: one thing, whether it is well, and what to type when it is not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    found: str
    remedy: str = ""

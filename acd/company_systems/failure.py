"""Why a system of the company's gave no answer."""

from typing import Literal

Why = Literal[
    "busy", "resting", "slow", "away", "refused", "bad-answer", "too-long", "bad-address", "unknown-status",
]  # fmt: skip
"""In words: WHY in acd/words/lookups.py."""


class SystemFailed(Exception):
    """The system gave no answer that can be used. `why` is a code; nothing of what was asked, and no address, stands in `detail`."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why: Why = why
        self.detail = detail

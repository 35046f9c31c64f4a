"""Calls that were not taken: why, and which setting decides it. The alarm and /metrics say it in these words."""

from collections.abc import Mapping

REASONS: Mapping[str, tuple[str, str]] = {
    "house": ("the hotline was full", "limits.calls"),
    "trunk": ("the trunk was full", "trunks.{trunk}.calls"),
    "number": ("too many calls from one number at once", "hotline.calls_per_number"),
    "unknown": ("too many calls without a number at once", "trunks.{trunk}.calls_without_number"),
    "ports": ("no RTP port was left", "raise sip.rtp_end, or lower limits.calls"),
    "files": ("Asterisk could open no more files", "raise LimitNOFILE of its service, or ulimit -n"),
    "calls": ("Asterisk's own limit was reached", "its maxcalls follows limits.calls"),
    "menus": ("the menus were full", "limits.menus"),
    "key": ("the caller did not press the key that was asked for", "limits.ask_key_from"),
}
"""Code (acd/pbx/events/arrivals.py) to why, and to the setting or the remedy."""


def why_not_taken(code: str) -> str:
    """Why such calls were not taken."""
    return REASONS[code][0]


def with_remedy(code: str, trunk: str = "") -> str:
    """The same, and behind it in brackets the setting that decides it. `trunk`: the trunk of these calls; empty: not known."""
    what, remedy = REASONS[code]
    return f"{what} ({remedy.format(trunk=trunk or 'NAME')})"

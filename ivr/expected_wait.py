"""An expected wait as it is said to a caller: a range of minutes, rounded as people round, never a promise."""

from itertools import pairwise

from ivr.step import Spoken

MINUTES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)
"""What is said; beyond an hour only "more than"."""


def range_of(median_s: float, p90_s: float) -> tuple[int, int] | None:
    """(at least, at most) in minutes: half of such callers wait no longer than `median_s`, nine of ten no longer than `p90_s`.
    (0, 1): less than a minute. At most 0: no bound can be said. None: no wait is known, or nothing about it can be said."""
    if not 0 < p90_s < float("inf") or not 0 <= median_s <= p90_s:
        return None
    if p90_s <= 60:
        return 0, 1
    low = max((minutes for minutes in MINUTES if minutes * 60 <= median_s), default=0)
    high = min((minutes for minutes in MINUTES if minutes * 60 >= p90_s), default=0)
    return (low, high) if low or high else None


def said(wait: tuple[int, int], language: str) -> tuple[Spoken, ...]:
    """The prompts for `range_of`'s answer."""
    low, high = wait
    if (low, high) == (0, 1):
        return ("wait-under-a-minute",)
    if not high:
        return "wait-over", _count(low, language), "wait-minutes"
    if not low:
        return "wait-up-to", _count(high, language), "wait-minutes"
    if low == high:
        return "wait-about", _count(low, language), "wait-minutes"
    return "wait-about", _count(low, language), "wait-to", _count(high, language), "wait-minutes"


def _count(minutes: int, language: str) -> Spoken:
    # "Two" of something is another word in Chinese than the number 2.
    return "callback-two" if minutes == 2 and language != "en" else minutes


assert all(one < other for one, other in pairwise(MINUTES))

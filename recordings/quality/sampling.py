"""Which talks of a week are graded: drawn by a published seed, so that anybody can draw them again and nobody can pick. Pure.

Talks of one agent in one queue and one shift are a stratum. Of each stratum of n talks ceil(share * n) are taken: those whose SHA-256 of
"SEED|WEEK|TALK" is the smallest. So each agent, queue and shift that had a talk is in the sample with at least one.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from fractions import Fraction

from acd.store.queries.reviews import RecordedTalk


@dataclass(frozen=True, slots=True)
class Draw:
    """By what a week is drawn."""

    week: str
    """As 2026-W48."""
    seed: str
    share: float
    """0 to 1."""
    shifts: Sequence[str]
    """When each begins, as "06:00", the earliest first."""
    zone: tzinfo
    """The hotline's clock."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One talk of the week, and whether it is in the sample."""

    talk: RecordedTalk
    shift: str
    """When the shift in which it began had begun: "06:00"."""
    digest: str
    """Hexadecimal; the smallest of a stratum are taken."""
    taken: bool


def drawn(draw: Draw, talks: Iterable[RecordedTalk]) -> list[Drawn]:
    """Every talk of the week, by agent, queue and shift, the smallest digest first."""
    strata: defaultdict[tuple[str, str, str], list[tuple[str, RecordedTalk]]] = defaultdict(list)
    for talk in talks:
        shift = shift_of(talk.at, draw.shifts, draw.zone)
        strata[talk.agent, talk.queue, shift].append((digest(draw.seed, draw.week, talk.offer), talk))
    found: list[Drawn] = []
    for (_, _, shift), members in sorted(strata.items(), key=lambda stratum: stratum[0]):
        members.sort(key=lambda member: (member[0], member[1].offer))
        most = how_many(draw.share, len(members))
        found += [Drawn(talk, shift, mark, place < most) for place, (mark, talk) in enumerate(members)]
    return found


def digest(seed: str, week: str, talk: str) -> str:
    """SHA-256 of "SEED|WEEK|TALK" in UTF-8, in hexadecimal."""
    return hashlib.sha256(f"{seed}|{week}|{talk}".encode()).hexdigest()


def how_many(share: float, talks: int) -> int:
    """ceil(share * talks), the share taken as it is written: of 30 talks a tenth is 3, though 0.1 * 30 is a little more in binary."""
    return math.ceil(Fraction(str(share)) * talks)


def shift_of(at: datetime, shifts: Sequence[str], zone: tzinfo) -> str:
    """The shift in which this moment lies; before the day's first one it is the last one of the day before."""
    time = f"{at.astimezone(zone):%H:%M}"
    return next((begin for begin in reversed(shifts) if begin <= time), shifts[-1])

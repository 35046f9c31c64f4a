"""How well two graders agree, beyond what chance alone would give. Pure.

Cohen's kappa: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960), 37-46.
Krippendorff's alpha: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), University of Pennsylvania.
1 is full agreement, 0 what chance would give.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Of answers in categories, each given by two graders. None: there are none, or all are the same category, where it is not defined."""
    if not pairs:
        return None
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    total = len(pairs)
    by_chance = sum(count * seconds[category] for category, count in firsts.items()) / total**2
    if by_chance == 1:
        return None
    agreed = sum(one == other for one, other in pairs) / total
    return (agreed - by_chance) / (1 - by_chance)


def nominal(one: float, other: float) -> float:
    """The difference of two categories: none or all."""
    return float(one != other)


def interval(one: float, other: float) -> float:
    """The difference of two measures, such as scores: squared."""
    return (one - other) ** 2


def krippendorffs_alpha(
    units: Sequence[Sequence[float]], difference: Callable[[float, float], float] = interval
) -> float | None:
    """Of units that were each judged by some graders; a unit with one judgement alone tells nothing and is left out. None: there are none, or
    all judgements are the same, where it is not defined."""
    coincidences: defaultdict[tuple[float, float], float] = defaultdict(float)
    for values in units:
        counts, judged = Counter(values), len(values)
        if judged < 2:
            continue
        for one, of_one in counts.items():
            for other, of_other in counts.items():
                pairs = of_one * (of_other - (one == other))
                coincidences[one, other] += pairs / (judged - 1)
    totals: defaultdict[float, float] = defaultdict(float)
    for (one, _), count in coincidences.items():
        totals[one] += count
    whole = sum(totals.values())
    observed = sum(count * difference(one, other) for (one, other), count in coincidences.items())
    expected = sum(
        here * there * difference(one, other) for one, here in totals.items() for other, there in totals.items()
    )
    if whole < 2 or expected == 0:
        return None
    return 1 - (whole - 1) * observed / expected

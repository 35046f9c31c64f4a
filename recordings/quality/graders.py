"""Whose turn it is to grade which talk. Pure.

Graders are asked in turn, and a share of the talks is given to two. Which talks are graded twice is drawn by the same seed as the sample.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from acd.store.queries.reviews import Assigned, RecordedTalk
from recordings.quality.sampling import Draw, Drawn, digest, how_many


def assigned(draw: Draw, drawn: Sequence[Drawn], twice: float, graders: Mapping[str, frozenset[str]]) -> list[Assigned]:
    """Who grades which of the talks that are taken. `graders`: name to the brands to which the account is limited; none: it is not.

    A talk that no grader may grade is left out; one that only one may is graded once.
    """
    taken = sorted((each for each in drawn if each.taken), key=lambda each: (each.digest, each.talk.offer))
    by_mark = sorted(
        taken, key=lambda each: (digest(draw.seed, draw.week, f"{each.talk.offer}|twice"), each.talk.offer)
    )
    again = {each.talk.offer for each in by_mark[: how_many(twice, len(taken))]}
    loads: Counter[str] = Counter()
    found: list[Assigned] = []
    for each in taken:
        first = next_grader(each.talk, graders, loads)
        if not first:
            continue
        loads[first] += 1
        found.append(Assigned(each.talk, 1, "first", first))
        second = next_grader(each.talk, graders, loads, without=(first,)) if each.talk.offer in again else ""
        if second:
            loads[second] += 1
            found.append(Assigned(each.talk, 2, "second", second))
    return found


def next_grader(
    talk: RecordedTalk, graders: Mapping[str, frozenset[str]], loads: Mapping[str, int], without: Sequence[str] = ()
) -> str:
    """Who has the fewest talks to grade of those who may grade this one, the first by name among equals; empty: nobody may.
    `without`: not these."""
    may = [name for name, brands in graders.items() if name not in without and (not brands or talk.brand in brands)]
    return min(may, key=lambda name: (loads.get(name, 0), name), default="")

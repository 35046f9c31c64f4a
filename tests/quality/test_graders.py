"""Graders take turns, and a drawn share of the talks goes to two."""

from collections import Counter
from datetime import UTC, datetime

from acd.store.queries.reviews import RecordedTalk
from recordings.quality.graders import assigned
from recordings.quality.sampling import Draw, drawn

DRAW = Draw("2026-W48", "sanxiang", 1, ("00:00",), UTC)
AT = datetime(2026, 11, 24, tzinfo=UTC)
ALL: frozenset[str] = frozenset()


def talks(count: int, brand: str = "") -> list[RecordedTalk]:
    return [
        RecordedTalk(f"{brand}c{number}-1", f"{brand}c{number}", "1001", "orders", AT, brand) for number in range(count)
    ]


def test_each_grader_gets_as_many_as_the_others_and_never_the_same_talk_twice() -> None:
    found = assigned(DRAW, drawn(DRAW, talks(100)), 0.1, {"ann": ALL, "bob": ALL, "eve": ALL})
    assert sorted(Counter(each.grader for each in found).values()) == [36, 37, 37]
    assert Counter(each.kind for each in found) == {"first": 100, "second": 10}
    assert len({(each.talk.offer, each.grader) for each in found}) == len(found)
    assert {each.number for each in found if each.kind == "second"} == {2}
    again = assigned(DRAW, drawn(DRAW, talks(100)[::-1]), 0.1, {"eve": ALL, "ann": ALL, "bob": ALL})
    assert again == found


def test_one_grader_alone_grades_each_talk_once() -> None:
    assert {each.kind for each in assigned(DRAW, drawn(DRAW, talks(9)), 1, {"ann": ALL})} == {"first"}
    assert assigned(DRAW, drawn(DRAW, talks(9)), 1, {}) == []


def test_a_grader_who_is_limited_to_a_brand_gets_its_talks_alone() -> None:
    found = assigned(DRAW, drawn(DRAW, talks(10, "acme") + talks(10)), 0, {"ann": frozenset({"acme"}), "bob": ALL})
    assert {each.talk.brand for each in found if each.grader == "ann"} == {"acme"}
    assert len(found) == 20

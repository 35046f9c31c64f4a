"""The week's sample is drawn as it is published, and in no other way."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest

from acd.store.queries.reviews import RecordedTalk
from recordings.quality.sampling import Draw, drawn, how_many, shift_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, tzinfo=SHANGHAI)
DRAW = Draw("2026-W48", "sanxiang", 0.1, ("06:00", "14:00", "22:00"), SHANGHAI)


def week_of(talks: int) -> list[RecordedTalk]:
    chance = random.Random(48)
    found = []
    for number in range(talks):
        at = MONDAY + timedelta(seconds=chance.randrange(7 * 86400))
        call = f"c{int(at.timestamp())}-{number}"
        agent, queue = str(1001 + chance.randrange(40)), chance.choice(("orders", "after-sales", "complaints"))
        found.append(RecordedTalk(f"{call}-1", call, agent, queue, at.astimezone(UTC)))
    return found


def test_ten_thousand_contacts_are_drawn_again_by_a_few_independent_lines() -> None:
    talks = week_of(10_000)
    ours = {each.talk.offer for each in drawn(DRAW, talks) if each.taken}

    strata: dict[tuple[str, str, int], list[tuple[bytes, str]]] = {}
    for talk in talks:
        hour = (talk.at.hour + 8) % 24
        shift = 0 if 6 <= hour < 14 else 1 if 14 <= hour < 22 else 2
        mark = sha256(b"sanxiang|2026-W48|" + talk.offer.encode()).digest()
        strata.setdefault((talk.agent, talk.queue, shift), []).append((mark, talk.offer))
    theirs: set[str] = set()
    for members in strata.values():
        count = int((Decimal(len(members)) / 10).to_integral_value(ROUND_CEILING))
        theirs |= {offer for _, offer in sorted(members)[:count]}

    assert ours == theirs
    assert 0.1 <= len(ours) / len(talks) < 0.15
    assert {(each.talk.agent, each.talk.queue, each.shift) for each in drawn(DRAW, talks) if each.taken} == {
        (each.talk.agent, each.talk.queue, each.shift) for each in drawn(DRAW, talks)
    }


def test_neither_the_order_of_the_talks_nor_another_run_changes_the_sample() -> None:
    talks = week_of(2000)
    before = drawn(DRAW, talks)
    random.Random(1).shuffle(talks)
    assert drawn(DRAW, talks) == before


@pytest.mark.parametrize("other", [replace(DRAW, seed="another"), replace(DRAW, week="2026-W49")])
def test_another_seed_or_week_draws_others(other: Draw) -> None:
    talks = week_of(2000)
    first = {each.talk.offer for each in drawn(DRAW, talks) if each.taken}
    second = {each.talk.offer for each in drawn(other, talks) if each.taken}
    assert len(first) == len(second)
    assert len(first & second) < len(first) / 2


def test_each_talk_is_drawn_about_as_often_as_any_other() -> None:
    talks = [
        RecordedTalk(f"c{number}-1", f"c{number}", "1001", "orders", MONDAY + timedelta(hours=7))
        for number in range(20)
    ]
    times = Counter(
        each.talk.offer for week in range(2000) for each in drawn(replace(DRAW, week=f"w{week}"), talks) if each.taken
    )
    assert sum(times.values()) == 4000
    assert min(times.values()) > 150 and max(times.values()) < 250


@pytest.mark.parametrize(
    ("share", "talks", "taken"),
    [(0.1, 30, 3), (0.1, 31, 4), (0.1, 1, 1), (0.1, 0, 0), (0.07, 100, 7), (1, 5, 5), (0.3, 10, 3)],
)
def test_of_thirty_talks_a_tenth_is_three(share: float, talks: int, taken: int) -> None:
    assert how_many(share, talks) == taken


@pytest.mark.parametrize(
    ("time", "shift"),
    [
        ("05:59", "22:00"),
        ("06:00", "06:00"),
        ("13:59", "06:00"),
        ("14:00", "14:00"),
        ("23:00", "22:00"),
        ("00:00", "22:00"),
    ],
)
def test_a_talk_belongs_to_the_shift_in_which_it_began_on_the_hotlines_clock(time: str, shift: str) -> None:
    at = datetime.fromisoformat(f"2026-11-23T{time}:00+08:00").astimezone(UTC)
    assert shift_of(at, DRAW.shifts, SHANGHAI) == shift

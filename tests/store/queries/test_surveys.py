"""What callers say of the service, counted from the log: by whom, credited to whom, and who called again about the same."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.engine.commands import Kind, Log
from acd.engine.events import TimePassed
from acd.store.queries.surveys import SurveyFigures
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture

DAY = timedelta(days=1)
LATER = MORNING + 30 * DAY


def survey(
    call: str, at: datetime, queue: str = "billing", agent: str = "1001", **said: Any
) -> list[tuple[datetime, Any, list[Log]]]:
    """The caller of this call is asked, and answers where there is something said."""
    names: dict[str, Any] = {"agent": agent, "queue": queue}
    lines = [(at, TimePassed(), [Log(Kind.SURVEY, call, **names, detail={"state": "asked", "way": "talk"})])]
    word = said.pop("word", None)
    if said:
        detail = {"state": "answered", "way": "talk", **said}
        lines.append((at + timedelta(seconds=9), TimePassed(), [Log(Kind.SURVEY, call, **names, detail=detail)]))
    if word:
        detail = {"state": "word", "way": "talk", "seconds": word}
        lines.append((at + timedelta(seconds=20), TimePassed(), [Log(Kind.SURVEY, call, **names, detail=detail)]))
    return lines


def handed_on(first: AnsweredCall, second: AnsweredCall) -> list[tuple[datetime, Any, list[Log]]]:
    """One call with two talks: the second agent's has the number 2."""
    lines = [line for line in first.lines() if not any(row.kind is Kind.ENDED for row in line[2])]
    for at, event, rows in second.lines()[2:]:
        lines.append((at, event, [replace(row, offer=f"{first.call}-2") if row.offer else row for row in rows]))
    begin = second.lines()[1]
    offered = [replace(row, offer=f"{first.call}-2") for row in begin[2] if row.kind is Kind.OFFERED]
    return sorted([*lines, (begin[0], begin[1], offered)], key=lambda line: line[0])


async def figures(ground: StoreFixture, by: Any = None, **more: Any) -> dict[str, SurveyFigures]:
    return await ground.store.survey_figures(MORNING - DAY, MORNING + 60 * DAY, more.pop("now", LATER), by, **more)


async def told(ground: StoreFixture, *lines: tuple[datetime, Any, list[Log]]) -> None:
    for line in sorted(lines, key=lambda line: line[0]):
        ground.journal.append(*line)
    await ground.arrive()


async def test_answers_become_csat_nps_and_the_share_of_solved(ground: StoreFixture):
    said: list[dict[str, Any]] = [
        {"satisfied": 5, "solved": "yes", "recommend": 9, "word": 4.5},
        {"satisfied": 4, "solved": "no", "recommend": 7},
        {"satisfied": 1, "recommend": 6, "low": True, "callback": True},
        {"satisfied": 2},
        {},
    ]
    lines = []
    for number, answers in enumerate(said):
        call = AnsweredCall(f"c{number}", caller=f"1380000000{number}", at=MORNING + number * timedelta(minutes=5))
        lines += [*call.lines(), *survey(call.call, call.at + timedelta(minutes=2), **answers)]
    await told(ground, *lines)
    found = (await figures(ground))[""]
    assert (found.asked, found.answered, found.marks, found.satisfied, found.low, found.callbacks, found.words) == (
        5,
        4,
        4,
        2,
        1,
        1,
        1,
    )
    assert (found.csat, found.nps, found.solved_rate, found.response_rate) == (0.5, 0.0, 0.5, 0.8)
    row = await ground.sql("SELECT offer, kind, state, agent, queue FROM recordings WHERE kind = 'word'")
    assert row == [("c0-m2", "word", "expected", "", "billing")]
    assert (await figures(ground, "queue"))["billing"].csat == 0.5
    nobody = await ground.store.survey_figures(LATER, LATER + DAY, LATER)
    assert nobody[""] == SurveyFigures() and nobody[""].csat is None


async def test_a_survey_of_a_transferred_call_counts_for_both_agents_and_both_queues_and_once_in_all(
    ground: StoreFixture,
):
    first = AnsweredCall("c1", "1001", "billing")
    second = AnsweredCall("c1", "1002", "complaints", at=MORNING + timedelta(minutes=3))
    await told(
        ground,
        *handed_on(first, second),
        *survey("c1", MORNING + timedelta(minutes=6), "complaints", "1002", satisfied=2, low=True),
    )
    agents, queues, whole = await figures(ground, "agent"), await figures(ground, "queue"), await figures(ground)
    assert {who: (one.marks, one.answered_last) for who, one in agents.items()} == {"1001": (1, 0), "1002": (1, 1)}
    assert {who: (one.marks, one.answered_last) for who, one in queues.items()} == {
        "billing": (1, 0),
        "complaints": (1, 1),
    }
    assert whole[""].marks == 1
    assert {who: one.first_contacts for who, one in agents.items()} == {"1001": 1, "1002": 1}


async def test_who_is_asked_about_other_brands_or_by_other_teams_is_not_counted(ground: StoreFixture):
    calls = [AnsweredCall("c1", "1001"), AnsweredCall("c2", "1002", caller="13800002222")]
    await told(
        ground,
        *(
            line
            for call in calls
            for line in [*call.lines(), *survey(call.call, call.at + timedelta(minutes=2), satisfied=5)]
        ),
    )
    await ground.sql("UPDATE calls SET brand = 'acme' WHERE call = 'c1'")
    assert (await figures(ground, brands=["acme"]))[""].marks == 1
    assert (await figures(ground, brands=[]))[""].marks == 0
    assert set(await figures(ground, "agent", brands=["acme"])) == {"1001"}
    assert (await figures(ground, agents=["1002"]))[""].marks == 1


@pytest.mark.parametrize(
    ("second", "solved"),
    [
        ({}, 0),  # the same caller, the same queue, after two days
        ({"caller": "13800002222"}, 2),
        ({"queue": "orders"}, 2),
        ({"at": MORNING + 8 * DAY}, 2),
        ({"at": MORNING + 6 * DAY}, 0),
        ({"caller": "unknown"}, 1),
    ],
)
async def test_a_second_contact_on_the_matter_within_seven_days_says_that_the_first_did_not_solve_it(
    ground: StoreFixture, second: dict[str, Any], solved: int
):
    again = AnsweredCall("c2", **({"at": MORNING + 2 * DAY} | second))
    await told(ground, *AnsweredCall("c1").lines(), *again.lines())
    found = (await figures(ground))[""]
    assert found.first_solved == solved
    assert found.first_contacts == (solved or 1), "a second contact is no first one"


async def test_a_second_contact_about_another_matter_and_a_line_that_had_dropped_are_none(ground: StoreFixture):
    def disposed(call: AnsweredCall, code: str) -> tuple[datetime, Any, list[Log]]:
        detail = {"by": "1001", "what": "disposition", "code": code, "text": ""}
        return call.at + timedelta(minutes=2), TimePassed(), [Log(Kind.CARD, call.call, "1001", detail=detail)]

    calls = [AnsweredCall(f"c{number}", at=MORNING + number * DAY) for number in range(4)]
    codes = ["refund", "delivery", "refund", "delivery"]
    lines = [line for call, code in zip(calls, codes, strict=True) for line in [*call.lines(), disposed(call, code)]]
    await told(ground, *lines)
    found = (await figures(ground))[""]
    assert (found.first_contacts, found.first_solved) == (2, 0), "each matter came twice"
    await ground.sql("UPDATE cards SET contact = 'c0' WHERE call = 'c2'")
    found = (await figures(ground))[""]
    assert (found.first_contacts, found.first_solved) == (3, 2), "c2 goes on with c0, whose line had dropped"


async def test_of_a_contact_of_this_week_nothing_is_said_yet(ground: StoreFixture):
    await told(ground, *AnsweredCall("c1").lines())
    found = (await figures(ground, now=MORNING + 6 * DAY))[""]
    assert (found.first_contacts, found.first_open, found.fcr) == (0, 1, None)
    found = (await figures(ground, now=MORNING + 8 * DAY))[""]
    assert (found.first_contacts, found.first_open, found.fcr) == (1, 0, 1.0)


async def test_a_supervisors_callback_is_no_second_contact(ground: StoreFixture):
    await told(ground, *AnsweredCall("c1").lines(), *AnsweredCall("s1", at=MORNING + timedelta(hours=2)).lines())
    assert (await figures(ground))[""].fcr == 1.0


async def test_a_row_that_is_told_twice_counts_once_and_a_later_answer_completes_it(ground: StoreFixture):
    call = AnsweredCall("c1")
    await told(
        ground,
        *call.lines(),
        *survey("c1", MORNING, satisfied=3),
        *survey("c1", MORNING + timedelta(minutes=1), solved="yes"),
    )
    found = (await figures(ground))[""]
    assert (found.asked, found.answered, found.marks, found.solved) == (1, 1, 1, 1)
    assert await ground.sql("SELECT satisfied, solved, asked_at FROM surveys") == [(3, True, MORNING)]


async def test_a_customer_is_asked_in_a_call_back_once_they_agree_and_one_who_was_not_reached_is_not_counted(
    ground: StoreFixture,
):
    lines = []
    for call, states in (("c1", ("to be called", "asked", "answered")), ("c2", ("to be called", "not reached")), ("c3", ("to be called", "declined"))):  # fmt: skip
        lines += AnsweredCall(call).lines()
        for minute, state in enumerate(states):
            detail = {"state": state, "way": "call", **({"satisfied": 4} if state == "answered" else {})}
            row = Log(Kind.SURVEY, call, agent="1001", queue="billing", detail=detail)
            lines.append((MORNING + timedelta(minutes=minute), TimePassed(), [row]))
    await told(ground, *lines)
    found = (await figures(ground))[""]
    assert (found.asked, found.answered, found.marks) == (1, 1, 1)
    asked_at = MORNING + timedelta(minutes=1)
    assert await ground.sql("SELECT call, way, asked_at, satisfied FROM surveys") == [("c1", "call", asked_at, 4)]

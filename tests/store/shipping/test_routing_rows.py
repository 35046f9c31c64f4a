"""What routing tells of a call, in the tables: expectation, policy, callbacks, messages, operators' deeds, waits."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from acd.engine.commands import Ending, Kind, Log
from acd.store import schema_steps
from acd.store.journal.legs import LegDue, legs_due
from acd.store.queries.kpi import edges_of
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture


def s(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def asked(call: str, at: float, queue: str = "billing", caller: str = "138", **detail: Any) -> list[tuple[float, Log]]:
    return [
        (at - 5, Log(Kind.ARRIVED, call, detail={"caller": caller, "dialled": "95001"})),
        (at, Log(Kind.QUEUED, call, queue=queue, detail={"skills": {"billing": 3}, "priority": 2, "language": "zh", **detail})),
    ]  # fmt: skip


def over(call: str, at: float, ending: Ending, wait_s: float, queue: str = "billing", **more: Any) -> tuple[float, Log]:
    detail = {"ending": ending, "wait_s": wait_s, "talk_s": 0.0, "asked_for_person": True, "within_target": False}
    return at, Log(Kind.ENDED, call, queue=queue, detail={**detail, "short": False, "callback": False, **more})


async def put(ground: StoreFixture, *rows: tuple[float, Log], one_by_one: bool = False) -> None:
    for at, row in rows:
        ground.log(row, at=s(at))
        if one_by_one:
            await ground.arrive()
    await ground.arrive()


@pytest.mark.parametrize("one_by_one", [False, True], ids=["in one transaction", "in one each"])
async def test_what_was_expected_and_what_the_policy_did(ground: StoreFixture, one_by_one: bool) -> None:
    def row(number: int, at: float, do: str, **more: Any) -> tuple[float, Log]:
        detail = {"row": number, "when": "waited", "do": do, "why": f"why {number}", "waited_s": at - 10.0, **more}
        return at, Log(Kind.OVERFLOW, "c1", queue="billing", detail=detail)

    await put(
        ground,
        *asked("c1", 10, returned_s=42.0, position=3, median_s=30.0, p90_s=75.5),
        (10, Log(Kind.KEPT, "c1", "1001", queue="billing", detail={"why": "last agent", "for_s": 10.0})),
        row(1, 40, "raise-priority", priority=7),
        row(2, 70, "move", queue="orders"),
        (70, Log(Kind.OPERATOR, "c1", queue="orders", detail={"did": "priority", "by": "amy", "was": 7, "now": 9})),
        over("c1", 100, Ending.ABANDONED_QUEUE, 90.0, "orders"),
        one_by_one=one_by_one,
    )
    columns = "asked_queue, queue, priority, skills, returned_s, position, median_s, p90_s, kept_for, kept_why"
    assert await ground.sql(f"SELECT {columns} FROM calls") == [
        ("billing", "orders", 2, '{"billing": 3}', 42.0, 3, 30.0, 75.5, "1001", "last agent")
    ]
    rows = "SELECT row->>'row', row->>'do', row->>'why', row->>'at' FROM calls, jsonb_array_elements(policy) AS row"
    assert await ground.sql(rows) == [
        ("1", "raise-priority", "why 1", s(40).isoformat()),
        ("2", "move", "why 2", s(70).isoformat()),
    ]
    call = await ground.store.call("c1")
    assert call is not None and [each["row"] for each in call.policy] == [1, 2] and call.skills == {"billing": 3}
    assert [(each.by, each.did) for each in await ground.store.deeds(MORNING.date(), "c1")] == [("amy", "priority")]
    assert await ground.store.deeds(call="c2") == []
    deeds = await ground.sql("SELECT at, by, did, call, queue, detail FROM operator_deeds")
    assert deeds == [(s(70), "amy", "priority", "c1", "orders", '{"now": 9, "was": 7}')]


async def test_a_callback_counts_as_not_within_and_is_left_out_of_asa(ground: StoreFixture) -> None:
    def said(state: str, at: float, **more: Any) -> tuple[float, Log]:
        return at, Log(Kind.CALLBACK, "c1", queue="billing", detail={"state": state, "number": "138", **more})

    for line in AnsweredCall("c2", at=s(1000)).lines():
        ground.journal.append(*line)
    await put(
        ground,
        *asked("c1", 10, median_s=60.0, p90_s=90.0),
        said("accepted", 30),
        said("calling", 300, attempt=1),
        said("failed", 330, attempt=1),
        said("calling", 700, attempt=2),
        said("answered", 710, attempt=2),
        over("c1", 800, Ending.ANSWERED, 705.0, callback=True, talk_s=85.0),
        *asked("c3", 20),
        (25, Log(Kind.CALLBACK, "c3", queue="billing", detail={"state": "accepted", "number": "138"})),
        over("c3", 900, Ending.NOT_REACHED, 880.0),
    )
    columns = "called_back, callback_state, callback_at, callback_attempts"
    assert await ground.sql(f"SELECT {columns} FROM calls WHERE call = 'c1'") == [(True, "answered", s(30), 2)]
    found = (await ground.store.kpi_by_queue(*ground.store.day_bounds(MORNING.date())))["billing"]
    assert (found.answered, found.called_back, found.not_reached, found.callbacks) == (2, 1, 1, 2)
    assert (found.asa_s, found.within_15_s) == (7.0, 1 / 3)


async def test_a_message_is_expected_until_it_is_filed_and_found_among_the_recordings(ground: StoreFixture) -> None:
    await put(
        ground,
        *asked("c1", 10),
        (60, Log(Kind.MESSAGE, "c1", queue="billing", detail={"seconds": 12.5, "path": ""})),
        over("c1", 61, Ending.MESSAGE, 51.0),
    )
    due, _ = legs_due(ground.journal.folder)
    assert due == [LegDue("c1", "c1-m1", 12.5, s(60), "", "billing")]
    (found,) = await ground.store.recordings(kind="message")
    assert (found.offer, found.state, found.agent, found.caller) == ("c1-m1", "expected", "", "138")
    filed = {"path": "2024/11/20/c1-m1.wav", "seconds": 12.4, "sha256": "ab" * 32, "complete": True}
    await put(ground, (70, Log(Kind.RECORDED, "c1", offer="c1-m1", detail=filed)))
    (found,) = await ground.store.recordings(call="c1")
    assert (found.kind, found.state, found.seconds, found.sha256) == ("message", "complete", 12.4, "ab" * 32)
    assert legs_due(ground.journal.folder)[0] == [] and await ground.store.recordings(kind="talk") == []
    assert (await ground.store.kpi(s(0), s(3600))).message == 1


async def test_deeds_that_concern_no_call_are_kept_too(ground: StoreFixture) -> None:
    await put(
        ground,
        (0, Log(Kind.OPERATOR, queue="billing", detail={"did": "queue closed", "by": "amy"})),
        (
            1,
            Log(Kind.OPERATOR, agent="1001", detail={"did": "agent moved", "by": "bob", "was": [], "now": ["billing"]}),
        ),
        (2, Log(Kind.CONFIGURATION, detail={"version": 4, "by": "amy", "queues": 3, "agents": 60})),
        (3, Log(Kind.IGNORED, "c9", detail={"event": "CallMoved", "why": "no such call"})),
    )
    assert await ground.sql("SELECT did, by, agent, queue, detail FROM operator_deeds ORDER BY at") == [
        ("queue closed", "amy", "", "billing", "{}"),
        ("agent moved", "bob", "1001", "", '{"now": ["billing"], "was": []}'),
        ("configuration", "amy", "", "", '{"agents": 60, "queues": 3, "version": 4}'),
    ]
    assert await ground.sql("SELECT call FROM calls") == []  # an event that fitted nowhere is no call


async def test_how_true_the_expected_wait_was(ground: StoreFixture) -> None:
    rows: list[tuple[float, Log]] = []

    def caller(
        call: str, ending: Ending, wait_s: float, median_s: float = 20.0, queue: str = "billing", **more: Any
    ) -> None:
        rows.extend(asked(call, 10, queue, median_s=median_s, p90_s=median_s * 2, position=2))
        rows.append(over(call, 10 + wait_s, ending, wait_s, "orders", **more))  # moved there meanwhile

    for number, wait_s in enumerate((5, 15, 30, 50)):  # under both, under both, under the range, over both
        caller(f"s{number}", Ending.ANSWERED, wait_s)
    caller("early", Ending.ABANDONED_QUEUE, 19)  # says nothing of either
    caller("late", Ending.ABANDONED_QUEUE, 25)  # waited longer than the median, who knows whether than the range
    caller("later", Ending.ABANDONED_RINGING, 41)  # longer than both
    caller("idle", Ending.ANSWERED, 3, median_s=0.0)  # was told of no wait
    caller("back", Ending.ANSWERED, 900, callback=True)
    rows.append((15, Log(Kind.CALLBACK, "back", queue="billing", detail={"state": "accepted"})))  # hung up after 5 s
    caller("alone", Ending.ANSWERED, 10, queue="orders")
    await put(ground, *rows)
    edges = edges_of(*ground.store.day_bounds(MORNING.date()), timedelta(days=1))
    billing, orders = await ground.store.waits(edges)
    assert (billing.queue, billing.callers, billing.served, billing.left_early) == ("billing", 8, 4, 2)
    assert billing.under_median == pytest.approx(2 / 6)
    assert billing.under_p90 == pytest.approx(3 / 5)
    assert billing.wait_to_median == pytest.approx((5 + 15 + 30 + 50) / 4 / 20)
    assert (orders.queue, orders.under_median, orders.under_p90) == ("orders", 1.0, 1.0)


async def test_figures_by_interval_add_up_to_those_of_the_day(ground: StoreFixture) -> None:
    for number in range(8):
        talk = AnsweredCall(
            f"c{number}", agent=f"{1001 + number % 2}", at=s(number * 600), queue=("billing", "orders")[number % 2]
        )
        for line in talk.lines():
            ground.journal.append(*line)
    await ground.arrive()
    since, until = ground.store.day_bounds(MORNING.date())
    day = await ground.store.kpi_by_queue(since, until)
    for minutes, count in ((15, 96), (30, 48), (60, 24)):
        parts = await ground.store.kpi_by_interval(edges_of(since, until, timedelta(minutes=minutes)))
        assert len(parts) == count
        for queue in ("", "billing", "orders"):
            for name in ("arrived", "asked", "ended", "within_target", "offers_rang", "talk_s", "wrap_up_s"):
                whole = sum(getattr(part[queue], name) for part in parts if queue in part)
                assert whole == pytest.approx(getattr(day[queue], name)), (minutes, queue, name)
    # The first call ended 72 s after one o'clock UTC, the last 4,272 s after.
    by_hour = await ground.store.kpi_by_interval(edges_of(since, until, timedelta(hours=1)))
    assert [part[""].ended for part in by_hour[:4]] == [0, 6, 2, 0]


def test_an_hour_is_an_hour_also_where_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    begin = datetime(2024, 11, 3, tzinfo=zone)
    edges = edges_of(begin, datetime(2024, 11, 4, tzinfo=zone), timedelta(hours=1))
    assert len(edges) == 26 and all(b.timestamp() - a.timestamp() == 3600 for a, b in pairwise(edges))
    days = edges_of(datetime(2024, 11, 2, tzinfo=zone), datetime(2024, 11, 5, tzinfo=zone), timedelta(days=1))
    assert [each.date() for each in days] == [date(2024, 11, day) for day in (2, 3, 4, 5)]


async def test_the_tables_of_an_older_version_are_brought_up_from_their_own_log(ground: StoreFixture) -> None:
    """Rows that the first version wrote: the log and what it made of it then."""
    async with ground.store.writer.begin() as connection:
        await connection.run_sync(lambda plain: schema_steps.migrate(plain, "0001"))
    log = "INSERT INTO call_log (spool, line, idx, at, kind, call, agent, offer, queue, detail) VALUES "
    rows = [
        ("queued", "c1", "", "", "billing", '{"skills": {"billing": 3}, "priority": 4}'),
        ("answered", "c1", "1001", "c1-1", "billing", '{"ring_s": 6, "rings": 2}'),
        ("talk ended", "c1", "1001", "c1-1", "billing", '{"talk_s": 60, "by": "caller"}'),
        ("offer ended", "c1", "1001", "c1-1", "billing", '{"outcome": "answered", "rings": 2}'),
        ("ignored", "phantom", "", "", "", "{}"),
    ]
    for number, row in enumerate(rows):
        await ground.sql(f"{log} ('old', {number}, 0, $1, $2, $3, $4, $5, $6, $7)", s(number), *row)
    calls = "INSERT INTO calls (call, arrived_at, asked_at, ended_at, ending, queue, agent, wait_s, talk_s, asked_for_person, within_target)"
    await ground.sql(f"{calls} VALUES ('c1', $1, $1, $2, 'answered', 'billing', '1001', 7, 60, true, true)", s(0), s(4))
    await ground.sql("INSERT INTO calls (call, arrived_at) VALUES ('phantom', $1)", s(4))
    offers = "INSERT INTO offers (offer, call, agent, queue, offered_at, answered_at, connected_at, ended_at, outcome, rings, talk_s)"
    await ground.sql(
        f"{offers} VALUES ('c1-1', 'c1', '1001', 'billing', $1, $2, $2, $3, 'answered', 2, 60)", s(0), s(1), s(3)
    )
    times = "INSERT INTO agent_time (agent, from_at, to_at, state) VALUES ('1001', $1, $2, 'wrap-up')"
    await ground.sql(times, s(2), s(22))
    await ground.store.migrate()
    await ground.store.check_schema()
    assert await ground.sql("SELECT call, asked_queue, priority, skills FROM calls") == [
        ("c1", "billing", 4, '{"billing": 3}')
    ]
    found = (await ground.store.kpi_by_queue(s(0), s(3600)))["billing"]
    assert (found.asked, found.answered, found.within_target, found.offers_in_time) == (1, 1, 1, 1)
    assert (found.wait_s, found.talk_s, found.wrap_up_s) == (7.0, 60.0, 20.0)
    for line in AnsweredCall("c2", at=s(500)).lines():  # and the shipper goes on with it
        ground.journal.append(*line)
    await ground.arrive()
    assert (await ground.store.kpi(s(0), s(3600))).answered == 2

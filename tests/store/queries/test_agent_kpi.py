"""Agents' figures against the hotline's own, on random days and on written ones: nothing counted twice, nothing left out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from acd import config as configuration
from acd.config import Config
from acd.reports.contents import Wanted
from acd.reports.gather import gather
from acd.reports.spans import Span
from acd.store.queries.kpi import edges_of
from tests.store.queries.test_recount import EVENING, Afternoon
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture

SUMS = ("offers", "offers_rang", "offers_in_time", "talk_s", "hold_s", "wrap_up_s")
"""Counts that the hotline and its agents have in common."""


def config_with(*queues: str, zone: str = "UTC") -> Config:
    return configuration.check(
        {
            "hotline": {"name": "三响热线", "numbers": {"95001": "zh"}, "timezone": zone},
            "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
            "queues": {queue: {"label": {"zh": queue, "en": queue.title()}} for queue in queues},
        }
    )


@pytest.mark.slow
async def test_on_a_random_day_agents_sum_up_to_the_hotline_and_a_report_says_what_kpi_says(
    ground: StoreFixture,
):
    day = Afternoon(1)
    for line in day.lines:
        ground.journal.append(*line)
    await ground.arrive()
    first = EVENING.date()
    span = Span(first, date.fromisoformat(max(day.days)))
    edges = span.edges(UTC)
    now = day.lines[-1][0] + timedelta(hours=1)
    hotline = await ground.store.kpi_by_interval(edges)
    agents = await ground.store.agent_kpi_by_interval(edges, now)
    for whole, each in zip(hotline, agents, strict=True):
        of_agents = [found for agent, found in each.items() if agent]
        for name in SUMS:
            # Offers to numbers outside and callbacks' reservations are nobody's; all others are somebody's.
            assert round(sum(getattr(one, name) for one in of_agents), 6) == round(getattr(each[""], name), 6)
            assert round(getattr(each[""], name), 6) == round(getattr(whole[""], name), 6), (whole[""].since, name)
        for one in of_agents:
            assert one.idle_s + one.busy_s + one.not_ready_s == pytest.approx(one.logged_in_s, abs=1e-3), one
            assert 0 <= one.logged_in_s <= 86400 + 1e-3
    queues = sorted({queue for counts in day.days.values() for queue in counts if queue})
    config = config_with(*queues)
    report = await gather(ground.store, config, Wanted(span, ("queues", "agents")), now)
    by_queue = report.sections[0]
    (whole,) = await ground.store.kpi_by_interval((edges[0], edges[-1]), config.rings.rings)
    for row in (*by_queue.rows, by_queue.total):
        kpi = whole.get(row.name)
        assert row.values["calls"] == (kpi.ended if kpi else 0)
        for name in ("connect_rate", "within_15_s", "three_ring_rate", "asa_s", "aht_s"):
            assert row.values[name] == (getattr(kpi, name) if kpi else None), (row.name, name)
    for (_, row), found in zip(by_queue.days, hotline, strict=True):
        assert row.values["answered"] == found[""].answered
    assert sum(row.values["calls"] or 0 for _, row in by_queue.days) == by_queue.total.values["calls"]


async def test_talks_offers_and_time_of_two_agents_on_a_written_morning(ground: StoreFixture):
    calls = [
        AnsweredCall("c1", "1001", "billing", talk_s=100),
        AnsweredCall("c2", "1002", "sales", talk_s=40, at=MORNING + timedelta(minutes=5)),
        AnsweredCall("c3", "1001", "sales", talk_s=60, at=MORNING + timedelta(minutes=10)),
    ]
    for call in calls:
        for line in call.lines():
            ground.journal.append(*line)
    await ground.arrive()
    edges = (MORNING - timedelta(hours=1), MORNING + timedelta(hours=1))
    (found,) = await ground.store.agent_kpi_by_interval(edges, now=edges[1])
    assert sorted(found) == ["", "1001", "1002"]
    one = found["1001"]
    assert (one.offers, one.talks, one.talk_s, one.wrap_up_s) == (2, 2, 160.0, 60.0)
    assert one.handling_s == 110.0 and one.three_ring_rate == 1.0
    assert (one.ended_by_agent, one.ended_by_caller, one.agent_hung_up) == (0, 2, 0.0)
    assert (found[""].talks, found[""].talk_s) == (3, 200.0)
    # From the first ring at 5 s after the morning on: ringing, talking, wrap-up, and idle between the two calls.
    assert one.busy_s == (7 + 100 + 30) + (7 + 60 + 30)
    (only,) = await ground.store.agent_kpi_by_interval(edges, now=edges[1], queues=["sales"])
    assert (only["1001"].talks, only["1001"].talk_s, only["1002"].talk_s) == (1, 60.0, 40.0)
    assert only["1001"].busy_s == one.busy_s, "time in states is the agent's whole"


async def test_a_stretch_over_midnight_is_cut_and_one_that_lasts_counts_until_now(ground: StoreFixture):
    night = datetime(2024, 11, 20, 23, 0, tzinfo=UTC)
    call = AnsweredCall("c1", "1001", at=night)
    ground.log(call.state("idle", was="logged out", lasted_s=0.0), at=night)
    await ground.arrive()
    edges = edges_of(datetime(2024, 11, 20, tzinfo=UTC), datetime(2024, 11, 23, tzinfo=UTC), timedelta(days=1))
    now = datetime(2024, 11, 21, 6, 0, tzinfo=UTC)
    days = await ground.store.agent_kpi_by_interval(edges, now)
    assert [day[""].idle_s for day in days] == [3600.0, 6 * 3600.0, 0.0]
    assert sorted(days[2]) == [""]


async def test_a_day_of_23_hours_holds_no_more_than_23_hours_of_anybody(ground: StoreFixture):
    zone = ZoneInfo("Europe/Berlin")
    day = Span(date(2026, 3, 29), date(2026, 3, 29))
    begin, end = day.edges(zone)
    call = AnsweredCall("c1", "1001", at=begin - timedelta(hours=5))
    ground.log(call.state("idle"), at=begin - timedelta(hours=5))
    await ground.arrive()
    (found,) = await ground.store.agent_kpi_by_interval((begin, end), now=end + timedelta(days=1))
    assert found["1001"].idle_s == 23 * 3600.0


async def test_a_report_of_named_queues_totals_these_and_a_queue_that_is_no_more_has_its_row(ground: StoreFixture):
    for number, queue in enumerate(("billing", "sales", "gone")):
        for line in AnsweredCall(f"c{number}", "1001", queue, at=MORNING + timedelta(minutes=10 * number)).lines():
            ground.journal.append(*line)
    await ground.arrive()
    config, span = config_with("billing", "sales", "quiet"), Span(MORNING.date(), MORNING.date())
    now = MORNING + timedelta(days=1)
    (whole,) = (await gather(ground.store, config, Wanted(span), now)).sections
    assert [(row.name, row.values["calls"]) for row in whole.rows] == [
        ("billing", 1), ("sales", 1), ("quiet", 0), ("gone", 1),
    ]  # fmt: skip
    (some,) = (await gather(ground.store, config, Wanted(span, queues=("billing", "sales")), now)).sections
    assert [row.name for row in some.rows] == ["billing", "sales"] and some.total.values["calls"] == 2
    (agents,) = (await gather(ground.store, config, Wanted(span, ("agents",), ("sales",)), now)).sections
    assert [(row.name, row.values["talks"]) for row in agents.rows] == [("1001", 1)]

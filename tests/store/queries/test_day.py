"""A day as a replay finds it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from acd.engine.commands import Ending, Kind, Log
from acd.store.queries.day import day_of
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture


async def test_a_day_names_who_asked_for_whom_how_it_went_and_when_agents_were_there(ground: StoreFixture) -> None:
    for line in AnsweredCall("c1").lines():
        ground.journal.append(*line)
    late = AnsweredCall("c2", caller="13900002222", queue="orders")
    asked = {"skills": {"orders": 2, "en": 1}, "priority": 7, "language": "en"}
    ground.log(Log(Kind.ARRIVED, "c2", detail={"caller": late.caller}), at=MORNING + timedelta(seconds=30))
    ground.log(Log(Kind.QUEUED, "c2", queue="orders", detail=asked), at=MORNING + timedelta(seconds=31))
    # An operator moves him before he gives up: the day still says what he asked for.
    moved = Log(Kind.OPERATOR, "c2", queue="billing", detail={"did": "moved", "by": "amy", "was": "orders"})
    ground.log(moved, at=MORNING + timedelta(seconds=40))
    over = late.ended(Ending.ABANDONED_QUEUE, 29.5, 0.0, within=False)
    ground.log(over, at=MORNING + timedelta(seconds=60.5))
    ground.log(Log(Kind.ARRIVED, "c3", detail={"caller": "1"}), at=MORNING)  # never asks for a person
    await ground.arrive()
    day = await ground.store.day(MORNING.date())
    first, second = day.arrivals
    assert (first.call, first.caller, first.queue, first.agent) == ("c1", "13800001111", "billing", "1001")
    assert (first.wait_s, first.talk_s, first.wrap_up_s, first.patience_s) == (7.0, 60.0, 30.0, None)
    assert (second.queue, second.skills, second.priority, second.language) == (
        "orders",
        (("en", 1), ("orders", 2)),
        7,
        "en",
    )
    assert (second.ending, second.wait_s, second.patience_s) == ("abandoned in queue", 29.5, 29.5)
    assert [stretch.state for stretch in day.stretches] == ["ringing", "talking", "wrap-up", "idle"]
    async with ground.store.reader.connect() as connection:
        before = await day_of(connection, MORNING.date(), ZoneInfo("America/New_York"))
    assert before.arrivals == []  # it was the evening before, there


async def test_the_wrap_up_of_a_call_is_that_of_its_last_agent_as_the_engine_measured_it(ground: StoreFixture) -> None:
    lines = AnsweredCall("c1").lines()
    detail = {"state": "idle", "was": "wrap-up", "lasted_s": 12.25}
    lines[-1] = (*lines[-1][:2], [Log(Kind.AGENT_STATE, agent="1001", detail=detail)])
    for line in lines:
        ground.journal.append(*line)
    await ground.arrive()
    (arrival,) = (await ground.store.day(MORNING.date())).arrivals
    assert arrival.wrap_up_s == 12.25
    assert await ground.sql("SELECT queue, lasted_s FROM agent_time WHERE state = 'wrap-up'") == [("billing", 12.25)]

"""Calls that reach somebody: at the second ring, when one comes free, in their language, in a storm; and the few that
are told why nobody will come."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from acd.config import DAYS
from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone, SippCaller
from tests.calls.support.call_log import person
from tests.calls.support.config_text import skilled
from tests.calls.support.full_system import FullSystem
from tests.calls.support.system.people import BRISK_KEY_AFTER_S, orders
from tests.support.recorded_sound import well_recorded
from tests.support.waiting import eventually

ALL_BUT_ENGLISH = {"zh": 5, "orders": 5, "after-sales": 5, "complaints": 5}
AGENTS = ("1001", "1002", "1003", "1004", "1005")
TALKS_S = (2.5, 2.5)
"""Well over the second that a talk must last to have been one."""


async def talks_and_goes(system: FullSystem, caller: SippCaller, call: str) -> None:
    """The caller has an agent, talks for a moment, and hangs up."""
    await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
    await asyncio.sleep(1.5)
    await caller.hang_up()


async def test_a_call_is_answered_at_the_second_ring_recorded_and_filed(tmp_path: Path):
    async with FullSystem(tmp_path, wrap_up_s=1.5) as system:
        phone = await system.staffed("1001", Phone(ring_s=6.0, talk_s=(4.0, 4.0)))
        await system.caller(orders(caller="13812341111"))
        ended = await system.log.row(Kind.ENDED)
        filed = await system.log.row(Kind.RECORDED)

        assert system.log.story(ended.call)[:8] == [
            *("arrived", "menu", "queued", "offered", "ringing", "answered", "connected", "talk ended"),
        ]
        assert ended.detail["ending"] == Ending.ANSWERED
        answered = await system.log.row(Kind.ANSWERED)
        assert answered.detail["rings"] == 2
        assert system.recorded_whole(filed.detail), filed.detail
        assert 'From: "Orders 138****1111"' in phone.invites()[0]

        await system.caught_up()
        call = await system.store.call(ended.call)
        assert call is not None
        assert (call.caller, call.queue, call.agent, call.ending) == ("+8613812341111", "orders", "1001", "answered")
        assert well_recorded(Path(system.prepared.recordings), await system.store.recording(filed.offer))

        # And the agent writes his note for as long as the queue allows; nobody has to end it.
        await system.comes_to_be("1001", "idle")
        wrap_up = await system.log.row(Kind.AGENT_STATE, lambda row: row.detail["was"] == "wrap-up")
        assert wrap_up.detail["lasted_s"] >= 1.5


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with FullSystem(tmp_path_factory.mktemp("system"), AGENTS, ring_s=1, brisk=True) as system:
        yield system


async def test_all_are_busy_and_who_comes_free_takes_the_most_urgent_then_whoever_waits_longest(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3))
        callers: dict[str, SippCaller] = {}
        calls: dict[str, str] = {}
        for name, key in (("talks", "1"), ("first", "1"), ("second", "1"), ("complains", "3")):
            number = f"1380000000{len(callers)}"
            callers[name] = await system.asks(key, number)
            calls[name] = await system.log.call_of(number)
            await system.log.row(Kind.QUEUED, lambda row: row.call == calls[name])  # noqa: B023, it is awaited here
        await system.log.row(Kind.CONNECTED)

        waiting = {row["call"]: row["position"] for row in (await system.state())["calls"] if row["stage"] == "waiting"}
        assert waiting == {calls["complains"]: 1, calls["first"]: 2, calls["second"]: 3}

        for name in ("talks", "complains", "first", "second"):
            await talks_and_goes(system, callers[name], calls[name])
            await system.log.ending_of(calls[name])
        served = [row.call for _, row in system.log.rows() if row.kind is Kind.CONNECTED]
        assert served == [calls[name] for name in ("talks", "complains", "first", "second")]
        assert all(system.log.offers(call) == [("1001", "answered")] for call in calls.values())


async def test_an_english_caller_is_rung_only_at_who_speaks_english(tmp_path: Path):
    """By the number dialled, or by the first key. The agent who speaks none is idle the whole time, and longer."""
    more = skilled("1001", ALL_BUT_ENGLISH) + skilled("1002", {**ALL_BUT_ENGLISH, "en": 3})
    async with FullSystem(tmp_path, (), ring_s=1, brisk=True, more=more) as system:
        await system.staffed("1001", Phone(ring_s=0.3, talk_s=TALKS_S))
        await system.staffed("1002", Phone(ring_s=0.3, talk_s=TALKS_S))
        await system.asks("1", "13800000001", number="95002")
        await system.asks("21", "13800000002", number="95000")
        await system.asks("1", "13800000003")
        for number in ("13800000001", "13800000002"):
            call = await system.log.call_of(number)
            assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
            assert system.log.offers(call) == [("1002", "answered")]
            queued = await system.log.row(Kind.QUEUED, lambda row: row.call == call)  # noqa: B023
            assert queued.detail["skills"] == {"en": 1, "orders": 1}
            assert queued.detail["language"] == "en"
        call = await system.log.call_of("13800000003")
        await system.log.ending_of(call)
        assert system.log.offers(call) == [("1001", "answered")]


async def test_who_keys_what_is_not_there_or_nothing_at_all_three_times_gets_a_person(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3, talk_s=TALKS_S))
        await system.asks("98", "13800000001")
        call = await system.log.call_of("13800000001")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert (await system.log.row(Kind.QUEUED)).queue == "general"
        assert system.log.offers(call) == [("1001", "answered")]


async def test_nobody_is_there_so_the_caller_may_choose_to_wait_or_to_go(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.3, talk_s=TALKS_S), ready=False)
        goes, waits = ("13800000001", "13800000002")
        await system.caller(Caller("95001", goes, keys="1,,2", keys_after_s=BRISK_KEY_AFTER_S))
        await system.caller(Caller("95001", waits, keys="1,,1", keys_after_s=BRISK_KEY_AFTER_S))

        let_go = await system.log.ending_of(await system.log.call_of(goes))
        assert let_go.detail["ending"] == Ending.TURNED_AWAY
        assert not let_go.detail["asked_for_person"]
        await system.log.row(Kind.QUEUED)
        await system.ask("POST", "/api/agents/1001/ready", {})
        served = await system.log.ending_of(await system.log.call_of(waits))
        assert served.detail["ending"] == Ending.ANSWERED


async def test_outside_the_hours_the_caller_is_told_so_and_nobody_is_rung(tmp_path: Path):
    not_today = DAYS[(datetime.now(UTC).weekday() + 3) % 7]
    closed = f'\n[hotline]\nhours = ["{not_today} 09:00-10:00"]\n'
    async with FullSystem(tmp_path, ("1001",), ring_s=1, brisk=True, more=closed) as system:
        phone = await system.staffed("1001", Phone(ring_s=0.3))
        caller = await system.asks("1", "13800000001")
        assert await caller.wait() == 0  # the house hung up on him, orderly
        ended = await system.log.ending_of(await system.log.call_of("13800000001"))
        assert ended.detail["ending"] == Ending.TURNED_AWAY
        assert system.log.story(ended.call) == ["arrived", "menu", "ended"]
        assert not phone.invites()
        await system.caught_up()

        async def counted() -> bool:
            return (await system.store.kpi(datetime.min.replace(tzinfo=UTC), datetime.now(UTC))).ended == 1

        await eventually(counted, "the call in the figures")


async def test_twenty_callers_at_once_at_five_agents_are_all_served_in_their_order(system: FullSystem):
    async with system.scene():
        numbers = [f"139000000{number:02}" for number in range(20)]
        await system.staffed(AGENTS, Phone(ring_s=0.3, talk_s=(2.5, 3.5)))
        storm = Caller("95001", "[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=240)
        await system.caller(storm, calls=20, rate=20, rows=[(number,) for number in numbers])
        await system.log.row(Kind.ENDED, count=20)

        rows = [row for _, row in system.log.rows()]
        assert sorted(row.detail["caller"] for row in rows if row.kind is Kind.ARRIVED) == list(map(person, numbers))
        assert {row.detail["ending"] for row in rows if row.kind is Kind.ENDED} == {Ending.ANSWERED}
        asked = [row.call for row in rows if row.kind is Kind.QUEUED]
        assert [row.call for row in rows if row.kind is Kind.OFFERED] == asked, system.log.report()
        odd = [row for row in rows if row.kind in (Kind.IGNORED, Kind.ALARM, Kind.CROSSED)]
        # Told where this machine kept the recorder waiting; the check of the recordings below judges that.
        assert not [
            row for row in odd if row.detail.get("name") not in ("recording incomplete", "recording missing")
        ], system.log.report()

        await system.log.row(Kind.RECORDED, count=20)
        await system.caught_up()
        legs = [await system.store.recording(row.offer) for _, row in system.log.rows() if row.kind is Kind.RECORDED]
        assert len(legs) == 20
        assert all(well_recorded(Path(system.prepared.recordings), leg) for leg in legs)
        for agent in AGENTS:
            assert await system.times_tile(agent)

"""From log rows to tables, against figures counted by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from acd.engine.commands import Ending, Kind, Log, Outcome
from acd.store.shipping.shipper import Shipper
from acd.store.tables import Table
from tests.store.shipping.test_leg_quality import DETAIL
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture


def put(ground: StoreFixture, *talks: AnsweredCall) -> None:
    for talk in talks:
        for line in talk.lines():
            ground.journal.append(*line)


def s(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


async def test_a_call_from_ring_to_hang_up(ground: StoreFixture) -> None:
    put(ground, AnsweredCall("c1"))
    await ground.arrive()
    call = await ground.store.call("c1")
    assert call is not None
    assert (call.caller, call.dialled, call.language, call.menu_path) == ("13800001111", "95001", "zh", "zh/2")
    assert (call.queue, call.agent, call.offers, call.ending) == ("billing", "1001", 1, "answered")
    assert (call.arrived_at, call.asked_at, call.answered_at, call.ended_at) == (s(0), s(5), s(12), s(72))
    assert (call.wait_s, call.talk_s, call.within_target, call.short) == (7.0, 60.0, True, False)
    (offer,) = await ground.store.offers("c1")
    assert (offer.number, offer.outcome, offer.rings, offer.ring_s) == (1, "answered", 2, 6.0)
    assert (offer.offered_at, offer.ringing_at, offer.answered_at, offer.connected_at) == (s(5), s(5), s(11), s(12))
    assert (offer.talk_s, offer.ended_by, offer.ended_at) == (60.0, "caller", s(72))
    assert offer.explanation == {"waited_s": 0.0, "rule": "longest idle"}
    assert [each.kind for each in await ground.store.timeline("c1")] == [
        "arrived", "menu", "queued", "offered", "ringing", "answered", "connected", "talk ended", "offer ended", "ended",
    ]  # fmt: skip
    (recording,) = await ground.store.recordings(call="c1")
    assert (recording.state, recording.talk_s, recording.talk_ended_at) == ("expected", 60.0, s(72))
    assert [each.offer for each in await ground.store.recordings(state="expected")] == ["c1-1"]


async def test_the_recordings_row_is_there_from_the_offer_to_the_verdict(ground: StoreFixture) -> None:
    lines = AnsweredCall("c1").lines()

    async def state() -> tuple[Any, ...]:
        await ground.arrive()
        (row,) = await ground.sql("SELECT state, path, seconds, sha256, reason FROM recordings WHERE offer = 'c1-1'")
        return row

    for line in lines[:2]:
        ground.journal.append(*line)
    assert await state() == ("expected", "", None, "", "")
    for line in lines[2:]:
        ground.journal.append(*line)
    assert (await state())[0] == "expected"
    detail = {"path": "", "seconds": 0.0, "sha256": "", "complete": False, "reason": "disk full", "silent": ""}
    ground.log(Log(Kind.RECORDED, "c1", offer="c1-1", detail=detail), at=s(74))
    assert await state() == ("incomplete", "", 0.0, "", "disk full")
    detail = {"path": "2026/x.wav", "seconds": 60.1, "sha256": "ff", "complete": True, "reason": "", "silent": "agent"}
    ground.log(Log(Kind.RECORDED, "c1", offer="c1-1", detail=detail), at=s(120))
    assert await state() == ("complete", "2026/x.wav", 60.1, "ff", "")
    # A straggler of the offer tells nothing new of the file.
    ground.log(Log(Kind.TALK_ENDED, "c1", "1001", "c1-1", detail={"talk_s": 60.0, "by": "caller"}), at=s(121))
    assert (await state())[0] == "complete"
    assert len(await ground.store.recordings(silent=True)) == 1
    assert await ground.store.recordings(state="expected") == []


async def test_an_offer_given_up_and_found_talking_owes_its_recording_again(ground: StoreFixture) -> None:
    names: dict[str, Any] = {"call": "c1", "agent": "1001", "offer": "c1-1", "queue": "billing"}
    ended = {"outcome": "lost", "cause": 0, "ring_s": 3.0, "rings": 1}
    for batch in (
        [Log(Kind.OFFERED, **names, detail={"number": 1}), Log(Kind.OFFER_ENDED, **names, detail=ended)],
        [Log(Kind.OFFERED, **names, detail={"number": 1}), Log(Kind.CONNECTED, **names, detail={"wait_s": 9.0})],
    ):
        ground.log(*batch)
        await ground.arrive()
        rows = await ground.sql("SELECT outcome, recordings.state FROM offers JOIN recordings USING (offer)")
        assert rows == ([("lost", "none")] if batch[1].kind is Kind.OFFER_ENDED else [("answered", "expected")])


async def test_an_agents_times_tile_his_day(ground: StoreFixture) -> None:
    words = ["idle", "ringing", "talking", "wrap-up", "idle", "not ready", "idle", "logged out"]
    steps = [0, 10, 16, 76, 106, 106, 300, 299]  # two at once, and a clock that was set back a second
    for word, at in zip(words, steps, strict=True):
        ground.log(Log(Kind.AGENT_STATE, agent="1001", detail={"state": word, "reason": word[:2]}), at=s(at))
        if at % 2:
            await ground.arrive()
    await ground.arrive()
    found = await ground.store.agent_time(MORNING.date(), "1001")
    assert [(each.state, each.from_at, each.to_at) for each in found] == [
        ("idle", s(0), s(10)),
        ("ringing", s(10), s(16)),
        ("talking", s(16), s(76)),
        ("wrap-up", s(76), s(106)),
        ("not ready", s(106), s(300)),
        ("logged out", s(300), datetime(2024, 11, 21, tzinfo=UTC)),
    ]
    assert await ground.sql("SELECT state, reason, state_since FROM agents") == [("logged out", "lo", s(300))]


async def test_a_day_cuts_the_stretches_that_cross_midnight(ground: StoreFixture) -> None:
    before = datetime(2024, 11, 19, 23, 0, tzinfo=UTC)
    for hours, word in ((0, "idle"), (2, "talking"), (25, "logged out")):
        ground.log(Log(Kind.AGENT_STATE, agent="1001", detail={"state": word}), at=before + timedelta(hours=hours))
    await ground.arrive()
    found = await ground.store.agent_time(date(2024, 11, 20))
    assert [(each.state, each.from_at.isoformat()[8:16], each.to_at) for each in found] == [
        ("idle", "20T00:00", before + timedelta(hours=2)),
        ("talking", "20T01:00", datetime(2024, 11, 21, tzinfo=UTC)),
    ]
    assert sum(((each.to_at or before) - each.from_at for each in found), timedelta()) == timedelta(days=1)


async def test_a_call_cut_by_asterisks_death_leaves_no_live_leg(ground: StoreFixture) -> None:
    talk = AnsweredCall("c1")
    for line in talk.lines()[:5]:
        ground.journal.append(*line)
    ground.log(talk.ended(Ending.ANSWERED, 7.0, 20.0, within=True), at=s(32))
    await ground.arrive()
    assert await ground.sql("SELECT talk_s, ended_by, ended_at FROM offers") == [(20.0, "lost", s(32))]


async def test_shipping_the_same_log_again_changes_nothing(ground: StoreFixture) -> None:
    put(ground, AnsweredCall("c1"), AnsweredCall("c2", agent="1002", at=s(20), rings=4, within=False))
    ground.log(
        Log(Kind.OVERFLOW, "c2", queue="billing", detail={"row": 1, "do": "raise-priority", "why": "long"}), at=s(20)
    )
    ground.log(Log(Kind.OPERATOR, queue="billing", detail={"did": "queue closed", "by": "amy"}), at=s(20))
    asked = {"state": "asked", "number": 1, "kind": "agent", "to": "1002", "reason": "refund"}
    ground.log(Log(Kind.TRANSFER, "c1", "1001", "c1-1", "billing", asked), at=s(20))
    for seconds, loss in ((72, 0.0), (73, 5.0)):  # told twice: the later one holds
        ground.log(Log(Kind.LEG_QUALITY, "c1", "1001", "c1-1", detail=DETAIL | {"loss_percent": loss}), at=s(seconds))
    ground.log(Log(Kind.LEG_QUALITY, "c1", "1001", "c1-1", detail=DETAIL | {"side": "agent"}), at=s(73))
    begins, until = s(3600).isoformat(), s(7200).isoformat()
    made = {
        "state": "made",
        "number": "13800001111",
        "source": "caller",
        "how": "call",
        "begins": begins,
        "until": until,
    }
    ground.log(Log(Kind.PROMISE, "c3", queue="billing", detail=made), at=s(80))
    moved = {"state": "moved", "begins": until, "until": s(9000).isoformat()}
    ground.log(Log(Kind.PROMISE, "c3", queue="billing", detail=moved), at=s(81))
    ground.log(Log(Kind.SURVEY, "c1", "1001", queue="billing", detail={"state": "began", "way": "keys"}), at=s(82))
    marks = {"state": "answered", "way": "keys", "satisfied": 4, "solved": "yes"}
    ground.log(Log(Kind.SURVEY, "c1", "1001", queue="billing", detail=marks), at=s(83))
    await ground.arrive()
    others = {"spools", "dead_letters", "customers", "customer_numbers", "analyses", "findings", "call_retention"}
    others |= {"review_weeks", "review_forms", "reviews", "review_appeals"}
    tables = [name for name in Table.metadata.tables if name not in others]

    async def everything() -> list[Any]:
        return [await ground.sql(f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables]

    before = await everything()
    assert all(before)
    await ground.end()
    await ground.sql("UPDATE spools SET line = 0")
    ground.shipper = Shipper(ground.store, ground.journal)
    await ground.arrive()
    assert await everything() == before


@pytest.fixture
async def day(ground: StoreFixture) -> StoreFixture:
    """The hand-counted day.

    calls in: 10 ended, 1 live. answered 4 (a b c d), served 1 (e), turned away 1 (f), abandoned in IVR 1 (g),
    in queue 2 (h after 40 s, i after 3 s: short), while ringing 1 (j).
    asked for a person: a b c d h i j = 7; within the target: a b c = 3; short: i.
    offers that rang, caller still there: a-1, b-1 (4 rings), c-1 (up at once), d-1 (rang out), d-2 = 5, of which within
    three rings: a-1, c-1, d-2 = 3. Not counted: j-1 (caller left), k-1 (unreachable), b-0 (crossed), l-1 (rings still).
    waits of the answered: 7, 21, 1, 30 s; talk: 60 + 30 + 10 + 100 = 200 s; wrap-up: 4 x 30 = 120 s.
    """
    put(
        ground,
        AnsweredCall("a"),
        AnsweredCall("b", agent="1002", ring_s=20, rings=4, talk_s=30),
        AnsweredCall("c", agent="1003", ring_s=0, rings=1, talk_s=10),
    )
    d = AnsweredCall("d", agent="1004", ring_s=29, rings=2, talk_s=100, within=False)
    put(ground, d)

    def row(kind: Kind, offer: str, **detail: Any) -> Log:
        return Log(kind, offer.rpartition("-")[0], "1009", offer, "billing", detail)

    def gone(offer: str, outcome: Outcome, rings: int) -> Log:
        return row(Kind.OFFER_ENDED, offer, outcome=outcome, cause=0, ring_s=5.0 * rings, rings=rings)

    ground.log(row(Kind.OFFERED, "d-7", number=7), row(Kind.RINGING, "d-7"), gone("d-7", Outcome.RING_NO_ANSWER, 4))
    ground.log(row(Kind.OFFERED, "b-8", number=8), row(Kind.RINGING, "b-8"), gone("b-8", Outcome.RING_NO_ANSWER, 4))
    ground.log(row(Kind.CROSSED, "b-8"))
    ground.log(row(Kind.OFFERED, "a-9", number=9), gone("a-9", Outcome.UNREACHABLE, 0))
    for call, ending, wait_s, asked, short in (
        ("e", Ending.SERVED, 0.0, False, False),
        ("f", Ending.TURNED_AWAY, 0.0, False, False),
        ("g", Ending.ABANDONED_IVR, 0.0, False, False),
        ("h", Ending.ABANDONED_QUEUE, 40.0, True, False),
        ("i", Ending.ABANDONED_QUEUE, 3.0, True, True),
        ("j", Ending.ABANDONED_RINGING, 9.0, True, False),
    ):
        other = AnsweredCall(call)
        ground.log(Log(Kind.ARRIVED, call, detail={"caller": "139", "dialled": "95001"}), at=s(100))
        ground.log(other.ended(ending, wait_s, 0.0, asked=asked, within=False, short=short), at=s(150))
    ground.log(row(Kind.OFFERED, "j-1", number=1), row(Kind.RINGING, "j-1"), gone("j-1", Outcome.CALLER_LEFT, 2))
    ground.log(Log(Kind.ARRIVED, "l", detail={"caller": "139", "dialled": "95001"}), at=s(200))
    ground.log(row(Kind.OFFERED, "l-1", number=1), row(Kind.RINGING, "l-1"), at=s(200))
    # The day before, and the day after, are other days.
    put(
        ground,
        AnsweredCall("y", agent="1005", at=MORNING - timedelta(days=1)),
        AnsweredCall("z", agent="1005", at=s(86400)),
    )
    await ground.arrive()
    await ground.assert_exactly_once()
    return ground


async def test_the_figures_are_those_counted_by_hand(day: StoreFixture) -> None:
    found = await day.store.kpi(*day.store.day_bounds(MORNING.date()))
    assert (found.ended, found.live, found.answered, found.served, found.turned_away) == (10, 1, 4, 1, 1)
    assert (found.abandoned_ivr, found.abandoned_queue, found.abandoned_ringing, found.lost) == (1, 2, 1, 0)
    assert (found.ended_asked, found.short) == (7, 1)
    assert found.connect_rate == pytest.approx(5 / 10)
    assert found.within_15_s == pytest.approx(3 / 7)
    assert (found.offers_rang, found.offers_in_time) == (5, 3)
    assert found.three_ring_rate == pytest.approx(3 / 5)
    assert found.asa_s == pytest.approx((7 + 21 + 1 + 30) / 4)
    assert found.aht_s == pytest.approx((200 + 120) / 4)


async def test_no_calls_are_neither_good_nor_bad(day: StoreFixture) -> None:
    found = await day.store.kpi(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC))
    assert (found.ended, found.offers) == (0, 0)
    assert (found.connect_rate, found.within_15_s, found.three_ring_rate, found.asa_s, found.aht_s) == (None,) * 5

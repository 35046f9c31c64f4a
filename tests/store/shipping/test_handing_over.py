"""Handing over in the tables: transfers, hold and consult of a talk, consults among the recordings, agents' times."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.engine.commands import Ending, Kind, Log
from acd.store import schema_steps
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture


def s(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


Row = tuple[float, Log]
FIRST: dict[str, Any] = {"call": "c1", "agent": "1001", "offer": "c1-1", "queue": "billing"}
RECEIVER: dict[str, Any] = {"call": "c1", "agent": "1234", "offer": "c1-2", "queue": "technical"}
SPANS = [{"kind": "hold", "from_s": 10.0, "to_s": 10.0, "lasted_s": 5.0}, {"kind": "consult", "from_s": 30.0, "to_s": 30.0, "lasted_s": 20.0}]  # fmt: skip
ASKED: dict[str, Any] = {
    "kind": "queue",
    "to": "technical",
    "reason": "fault",
    "note": "a\nb",
    "warm": True,
    "how": "page",
    "amount": 60,
}


def transfer(at: float, state: str, number: int = 1, **said: Any) -> Row:
    return at, Log(Kind.TRANSFER, **FIRST, detail={"state": state, "number": number, **said})


def state(at: float, agent: str, state: str, was: str, lasted_s: float) -> Row:
    return at, Log(Kind.AGENT_STATE, agent=agent, detail={"state": state, "was": was, "lasted_s": lasted_s})


def warm() -> list[Row]:
    """A caller is on hold for 5 s, then for a consult of 20 s, and goes over in its end; he talks for 60 and 40 s."""
    ended = {"talk_s": 60.0, "hold_s": 5.0, "consult_s": 20.0, "recorded_s": 60.0, "spans": SPANS, "by": "transfer"}
    whole = {"ending": Ending.ANSWERED, "wait_s": 2.0, "talk_s": 100.0, "asked_for_person": True, "within_target": True}
    return [
        (0, Log(Kind.ARRIVED, "c1", detail={"caller": "13812341111", "dialled": "95001"})),
        (1, Log(Kind.QUEUED, "c1", queue="billing", detail={"skills": {}, "priority": 0})),
        (1, Log(Kind.OFFERED, **FIRST, detail={"number": 1})),
        state(1, "1001", "ringing", "idle", 60.0),
        (3, Log(Kind.CONNECTED, **FIRST, detail={"wait_s": 2.0})),
        state(3, "1001", "talking", "ringing", 2.0),
        (13, Log(Kind.HOLD, **FIRST, detail={"state": "held", "how": "page"})),
        state(13, "1001", "hold", "talking", 10.0),
        (18, Log(Kind.HOLD, **FIRST, detail={"state": "retrieved", "how": "page", "held_s": 5.0})),
        state(18, "1001", "talking", "hold", 5.0),
        transfer(68, "asked", **ASKED),
        state(68, "1001", "consult", "talking", 50.0),
        (68, Log(Kind.OFFERED, **RECEIVER, detail={"number": 2})),
        state(68, "1234", "ringing", "idle", 60.0),
        (70, Log(Kind.ANSWERED, **RECEIVER, detail={"ring_s": 2.0, "rings": 1})),
        transfer(70, "consulting", receiver="1234"),
        state(70, "1234", "consult", "ringing", 2.0),
        (88, Log(Kind.CONSULT_ENDED, **RECEIVER, detail={"first": "1001", "consult_s": 18.0})),
        (88, Log(Kind.TALK_ENDED, **FIRST, detail=ended)),
        (88, Log(Kind.OFFER_ENDED, **FIRST, detail={"outcome": "answered", "rings": 1})),
        state(88, "1001", "wrap-up", "consult", 20.0),
        (88, Log(Kind.CONNECTED, **RECEIVER, detail={"wait_s": 2.0})),
        transfer(88, "completed", receiver="1234"),
        state(88, "1234", "talking", "consult", 18.0),
        (128, Log(Kind.TALK_ENDED, **RECEIVER, detail={"talk_s": 40.0, "hold_s": 0.0, "consult_s": 0.0, "recorded_s": 40.0, "by": "caller"})),
        (128, Log(Kind.OFFER_ENDED, **RECEIVER, detail={"outcome": "answered", "rings": 1})),
        state(128, "1234", "wrap-up", "talking", 40.0),
        (128, Log(Kind.ENDED, "c1", queue="technical", detail=whole | {"short": False, "callback": False})),
        state(138, "1001", "idle", "wrap-up", 50.0),
        state(138, "1234", "idle", "wrap-up", 10.0),
    ]  # fmt: skip


MASKED = {"kind": "masked", "from_s": 2.0, "to_s": 4.0, "lasted_s": 2.0}


async def put(ground: StoreFixture, rows: list[Row], one_by_one: bool = False) -> None:
    for at, row in rows:
        ground.log(row, at=s(at))
        if one_by_one:
            await ground.arrive()
    await ground.arrive()


@pytest.mark.parametrize("one_by_one", [False, True], ids=["in one transaction", "in one each"])
async def test_a_warm_transfer_in_every_table(ground: StoreFixture, one_by_one: bool) -> None:
    await put(ground, warm(), one_by_one)
    await ground.assert_exactly_once()
    [handed] = await ground.store.transfers("c1")
    assert (handed.first, handed.queue, handed.kind, handed.to, handed.receiver) == (
        "1001",
        "billing",
        "queue",
        "technical",
        "1234",
    )
    assert (handed.reason, handed.note, handed.warm, handed.how, handed.amount) == ("fault", "a\nb", True, "page", 60.0)
    assert (handed.state, handed.asked_at, handed.consult_at) == ("completed", s(68), s(70))
    assert (handed.completed_at, handed.ended_at) == (s(88), s(88))
    columns = "offer, talk_s, hold_s, consult_s, consulted_s, recorded_s"
    assert await ground.sql(f"SELECT {columns} FROM offers ORDER BY offer") == [
        ("c1-1", 60.0, 5.0, 20.0, 0.0, 60.0),
        ("c1-2", 40.0, 0.0, 0.0, 18.0, 40.0),
    ]
    told = "offer, kind, state, agent, first, talk_s, recorded_s, jsonb_array_length(spans), talk_ended_at"
    assert await ground.sql(f"SELECT {told} FROM recordings ORDER BY offer") == [
        ("c1-1", "talk", "expected", "1001", "", 60.0, 60.0, 2, s(88)),
        ("c1-2", "talk", "expected", "1234", "", 40.0, 40.0, 0, s(128)),
        ("c1-k2", "consult", "none", "1234", "1001", 18.0, None, 0, s(88)),
    ]
    for agent, began in (("1001", 1), ("1234", 68)):
        stretches = await ground.store.agent_time(MORNING.date(), agent)
        assert [each.from_at for each in stretches[1:]] == [each.to_at for each in stretches[:-1]]
        assert stretches[0].from_at == s(began)
    lasted = await ground.sql("SELECT agent, state, sum(lasted_s) FROM agent_time WHERE to_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2")  # fmt: skip
    assert lasted == [
        ("1001", "consult", 20.0), ("1001", "hold", 5.0), ("1001", "ringing", 2.0), ("1001", "talking", 60.0), ("1001", "wrap-up", 50.0),
        ("1234", "consult", 18.0), ("1234", "ringing", 2.0), ("1234", "talking", 40.0), ("1234", "wrap-up", 10.0),
    ]  # fmt: skip
    by_queue = await ground.store.kpi_by_queue(s(0), s(3600))
    house, billing, technical = by_queue[""], by_queue["billing"], by_queue["technical"]
    assert (house.talk_s, house.hold_s, house.consult_s, house.wrap_up_s, house.answered) == (100.0, 5.0, 20.0, 60.0, 1)
    assert house.aht_s == 165.0
    assert (billing.hold_s, billing.consult_s, technical.hold_s) == (5.0, 20.0, 0.0)


@pytest.mark.parametrize("one_by_one", [False, True], ids=["in one transaction", "in one each"])
async def test_a_consult_that_is_filed_is_found_and_the_receiver_who_declined_owes_no_file(
    ground: StoreFixture, one_by_one: bool
) -> None:
    declined = [
        *warm()[:17],
        transfer(80, "declined", why="not mine", returned_to="first agent"),
        (80, Log(Kind.CONSULT_ENDED, **RECEIVER, detail={"first": "1001", "consult_s": 10.0, "spans": [MASKED]})),
        (80, Log(Kind.OFFER_ENDED, **RECEIVER, detail={"outcome": "answered", "rings": 1})),
    ]  # fmt: skip
    filed = {
        "path": "2024/11/20/c1-k2.wav",
        "seconds": 9.9,
        "sha256": "ab" * 32,
        "complete": True,
        "reason": "",
        "silent": "",
    }
    await put(ground, [*declined, (82, Log(Kind.RECORDED, "c1", offer="c1-k2", detail=filed))], one_by_one)
    [found] = await ground.store.recordings(kind="consult")
    assert (found.offer, found.state, found.agent, found.seconds, found.talk_s) == (
        "c1-k2",
        "complete",
        "1234",
        9.9,
        10.0,
    )
    assert found.spans == [MASKED]
    assert await ground.sql("SELECT offer, state FROM recordings ORDER BY offer") == [
        ("c1-1", "expected"), ("c1-2", "none"), ("c1-k2", "complete"),
    ]  # fmt: skip
    [handed] = await ground.store.transfers("c1")
    assert (handed.state, handed.why, handed.returned_to, handed.completed_at, handed.ended_at) == (
        "declined", "not mine", "first agent", None, s(80),
    )  # fmt: skip


@pytest.mark.parametrize("one_by_one", [False, True], ids=["in one transaction", "in one each"])
async def test_several_transfers_of_a_call_are_told_apart(ground: StoreFixture, one_by_one: bool) -> None:
    await put(
        ground,
        [
            transfer(1, "asked", kind="agent", to="1002", reason="by telephone", how="telephone"),
            transfer(2, "completed", receiver="1002"),
            transfer(3, "asked", 2, kind="agent", to="1003", reason="refund", by="amy"),
            transfer(4, "failed", 2, why="ring no answer", returned_to="queue"),
            transfer(5, "refused", 3, kind="agent", to="1001", reason="refund", why="oneself"),
            transfer(6, "refused", 0, kind="agent", to="9", why="unknown-target"),
            transfer(7, "explained", 1, reason="refund", note="too much for me"),
        ],
        one_by_one,
    )
    found = await ground.store.transfers("c1")
    assert [(each.number, each.state, each.reason, each.to, each.by) for each in found] == [
        (1, "completed", "refund", "1002", ""),
        (2, "failed", "refund", "1003", "amy"),
        (3, "refused", "refund", "1001", ""),
    ]
    assert (found[0].note, found[0].completed_at, found[1].returned_to) == ("too much for me", s(2), "queue")
    assert await ground.store.transfers("c2") == []


async def test_the_tables_of_the_version_before_are_brought_up_and_went_on_with(ground: StoreFixture) -> None:
    async with ground.store.writer.begin() as connection:
        await connection.run_sync(lambda plain: schema_steps.migrate(plain, "0002"))
    offers = "INSERT INTO offers (offer, call, agent, queue, offered_at, connected_at, talk_s, talk_ended_at)"
    await ground.sql(f"{offers} VALUES ('old-1', 'old', '1001', 'billing', $1, $1, 60, $2)", s(0), s(60))
    await ground.sql(
        "INSERT INTO recordings (offer, call, agent, queue, offered_at, state, kind)"
        " VALUES ('old-m1', 'old', '', 'billing', $1, 'complete', 'message')", s(0)
    )  # fmt: skip
    await ground.store.migrate()
    await ground.store.check_schema()
    assert await ground.sql("SELECT hold_s, consult_s, recorded_s FROM offers") == [(0.0, 0.0, None)]
    assert await ground.sql("SELECT kind, first, spans FROM recordings") == [("message", "", "[]")]
    for line in AnsweredCall("c2", at=s(500)).lines():
        ground.journal.append(*line)
    await ground.arrive()
    figures = await ground.store.kpi(s(0), s(3600))
    assert (figures.talk_s, figures.hold_s) == (120.0, 0.0)


async def test_what_is_told_of_a_call_that_never_was_makes_no_call_and_no_card(ground: StoreFixture) -> None:
    refused = {"state": "refused", "kind": "agent", "to": "1002", "reason": "refund", "why": "no such call"}
    written = {"by": "1001", "what": "note", "text": "whose?"}
    await put(ground, [(0, Log(Kind.TRANSFER, "phantom", "1001", detail=refused)), (1, Log(Kind.CARD, "phantom", "1001", detail=written))])  # fmt: skip
    assert await ground.store.call("phantom") is None and await ground.store.card("phantom") is None
    assert await ground.store.transfers("phantom") == []
    assert (await ground.store.kpi(s(0), s(60))).arrived == 0
    await ground.assert_exactly_once()

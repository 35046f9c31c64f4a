"""A random day on which callers are handed over, held and consulted about: the engine's own rows, in every table."""

import random
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

from acd.context_card.cards import Cards
from acd.engine.commands import Command, Kind
from acd.engine.events import PbxFound
from acd.store.queries.kpi import Kpi
from acd.store.shipping.shipper import Shipper
from tests.engine.support.transfer_generator import TransferEventGenerator
from tests.store.queries.test_recount import EVENING, SEEDS, Afternoon, told
from tests.store.support.store_fixture import StoreFixture

NOWHERE = {"zh": "", "en": ""}


@pytest.mark.parametrize("seed", range(max(1, SEEDS // 3)))
async def test_a_day_of_handing_over_is_the_same_in_memory_on_the_wall_and_in_the_book(
    ground: StoreFixture, seed: int
) -> None:
    day = Afternoon(seed, TransferEventGenerator)
    ground.shipper = Shipper(ground.store, ground.journal, batch_rows=random.Random(seed).choice([20, 100, 250]))
    cards = Cards(ground.journal, ground.store, kept=timedelta(days=9))
    middle = random.Random(seed).randrange(len(day.lines))
    for number, (at, event, rows) in enumerate(day.lines):
        if number == middle:
            ground.journal.sync()
            cards = Cards(ground.journal, ground.store, kept=timedelta(days=9))
            await cards.rebuild()
        ground.journal.append(at, event, rows)
        cards.listen(at, event, list[Command](rows))
    await ground.arrive()
    await ground.assert_exactly_once()

    told_of = {row.call for _, _, rows in day.lines for row in rows if row.kind is Kind.ARRIVED}
    assert {call for (call,) in await ground.sql("SELECT call FROM cards")} == told_of
    for call in told_of:
        card = cards.get(call)
        assert card is not None and card | {"region": NOWHERE} == await ground.store.card(call)

    await same_transfers(ground, day)
    # Talk, hold and consult tile each leg that was heard to its end, and every agent's states tile his time.
    unheard = {row.offer for _, event, rows in day.lines if isinstance(event, PbxFound) for row in rows}
    over = "talk_s + hold_s + consult_s - extract(epoch FROM talk_ended_at - connected_at)"
    legs = await ground.sql(f"SELECT offer, {over} FROM offers WHERE talk_ended_at IS NOT NULL")
    assert [leg for leg in legs if abs(leg[1]) > 0.001 and leg[0] not in unheard] == []
    stretches = await ground.sql("SELECT agent, from_at, to_at, state FROM agent_time ORDER BY agent, from_at")
    for _, his in groupby(stretches, key=lambda row: row[0]):
        rows_of_his = list(his)
        assert [row[1] for row in rows_of_his[1:]] == [row[2] for row in rows_of_his[:-1]]
    assert {"hold", "consult"} & {row[3] for row in stretches}

    wrong: list[str] = []
    for name, queues in day.days.items():
        found = await ground.store.kpi_by_queue(*ground.store.day_bounds(datetime.fromisoformat(name).date()))
        for queue, counts in queues.items():
            wrong += told(found.get(queue) or Kpi(EVENING, EVENING, queue), counts, day.crossings[name, queue])
    assert not wrong, "\n".join([f"seed {seed}:", *wrong])


async def same_transfers(ground: StoreFixture, day: Afternoon) -> None:
    """Each number of a call once, with the last that was said of it."""
    last: dict[tuple[str, int], dict[str, Any]] = {}
    for _, _, rows in day.lines:
        for row in rows:
            if row.kind is Kind.TRANSFER and row.detail.get("number"):
                said = last.setdefault((row.call, row.detail["number"]), {"first": row.agent})
                explained = row.detail["state"] == "explained"
                said |= {name: row.detail[name] for name in ("reason", "note") if row.detail.get(name)}
                said |= (
                    {}
                    if explained
                    else {name: row.detail[name] for name in ("state", "kind", "to", "receiver", "warm")}
                )
    found = await ground.sql('SELECT call, number, first, state, kind, "to", receiver, warm, reason FROM transfers')
    assert {(row[0], row[1]): row[2:] for row in found} == {
        key: tuple(said.get(name, "") for name in ("first", "state", "kind", "to", "receiver", "warm", "reason"))
        for key, said in last.items()
    }
    assert last

"""Words that were written about calls: found by the index of pairs, by reading one call after the other, and by neither, alike."""

import json
from datetime import timedelta

import pytest

from acd.store.queries import word_search
from acd.store.queries.call_search import CallFilters
from tests.store.support.store_fixture import MORNING, StoreFixture

CARDS: dict[str, object] = {
    "c1": {"matter": "退款还没有到账", "name": "", "entries": [{"what": "note", "text": "请仓库核对"}]},
    "c2": {"matter": "Invoice für 北京", "name": "李娜", "entries": []},
    "c3": {
        "matter": "",
        "name": "",
        "entries": [{"what": "note", "text": "打了 50%_的折/扣"}, {"what": "disposition", "code": "solved"}],
    },
    "c4": {"matter": "退 款", "name": ""},
    "c5": {"matter": None, "entries": None},
}
"""Call to what its card holds; the last two are not as the fold writes them."""
WORDS = {
    "退款": ["c1"],
    "退": ["c1", "c4"],
    "退 款": ["c4"],
    "没有到账": ["c1"],
    "仓库": ["c1"],
    "到账请仓": [],
    "für 北": ["c2"],
    "FÜR 北": ["c2"],
    "李娜": ["c2"],
    "%_的": ["c3"],
    "折/扣": ["c3"],
    "%的": [],
    "铁观音": [],
    "阿拉善": ["c6"],
    "转给主管": ["c7"],
    "客户甲": ["c6"],
    "invoice": ["c2"],
    "😀": [],
}
"""What is looked for, to the calls that have it."""


@pytest.fixture
async def written(ground: StoreFixture) -> StoreFixture:
    await ground.store.migrate()
    for number in range(1, 8):
        customer = ("客户甲", "阿拉善矿业") if number == 6 else ("", "")
        await ground.sql(
            "INSERT INTO calls (call, arrived_at, customer, customer_name) VALUES ($1, $2, $3, $4)",
            f"c{number}",
            MORNING + timedelta(minutes=number),
            *customer,
        )
    for call, body in CARDS.items():
        await ground.sql(
            "INSERT INTO cards (call, contact, version, body, updated_at) VALUES ($1, $1, 1, $2, $3)",
            call,
            json.dumps(body),
            MORNING,
        )
    await ground.sql("INSERT INTO transfers (call, number, asked_at, note) VALUES ('c7', 1, $1, '请转给主管')", MORNING)
    return ground


@pytest.mark.parametrize("way", ["as it comes", "many have it", "no index"])
async def test_words_find_the_same_calls_in_every_way(
    written: StoreFixture, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "many have it":
        monkeypatch.setattr(word_search, "FEW", -1)
    if way == "no index":
        monkeypatch.setattr(word_search, "by_index", lambda typed: False)
    found = {
        typed: sorted(row.call for row in await written.store.calls(CallFilters(search=typed, words=True)))
        for typed in WORDS
    }
    assert found == WORDS


async def test_a_page_of_words_goes_on_where_the_former_ended(written: StoreFixture) -> None:
    await written.sql("UPDATE cards SET body = jsonb_set(body, '{matter}', '\"同样的事情\"')")
    first = await written.store.calls(CallFilters(search="同样", words=True, limit=2))
    second = await written.store.calls(CallFilters(search="同样", words=True, limit=2, before=first[-1].call))
    assert [row.call for row in (*first, *second)] == ["c5", "c4", "c3", "c2"]


async def test_words_written_anew_are_found_and_the_former_are_not(written: StoreFixture) -> None:
    await written.sql("UPDATE cards SET body = jsonb_set(body, '{matter}', '\"改成换货\"') WHERE call = 'c1'")
    for typed, calls in (("换货", ["c1"]), ("退款", [])):
        assert [row.call for row in await written.store.calls(CallFilters(search=typed, words=True))] == calls


def test_numbers_and_single_characters_are_not_for_the_index() -> None:
    wanted = {"退款": True, "退": False, "": False, "1001": False, "第５号": False, "订单42": False, "invoice": False}
    assert {typed: word_search.by_index(typed) for typed in wanted} == wanted

"""Records of customers in a real PostgreSQL: found, changed, imported, and taken by nobody else."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from acd.store.customers import bulk, records
from acd.store.customers.record import Customer, CustomerThere, NoSuchCustomer, NumberTaken
from acd.store.store import Store

ZHANG = Customer(
    "K-7",
    "张三",
    ("+8613800001111", "+861088886666"),
    "gold",
    "zh",
    "B-100",
    "Beijing",
    False,
    "by telephone",
    "T-9",
    "1001",
)
LI = Customer("K-8", "Li 100%_x", ("+8613900002222",), do_not_call=True)
GIVEN = frozenset(("name", "numbers", "customer_class"))


def plain(one: Customer | None) -> Customer | None:
    """Without who wrote it, and when."""
    return None if one is None else replace(one, updated_at=None, updated_by="")


async def both(store: Store) -> None:
    async with store.transaction() as connection:
        await records.add(connection, ZHANG, "token")
        await records.add(connection, LI, "token")


async def test_a_customer_is_found_by_each_number_and_no_other(store: Store):
    await both(store)
    async with store.looking_up() as connection:
        for number in ZHANG.numbers:
            assert plain(await records.by_number(connection, [number])) == ZHANG
        assert plain(await records.by_number(connection, ["+8613900002222"])) == LI
        assert await records.by_number(connection, ["+8613800009999"]) is None
        assert await records.barred(connection, [*ZHANG.numbers, *LI.numbers, "+8613800009999"]) == set(LI.numbers)
        plan = await connection.exec_driver_sql(
            "EXPLAIN SELECT * FROM customer_numbers WHERE number = ANY(ARRAY['+8613800001111'])"
        )
        assert plan.scalars().all()


async def test_lists_are_searched_and_paged(store: Store):
    await both(store)
    async with store.transaction() as connection:

        async def ids(**asked: Any) -> list[str]:
            return [one.id for one in await records.find(connection, **asked)]

        assert await ids() == ["K-7", "K-8"]
        assert await ids(search="张") == ["K-7"] and await ids(search="K-8") == ["K-8"]
        assert await ids(search="li 100%_") == ["K-8"] and await ids(search="%") == ["K-8"]
        assert await ids(search="_") == ["K-8"] and await ids(search="\\") == []
        assert await ids(number="+861088886666") == ["K-7"] and await ids(last_digits="2222") == ["K-8"]
        assert await ids(customer_class="gold") == ["K-7"] and await ids(after="K-7") == ["K-8"]
        assert [one.id for one in await records.find(connection, limit=1)] == ["K-7"]
        assert await records.count(connection) == 2


async def test_a_number_has_one_customer_and_an_id_too(store: Store):
    await both(store)
    with pytest.raises(NumberTaken, match="K-7"):
        async with store.transaction() as connection:
            await records.add(connection, Customer("K-9", numbers=("+861088886666",)), "x")
    with pytest.raises(NumberTaken):
        async with store.transaction() as connection:
            await records.change(connection, "K-8", {"numbers": ("+8613800001111",)}, "x")
    with pytest.raises(CustomerThere):
        async with store.transaction() as connection:
            await records.add(connection, Customer("K-7"), "x")
    with pytest.raises(NoSuchCustomer):
        async with store.transaction() as connection:
            await records.change(connection, "K-9", {"name": "x"}, "x")
    async with store.transaction() as connection:
        assert [plain(one) for one in await records.find(connection)] == [ZHANG, LI]


async def test_of_two_who_take_one_number_at_once_one_gets_it(store: Store):
    await both(store)

    async def take(id_: str) -> str:
        try:
            async with store.transaction() as connection:
                await records.change(connection, id_, {"numbers": ("+8613700000000",)}, "x")
        except NumberTaken:
            return ""
        return id_

    took = await asyncio.gather(take("K-7"), take("K-8"))
    assert sorted(map(bool, took)) == [False, True]


async def test_changing_leaves_the_rest_and_removing_takes_the_numbers_along(store: Store):
    await both(store)
    async with store.transaction() as connection:
        made = await records.change(connection, "K-7", {"customer_class": "", "numbers": ("+8613800003333",)}, "chen")
        assert (made.name, made.customer_class, made.numbers, made.updated_by) == (
            "张三",
            "",
            ("+8613800003333",),
            "chen",
        )
        await records.remove(connection, "K-7")
        assert await records.by_number(connection, ["+8613800003333"]) is None
        made = await records.add(connection, Customer("", numbers=("+8613800003333",)), "chen")
        assert made.id == "k1"
        assert (await records.add(connection, Customer("", "second"), "chen")).id == "k2"


async def test_a_list_adds_changes_its_columns_alone_and_leaves_what_is_the_same(store: Store):
    await both(store)
    new = [
        Customer("K-7", "Zhang San", ("+8613800001111",), "silver"),
        Customer("K-8", LI.name, LI.numbers, ""),
        Customer("K-9", "Wang", ("+861088886666",)),  # which K-7 gives up in the same list
    ]
    for dry_run in (True, False):
        async with store.transaction() as connection:
            done = await bulk.write(connection, new, GIVEN, "list", dry_run=dry_run)
        assert (done.added, done.changed, done.unchanged, done.taken) == (1, 1, 1, ())
        async with store.transaction() as connection:
            there = {one.id: one for one in await records.find(connection)}
        assert ("K-9" in there) == (not dry_run)
    assert (there["K-7"].last_order, there["K-7"].numbers) == ("B-100", ("+8613800001111",))
    assert there["K-8"].do_not_call and there["K-8"].updated_by == "token"
    assert there["K-9"].numbers == ("+861088886666",)


async def test_a_list_that_takes_a_number_of_somebody_else_writes_nothing(store: Store):
    await both(store)
    async with store.transaction() as connection:
        done = await bulk.write(
            connection, [Customer("K-1", "new"), Customer("K-9", numbers=("+8613900002222",))], GIVEN, "list"
        )
    assert [(one.number, one.wanted, one.customer) for one in done.taken] == [("+8613900002222", "K-9", "K-8")]
    async with store.transaction() as connection:
        assert await records.count(connection) == 2


async def test_two_who_swap_numbers_in_one_list_do(store: Store):
    await both(store)
    swapped = [Customer("K-7", numbers=LI.numbers), Customer("K-8", numbers=ZHANG.numbers)]
    async with store.transaction() as connection:
        await bulk.write(connection, swapped, frozenset(("numbers",)), "list")
        pages = [page async for page in bulk.all_of_them(connection)]
    assert [(one.id, one.numbers) for one in pages[0]] == [("K-7", LI.numbers), ("K-8", ZHANG.numbers)]

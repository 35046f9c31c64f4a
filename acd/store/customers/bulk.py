"""A list of customers, written in one transaction: all of them or none."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.customers import records
from acd.store.customers.record import COLUMNS, Customer, column_value, from_columns

PAGE = 500
SLICE = 5000
MOST_TAKEN = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Taken:
    """A number of the list that belongs to a customer who is not in the list."""

    number: str
    wanted: str
    """The customer of the list."""
    customer: str
    """Who has it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a list did, or would do."""

    added: int
    changed: int
    unchanged: int
    taken: tuple[Taken, ...]
    """Nothing was written where there are some."""


async def write(
    connection: AsyncConnection, customers: Sequence[Customer], given: frozenset[str], by: str, *, dry_run: bool = False
) -> Written:
    """Adds those whose id is new and changes the others, in the fields `given` alone (names of Customer). No id and no number may
    stand in it twice. The caller's transaction must be rolled back after a `dry_run`, which changes nothing itself."""
    taken = await _taken(connection, customers) if "numbers" in given else ()
    names = [name for name in COLUMNS if name in given]
    before = await there_already(connection, [each.id for each in customers])
    added = sum(each.id not in before for each in customers)
    unchanged = sum(_same(each, before.get(each.id), given) for each in customers)
    outcome = Written(added, len(customers) - added - unchanged, unchanged, taken)
    if taken or dry_run:
        return outcome
    wanted = [each for each in customers if not _same(each, before.get(each.id), given)]
    await _put(connection, wanted, names, by)
    if "numbers" in given:
        await _put_numbers(connection, wanted)
    return outcome


async def all_of_them(
    connection: AsyncConnection, brands: Collection[str] | None = None
) -> AsyncIterator[list[Customer]]:
    """Every customer, or those of one of these brands, in the order of their ids, some hundreds at a time."""
    after = ""
    while page := await records.find(connection, after=after, limit=PAGE, brands=brands):
        yield page
        after = page[-1].id


async def there_already(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Customer]:
    """Those of these ids that have a record, by id."""
    found: dict[str, Customer] = {}
    names = ", ".join(f"c.{name}" for name in ("id", *COLUMNS))
    query = text(
        f"SELECT {names}, ARRAY(SELECT number FROM customer_numbers AS n WHERE n.customer = c.id ORDER BY place, number) AS numbers "
        "FROM unnest(CAST(:ids AS text[])) AS wanted(id) JOIN customers AS c ON c.id = wanted.id"
    )
    for some in _slices(ids):
        for row in await connection.execute(query, {"ids": list(some)}):
            found[row.id] = from_columns(row._asdict())
    return found


def _same(wanted: Customer, there: Customer | None, given: frozenset[str]) -> bool:
    return there is not None and all(getattr(wanted, name) == getattr(there, name) for name in given)


async def _taken(connection: AsyncConnection, customers: Sequence[Customer]) -> tuple[Taken, ...]:
    query = text(
        """
        SELECT new.number, new.id AS wanted, n.customer
        FROM unnest(CAST(:numbers AS text[]), CAST(:ids AS text[])) AS new(number, id)
        JOIN customer_numbers AS n ON n.number = new.number AND n.customer <> new.id ORDER BY new.number
        """
    )
    listed = {each.id for each in customers}
    found: list[Taken] = []
    for some in _slices([(number, each.id) for each in customers for number in each.numbers]):
        rows = await connection.execute(
            query, {"numbers": [number for number, _ in some], "ids": [id_ for _, id_ in some]}
        )
        # Who is in the list too gives the number up by it, or the list has it twice, which was looked at before.
        found += [Taken(row.number, row.wanted, row.customer) for row in rows if row.customer not in listed]
    return tuple(found[:MOST_TAKEN])


async def _put(connection: AsyncConnection, customers: Sequence[Customer], names: Sequence[str], by: str) -> None:
    kinds = {name: "boolean" if name == "do_not_call" else "text" for name in names}
    arrays = ", ".join(["CAST(:id AS text[])", *(f"CAST(:{name} AS {kinds[name]}[])" for name in names)])
    listed = ", ".join(["id", *names])
    new = [*(f"{name} = excluded.{name}" for name in names), "updated_at = now()", "updated_by = excluded.updated_by"]
    query = text(
        f"INSERT INTO customers ({listed}, updated_by) SELECT {listed}, :by FROM unnest({arrays}) AS new({listed}) "
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(new)}"
    )
    for some in _slices(customers):
        await connection.execute(
            query, {name: [column_value(each, name) for each in some] for name in ("id", *names)} | {"by": by}
        )


async def _put_numbers(connection: AsyncConnection, customers: Sequence[Customer]) -> None:
    """All are taken away before one is given, for they may change hands within the list."""
    away = text(
        "DELETE FROM customer_numbers AS n USING unnest(CAST(:ids AS text[])) AS gone(id) WHERE n.customer = gone.id"
    )
    for gone in _slices([each.id for each in customers]):
        await connection.execute(away, {"ids": list(gone)})
    given = text(
        "INSERT INTO customer_numbers (number, customer, place) SELECT * FROM "
        "unnest(CAST(:numbers AS text[]), CAST(:ids AS text[]), CAST(:places AS integer[]))"
    )
    for some in _slices(
        [(number, each.id, place) for each in customers for place, number in enumerate(each.numbers, 1)]
    ):
        numbers, ids, places = zip(*some, strict=True)
        await connection.execute(given, {"numbers": list(numbers), "ids": list(ids), "places": list(places)})


def _slices(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Some thousands at a time, so that no statement takes long."""
    for begin in range(0, len(rows), SLICE):
        yield rows[begin : begin + SLICE]

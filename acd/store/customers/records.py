"""Customers found by a caller's number, listed, written and deleted."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.customers.record import (
    COLUMNS,
    Customer,
    CustomerThere,
    NoSuchCustomer,
    NumberTaken,
    column_value,
    from_columns,
    written,
)

LONGEST_PAGE = 500
_ALL = ", ".join(f"c.{name}" for name in ("id", *COLUMNS, "updated_at", "updated_by"))
_NUMBERS = "ARRAY(SELECT number FROM customer_numbers AS n WHERE n.customer = c.id ORDER BY place, number) AS numbers"

# By the primary key of customer_numbers, then that of customers.
_BY_NUMBER = text(
    f"""
    SELECT {_ALL}, {_NUMBERS} FROM customer_numbers AS own JOIN customers AS c ON c.id = own.customer
    WHERE own.number = ANY(:numbers) ORDER BY own.number LIMIT 1
    """
)
_OF_BRANDS = "string_to_array(c.brands, ',') && CAST(:brands AS text[])"
_ONE = text(f"SELECT {_ALL}, {_NUMBERS} FROM customers AS c WHERE c.id = :id")
_BARRED = text(
    """
    SELECT number FROM customer_numbers AS n JOIN customers AS c ON c.id = n.customer
    WHERE n.number = ANY(:numbers) AND c.do_not_call
    """
)


async def by_number(connection: AsyncConnection, numbers: Sequence[str]) -> Customer | None:
    """The customer who has one of these numbers, which are one number in several writings; None: nobody has."""
    row = (await connection.execute(_BY_NUMBER, {"numbers": list(numbers)})).first()
    return None if row is None else _customer(row)


async def one(connection: AsyncConnection, id_: str) -> Customer | None:
    """The customer of this id; None: there is none."""
    row = (await connection.execute(_ONE, {"id": id_})).first()
    return None if row is None else _customer(row)


async def barred(connection: AsyncConnection, numbers: Collection[str]) -> set[str]:
    """Those of these canonical numbers whose customer does not want to be called."""
    if not numbers:
        return set()
    return {str(number) for number in (await connection.execute(_BARRED, {"numbers": list(numbers)})).scalars()}


async def find(
    connection: AsyncConnection,
    search: str = "",
    number: str = "",
    last_digits: str = "",
    customer_class: str = "",
    after: str = "",
    limit: int = 100,
    brands: Collection[str] | None = None,
) -> list[Customer]:
    """Customers in the order of their ids, those after the id `after`; at most `limit`, and LONGEST_PAGE. `search`: an id, or a part of
    a name in whatever case; or the canonical `number`, or the `last_digits` of one. `brands`: only customers of one of these."""
    where, values = ["TRUE"], dict[str, Any](limit=max(1, min(limit, LONGEST_PAGE)))
    ways = []
    if search:
        ways += ["c.id = :search", "c.name ILIKE :part"]
        values |= {"search": search, "part": f"%{_plain(search)}%"}
    if number:
        ways.append("c.id IN (SELECT customer FROM customer_numbers WHERE number = :number)")
        values["number"] = number
    if last_digits:
        ways.append("c.id IN (SELECT customer FROM customer_numbers WHERE number LIKE :digits)")
        values["digits"] = f"%{_plain(last_digits)}"
    if ways:
        where.append(f"({' OR '.join(ways)})")
    if customer_class:
        where.append("c.customer_class = :class")
        values["class"] = customer_class
    if brands is not None:
        where.append(_OF_BRANDS)
        values["brands"] = sorted(brands)
    if after:
        where.append("c.id > :after")
        values["after"] = after
    query = f"SELECT {_ALL}, {_NUMBERS} FROM customers AS c WHERE {' AND '.join(where)} ORDER BY c.id LIMIT :limit"
    return [_customer(row) for row in await connection.execute(text(query), values)]


async def count(connection: AsyncConnection) -> int:
    """How many there are."""
    return int((await connection.execute(text("SELECT count(*) FROM customers"))).scalar_one())


async def add(connection: AsyncConnection, customer: Customer, by: str) -> Customer:
    """Writes a new one; with an empty id it gets one of ours. Raises CustomerThere, NumberTaken."""
    id_ = customer.id or await _new_id(connection)
    names = ", ".join(COLUMNS)
    values = {name: column_value(customer, name) for name in COLUMNS}
    made = await connection.execute(
        text(
            f"INSERT INTO customers (id, {names}, updated_by) VALUES (:id, {', '.join(f':{name}' for name in COLUMNS)}, :by) "
            "ON CONFLICT (id) DO NOTHING"
        ),
        values | {"id": id_, "by": by},
    )
    if made.rowcount == 0:
        raise CustomerThere(customer=id_)
    await _write_numbers(connection, id_, customer.numbers)
    return await _written(connection, id_)


async def change(connection: AsyncConnection, id_: str, values: dict[str, Any], by: str) -> Customer:
    """Changes these fields, names of Customer; what is not named stays. Raises NoSuchCustomer, NumberTaken."""
    set_ = [f"{name} = :{name}" for name in COLUMNS if name in values]
    query = f"UPDATE customers SET {', '.join([*set_, 'updated_at = now()', 'updated_by = :by'])} WHERE id = :id"
    plain = {name: written(value) for name, value in values.items() if name in COLUMNS}
    changed = await connection.execute(text(query), plain | {"id": id_, "by": by})
    if changed.rowcount == 0:
        raise NoSuchCustomer(customer=id_)
    if "numbers" in values:
        await _write_numbers(connection, id_, values["numbers"])
    return await _written(connection, id_)


async def remove(connection: AsyncConnection, id_: str) -> None:
    """Deletes the record with its numbers; calls and cards stay as they are. Raises NoSuchCustomer."""
    gone = await connection.execute(text("DELETE FROM customers WHERE id = :id"), {"id": id_})
    if gone.rowcount == 0:
        raise NoSuchCustomer(customer=id_)
    # After the record, whose lock whoever writes numbers holds: none is left behind.
    await connection.execute(text("DELETE FROM customer_numbers WHERE customer = :id"), {"id": id_})


async def _written(connection: AsyncConnection, id_: str) -> Customer:
    found = await one(connection, id_)
    if found is None:
        raise NoSuchCustomer(customer=id_)
    return found


async def _write_numbers(connection: AsyncConnection, id_: str, numbers: Sequence[str]) -> None:
    taken = await connection.execute(
        text("SELECT number, customer FROM customer_numbers WHERE number = ANY(:numbers) AND customer <> :id LIMIT 1"),
        {"numbers": list(numbers), "id": id_},
    )
    if (row := taken.first()) is not None:
        raise NumberTaken(row.number, row.customer)
    await connection.execute(text("DELETE FROM customer_numbers WHERE customer = :id"), {"id": id_})
    try:
        await connection.execute(
            text(
                "INSERT INTO customer_numbers (number, customer, place) "
                "SELECT number, :id, place FROM unnest(CAST(:numbers AS text[])) WITH ORDINALITY AS new(number, place)"
            ),
            {"numbers": list(numbers), "id": id_},
        )
    except IntegrityError:
        # Somebody else has given one of them to another customer meanwhile.
        raise NumberTaken(", ".join(numbers), "another") from None


async def _new_id(connection: AsyncConnection) -> str:
    """ "k1", "k2", …: one more than the greatest of these."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(727200308)"))
    greatest = await connection.execute(
        text("SELECT COALESCE(max(CAST(substr(id, 2) AS bigint)), 0) FROM customers WHERE id ~ '^k[0-9]{1,12}$'")
    )
    return f"k{int(greatest.scalar_one()) + 1}"


def _plain(typed: str) -> str:
    """The text for LIKE, its own signs without meaning."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _customer(row: Row[Any]) -> Customer:
    return from_columns(row._asdict())

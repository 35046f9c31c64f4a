"""A customer is forgotten: the record, and what calls and cards hold of the person.

The figures of the hotline stay: a call that was stays a call, of nobody. Recordings stay too; they are files, and what becomes of
them is said in docs/personal-data.md.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.customers import records
from acd.store.customers.record import CustomerOnTheLine, NoSuchCustomer
from acd.telephone_numbers import UNKNOWN

_CALLS = text(
    """
    SELECT call, caller, ended_at FROM calls
    WHERE customer = :id OR (:numbers_too AND caller IN (SELECT number FROM customer_numbers WHERE customer = :id))
    """
)
# The record's values, in rows and on cards; a card's own name too, whoever wrote it.
_NAMES = (
    "UPDATE calls SET customer = '', customer_name = '', customer_class = '' WHERE call = ANY(:calls)",
    "DELETE FROM call_log WHERE call = ANY(:calls) AND kind = 'customer'",
    """
    UPDATE call_log SET detail = detail - 'text'
    WHERE call = ANY(:calls) AND kind = 'card' AND detail->>'what' IN ('name', 'value')
    """,
    "UPDATE callback_promises SET customer = '' WHERE promise = ANY(:calls) OR of_call = ANY(:calls)",
    """
    UPDATE cards SET body = body || '{"customer": null, "name": "", "value": ""}' WHERE call = ANY(:calls)
    """,
)
# With the numbers, and with all that a person has written of the matter.
_NUMBERS = (
    "UPDATE calls SET caller = 'unknown', written = '' WHERE call = ANY(:calls)",
    "DELETE FROM cards WHERE call = ANY(:calls)",
    "UPDATE call_log SET detail = detail - 'text' WHERE call = ANY(:calls) AND kind = 'card'",
    "UPDATE call_log SET detail = detail - 'note' WHERE call = ANY(:calls) AND kind = 'transfer'",
    "UPDATE transfers SET note = '' WHERE call = ANY(:calls)",
    "UPDATE callback_promises SET number = 'unknown', note = '' WHERE promise = ANY(:calls) OR of_call = ANY(:calls)",
    "UPDATE call_log SET detail = detail - 'number' - 'note' - 'customer' WHERE call = ANY(:calls) AND kind = 'promise'",
    """
    UPDATE call_log SET detail = (detail - 'written') || '{"caller": "unknown"}'
    WHERE call = ANY(:calls) AND kind = 'arrived'
    """,
    "UPDATE call_log SET detail = detail - 'number' WHERE call = ANY(:calls) AND kind = 'callback'",
    """UPDATE call_log SET detail = detail || '{"number": "unknown"}'
    WHERE detail ? 'number' AND (kind = 'fault' AND call = ANY(:calls) OR kind = 'story call' AND detail->>'number' = ANY(:numbers))
    """,
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was forgotten."""

    calls: tuple[str, ...]
    """Of the customer, whose rows and cards were changed."""
    recordings: int
    """Files of these calls, which are still there."""
    numbers: tuple[str, ...]
    """Canonical: those of the record, and with `numbers_too` those from which these calls came."""


async def erase(connection: AsyncConnection, id_: str, *, numbers_too: bool) -> Erased:
    """Deletes the record, and the customer's id, name and class of all calls; with `numbers_too` also the numbers, cards and notes of
    these calls. Raises NoSuchCustomer where neither a record nor a call has the id, CustomerOnTheLine."""
    calls = list(await connection.execute(_CALLS, {"id": id_, "numbers_too": numbers_too}))
    record = await records.one(connection, id_)
    if record is None and not calls:
        raise NoSuchCustomer(customer=id_)
    if live := [row.call for row in calls if row.ended_at is None]:
        raise CustomerOnTheLine(customer=id_, call=live[0])
    numbers = {*(record.numbers if record else ())}
    if numbers_too:
        numbers |= {row.caller for row in calls} - {UNKNOWN}
    named = {"calls": [row.call for row in calls]}
    for statement in (*_NAMES, *(_NUMBERS if numbers_too else ())):
        about = {"numbers": sorted(numbers)} if ":numbers" in statement else {}
        await connection.execute(text(statement), named | about)
    if record is not None:
        await records.remove(connection, id_)
    files = await connection.execute(
        text("SELECT count(*) FROM recordings WHERE call = ANY(:calls) AND path <> ''"), named
    )
    return Erased(tuple(named["calls"]), int(files.scalar_one()), tuple(sorted(numbers)))

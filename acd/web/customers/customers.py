"""The records of customers: found, added, changed, removed, and forgotten for good.

Who reads a record leaves a line in the audit log, and what is changed stands there before it counts. In lists numbers are masked; one
record shows them whole to those who keep records, and to those who see callers' numbers whole. An account that is limited to brands
has the customers of its brands.
"""

from typing import Any

from acd.customers.fields import FIELDS, ID
from acd.engine.faults.events import FaultForgotten
from acd.store.customers import erasure, records
from acd.store.customers.record import Customer
from acd.web.access.auth import DOOR
from acd.web.api.calls import all_written, from_store, searched_number
from acd.web.customers.parts import changeable, changed, own_brands, seen, told, values_of, writing
from acd.web.customers.shapes import (
    CustomerFields,
    CustomerQuery,
    CustomersTold,
    CustomerTold,
    Erase,
    ErasedTold,
    NewCustomer,
    RemovedTold,
)
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route

IN_PATH = f"/api/customers/{{customer:{ID}}}"


async def customers(asked: Asked) -> CustomersTold:
    """One page of customers; numbers are masked. Who looks for a number leaves a line in the audit log, as who looks for calls does."""
    query: CustomerQuery = asked.query
    numbering = asked.context.config.numbering
    number = numbering.number(query.search)
    digits = query.search if query.search.isascii() and query.search.isdigit() and len(query.search) == 4 else ""
    door = asked.request.app[DOOR]
    if number:
        looked_for = searched_number(asked.context, query.search)
        await door.audit.note(asked.who.name, "searched by number", search=looked_for)
    else:
        await door.readings.note(asked.who.name, "listed customers", query.search, search=query.search)
    async with from_store(asked.context), asked.context.store.transaction() as connection:
        rows = await records.find(
            connection, query.search, number, digits, query.customer_class, query.after, query.limit, asked.scope.brands
        )
    found = [told(asked, row, in_full=False) for row in rows]
    return CustomersTold(customers=found, after=found[-1].id if len(found) == query.limit else None)


async def customer(asked: Asked) -> CustomerTold:
    """One record, with a line in the audit log. Numbers are whole for who may change records, or sees callers' numbers whole."""
    id_ = asked.word("customer")
    async with from_store(asked.context), asked.context.store.transaction() as connection:
        found = await seen(asked, connection, id_)
    await asked.request.app[DOOR].readings.note(asked.who.name, "read a customer", id_, customer=id_)
    return told(asked, found)


async def add(asked: Asked) -> CustomerTold:
    """Adds a customer."""
    values = _values(asked, asked.body)
    values.setdefault("brands", own_brands(asked))
    if not any(values.get(name) for name in ("id", "name", "numbers")):
        detail = "By nothing could this customer be found again. Give an id, a name or a number."
        raise Problem(400, "bad-request", detail, field="name")
    wanted = Customer(values.pop("id", ""), **values)
    async with writing(asked) as connection:
        made = await records.add(connection, wanted, asked.who.name)
        await asked.request.app[DOOR].audit.note(asked.who.name, "customer added", customer=made.id)
    changed(asked, made.numbers)
    return told(asked, made)


async def change(asked: Asked) -> CustomerTold:
    """Changes what is named. Of two who change at once the later counts."""
    id_, values = asked.word("customer"), _values(asked, asked.body)
    if not values:
        raise Problem(400, "bad-request", f"There is nothing to change. Name at least one of: {', '.join(FIELDS[1:])}.")
    async with writing(asked) as connection:
        before = await changeable(asked, connection, id_)
        made = await records.change(connection, id_, values, asked.who.name)
        await asked.request.app[DOOR].audit.note(
            asked.who.name, "customer changed", customer=id_, fields=sorted(values)
        )
    changed(asked, (*made.numbers, *before.numbers))
    return told(asked, made)


async def remove(asked: Asked) -> RemovedTold:
    """Removes the record; what calls and cards hold stays. To forget the person as well: `erase`."""
    id_ = asked.word("customer")
    async with writing(asked) as connection:
        before = await changeable(asked, connection, id_)
        await records.remove(connection, id_)
        await asked.request.app[DOOR].audit.note(asked.who.name, "customer removed", customer=id_)
    changed(asked, before.numbers)
    return RemovedTold(customer=id_)


async def erase(asked: Asked) -> ErasedTold:
    """Forgets the person: the record, and name, class and id on calls and cards; when asked, numbers and notes of the calls too. What
    stands in the journal is gone after `log.keep_days`; recordings stay."""
    id_ = asked.word("customer")
    if asked.scope.of_brands is not None:
        async with from_store(asked.context), asked.context.store.transaction() as connection:
            await seen(asked, connection, id_)
        detail = "Calls of other brands may be the customer's too. Somebody who is not limited to brands can erase the person."
        raise Problem(403, "limited-to-brands", detail)
    await all_written(asked)
    async with writing(asked) as connection:
        before = await records.one(connection, id_)
        erased = await erasure.erase(connection, id_, numbers_too=asked.body.calls)
        await asked.request.app[DOOR].audit.note(
            asked.who.name, "customer erased", customer=id_, calls=len(erased.calls)
        )
    asked.context.cards.forget(erased.calls)
    for number in erased.numbers:
        asked.context.tell(FaultForgotten(number))
    changed(asked, before.numbers if before else ())
    return ErasedTold(calls=len(erased.calls), recordings=erased.recordings)


def _values(asked: Asked, body: CustomerFields) -> dict[str, Any]:
    """The values to write. Raises Problem (400) with each mistake."""
    values, mistakes = values_of(asked, body.model_dump(by_alias=True, exclude_unset=True))
    if mistakes:
        said = [f"{one.field}: {one.why}" for one in mistakes]
        raise Problem(400, "bad-request", said[0], field=mistakes[0].field, mistakes=said if len(said) > 1 else None)
    return values


_UNKNOWN = {404: "unknown-customer"}
_SHARED = {403: "shared-customer: other brands have this customer, too"}
_AWAY = {503: "store-away"}
ROUTES = [
    Route(
        "GET",
        "/api/customers",
        customers,
        "customers-see",
        "Customers: all, or those who match",
        CustomersTold,
        CustomerQuery,
        refusals=_AWAY,
    ),
    Route(
        "POST",
        "/api/customers",
        add,
        "customers-change",
        "Add a customer",
        CustomerTold,
        body=NewCustomer,
        status=201,
        refusals={409: "customer-there, number-taken", **_AWAY},
    ),
    Route(
        "GET",
        IN_PATH,
        customer,
        "customers-see",
        "One customer's record",
        CustomerTold,
        refusals={**_UNKNOWN, **_AWAY},
    ),
    Route(
        "POST",
        IN_PATH,
        change,
        "customers-change",
        "Change what is named of a customer's record",
        CustomerTold,
        body=CustomerFields,
        refusals={**_UNKNOWN, **_SHARED, 409: "number-taken", **_AWAY},
    ),
    Route(
        "POST",
        f"{IN_PATH}/remove",
        remove,
        "customers-change",
        "Remove a customer's record; calls and cards stay",
        RemovedTold,
        refusals={**_UNKNOWN, **_SHARED, **_AWAY},
    ),
    Route(
        "POST",
        f"{IN_PATH}/erase",
        erase,
        "customers-change",
        "Forget a customer: the record, and the person on calls and cards",
        ErasedTold,
        body=Erase,
        refusals={**_UNKNOWN, 409: "on-the-line", 503: "store-away, not-written-yet"},
    ),
]

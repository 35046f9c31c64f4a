"""What both kinds of routes need: which records an account may read and write, values checked, records told."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from acd.customers.fields import FieldRules, Mistake, read
from acd.store.customers import records
from acd.store.customers.record import Customer, CustomerOnTheLine, CustomerThere, NoSuchCustomer, NumberTaken
from acd.web.access.roles import may
from acd.web.api.calls import from_store
from acd.web.customers.shapes import CustomerTold
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked
from acd.words import masked

WRITE_WITHIN_S = 10.0
TAKEN = "This number belongs to another customer already. A caller could not be told to be the one or the other."
"""To an account that does not see which."""
NO_BRAND = "you see the customers of your brands alone, and this one would be nobody's. Name one of your brands."


def field_rules(asked: Asked) -> FieldRules:
    """What the configuration knows of records, without brands and agents that the account does not see."""
    rules, scope = FieldRules.of(asked.context.config), asked.scope
    if scope.of_brands is None:
        return rules
    return replace(rules, brands=scope.of_brands.brands, agents=tuple(sorted(scope.of_brands.agents)))


def values_of(asked: Asked, cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
    """The values to write, and the mistakes. What a limited account writes stays a customer of its brands."""
    values, mistakes = read(cells, field_rules(asked))
    if asked.scope.of_brands is not None and values.get("brands") == ():
        mistakes.append(Mistake("brands", NO_BRAND))
    return values, mistakes


def own_brands(asked: Asked) -> tuple[str, ...]:
    """Of a new customer for whom no brand was named: those of the account. Raises Problem (403) for an account whose brands are gone."""
    if asked.scope.brands == ():
        raise Problem(403, "limited-to-brands", "Your account is limited to brands that there are no longer.")
    return asked.scope.brands or ()


async def seen(asked: Asked, connection: Any, id_: str) -> Customer:
    """The record. Raises Problem (404), for another brand's as for one that there is not."""
    found = await records.one(connection, id_)
    if found is None or not asked.scope.has_customer(found.brands):
        raise Problem(404, "unknown-customer", str(NoSuchCustomer(customer=id_)))
    return found


async def changeable(asked: Asked, connection: Any, id_: str) -> Customer:
    """The record, to be changed. Raises Problem: 404 as `seen`; 403 where another brand has it too."""
    found = await seen(asked, connection, id_)
    if not asked.scope.has_customer_alone(found.brands):
        detail = "Other brands have this customer, too. Somebody who is not limited to brands can change the record."
        raise Problem(403, "shared-customer", detail)
    return found


@asynccontextmanager
async def writing(asked: Asked, within_s: float = WRITE_WITHIN_S) -> AsyncIterator[Any]:
    """A connection on which records are changed. What can't be becomes a Problem."""
    try:
        async with from_store(asked.context), asked.context.store.transaction(within_s) as connection:
            yield connection
    except NoSuchCustomer as error:
        raise Problem(404, "unknown-customer", str(error)) from None
    except NumberTaken as error:
        why = str(error) if asked.scope.of_brands is None else TAKEN
        raise Problem(409, "number-taken", why, field="numbers") from None
    except CustomerThere as error:
        raise Problem(409, "customer-there", str(error), field="id") from None
    except CustomerOnTheLine as error:
        raise Problem(409, "on-the-line", str(error)) from None


def changed(asked: Asked, numbers: tuple[str, ...] | None = None) -> None:
    """What was found counts no longer, of these numbers or of all."""
    if asked.context.customers is not None:
        asked.context.customers.forget(numbers if numbers is not None else ())


def told(asked: Asked, found: Customer, *, in_full: bool | None = None) -> CustomerTold:
    """The record as the account may see it."""
    roles, scope = asked.who.roles, asked.scope
    whole = may(roles, "numbers-in-full") or may(roles, "customers-change") if in_full is None else in_full
    shown = [asked.context.config.numbering.shown(number) for number in found.numbers]
    values = {
        field.alias or name: getattr(found, name)
        for name, field in CustomerTold.model_fields.items()
        if name != "changeable"
    }
    own = {
        "numbers": shown if whole else [masked(number) for number in shown],
        "brands": [brand for brand in found.brands if scope.has_brand(brand)],
        "changeable": may(roles, "customers-change") and scope.has_customer_alone(found.brands),
    }
    return CustomerTold.model_validate(values | own)

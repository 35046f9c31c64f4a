"""One customer's record, and why it could not be written."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from acd.errors import SanxiangError

MOST_NUMBERS = 20
"""Of one customer."""


class NumberTaken(SanxiangError):
    """The number {number} belongs to customer {customer} already. A caller could not be told to be the one or the other: take it
    from one of them."""

    def __init__(self, number: str, customer: str) -> None:
        super().__init__(number=number, customer=customer)
        self.number, self.customer = number, customer


class NoSuchCustomer(SanxiangError):
    """There is no customer {customer}. `sanxiang customer list` shows those that there are."""


class CustomerThere(SanxiangError):
    """There is a customer {customer} already. Change that one, or give the new one another id."""


class CustomerOnTheLine(SanxiangError):
    """Customer {customer} is on the line (call {call}), and what is known of the call is still being written. Try again when it is
    over."""


@dataclass(frozen=True, slots=True)
class Customer:
    """As in customer_tables.CustomerRow."""

    id: str
    name: str = ""
    numbers: tuple[str, ...] = ()
    """Canonical; the first is called first."""
    customer_class: str = ""
    language: str = ""
    last_order: str = ""
    area: str = ""
    do_not_call: bool = False
    consent: str = ""
    complaint_ticket: str = ""
    complaint_owner: str = ""
    brands: tuple[str, ...] = ()
    """Sorted; empty: of no brand, a customer of the whole hotline."""
    updated_at: datetime | None = None
    updated_by: str = ""


COLUMNS = tuple(
    each.name for each in fields(Customer) if each.name not in ("id", "numbers", "updated_at", "updated_by")
)
"""What a person may write, beside id and numbers."""


def column_value(customer: Customer, name: str) -> Any:
    """What stands in the customer's column of this name."""
    return written(getattr(customer, name))


def written(value: Any) -> Any:
    """A value as its column has it: brands with commas between them."""
    return ",".join(value) if isinstance(value, tuple) else value


def from_columns(named: dict[str, Any]) -> Customer:
    """The customer of a row that has all columns, and `numbers`."""
    brands = tuple(filter(None, named["brands"].split(",")))
    return Customer(**{**named, "numbers": tuple(named["numbers"]), "brands": brands})

"""What clients send of customers, and what they are told."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from acd.customers.fields import ID
from acd.identifiers import optional
from acd.store.customers import records
from acd.store.customers.record import MOST_NUMBERS
from acd.web.server.api_model import ApiModel
from acd.web.server.routes import Strict

MOST = 1000
"""Of one import; `sanxiang customer import` takes lists of any length."""
MOST_BRANDS = 50
Words = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, Field(max_length=1000)]


class CustomerQuery(Strict):
    """Which customers: filters, and where the page begins."""

    search: Words = ""
    """An id, a part of a name, a whole number in any writing, or the last four digits of one."""
    customer_class: Annotated[Words, Field(alias="class")] = ""
    limit: Annotated[int, Field(ge=1, le=records.LONGEST_PAGE)] = 100
    after: Annotated[str, Field(max_length=64, pattern=optional(ID))] = ""
    """The last customer of the former page."""


class CustomerTold(ApiModel):
    """A customer's record."""

    id: str
    """As the company writes it."""
    name: str
    numbers: list[str]
    """As people here write them, the one that is called first at the head; masked in lists."""
    customer_class: Annotated[str, Field(alias="class")]
    """As "gold"; what it gives is [classes] of the configuration. Empty: none."""
    language: str
    """zh, en; empty: the caller chooses."""
    last_order: str
    area: str
    do_not_call: bool
    """No call goes out to these numbers."""
    consent: str
    """What the customer has agreed to, when and how, in words."""
    complaint_ticket: str
    """Of a complaint that is open."""
    complaint_owner: str
    """The agent who has it: the customer's calls go there first."""
    brands: list[str]
    """Whose customer it is, as far as you see brands; empty: the whole hotline's."""
    changeable: bool
    """Whether you may change it: not where another brand than yours has it too."""
    updated_at: datetime | None
    updated_by: str


class CustomersTold(ApiModel):
    """One page of customers, in the order of their ids."""

    customers: list[CustomerTold]
    after: str | None
    """For the next page; null: this was the last."""


class CustomerFields(Strict):
    """What is to be written; what is left out stays as it is."""

    name: Text | None = None
    numbers: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=MOST_NUMBERS)] | None = None
    """In any writing; with a country code where it is not the hotline's own."""
    customer_class: Annotated[Text | None, Field(alias="class")] = None
    language: Text | None = None
    last_order: Text | None = None
    area: Text | None = None
    do_not_call: bool | None = None
    consent: Text | None = None
    complaint_ticket: Text | None = None
    complaint_owner: Text | None = None
    brands: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=MOST_BRANDS)] | None = None
    """Whose customer it is; empty: the whole hotline's."""


class NewCustomer(CustomerFields):
    """A new customer, or one of a list."""

    id: Text | None = None
    """Left out: one is made."""


class CustomerList(Strict):
    """Customers to add, or to change where their id is known; all of them or none. Each needs an id, and all have the same fields."""

    customers: Annotated[list[NewCustomer], Field(min_length=1, max_length=MOST)]
    dry_run: bool = False
    """Only say what would be done."""


class CustomersImported(ApiModel):
    """What a list did, or would do."""

    added: int
    changed: int
    unchanged: int


class Erase(Strict):
    """How much is forgotten."""

    calls: bool = False
    """Also the numbers, cards and notes of the customer's calls, which stay as calls of nobody."""


class ErasedTold(ApiModel):
    """What was forgotten."""

    calls: int
    """Of the customer."""
    recordings: int
    """Files of these calls, which are still there."""


class RemovedTold(ApiModel):
    """The customer whose record is gone."""

    customer: str


class CustomerFile(Strict):
    """A list as a spreadsheet saves it."""

    content: Annotated[str, Field(max_length=980_000)]
    """The file, base64."""
    dry_run: bool = False
    """Only say what would be done, and what is wrong."""


class MistakeTold(ApiModel):
    """Something that is wrong with a list."""

    line: int
    """0: the list as a whole."""
    en: str
    zh: str


class CustomerFileRead(ApiModel):
    """What a list did, or would do; nothing where there are mistakes."""

    rows: int
    added: int
    changed: int
    unchanged: int
    mistakes: list[MistakeTold]

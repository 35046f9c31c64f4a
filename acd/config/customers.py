"""The tables [customers] and [classes]: where it is looked up who calls, and what customers of a class get.

The records of customers stand in PostgreSQL (docs/customers.md); what is configured here is the company's own system beside them.
"""

import ipaddress
import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from acd.config.messages import near
from acd.config.types import PRINTABLE, FilePath, Label, Name, Part, Points, SkillLevels
from acd.telephone_numbers import DialAs

CustomerField = Literal[
    "id",
    "name",
    "class",
    "language",
    "last_order",
    "area",
    "do_not_call",
    "complaint_ticket",
    "complaint_owner",
]
"""What is taken over of another system's record."""
IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
TABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
JsonPath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,5}$")]
QueryName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]


class CustomerHttp(Part):
    """GET with the caller's number; the answer is one customer as a JSON object, or 404."""

    url: Annotated[str, Field(max_length=2000, pattern=PRINTABLE)]
    """Fixed: of a call only the number goes into it, as a word of the query."""
    number_in: QueryName = "number"
    """That word's name."""
    number_as: DialAs = "e164"
    token_file: FilePath | None = None
    """Holds the token that is sent as `Authorization: Bearer …`."""
    ca_file: FilePath | None = None
    """The authorities that are believed for its certificate; else those of this machine."""
    fields: dict[CustomerField, JsonPath] = {}
    """Where in the answer each value stands, as "customer.fullName"; what is left out stands under its own name."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("this is no address. Write it as https://crm.example.com/api/customer") from None
        if parts.scheme not in ("https", "http") or not host:
            raise ValueError("this is no address of the web. Write it as https://crm.example.com/api/customer")
        if parts.username is not None or parts.password is not None:
            raise ValueError("it holds a name or a password, which logs may show. Take them out, and use token_file")
        if parts.fragment or " " in url:
            raise ValueError("it has a blank or a #, which is never sent. Take it out")
        if parts.scheme == "http" and not _is_loopback(host):
            raise ValueError(
                "customers would cross the network in clear. Write https, or use http on this machine alone"
            )
        return url


class CustomerView(Part):
    """A table or view in a PostgreSQL of the company's, with a row for each number of a customer."""

    url_file: FilePath
    """Holds postgresql://user:password@host/name?sslmode=…; readable by the user that runs Sanxiang only."""
    table: Annotated[str, Field(pattern=TABLE)]
    """With its schema where need be, as "crm.hotline_customers"."""
    number: Identifier
    """The column with the number, in any writing without blanks and dashes."""
    columns: Annotated[dict[CustomerField, Identifier], Field(min_length=1)]
    """What is taken over from which column; `id` is needed."""

    @field_validator("columns")
    @classmethod
    def _id(cls, columns: dict[str, str]) -> dict[str, str]:
        if "id" not in columns:
            raise ValueError('`id` is missing, and without it nobody knows whose call it was. Add id = "customer_no"')
        return columns


def customer_warnings(table: "CustomersTable") -> Iterator[str]:
    """A sentence for each file of the company's system that would be missed by the first caller only."""
    http, view = table.http, table.view
    files = (
        ("http.token_file", http.token_file if http else None),
        ("http.ca_file", http.ca_file if http else None),
        ("view.url_file", view.url_file if view else None),
    )
    for place, file in files:
        if file is None:
            continue
        if not file.is_file():
            yield f"customers.{place}: there is no file {file}. The company's system is not asked until it is there."
        elif not os.access(file, os.R_OK):
            yield f"customers.{place}: {file} can't be read. The company's system is not asked until the user of Sanxiang may read it."


class CustomersTable(Part):
    """Who calls."""

    http: CustomerHttp | None = None
    view: CustomerView | None = None
    within_s: Annotated[float, Field(ge=0.1, le=5)] = 1.0
    """So long the company's own system has to answer; no call waits for it."""
    name_on_phone: bool = False
    """Whether the telephone that rings shows the customer's name behind the number."""

    @model_validator(mode="after")
    def _one(self) -> "CustomersTable":
        if self.http is not None and self.view is not None:
            raise ValueError("`http` and `view` are two systems, and one is asked. Keep one of them")
        return self


class CallerClass(Part):
    """What callers of a class get."""

    priority: Points = 0
    """Added to the caller's own and the queue's."""
    queue: Name | None = None
    """Where they wait who ask for an agent; None: where the menu leads."""
    instead_of: list[Name] = []
    """Only those who ask for one of these queues; empty: for any but an emergency queue."""
    skills: SkillLevels = {}
    """Required beside those of the queue."""
    label: Label | None = None
    """Shown to agents and supervisors; None: the name of the table."""


def class_mistakes(
    classes: Mapping[str, CallerClass], queues: Mapping[str, object], skills: frozenset[str]
) -> Iterator[str]:
    """A sentence for everything in [classes] that can't be. `skills`: those that some agent has; empty: nobody knows yet."""
    for name, known in classes.items():
        place = f"classes.{name}"
        if known.queue is not None and known.queue not in queues:
            yield f"{place}.queue: there is no queue {known.queue!r}{near(known.queue, queues)}. Queues: {', '.join(queues)}."
        for queue in known.instead_of:
            if queue not in queues:
                yield f"{place}.instead_of: there is no queue {queue!r}{near(queue, queues)}. Queues: {', '.join(queues)}."
        if known.instead_of and known.queue is None:
            yield f"{place}.instead_of: the class has no queue of its own to wait in. Add `queue`, or take instead_of away."
        if known.queue is not None and known.queue in known.instead_of:
            yield f"{place}.instead_of: {known.queue} is the class's own queue. Take it out."
        for skill in known.skills:
            if skills and skill not in skills:
                yield (
                    f"{place}.skills.{skill}: no agent has this skill{near(skill, skills)}, and no call of the class could be "
                    "answered. Give it to one, or take it away."
                )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

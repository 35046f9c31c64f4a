"""The tables [lookups.NAME], where a story finds an order or a complaint, and [identity], how a caller is verified.

A stories' service names its look-up (ivr/services/records.py): orders, deliveries, balances, tickets. Others may be there for stories
of the operator's own. No address stands in the configuration: it may hold a password, and lies in a private file.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from acd.config.types import FIELD, FilePath, Name, Part

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62}){0,2}")
"""Of a table or column of PostgreSQL; with its schema before it, divided by a dot."""
PARAMETER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
Level = Literal["none", "number", "full"]
Key = Annotated[str, Field(pattern=FIELD)]
Word = Annotated[str, Field(min_length=1, max_length=200)]

NEEDS: Mapping[str, Level] = {"balances": "full"}
"""What a look-up needs where the configuration does not say: how far the caller must be verified."""
KINDS: Mapping[str, tuple[str, ...]] = {
    "orders": ("caller", "order"), "deliveries": ("caller", "order"), "balances": ("caller",), "tickets": ("ticket",),
}  # fmt: skip
"""The packaged look-ups, and by what each is asked."""


def known_lookups(lookups: Mapping[str, object]) -> tuple[str, ...]:
    """Names that `when = { lookup = … }` of a menu may have: of those that are configured, and of the packaged ones."""
    return tuple(dict.fromkeys((*lookups, *KINDS)))


class Lookup(Part):
    kind: Literal["http", "postgresql"]
    address_file: FilePath | None = None
    """http: the URL on the first line, then header lines as "Authorization: Bearer …". postgresql: postgresql://…; left out: the
    hotline's own database. Private: chmod 600."""
    by: Annotated[dict[Key, Word], Field(min_length=1, max_length=10)]
    """What it can be asked by, and the name of that there: a column, or a parameter of the URL. "caller": the number that calls."""
    fields: Annotated[dict[Key, Word], Field(max_length=40)] = {}
    """Our field to its name there, where that differs: a column, or a path in the JSON as "state.code"."""
    statuses: Annotated[dict[Word, Name], Field(max_length=200)] = {}
    """Their statuses to ours (ivr/services/wording.py)."""
    table: Annotated[str, Field(max_length=200)] = ""
    """postgresql: a table or view, as "shop.orders"."""
    newest: Annotated[str, Field(max_length=200)] = ""
    """postgresql: the column by which the newest comes first."""
    records: Annotated[str, Field(max_length=200)] = ""
    """http: path of the list of records in the JSON, as "data.items"; empty: the whole answer, a record or a list."""
    caller_as: Literal["e164", "national"] = "e164"
    """http: how the caller's number is written there."""
    limit_s: Annotated[float, Field(ge=0.5, le=20)] = 6
    """So long a caller waits for the answer; after two seconds they hear "one moment"."""
    needs: Level | None = None
    """How far the caller must be verified. None: "full" for balances, else "none"."""

    @field_validator("table", "newest")
    @classmethod
    def _identifier(cls, name: str) -> str:
        if name and not IDENTIFIER.fullmatch(name):
            raise ValueError(
                f'{name!r} is no name of a table or column. Write it as "shop.orders", letters, digits and _'
            )
        return name

    @model_validator(mode="after")
    def _of_its_kind(self) -> "Lookup":
        if self.kind == "postgresql":
            if not self.table:
                raise ValueError('a look-up in postgresql needs `table`, as "shop.orders"')
            if self.records or self.caller_as != "e164":
                raise ValueError("`records` and `caller_as` are for http. Take them out")
            for name in (*self.by.values(), *self.fields.values()):
                if not IDENTIFIER.fullmatch(name):
                    raise ValueError(f"{name!r} is no name of a column. Write letters, digits and _")
        else:
            if self.address_file is None:
                raise ValueError("a look-up by http needs `address_file`: a private file with the URL")
            if self.table or self.newest:
                raise ValueError("`table` and `newest` are for postgresql. Take them out")
            for name in self.by.values():
                if not PARAMETER.fullmatch(name):
                    raise ValueError(f"{name!r} is no name of a parameter. Write letters, digits, _ . -")
        return self

    def needed(self, name: str) -> Level:
        """How far a caller must be verified for the look-up of this name."""
        return self.needs or NEEDS.get(name, "none")


class Identity(Part):
    against: Literal["lookup", "customer"] = "lookup"
    """With what is compared: the latest order of the look-up below, or the last order in the record of the customer whose registered
    number calls (docs/customers.md)."""
    lookup: Name = "orders"
    """The look-up that knows the customer by the number that calls, and its field `order`: the caller keys its last digits."""
    digits: Annotated[int, Field(ge=3, le=8)] = 4
    how: Name = "number-and-order"
    """Of [transfers.verify]: what the card says of it."""
    tries_per_call: Annotated[int, Field(ge=1, le=10)] = 3
    tries_per_day: Annotated[int, Field(ge=1, le=100)] = 6
    """Wrong entries of one number in a day, whatever the calls."""
    secret_file: FilePath | None = None
    """Holds the secret, as of a webhook, with which the company's app signs that a customer has shown who they are. None: it can't."""
    app_how: Name = "app-face"
    """Of [transfers.verify]: what the card says then."""
    business: Annotated[dict[Word, Literal["number", "full"]], Field(max_length=50)] = {}
    """Sensitive business: the reason of a transfer to how far the customer must be verified for it."""


def lookup_mistakes(
    lookups: Mapping[str, Lookup], identity: Identity, ways: Mapping[str, object], reasons: Mapping[str, object]
) -> Iterator[str]:
    """A sentence for everything that can't be. `ways`: those of [transfers.verify]; `reasons`: those of transfers."""
    for name, asked in KINDS.items():
        if name in lookups and not any(key in lookups[name].by for key in asked):
            yield f"lookups.{name}.by: callers are found by {' or '.join(asked)} here. Say what that is called there."
    given = lookups.get(identity.lookup)
    if identity.against == "lookup" and given is not None and given.needed(identity.lookup) == "full":
        yield f"lookups.{identity.lookup}.needs: it tells who the caller is ([identity]), so it can't need that itself. Write another."
    for place, how in (("how", identity.how), ("app_how", identity.app_how)):
        if how not in ways:
            yield f"identity.{place}: there is no way {how!r} of verifying. Name one of [transfers.verify]: {', '.join(ways)}."
    for reason in identity.business:
        if reason not in reasons:
            yield f"identity.business: there is no reason {reason!r}. Name one of [transfers.reasons] by its `en`: {', '.join(reasons)}."


def lookup_warnings(lookups: Mapping[str, Lookup], identity: Identity) -> Iterator[str]:
    """A sentence for what would be missed by the first caller only."""
    given = lookups.get(identity.lookup)
    if identity.against == "lookup" and given is not None and "caller" not in given.by:
        yield f'identity.lookup: lookups.{identity.lookup} is not asked by the caller\'s number, so nobody is verified by keys. Add caller = "…" to its `by`.'
    files = [(f"lookups.{name}.address_file", each.address_file) for name, each in lookups.items()]
    for place, file in (*files, ("identity.secret_file", identity.secret_file)):
        if file is None:
            continue
        if not file.is_file():
            yield f"{place}: there is no file {file}. Nothing is found this way until it is there."
        elif not os.access(file, os.R_OK):
            yield f"{place}: {file} can't be read. Nothing is found this way until the user of Sanxiang may read it."
        elif file.stat().st_mode & 0o077:
            yield f"{place}: others than its owner may read {file}, which may hold a password. chmod 600 it."

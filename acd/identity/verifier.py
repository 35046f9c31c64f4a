"""Compares what a caller has keyed with the last digits of their latest order, found by the number that calls: by a look-up, or in the
customer's record."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from acd.config.lookups import Identity
from acd.customers.look_up import is_of
from acd.identity.tries import Tries
from acd.lookups.book import Lookups
from acd.store.customers.record import Customer
from acd.telephone_numbers import UNKNOWN

Outcome = Literal["ask", "ok", "locked", "no-record", "withheld", "off"]
"""ask: key the digits (again); off: verifying is not set up, or its source does not answer. All others end it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a story is told."""

    outcome: Outcome
    digits: int = 0
    """To be keyed."""
    wrong: bool = False
    """An entry was compared and does not match."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is to be verified: the call, and the number that it comes from."""

    call: str
    number: str
    """Canonical, or "unknown"."""
    vouched: bool = True
    """False: the carrier says that the number is not the caller's (its check has failed)."""
    brand: str = ""
    """Of the call: another brand's customer is no record to compare with."""


CustomerOf = Callable[[str], Awaitable[Customer | None]]
"""The customer with this canonical number; None: nobody, or not found in time."""


class Verifier:
    """Asks the look-up of [identity], or the customers' records, and counts."""

    def __init__(self, lookups: Lookups, tries: Tries, customer: CustomerOf) -> None:
        self._lookups, self._tries, self._customer = lookups, tries, customer

    async def check(self, caller: Caller, rules: Identity, keyed: str = "") -> Verdict:
        """Without `keyed`: whether the caller may be asked. With it: whether it matches. Nothing of it is kept."""
        if caller.number == UNKNOWN or not caller.vouched:
            return Verdict("withheld")
        if not self._left(caller, rules):
            return Verdict("locked")
        written = await self._order(caller, rules)
        if written is None:
            return Verdict("off")
        order = "".join(letter for letter in written if letter.isascii() and letter.isdigit())
        if len(order) < rules.digits:
            return Verdict("no-record")
        if len(keyed) != rules.digits or not (keyed.isascii() and keyed.isdigit()):
            return Verdict("ask", rules.digits)
        if not self._left(caller, rules):  # another entry of the same caller came while the record was asked for
            return Verdict("locked")
        self._tries.begin(caller.call, caller.number)
        if hmac.compare_digest(order[-rules.digits :], keyed):
            self._tries.succeeded(caller.number)
            return Verdict("ok")
        return Verdict("ask", rules.digits, wrong=True) if self._left(caller, rules) else Verdict("locked", wrong=True)

    async def _order(self, caller: Caller, rules: Identity) -> str | None:
        """The latest order; empty: none is known. None: it can't be asked now."""
        if rules.against == "customer":
            known = await self._customer(caller.number)
            return known.last_order if known is not None and is_of(known, caller.brand) else ""
        found = await self._lookups.ask(rules.lookup, "caller", caller=caller.number)
        if found.state == "failed":
            return None
        return found.records[0].get("order", "") if found.records else ""

    def _left(self, caller: Caller, rules: Identity) -> int:
        return self._tries.left(caller.call, caller.number, rules.tries_per_call, rules.tries_per_day)

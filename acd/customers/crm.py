"""What the company's own system says of a number, as a customer. Whatever it answers, a call goes on.

A value that can't be (a class nobody has configured, a name with a line break) is left out and told in the log once a day; the rest of
the record counts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog

from acd.customers.fields import FieldRules, read
from acd.store.customers.record import Customer

log = structlog.get_logger(__name__)

TOLD_AGAIN_S = 86400.0
MOST_TOLD = 100


class Crm(Protocol):
    """The company's system."""

    async def ask(self, number: str) -> Mapping[str, Any] | None:
        """The fields (names of acd.config.customers.CustomerField) of the customer with this canonical number; None: it knows nobody.
        Raises SystemFailed."""

    async def close(self) -> None:
        """Gives back what it holds."""


class Reader:
    """Makes customers of answers."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}

    def customer(self, fields: Mapping[str, Any], number: str, rules: FieldRules) -> Customer | None:
        """The customer; None where the answer has no id that can be one."""
        values, mistakes = read({name: _plain(value) for name, value in fields.items()}, rules)
        for mistake in mistakes:
            self._tell(mistake.field, mistake.why)
        id_ = values.pop("id", "")
        if not id_:
            if not any(mistake.field == "id" for mistake in mistakes):
                self._tell("id", "it is missing. See docs/customers.md")
            return None
        return Customer(id_, numbers=(number,), **values)

    def _tell(self, field: str, why: str) -> None:
        """Once a day for each field and kind of mistake; the value itself is left out of the log, for it may be a person's."""
        remedy = why.rpartition(". ")[2] if ". " in why else why
        now, mark = self._clock(), (field, remedy)
        if now - self._told.get(mark, -TOLD_AGAIN_S) < TOLD_AGAIN_S:
            return
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
        self._told[mark] = now
        log.warning("the customer system's answer has a value that can't be used", field=field, remedy=remedy)


def _plain(value: Any) -> Any:
    """What JSON and SQL have for a text or a truth; None for what is neither, which counts as left out."""
    if value is None or isinstance(value, str | bool):
        return value
    return str(value) if isinstance(value, int) else None

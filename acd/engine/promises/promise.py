"""One promised callback that is open."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from acd.engine.promises.events import How, Source

PromiseOutcome = Literal["kept", "done", "cancelled", "not-reached", "barred", "left", "lost", "otherwise"]
"""kept: customer and agent have spoken; done: a person says that the customer was called; cancelled: not wanted any more; not-reached: all
tries failed; barred: the number may not be called; left: the customer hung up before an agent was there; lost: the line was; otherwise: the
caller was served in another way before."""


@dataclass(slots=True)
class Promise:
    """Times are aware UTC, as the outer clock says."""

    promise: str
    number: str
    queue: str
    made_at: datetime
    begins: datetime
    until: datetime
    source: Source
    how: How = "call"
    by: str = ""
    owner: str = ""
    language: str = ""
    customer: str = ""
    area: str = ""
    brand: str = ""
    dialled: str = ""
    note: str = ""
    of_call: str = ""
    tries: int = 0
    placed: bool = False
    """There is a call that keeps it."""
    late: bool = False
    """`until` has passed; what moved it afterwards does not make it kept in time."""
    asked: int = 1
    """How often the same callback was asked for."""

    def kept_form(self) -> dict[str, Any]:
        """JSON-able, for `restored`."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }


_TIMES = ("made_at", "begins", "until")
_NAMES = frozenset(field.name for field in fields(Promise))


def restored(kept: Mapping[str, Any]) -> Promise:
    """What `kept_form` has written; keys that this version does not know are passed over."""
    known = {name: value for name, value in kept.items() if name in _NAMES}
    return Promise(**{**known, **{name: datetime.fromisoformat(known[name]) for name in _TIMES}})

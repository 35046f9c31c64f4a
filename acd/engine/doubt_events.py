"""May the callbacks that a rebuilt state owes be dialled? After a restore they may have been made since, as only the database knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallbacksDoubted:
    """The state was read from the disk, and may be an older copy: callbacks that are open now wait until the database has answered."""


@dataclass(frozen=True, slots=True)
class CallbacksTrusted:
    """The database has answered, and what had ended since was told before: callbacks that are open now may be dialled."""


DoubtEvent = CallbacksDoubted | CallbacksTrusted

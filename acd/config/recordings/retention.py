"""A class of recordings: for how long they are kept, and by what they are told from others. Where the default days come from: docs/retention.md."""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from acd.config.messages import near
from acd.config.types import REASON, KeepDays, Name, Part

DEFAULT_DAYS: Mapping[str, int] = {"complaint": 1095, "payment": 1095}
"""Three years: so long claims can be made (Civil Code of the PRC, article 188), and so long transactions must be kept (E-Commerce Law of the
PRC, article 31)."""
TAKEN = ("general", "hold", "none")
"""The class of all others, which keep_days is about; and words of commands."""
_Words = Annotated[list[Annotated[str, Field(pattern=REASON)]], Field(max_length=50)]
_Names = Annotated[list[Name], Field(max_length=50)]


class RetentionClass(Part):
    """Calls that are of it by one of these are enough; of all classes of a call, and keep_days, the longest counts."""

    days: KeepDays | None = None
    """0: until somebody deletes them. None: those of DEFAULT_DAYS."""
    queues: _Names = []
    """The call has stood in one of them: when it asked, at its end, or when the agent was rung."""
    dispositions: _Words = []
    """An agent has given it one of them."""
    lookups: _Names = []
    """A story has looked one of them up for the caller."""
    reasons: _Words = []
    """It was transferred, or was to be, for one of them."""


def with_defaults(given: Mapping[str, RetentionClass]) -> dict[str, RetentionClass]:
    """These classes, and those that there are by default, without rules: recordings come to them by hand."""
    classes = {name: given.get(name, RetentionClass()) for name in (*DEFAULT_DAYS, *given)}
    return {
        name: each if each.days is not None else each.model_copy(update={"days": DEFAULT_DAYS.get(name)})
        for name, each in classes.items()
    }


def retention_mistakes(
    classes: Mapping[str, RetentionClass],
    queues: Collection[str],
    dispositions: Collection[str],
    lookups: Collection[str],
    reasons: Collection[str],
) -> Iterator[str]:
    """A sentence for each class that can't be, and each name in one that leads nowhere."""
    for name, each in classes.items():
        place = f"recordings.retention.{name}"
        if name in TAKEN:
            yield f"{place}: no class can be called so. The days of all other recordings are recordings.keep_days; name it otherwise."
        elif each.days is None and name not in DEFAULT_DAYS:
            known = ", ".join(DEFAULT_DAYS)
            yield (
                f"{place}.days: it is missing{near(name, DEFAULT_DAYS)}. Write for how many days these recordings are kept, 0 for until "
                f"somebody deletes them; {known} have days by default."
            )
        there: tuple[tuple[str, list[str], Collection[str]], ...] = (
            ("queues", each.queues, queues),
            ("dispositions", each.dispositions, dispositions),
            ("lookups", each.lookups, lookups),
            ("reasons", each.reasons, reasons),
        )
        for rule, named, known_names in there:
            for one in named:
                if one not in known_names:
                    listed = ", ".join([*known_names][:20])
                    yield f"{place}.{rule}: there is no {one!r}{near(one, known_names)}. There are: {listed}."

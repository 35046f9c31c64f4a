"""The table [faults]: classes of abnormal events, and what is done in each."""

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import Field

from acd.config.types import Label, Name, Number, Part, Points

LONGEST_WORDS = 300
"""Letters that are spoken of a fault: some 75 seconds of Chinese, and nobody listens longer."""
WORDS = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
Words = Annotated[str, Field(max_length=LONGEST_WORDS, pattern=WORDS)]
KEYS = r"^[0-9*#](/[0-9*#]){0,5}$"
Keys = Annotated[str, Field(pattern=KEYS)]
MOST_NAMED = 50


class FaultClass(Part):
    """One class, as "outage"."""

    name: Label | None = None
    """For people; None: its code."""
    zh: Words = ""
    """What callers hear where the declaration has no words of its own."""
    en: Words = ""
    other_zh: Words = ""
    """The other channel, likewise."""
    other_en: Words = ""
    areas: Annotated[list[Annotated[str, Field(max_length=80, pattern=WORDS)]], Field(max_length=MOST_NAMED)] = []
    queues: Annotated[list[Name], Field(max_length=MOST_NAMED)] = []
    numbers: Annotated[list[Number], Field(max_length=MOST_NAMED)] = []
    keys: Annotated[list[Keys], Field(max_length=MOST_NAMED)] = []
    """Whom it concerns, where the declaration does not say."""
    tell_callers: bool = True
    """Callers may ask to be called when it is mended."""
    queue: Name | None = None
    """Where its callers wait for a person; None: where they would anyway."""
    priority: Points = 0
    """For those who have heard it and go on to a person."""
    calls_at_a_time: Annotated[int, Field(ge=1, le=100)] = 5
    """Calls with the news that are up at a time."""
    tries_after_m: Annotated[list[Annotated[float, Field(ge=1, le=10_080)]], Field(max_length=5)] = [15, 120]
    """Minutes after a call that reached nobody until the next try; as many further tries."""


class FaultsTable(Part):
    classes: Annotated[dict[Name, FaultClass], Field(max_length=50)] = Field(default={})

    def of(self, name: str) -> FaultClass:
        """The class of that name; what holds without any for another."""
        return self.classes.get(name) or FaultClass()

    def mistakes(self, queues: Collection[str], numbers: Collection[str]) -> Iterator[str]:
        """A sentence for everything that can't be."""
        for name, each in self.classes.items():
            place = f"faults.classes.{name}"
            for queue in [*each.queues, *([each.queue] if each.queue else [])]:
                if queue not in queues:
                    yield f"{place}: there is no queue {queue}. There are: {', '.join(queues)}."
            for number in each.numbers:
                if number not in numbers:
                    yield f"{place}.numbers: {number} is none of our numbers. There are: {', '.join(numbers)}."

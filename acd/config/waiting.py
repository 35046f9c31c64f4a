"""The table [waiting]: what callers hear while they wait, and which keys they have."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import Field

from acd.config.types import Part

PromptName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]


class WaitingTable(Part):
    keys: Annotated[list[Literal["callback", "message"]], Field(max_length=2)] = ["callback", "message"]
    """The wishes that have a key: 1, be called back and keep the place; 2, leave a message."""
    say_wait: bool = True
    """Whether the wait to expect is said beside the place, as a range of minutes."""
    comfort: Annotated[list[PromptName], Field(max_length=20)] = ["comfort"]
    """Prompts that take turns."""
    comfort_s: Annotated[float, Field(ge=0, le=3600)] = 60
    """Seconds between two of them; 0: none is said."""

    def mistakes(self) -> Iterator[str]:
        """A sentence for everything that can't be."""
        if len(set(self.keys)) < len(self.keys):
            yield "waiting.keys: a wish stands twice. Name each once."
        if 0 < self.comfort_s < 20:
            yield (
                f"waiting.comfort_s: every {self.comfort_s:g} s a word of comfort is more word than music. Write 20 or more, or 0 "
                "for none."
            )

    def strange_prompts(self, known: Collection[str]) -> Iterator[str]:
        """A sentence for each prompt that has no text or sound."""
        for name in self.comfort:
            if name not in known:
                yield (
                    f"waiting.comfort: there is no prompt {name!r}. Take one of `sanxiang prompt list`, or make it with "
                    "`sanxiang prompt make`."
                )

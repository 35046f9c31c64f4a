"""Brands: several hotlines on one installation. A call is of the brand whose number was dialled; a number that no brand has is of
the one hotline without a name, "".

A brand's table stands in the operator's file, or in a file of its own that `file` names (docs/decisions/0035-*.md).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from acd.config.numbers import Language, NumberTable, split
from acd.config.queues import QueueTarget
from acd.config.types import PRINTABLE, AgentId, FilePath, KeepDays, Label, Name, Number, Part

Sentence = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]


class Sentences(Part):
    """What is said, in each language of the hotline."""

    zh: Sentence
    en: Sentence


class Brand(Part):
    file: Path | None = None
    """Where the rest of the table stands, as a whole path; None: in the operator's file."""
    name: Label
    """Shown to agents and supervisors; spoken to callers where there is no `welcome`."""
    numbers: Annotated[dict[Number, Language], Field(min_length=1)]
    """Dialled number to the language spoken, as hotline.numbers."""
    number_tables: dict[Number, NumberTable] = Field(default={})
    """As hotline.number_tables."""
    menu: FilePath | None = None
    """Else the hotline's."""
    prompts: FilePath | None = None
    """Recorded prompts, `<language>/<prompt>.wav`, that win over the hotline's for callers of this brand."""
    hours: list[str] | None = None
    """As hotline.hours; None: those."""
    queues: list[Name] = Field(default=[])
    """The queues that belong to it; those of no brand are open to all."""
    target: QueueTarget = QueueTarget()
    """For what is left out, [target] holds; a queue's own goes before."""
    welcome: Sentences | None = None
    """The first words of the menu (the prompt "welcome"); None: they are made of the name."""
    keep_days: KeepDays | None = None
    """As recordings.keep_days, for its calls; 0: until somebody deletes them. None: that."""
    greeting: Sentences | None = None
    """What the agent says first: shown at the desk."""
    caller_number: dict[Name, Number] = Field(default={})
    """Trunk to the number that is shown on calls out for this brand; else the trunk's caller_number."""
    agents: list[AgentId] = Field(default=[])
    """Its team. They are shared with the other brands unless `own`."""
    own: bool = False
    """Its calls go to `agents` alone, and these take no other brand's."""

    @model_validator(mode="before")
    @classmethod
    def _tables_of_numbers(cls, data: Any) -> Any:
        return split(data)

    @field_validator("queues", "agents")
    @classmethod
    def _once(cls, names: list[str]) -> list[str]:
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice. Keep one")
        return names

    def welcomes(self, language: str) -> str:
        """The first words that callers hear in this language."""
        if self.welcome is not None:
            return self.welcome.zh if language == "zh" else self.welcome.en
        return f"您好，欢迎致电{self.name.zh}。" if language == "zh" else f"Welcome to {self.name.en}."


def brand_of_number(brands: Mapping[str, Brand], number: str) -> str:
    """The brand that has this number, as the configuration writes it; empty: none."""
    return next((name for name, brand in brands.items() if number in brand.numbers), "")


def brand_of_queue(brands: Mapping[str, Brand], queue: str) -> str:
    """The brand that has this queue; empty: it is open to all."""
    return next((name for name, brand in brands.items() if queue in brand.queues), "")

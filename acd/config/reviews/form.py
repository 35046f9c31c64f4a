"""A form by which talks are graded: groups of items, each with its weight. Data alone: what a filled form is worth is said by
recordings/quality/scores.py."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, StrictBool, model_validator

from acd.config.types import PRINTABLE, Label, Name, Part

WHOLE = 100
"""The weights of a form's groups add up to it, and so do those of a group's items."""
_Weight = Annotated[int, Field(ge=1, le=WHOLE)]
_Guide = Annotated[str, Field(max_length=400, pattern=PRINTABLE)]


class Guide(Part):
    """How the item is judged, for the grader; empty: not told in this language."""

    zh: _Guide = ""
    en: _Guide = ""


class Item(Part):
    label: Label
    weight: _Weight
    """Of its group, in per cent."""
    kind: Literal["points", "yes-no"] = "points"
    """points: 0 to 100; yes-no: yes, no, or not applicable."""
    fatal: StrictBool = False
    """A "no" makes the whole score 0."""
    guide: Guide = Guide()

    @model_validator(mode="after")
    def _fatal(self) -> "Item":
        if self.fatal and self.kind == "points":
            raise ValueError(
                'only a "no" can be fatal, and this item has points. Write kind = "yes-no", or take fatal away'
            )
        return self


class Group(Part):
    label: Label
    weight: _Weight
    """Of the form, in per cent."""
    items: Annotated[dict[Name, Item], Field(min_length=1, max_length=30)]

    @model_validator(mode="after")
    def _weights(self) -> "Group":
        if told := _not_whole((name, item.weight) for name, item in self.items.items()):
            raise ValueError(f"the weights of its items add up to {told}. Write them so that they add up to {WHOLE}")
        return self


class Form(Part):
    label: Label
    version: Annotated[int, Field(ge=1, le=9999)]
    """Raised with every change of the form: a score belongs to the version by which it was given."""
    groups: Annotated[dict[Name, Group], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _weights(self) -> "Form":
        if told := _not_whole((name, group.weight) for name, group in self.groups.items()):
            raise ValueError(f"the weights of its groups add up to {told}. Write them so that they add up to {WHOLE}")
        places = [item for group in self.groups.values() for item in group.items]
        if twice := sorted({item for item in places if places.count(item) > 1}):
            raise ValueError(f"{', '.join(twice)} stands in two groups. Give one of the items another name")
        return self

    def items(self) -> Iterator[tuple[str, Item]]:
        """Each item with its name, in the form's order. A name stands once in a form."""
        for group in self.groups.values():
            yield from group.items.items()


def _not_whole(weights: Iterable[tuple[str, int]]) -> str:
    """ "90 (greeting 40, tone 50)" where they do not add up; else empty."""
    named = list(weights)
    total = sum(weight for _, weight in named)
    return "" if total == WHOLE else f"{total} ({', '.join(f'{name} {weight}' for name, weight in named)})"

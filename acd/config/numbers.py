"""A number of ours and where it leads: `"95001" = "zh"`, or `"95009" = { language = "zh", queue = "emergency" }`."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from acd.config.types import Name, Part

Language = Literal["zh", "en", "ask"]
MENU_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
TABLES = "number_tables"
"""The field in which the tables among the numbers are kept; in the operator's file they stand under `numbers`."""


class NumberTable(Part):
    """What a number has of its own."""

    language: Language = "ask"
    queue: Name | None = None
    """Its callers go there at once, past the menu."""
    menu: Annotated[str, Field(pattern=MENU_NAME)] | None = None
    """Its callers begin with this menu of the menu file."""
    hours: list[str] | None = None
    """When its calls are taken, as hotline.hours; an empty list is always, holidays too. None: the queue's, or the hotline's."""

    @model_validator(mode="after")
    def _one(self) -> "NumberTable":
        if self.queue is not None and self.menu is not None:
            raise ValueError("a number leads to one place. Keep `queue` or `menu`")
        return self


def split(data: Any) -> Any:
    """The table of a hotline or brand with the tables among its `numbers` apart: there the language stays. For a validator "before"."""
    numbers = data.get("numbers") if isinstance(data, dict) else None
    if not isinstance(numbers, dict):
        return data
    if TABLES in data:
        return {**data, f"{TABLES} ": data[TABLES]}  # no key of the operator's file: refused as unknown
    tables = {number: table for number, table in numbers.items() if isinstance(table, dict | NumberTable)}
    languages = {
        number: (table.get("language", "ask") if isinstance(table, dict) else table.language)
        for number, table in tables.items()
    }
    # A language that is none is told once, in the table.
    kept = {number: language if language in ("zh", "en", "ask") else "ask" for number, language in languages.items()}
    return {**data, "numbers": {**numbers, **kept}, TABLES: tables}

"""The tables [reports.NAME]: reports that make themselves, when, what is in them, and where they go."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, field_validator

from acd.config.alarms import Mailbox
from acd.config.types import FilePath, Name, Part

TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class ReportTable(Part):
    every: Literal["daily", "weekly", "monthly"]
    """Of the day before, of the week from Monday to Sunday, of the month before."""
    at: Annotated[str, Field(max_length=20)] = "07:00"
    """Made at this time of hotline.timezone, as "07:00", on the day after the span."""
    what: Annotated[list[Literal["queues", "agents"]], Field(min_length=1, max_length=2)] = ["queues"]
    """Its sections."""
    queues: Annotated[list[Name], Field(max_length=1000)] = []
    """Of these alone; none: all of them."""
    formats: Annotated[list[Literal["csv", "xlsx", "page"]], Field(min_length=1, max_length=3)] = ["xlsx"]
    """page: one HTML file that prints."""
    language: Literal["en", "zh"] = "en"
    folder: FilePath | None = None
    """It is there already; else `reports` in the state folder."""
    to: Annotated[list[Mailbox], Field(max_length=20)] = []
    """Mailed to them, besides; through the mail server of [alarms.mail]."""

    @field_validator("what", "queues", "formats", "to")
    @classmethod
    def _once(cls, words: list[str]) -> list[str]:
        if twice := sorted({word for word in words if words.count(word) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice. Keep one")
        return words

    @field_validator("at")
    @classmethod
    def _time(cls, at: str) -> str:
        if not TIME.fullmatch(at):
            raise ValueError(f'{at!r} is no time of day. Write it as "07:00"')
        return at

    def mistakes(self, name: str, queues: list[str], *, mails: bool) -> Iterator[str]:
        """A sentence for everything that can't be. `queues`: the names that there are; `mails`: [alarms.mail] is there."""
        place = f"reports.{name}"
        for queue in self.queues:
            if queue not in queues:
                yield f"{place}.queues: there is no queue {queue!r} ({', '.join(queues[:20])}). Name one of [queues]."
        if self.to and not mails:
            yield f"{place}.to: there is no mail server to send by. Add [alarms.mail], or leave `to` out."

    def warnings(self, name: str) -> Iterator[str]:
        """A sentence for what is not there, and would be missed at the first report only."""
        if self.folder is not None and not self.folder.is_dir():
            yield f"reports.{name}.folder: there is no folder {self.folder}. The report is made once it is there."

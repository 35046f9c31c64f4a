"""The table [reviews]: the share of talks that people grade, the shifts by which they are drawn, and the forms."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, field_validator

from acd.config.messages import near
from acd.config.reviews.delivered import SERVICE, service_form
from acd.config.reviews.form import Form
from acd.config.types import PRINTABLE, Name, Part, Share

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class ReviewsTable(Part):
    share: Share = 0.1
    """Of each agent's talks in a queue and a shift, in a week; of each at least one."""
    twice: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Of the talks to be graded this share is graded by two, each without seeing the other's score; 0: none is."""
    seed: Annotated[str, Field(min_length=1, max_length=80, pattern=PRINTABLE)] = "sanxiang"
    """Published: with it, the week and the ids of the talks anybody can draw the sample again."""
    shifts: Annotated[list[str], Field(min_length=1, max_length=12)] = ["06:00", "14:00", "22:00"]
    """When the shifts begin, on the hotline's clock; each ends where the next one begins."""
    form: Name = SERVICE
    """By which talks are graded: one of `forms`, or "service", which there is without writing it."""
    forms: Annotated[dict[Name, Form], Field(max_length=20)] = Field(default={})

    @field_validator("shifts")
    @classmethod
    def _times(cls, shifts: list[str]) -> list[str]:
        for at in shifts:
            if not _TIME.fullmatch(at):
                raise ValueError(f'{at!r} is no time of day. Write it as "07:00"')
        if shifts != sorted(set(shifts)):
            raise ValueError(f"{', '.join(shifts)} is not in order. Write each time once, the earliest first")
        return shifts

    @property
    def form_in_force(self) -> Form:
        """The form of the name `form`."""
        return self.forms[self.form] if self.form in self.forms else service_form()

    def mistakes(self) -> Iterator[str]:
        """A sentence where the form is none."""
        known = {SERVICE, *self.forms}
        if self.form not in known:
            yield (
                f"reviews.form: there is no form {self.form!r}{near(self.form, known)}. There are: {', '.join(sorted(known))}. "
                "Name one of them, or add it under [reviews.forms]."
            )

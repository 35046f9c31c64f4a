"""The table [self_call]: when the hotline calls itself, over which trunks, at which of its numbers."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from acd.config.types import Name, Number, Part

TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class SelfCallTable(Part):
    at: Annotated[str, Field(max_length=20)] = ""
    """Each day at this time of hotline.timezone, as "03:30"; empty: not by itself."""
    trunks: list[Name] = []
    """Trunks that are tried then, one after the other; none: the local loop, which costs nothing."""
    number: Number | None = None
    """Which of hotline.numbers is dialled; else the first."""

    def mistakes(self, numbers: list[str], dials_out: dict[str, bool]) -> Iterator[str]:
        """A sentence for everything that can't be. `dials_out`: trunk to whether it can be dialled."""
        if self.at and not TIME.fullmatch(self.at):
            yield f'self_call.at: {self.at!r} is no time of day. Write it as "03:30", or "" for never.'
        for name in self.trunks:
            if name not in dials_out:
                known = ", ".join(dials_out) or "none is configured"
                yield f"self_call.trunks: there is no trunk {name!r} ({known}). Name one of [trunks]."
            elif not dials_out[name]:
                yield (
                    f"self_call.trunks: trunk {name!r} takes calls only: no host is known that can be dialled. Give it "
                    "`outbound`, or leave it out here."
                )
        if len(set(self.trunks)) < len(self.trunks):
            yield "self_call.trunks: a trunk stands twice. Name each once."
        if self.number is not None and self.number not in numbers:
            yield (
                f"self_call.number: {self.number} is none of hotline.numbers ({', '.join(numbers)}), and the hotline calls no "
                "other number than its own. Write one of these as it stands there."
            )

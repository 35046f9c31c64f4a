"""[desk]: links from a caller at the agent's desk to the company's own pages (CRM, tickets)."""

import re
from typing import Annotated

from pydantic import Field, field_validator

from acd.config.types import Label, Part

PLACES = ("number", "customer", "call", "ticket", "order")
"""What may stand in braces: the caller's number as E.164; of the customer's record the id, the open complaint's ticket and the last
order; the call's id."""
_URL = re.compile(r"https?://[^\s\"'<>\\^`|{}]+(\{\w+\}[^\s\"'<>\\^`|{}]*)*")


class DeskLink(Label):
    """A link on the caller's card; left out while what stands in its braces is not known."""

    url: Annotated[str, Field(max_length=500)]

    @field_validator("url")
    @classmethod
    def _fits(cls, url: str) -> str:
        unknown = [place for place in re.findall(r"\{([^{}]*)\}", url) if place not in PLACES]
        if unknown:
            known = ", ".join(f"{{{place}}}" for place in PLACES)
            place = f"{{{unknown[0]}}}"
            raise ValueError(f"{place} is unknown here. Write one of {known}")
        host = re.match(r"https?://([^/?#]*)", url)
        if not _URL.fullmatch(url) or (host is not None and "{" in host[1]):
            example = "https://crm.example.com/find?phone={number}"
            raise ValueError(f"write a whole address whose host is fixed, as {example}")
        return url


class DeskTable(Part):
    """The agent's desk."""

    links: Annotated[list[DeskLink], Field(max_length=5)] = []

"""Calls that come in: where their numbers stand, how many are taken, and callers of whom something is known."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from acd.config.types import ACCOUNT, Number, Part, Why

CallerFrom = Literal["from", "pai", "ppi", "rpid"]
"""From; P-Asserted-Identity and P-Preferred-Identity (RFC 3325); Remote-Party-ID (its draft of 2002, which carriers still send)."""
CalledFrom = Literal["uri", "to", "diversion", "p-called-party-id"]
"""The request's URI; To; Diversion (RFC 5806); P-Called-Party-ID (RFC 7315)."""
WhenFull = Literal["503", "486", "sentence"]
"""503: the carrier tries elsewhere, and some take the trunk out of service for a while. 486: busy. A sentence is spoken after an
answer, to a few at a time, the others get 486."""


class TrunkIn(Part):
    """The keys of a trunk that its calls to us are taken by."""

    caller_from: list[CallerFrom] = Field(default=["from"])
    """Headers that hold the caller's number, in the order in which they are read; one may be written without [ ]."""
    did_from: list[CalledFrom] = Field(default=["uri"])
    """Where the called number stands, in the order in which it is looked for; one may be written without [ ]."""
    accounts: list[Annotated[str, Field(pattern=ACCOUNT)]] = Field(default=[])
    """Names that this carrier may put into the request's URI in the place of a number; `username` is one of them."""
    default_number: Number | None = None
    """One of hotline.numbers, as which a call to an unknown number is taken; else the first of them."""
    verdict: bool = False
    """The carrier itself checks callers' numbers (STIR/SHAKEN), so that what it says of them is believed and shown."""
    answer_pause_ms: Annotated[int, Field(ge=0, le=5000)] = 0
    """Silence between answer and first word, for carriers whose sound opens late."""
    calls: Annotated[int, Field(ge=1, le=10000)] | None = None
    """So many calls may come in over this trunk at a time; None: as many as the house takes."""
    calls_without_number: Annotated[int, Field(ge=0, le=10000)] | None = None
    """So many calls that show no number may come in over this trunk at a time; None: half of limits.calls."""
    when_full: WhenFull = "486"
    """The answer to a call that can't be taken."""

    @field_validator("caller_from", "did_from", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


class Limits(Part):
    """How many calls are taken at a time."""

    calls: Annotated[int, Field(ge=1, le=10000)] | None = None
    """Over all trunks. None: as many as there are RTP ports for, beside the agents' telephones."""
    menus: Annotated[int, Field(ge=0, le=10000)] = 0
    """So many of them may be in the menus: answered, and not in a queue yet. 0: no limit but `calls`."""
    ask_key_from: Annotated[int, Field(ge=0, le=10000)] = 0
    """From so many calls in the menus on, a caller must press 1 to go on, and is let go without it. 0: never."""


class Nuisance(Part):
    """What is known of a number that has called before."""

    why: Why
    do: Literal["tell", "turn-away"] = "tell"
    """tell: the agent reads why before answering. turn-away: the caller hears a sentence and is let go."""

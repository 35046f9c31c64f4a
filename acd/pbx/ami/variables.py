"""Reading Asterisk's variables and functions over AMI: many in one write."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from acd.pbx.ami.connection import Ami, AmiRefused

DEADLINE_S = 10.0
"""Within which the values of hundreds of channels must have come."""


async def get_variables(ami: Ami, wanted: Iterable[tuple[str, str]], deadline_s: float = DEADLINE_S) -> list[str]:
    """The values of (channel, variable) pairs, in this order. An empty channel: a global variable or a function.

    A value is "" where the variable is not set or its channel has ended. Raises AmiDown or AmiSilent.
    """
    sent = ami.send(
        [("Getvar", {"Variable": name} | ({"Channel": channel} if channel else {})) for channel, name in wanted],
        deadline_s,
    )
    answers = await asyncio.gather(*sent, return_exceptions=True)
    values = []
    for answer in answers:
        if isinstance(answer, AmiRefused):
            values.append("")  # The channel has ended meanwhile.
        elif isinstance(answer, BaseException):
            raise answer
        else:
            values.append(answer[0].get("Value", ""))
    return values


async def global_value(ami: Ami, name: str) -> str:
    """The value of GLOBAL(name), "" when it is not set. Raises AmiDown or AmiSilent."""
    return (await get_variables(ami, [("", f"GLOBAL({name})")]))[0]

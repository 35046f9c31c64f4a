"""Where agents' telephones are registered, as Asterisk keeps it: in its own database, also when the agent is taken out of its files.

Such a place would come to life again with the next agent who gets the extension, and calls would ring at the former one's telephone.
"""

import re
from collections.abc import Awaitable, Callable, Container, Iterator

from acd.identifiers import is_extension

_FAMILY = "registrar/contact"
_KEY = re.compile(r"^/registrar/contact/(?P<key>(?P<agent>[^;\s]+);@[0-9a-f]+)\s*:", re.MULTILINE)
"""The place of an agent, as `database show` prints it: /registrar/contact/1001;@0123456789abcdef… : {"via_addr":…"""


async def forget_places(tell: Callable[[str], Awaitable[str]], but: Container[str]) -> list[str]:
    """Deletes the places of all agents but these; those whose places were deleted come out.

    `tell`: what Asterisk prints for a command of its command line. Raises what it raises.
    """
    forgotten = list(places_of_others(await tell(f"database show {_FAMILY}"), but))
    for _, key in forgotten:
        await tell(f"database del {_FAMILY} {key}")
    return [agent for agent, _ in forgotten]


def places_of_others(shown: str, but: Container[str]) -> Iterator[tuple[str, str]]:
    """Agent and key of each place that is none of these agents'. Places of carriers' guests are left alone."""
    for found in _KEY.finditer(shown):
        if is_extension(found["agent"]) and found["agent"] not in but:
            yield found["agent"], found["key"]

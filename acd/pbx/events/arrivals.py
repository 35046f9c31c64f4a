"""What is told of calls at the door: those that were not taken, and numbers that point to a mistake in the configuration. Pure."""

from __future__ import annotations

import re
from typing import get_args

from acd.engine import events as ev
from acd.identifiers import NUMBER, is_name
from acd.pbx.channel_book import ChannelBook, Message
from acd.pbx.shortages import Shortage

WHY = ("house", "trunk", "number", "unknown", "menus", "key")
"""What was full: the house, the trunk, the caller's number, the trunk's calls without a number, the menus. Or the caller did not press
the key that was asked for."""
SHORT_OF = get_args(Shortage)
"""What Asterisk had run out of: such a call never reaches the dialplan, and is counted from copies of SIP messages."""
_UNLISTED = re.compile(NUMBER)
_AGAIN_S = 3600.0
_REMEMBERED = 500


def refused(book: ChannelBook, message: Message) -> list[ev.Event]:
    """No event: a call that was not taken is only counted. KeyError and ValueError where the message does not fit."""
    trunk, why = message.get("Trunk", ""), message["Why"]
    if why not in WHY:
        raise ValueError(f"a call was refused because of {why!r}")
    book.refused[trunk if is_name(trunk) else "", why] += 1
    return []


def alarms(book: ChannelBook, arrived: ev.CallArrived, message: Message) -> list[ev.Event]:
    """An alarm for a called number that is none of ours, and for an agent who calls as a customer; each an hour apart."""
    found: list[ev.Event] = []
    unlisted = message.get("Unlisted", "")
    if unlisted and (unlisted == "none" or _UNLISTED.fullmatch(unlisted)):
        named = "no number at all" if unlisted == "none" else unlisted
        said = (
            f"trunk {arrived.trunk}: a call to {named} was taken as one to {arrived.dialled}. Add the number to hotline.numbers, "
            f"or mend trunks.{arrived.trunk}.did_from."
        )
        if _is_new(book, ("unlisted", arrived.trunk, unlisted), message):
            found.append(ev.AlarmRaised("unknown number called", said, arrived.call))
    if arrived.trunk and arrived.caller in book.agents and _is_new(book, ("agent", arrived.caller), message):
        said = (
            f"trunk {arrived.trunk}: a call shows agent {arrived.caller} as its caller. If it is the agent's telephone, "
            f"trunks.{arrived.trunk}.addresses covers the telephones' addresses: narrow it, or the telephone can't register."
        )
        found.append(ev.AlarmRaised("an agent calls as a customer", said, arrived.call))
    return found


def _is_new(book: ChannelBook, what: tuple[str, ...], message: Message) -> bool:
    try:
        at = float(message.get("Timestamp") or 0)
    except ValueError:
        at = 0.0
    last = book.alarmed.get(what)
    if last is not None and 0 <= at - last < _AGAIN_S:
        return False
    book.alarmed[what] = at
    book.alarmed.move_to_end(what)
    while len(book.alarmed) > _REMEMBERED:
        book.alarmed.popitem(last=False)
    return True

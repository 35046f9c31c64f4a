"""Supervisors' channels among those that a resync has found: apart from callers and agents, whose telephones they are by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from acd.engine.pbx_report import FoundListener
from acd.pbx.ami.connection import Ami, Message
from acd.pbx.ami.variables import get_variables
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import LISTENER, LISTENING_CONTEXTS, CallerLeg, ListenerLeg, is_own

_RINGS = "listen-ring"


def apart(rows: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """The rows of all other channels, and those of supervisors who listen."""
    theirs = [row for row in rows if row.get("Context") in LISTENING_CONTEXTS]
    return [row for row in rows if row.get("Context") not in LISTENING_CONTEXTS], theirs


async def legs(ami: Ami, rows: Sequence[Message]) -> list[tuple[Message, str, str]]:
    """Each row with the listener and the call of its channel. Raises AmiDown or AmiSilent."""
    names = [(row["Channel"], name) for row in rows for name in ("LISTENER", "LISTEN_CALL")]
    values = await get_variables(ami, names)
    return list(zip(rows, values[::2], values[1::2], strict=True))


def enter(book: ChannelBook, found_legs: Sequence[tuple[Message, str, str]], callers: Mapping[str, Message]) -> None:
    """Enters them in the book, which was emptied. `callers`: the row of each call's caller."""
    for row, listener, call in found_legs:
        if not LISTENER.fullmatch(listener):
            continue
        book.listened[listener] = call
        if row.get("Context") == _RINGS:
            book.ringing_listeners.add(listener)
        elif not is_own(row["Channel"]):
            leg = ListenerLeg(listener, row["Uniqueid"], row["Channel"], row.get("BridgeId", ""))
            leg.joined = bool(leg.bridge) and callers.get(call, {}).get("BridgeId", "") == leg.bridge
            book.listeners[leg.uniqueid] = leg


def found(book: ChannelBook) -> tuple[FoundListener, ...]:
    """What the book has of them after `enter`, for PbxFound."""
    up = [FoundListener(leg.listener, up=True, bridged=leg.joined) for leg in book.listeners.values()]
    there = {each.listener for each in up}
    return (*up, *(FoundListener(each) for each in sorted(book.ringing_listeners - there)))


def took_over(book: ChannelBook, caller: CallerLeg) -> bool:
    """Whether a supervisor is in this caller's bridge; the caller, who is with no agent, is with the supervisor then."""
    return bool(caller.bridge) and any(leg.bridge == caller.bridge for leg in book.listeners.values())

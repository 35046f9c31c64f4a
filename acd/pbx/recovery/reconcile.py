"""In what the engine's floor differs from what Asterisk holds. Pure: two lists in, differences out.

A list of channels and a snapshot of the floor are never of quite the same instant, so one look alone proves nothing: it
is the difference that stands in two looks, some seconds apart, that tells of an event that was lost. What a difference
says is worded so that the same trouble is equal in both looks and the next trouble of the same call is not: an offer is
named by its id.

Not differences: a caller on hold by us, whose agent waits, or speaks with whom he consults; a virtual caller, who has no
channel until he is called back; a caller who talks with somebody who is no agent's telephone (a transfer by the telephone
itself): nobody may be torn out of a conversation for our books' sake.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acd.pbx.ami.connection import Message
from acd.pbx.channels import AGENTS_CHANNEL
from acd.pbx.recovery.resync_consults import ROOMS


@dataclass(frozen=True, slots=True)
class Seen:
    """A caller's channel, and the agents' telephones that belong to it."""

    context: str = ""
    """Where the dialplan has him."""
    bridged: bool = False
    talks_with: tuple[str, ...] = ()
    rings_at: tuple[str, ...] = ()
    """Dialled for him, ringing, or answered and still being whispered to."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    call: str
    what: str
    agent: str = ""
    offer: str = ""

    def __str__(self) -> str:
        return f"{self.call} {self.what}" + (f" ({self.agent})" if self.agent else "")


NO_CHANNEL = "has no channel"
NOT_KNOWN = "is on the line and unknown here"
NOT_HELD = "is on hold here and talks with his agent"
NO_BRIDGE = "talks here and is in no bridge"
ANOTHER_TALKS = "talks with an agent that we do not think he talks with"
NOT_RINGING = "is offered here and rings nowhere"
WAITS = "waits and is thought to be in the menu"
RINGS = "rings at an agent's whom we did not offer it to"


def seen_calls(rows: Sequence[Message], call_of: Mapping[str, str]) -> dict[str, Seen]:
    """The calls that the rows of CoreShowChannels show; `call_of` gives the call of a caller's channel by Uniqueid."""
    phones: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if match := AGENTS_CHANNEL.fullmatch(row.get("Channel", "")):
            phones[row.get("Linkedid", "")].append((match[1], row.get("BridgeId", "")))
    seen: dict[str, Seen] = {}
    for row in rows:
        call = call_of.get(row.get("Uniqueid", ""))
        if call is None:
            continue
        bridge = row.get("BridgeId", "")
        mine = phones.get(row.get("Linkedid", ""), [])
        seen[call] = Seen(
            row.get("Context", ""),
            bool(bridge),
            tuple(agent for agent, its in mine if bridge and its == bridge),
            tuple(agent for agent, its in mine if not its),
        )
    return seen


def differences(calls: Iterable[Mapping[str, Any]], seen: Mapping[str, Seen]) -> frozenset[Difference]:
    """`calls`: those of the engine's snapshot."""
    found: set[Difference] = set()
    known: set[str] = set()
    for row in calls:
        call = row["call"]
        known.add(call)
        there = seen.get(call)
        if there is not None:
            found.update(_of_call(row, there))
        elif not row.get("virtual"):
            found.add(Difference(call, NO_CHANNEL))
    found.update(Difference(call, NOT_KNOWN) for call in seen if call not in known)
    return frozenset(found)


def _of_call(row: Mapping[str, Any], there: Seen) -> list[Difference]:
    call, stage, agent, offer = row["call"], row["stage"], row["agent"] or "", row["offer"] or ""
    if stage == "talking" and row.get("held_by") == "page":
        if there.context not in ROOMS and not there.bridged:
            return [Difference(call, NO_BRIDGE, agent, offer)]
        if agent in there.talks_with and there.context != "conference":
            return [Difference(call, NOT_HELD, agent, offer)]
        return []
    if stage == "talking":
        if not there.bridged:
            return [Difference(call, NO_BRIDGE, agent, offer)]
        if there.talks_with and agent not in there.talks_with:
            return [Difference(call, ANOTHER_TALKS, there.talks_with[0], offer)]
        return []
    if stage in ("menu", "waiting", "offered") and there.talks_with:
        return [Difference(call, ANOTHER_TALKS, there.talks_with[0], offer)]
    if stage == "menu" and there.context == "waiting":
        return [Difference(call, WAITS)]
    if stage == "offered" and not row.get("virtual"):
        if agent not in there.rings_at:
            return [Difference(call, NOT_RINGING, agent, offer)]
    elif stage == "waiting" and there.rings_at:
        return [Difference(call, RINGS, there.rings_at[0])]
    return []

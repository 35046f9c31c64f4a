"""Where the engine's calls differ from Asterisk's channels. Pure: two lists in, differences out.

A list of channels and a snapshot of the engine are never of quite the same instant, so one comparison proves nothing. A
difference that is found twice, some seconds apart, tells of a lost event. It carries the offer's id, so that the same trouble is
equal in both comparisons and the next trouble of the same call is not.

These are not differences: a caller on hold by us, whose agent waits or talks with the receiver of a consult; a virtual caller,
who has no channel until the callback; a caller who talks with a party that is no agent's phone (a transfer by the phone itself),
for no conversation may be cut only to correct our records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acd.pbx.ami.connection import Message
from acd.pbx.channels import AGENTS_CHANNEL, LISTENING_CONTEXTS
from acd.pbx.recovery.resync_consults import CONTEXTS


@dataclass(frozen=True, slots=True)
class Seen:
    """A caller's channel, and the agents' phones that belong to it."""

    context: str = ""
    """The dialplan's context that the caller is in."""
    bridged: bool = False
    talks_with: tuple[str, ...] = ()
    """Agents in the caller's bridge."""
    rings_at: tuple[str, ...] = ()
    """Agents whose phone is dialled for the caller, rings, or was answered and is not bridged yet."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One call about which engine and Asterisk disagree, and how."""

    call: str
    what: str
    agent: str = ""
    offer: str = ""

    def __str__(self) -> str:
        return f"{self.call} {self.what}" + (f" ({self.agent})" if self.agent else "")


NO_CHANNEL = "has no channel"
NOT_KNOWN = "is on the line and unknown here"
NOT_HELD = "is on hold here and talks with the agent"
NO_BRIDGE = "talks here and is in no bridge"
ANOTHER_TALKS = "talks with another agent than is known here"
NOT_RINGING = "is offered here and rings nowhere"
WAITS = "waits and is in the menu here"
RINGS = "rings at an agent to whom it is not offered here"


def seen_calls(rows: Sequence[Message], call_of: Mapping[str, str]) -> dict[str, Seen]:
    """The calls that the rows of CoreShowChannels show; `call_of` gives the call of a caller's channel by Uniqueid."""
    phones: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row.get("Context") in LISTENING_CONTEXTS:
            continue  # A supervisor's telephone, which is an agent's by its name, is no agent's in this call.
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
    """`calls`: the rows of the engine's snapshot; `seen`: call to its channels (`seen_calls`)."""
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
        if there.context not in CONTEXTS and not there.bridged:
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

"""Ends the talk of an agent's telephone that has vanished, so that its caller does not wait for nobody.

Asterisk itself ends no call for silence: a muted telephone, or one with silence suppression, sends nothing and is alive. What has
vanished neither sends a packet nor answers OPTIONS. So the packets that have come from each telephone in a talk are counted every
other second. Of one whose count stands still it is asked whether it still answers (while it is in a call its device state does not
say so); where it does not, its channel is hung up with the cause of a lost line, and the caller goes to the head of the queue.

While no daemon runs, the session timer does the same, more slowly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent
from acd.pbx.ami.variables import get_variables
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import Progress
from acd.pbx.packet_counts import PacketCounts

log = structlog.get_logger(__name__)

EVERY_S = 2.0
STILL_S = 5.0
"""So long without a packet of sound before it is asked whether the telephone answers. Asterisk knows of a dead one 4.5 s after its
last answer at most (qualify_s, pjsip.conf)."""
LOST_CAUSE = "44"
"""Q.850, requested channel not available: one of LOST_CAUSES of acd/pbx/events/causes.py."""


class LostPhones:
    """Looks at the telephones that are in a talk."""

    def __init__(self, ami: Ami, book: ChannelBook, now: Callable[[], float]) -> None:
        """`now`: a monotonic clock, in seconds."""
        self._ami, self._book = ami, book
        self._counts = PacketCounts(ami, now)
        self.ended = 0
        """Channels hung up since the start."""
        self._left_alone: set[str] = set()

    def leave_alone(self, agent: str) -> None:
        """Asterisk forgets where the agent's telephone is registered, as was asked for: a talk that is under way goes on."""
        self._left_alone.add(agent)

    async def look(self) -> None:
        """One look. Raises nothing that the link to Asterisk can cause."""
        talking = {
            leg.channel: leg.agent
            for leg in self._book.agent_legs.values()
            # An outside number in an agent's place answers no OPTIONS of ours: its trunk's session timer asks it.
            if leg.progress in (Progress.ANSWERED, Progress.BRIDGED) and leg.channel.startswith(f"PJSIP/{leg.agent}-")
        }
        self._left_alone &= set(talking.values())
        talking = {channel: agent for channel, agent in talking.items() if agent not in self._left_alone}
        try:
            await self._counts.look(talking)
            still = self._counts.still(STILL_S)
            # Contacts that do not answer OPTIONS are left out of what can be dialled.
            contacts = await get_variables(
                self._ami, [("", f"PJSIP_DIAL_CONTACTS({talking[channel]})") for channel in still]
            )
        except (AmiDown, AmiSilent, AmiRefused):
            return  # The link itself tells of this.
        self._hang_up([(c, talking[c]) for c, contact in zip(still, contacts, strict=True) if not contact])

    def _hang_up(self, lost: Sequence[tuple[str, str]]) -> None:
        for channel, agent in lost:
            log.warning("an agent's telephone has vanished in a talk, which is ended", agent=agent, channel=channel)
            self._counts.forget(channel)
            self.ended += 1
        try:
            sent = self._ami.send([("Hangup", {"Channel": channel, "Cause": LOST_CAUSE}) for channel, _ in lost])
        except AmiDown:
            return
        asyncio.gather(*sent, return_exceptions=True)

"""Tells of a telephone that sends no sound in a talk: muted, mostly, while its caller hears nothing.

The packets that have come from each telephone in a talk are counted every few seconds. Comfort noise and silence suppression are
packets, too. A talk that is on hold is left out, and a telephone that has vanished is another's business: it is found sooner
than STILL_S, and its talk ended.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.engine.events import Event, PhoneSilent
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import AgentLeg, Progress
from acd.pbx.packet_counts import PacketCounts

EVERY_S = 5.0
STILL_S = 20.0
"""So long without a packet before the agent is told; a pause in which nobody speaks has packets."""


class SilentPhones:
    """Looks at the telephones that are in a talk."""

    def __init__(
        self,
        ami: Ami,
        book: ChannelBook,
        tell: Callable[[Event], None],
        now: Callable[[], float],
        still_s: float = STILL_S,
    ) -> None:
        """`now`: a monotonic clock, in seconds."""
        self._book, self._tell, self._still_s = book, tell, still_s
        self._counts = PacketCounts(ami, now)
        self._told: set[str] = set()
        """Channels of telephones that are said to be silent."""

    async def look(self) -> None:
        """One look. Raises nothing that the link to Asterisk can cause."""
        talking = {leg.channel: leg.agent for leg in self._book.agent_legs.values() if _talks(leg)}
        try:
            await self._counts.look(talking)
        except (AmiDown, AmiSilent, AmiRefused):
            return  # The link itself tells of this.
        still = set(self._counts.still(self._still_s, counted=True))
        for channel in still - self._told:
            self._tell(PhoneSilent(talking[channel], True))
        for channel in self._told - still:
            if (agent := talking.get(channel)) is not None:
                self._tell(PhoneSilent(agent, False))
        self._told = still


def _talks(leg: AgentLeg) -> bool:
    """Whether the phone talks with its caller. Unknown after a resync: whether it has the caller on hold; then it is not looked
    at."""
    return leg.progress == Progress.BRIDGED and leg.on_hold is False and not leg.held_by_us and not leg.consults

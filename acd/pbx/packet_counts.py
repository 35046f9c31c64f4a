"""For how long no packet of sound has come on a channel, from Asterisk's own count."""

from __future__ import annotations

from collections.abc import Callable, Collection

from acd.pbx.ami.connection import Ami
from acd.pbx.ami.variables import get_variables


class PacketCounts:
    """The counts of some channels, look by look."""

    def __init__(self, ami: Ami, now: Callable[[], float]) -> None:
        """`now`: a monotonic clock, in seconds."""
        self._ami, self._now = ami, now
        self._since: dict[str, tuple[str, float]] = {}
        """Channel to the count of its packets, and since when it has been that."""

    async def look(self, channels: Collection[str]) -> None:
        """Reads the counts of these channels, and forgets all others. Raises AmiDown, AmiSilent, AmiRefused."""
        counts = await get_variables(self._ami, [(channel, "CHANNEL(rtcp,rxcount)") for channel in channels])
        now, before = self._now(), self._since
        self._since = {
            channel: before[channel] if channel in before and before[channel][0] == count else (count, now)
            for channel, count in zip(channels, counts, strict=True)
        }

    def still(self, for_s: float, *, counted: bool = False) -> list[str]:
        """The channels whose count has not moved for so long. `counted`: only those of which Asterisk has one."""
        now = self._now()
        return [
            channel
            for channel, (count, since) in self._since.items()
            if now - since >= for_s and (count or not counted)
        ]

    def forget(self, channel: str) -> None:
        """The channel is counted anew."""
        self._since.pop(channel, None)

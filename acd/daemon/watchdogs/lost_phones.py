"""Ends the talk of an agent's telephone that has vanished, so that its caller does not wait for nobody.

Asterisk itself ends no call for silence: a muted telephone, or one with silence suppression, sends nothing and is alive. What has
vanished neither answers OPTIONS nor sends a packet. Asterisk tells when OPTIONS go unanswered; then the count of the packets
that came from the telephone is read, and read again after a while. When it stands still, and the telephone still does not answer,
its channel is hung up with the cause of a lost line: the caller goes to the head of the queue.

While no daemon runs, the session timer does the same, more slowly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent
from acd.pbx.ami.variables import get_variables
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import Progress

log = structlog.get_logger(__name__)

EVERY_S = 1.0
STILL_S = 5.0
"""No packet for so long beside unanswered OPTIONS. A telephone sends one of RTCP every five seconds at most, one of sound every 20 ms."""
LOST_CAUSE = "44"
"""Q.850, requested channel not available: one of LOST_CAUSES of acd/pbx/events/causes.py."""


class LostPhones:
    """Looks at the talks of telephones that do not answer OPTIONS."""

    def __init__(self, ami: Ami, book: ChannelBook, now: Callable[[], float]) -> None:
        """`now`: a monotonic clock, in seconds."""
        self._ami, self._book, self._now = ami, book, now
        self._since: dict[str, tuple[str, float]] = {}
        """Channel to the count of its packets, and since when it has been that."""
        self.ended = 0
        """Channels hung up since the start."""

    async def look(self) -> None:
        """One look. Raises nothing that the link to Asterisk can cause."""
        doubtful = self._doubtful()
        self._since = {channel: since for channel, since in self._since.items() if channel in doubtful}
        if not doubtful:
            return
        try:
            counts = await get_variables(self._ami, [(channel, "CHANNEL(rtcp,rxcount)") for channel in doubtful])
        except (AmiDown, AmiSilent, AmiRefused):
            return  # The link itself tells of this.
        for channel, count in zip(doubtful, counts, strict=True):
            before = self._since.get(channel)
            if before is None or before[0] != count:
                self._since[channel] = (count, self._now())
            elif self._now() - before[1] >= STILL_S and channel in self._doubtful():
                self._hang_up(channel, doubtful[channel])

    def _doubtful(self) -> Mapping[str, str]:
        """Channel to agent, of the telephones that are up and do not answer OPTIONS."""
        return {
            leg.channel: leg.agent
            for leg in self._book.agent_legs.values()
            if leg.progress in (Progress.ANSWERED, Progress.BRIDGED) and self._book.reachable.get(leg.agent) is False
        }

    def _hang_up(self, channel: str, agent: str) -> None:
        log.warning("an agent's telephone has vanished in a talk, which is ended", agent=agent, channel=channel)
        self._since.pop(channel, None)
        self.ended += 1
        try:
            sent = self._ami.send([("Hangup", {"Channel": channel, "Cause": LOST_CAUSE})])
        except AmiDown:
            return
        asyncio.gather(*sent, return_exceptions=True)

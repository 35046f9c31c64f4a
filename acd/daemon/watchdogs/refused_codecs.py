"""Alarms where an offer of sound was refused, with what it offered: a carrier that changes its codecs at night is a dead hotline.

Asterisk sends copies of its SIP messages to a loopback port of ours. Reading is bounded: of more messages than `MOST_A_S` in a second
the rest is left to the kernel, which drops it. A carrier that is refused is refused with every call, so a sample is enough.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable

import structlog

from acd.engine.events import AlarmRaised, Event
from acd.pbx.conf.settings import PbxMedia, PbxSettings
from acd.pbx.sip_copies import Offer, SipCopies

log = structlog.get_logger(__name__)

MOST_A_S = 500
"""Messages read in a second: some 10 ms of the daemon's time. 30 calls a second make as many."""
AGAIN_S = 600.0
"""Between two alarms about the same side and the same offer."""
LONGEST = 65535
_NAMES = {"pcma": "alaw", "pcmu": "ulaw"}
"""The names of RFC 3551 to those of the configuration."""


class RefusedCodecs:
    """Reads the copies, and raises the alarms."""

    def __init__(
        self, settings: Callable[[], PbxSettings], tell: Callable[[Event], None], now: Callable[[], float]
    ) -> None:
        """`now`: a monotonic clock, in seconds."""
        self._settings, self._tell, self._now = settings, tell, now
        self._copies = SipCopies(settings().secrets.copies_key)
        self._told: dict[str, float] = {}
        self._left = MOST_A_S
        self.refused = 0
        """Offers that were refused since the start, either way."""

    async def run(self) -> None:
        """Serves until it is cancelled. A port that another daemon still has is tried again."""
        port = self._settings().copies_port
        if not port:
            return
        loop = asyncio.get_running_loop()
        while True:
            try:
                line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                line.setblocking(False)
                line.bind(("127.0.0.1", port))
                break
            except OSError as taken:
                line.close()
                log.warning("the port for copies of SIP messages is taken; tried again", port=port, why=taken.strerror)
                await asyncio.sleep(5.0)
        try:
            while True:
                self._left = MOST_A_S
                loop.add_reader(line, self._read, line, loop)
                await asyncio.sleep(1.0)
        finally:
            loop.remove_reader(line)
            line.close()

    def _read(self, line: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        for _ in range(20):
            try:
                datagram = line.recv(LONGEST)
            except OSError:
                return
            self.heard(datagram)
            self._left -= 1
            if self._left <= 0:
                loop.remove_reader(line)  # until the next second
                return

    def heard(self, datagram: bytes) -> None:
        """One copy."""
        offer = self._copies.feed(datagram)
        if offer is None:
            return
        self.refused += 1
        said = explained(offer, self._settings())
        now = self._now()
        if now - self._told.get(said, -AGAIN_S) < AGAIN_S:
            return
        self._told = {text: at for text, at in self._told.items() if now - at < AGAIN_S} | {said: now}
        self._tell(AlarmRaised("codecs refused", said))


def explained(offer: Offer, settings: PbxSettings) -> str:
    """A sentence: who offered what, why it was refused, and what to do."""
    who, media, place = _side(offer, settings)
    codecs = ", ".join(offer.codecs) or "no codec that has a name"
    if offer.ours:
        return f"{who} refuses what we offer ({codecs}). Add a codec that it has to `codecs` of {place}."
    if offer.encrypted and media.encryption == "off":
        return f'{who} offers encrypted sound only ({codecs}). Write media_encryption = "optional" in {place}.'
    if not offer.encrypted and media.encryption == "required":
        return f'{who} offers sound without encryption ({codecs}), and {place} has media_encryption = "required".'
    ours = {_NAMES.get(codec.lower(), codec.lower()) for codec in offer.codecs} & set(media.codecs)
    if ours:
        return f"{who} offers {codecs}, and its offer was refused for another reason than its codecs: look at its SDP."
    return f"{who} offers only {codecs}. We take {', '.join(media.codecs)}: have it add one of these, or add one to `codecs` of {place}."


def _side(offer: Offer, settings: PbxSettings) -> tuple[str, PbxMedia, str]:
    """The other side in words, what is configured for it, and where that stands."""
    address = ipaddress.ip_address(offer.address)
    for trunk in settings.trunks:
        if any(address in ipaddress.ip_network(network, strict=False) for network in trunk.addresses):
            return f"carrier {trunk.name}", trunk.media, f"[trunks.{trunk.name}]"
    if offer.user in {agent.agent for agent in settings.agents}:
        return f"agent {offer.user}'s telephone", settings.agents_media, "[sip.agents]"
    trunks = [trunk for trunk in settings.trunks if trunk.host]
    if len(trunks) == 1:
        return f"carrier {trunks[0].name}", trunks[0].media, f"[trunks.{trunks[0].name}]"
    return f"{offer.address}", settings.agents_media, "the trunk or agent that has this address"

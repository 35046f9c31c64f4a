"""Alarms where an offer of sound was refused, with what it offered: a carrier that changes its codecs at night is a dead hotline.

Asterisk sends copies of its SIP messages to a loopback port of ours. Reading is bounded: of more messages than `MOST_A_S` in a second
the rest is left to the kernel, which drops it. A carrier that is refused is refused with every call, so a sample is enough.

Asterisk gives the same answer, 488, when it has no RTP port or no file left for a call whose codecs were fine. What such a call
was refused for is looked up in Asterisk's log (acd/pbx/shortages.py), and the call is counted among those that were not taken.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from acd.engine.events import AlarmRaised, Event
from acd.pbx import shortages
from acd.pbx.conf.settings import PbxMedia, PbxSettings
from acd.pbx.sip_copies import UNAVAILABLE, Offer, Refusal, SipCopies

log = structlog.get_logger(__name__)

MOST_A_S = 500
"""Messages read in a second: some 10 ms of the daemon's time. 30 calls a second make as many."""
AGAIN_S = 600.0
"""Between two alarms about the same side and the same offer."""
LONGEST = 65535
LOOKS = 4
"""Asterisk's log is read from where it ended so many looks ago. Its lines are written by a thread of their own, a moment before or
after the answer is heard, and a busy second's answers are heard in the next."""
_NAMES = {"pcma": "alaw", "pcmu": "ulaw"}
"""The names of RFC 3551 to those of the configuration."""


class RefusedCodecs:
    """Reads the copies, and raises the alarms."""

    def __init__(
        self,
        settings: Callable[[], PbxSettings],
        tell: Callable[[Event], None],
        now: Callable[[], float],
        not_taken: Counter[tuple[str, str]],
    ) -> None:
        """`now`: a monotonic clock, in seconds. `not_taken`: trunk and why, to the calls that were not taken; those for which
        Asterisk had run out of something are added here."""
        self._settings, self._tell, self._now, self._not_taken = settings, tell, now, not_taken
        self._copies = SipCopies(settings().secrets.copies_key)
        self._told: dict[str, float] = {}
        self._left = MOST_A_S
        self.refused = 0
        """Offers that were refused since the start, either way."""
        self._fresh: list[Refusal] = []
        """Refusals that codecs don't explain, since the last look."""
        self._due: list[Refusal] = []
        """Those of the look before: what Asterisk says of them is in its log by now."""
        self._log_sizes: deque[int] = deque(maxlen=LOOKS)

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
        self._log_sizes.append(shortages.size(self._log))
        try:
            while True:
                self._left = MOST_A_S
                loop.add_reader(line, self._read, line, loop)
                await asyncio.sleep(1.0)
                await self.look()
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
        refusal = self._copies.feed(datagram)
        if refusal is None:
            return
        if refusal.status != UNAVAILABLE:
            self.refused += 1
        if refusal.status == UNAVAILABLE or (not refusal.offer.ours and _fits(refusal.offer, self._settings())):
            if len(self._fresh) < MOST_A_S:
                self._fresh.append(refusal)
        else:
            self._alarm(refusal.offer)

    def unanswered(self, call_id: str) -> int:
        """`SipCopies.unanswered`."""
        return self._copies.unanswered(call_id)

    async def look(self) -> None:
        """Once a second: what Asterisk had run out of when it refused the calls of the look before."""
        self._log_sizes.append(shortages.size(self._log))
        due, self._due, self._fresh = self._due, self._fresh, []
        if not due:
            return
        found = shortages.found(await asyncio.to_thread(shortages.read, self._log, min(self._log_sizes)))
        for refusal in due:
            if refusal.status == UNAVAILABLE:
                # The dialplan's own 503 has been counted where it was decided.
                if found["calls"] > 0:
                    found["calls"] -= 1
                    self._count(refusal.offer, "calls")
            elif found["ports"] or found["files"]:
                self._count(refusal.offer, "ports" if found["ports"] else "files")
            else:
                self._alarm(refusal.offer)

    @property
    def _log(self) -> Path:
        return self._settings().run_folder / "log" / "messages.log"

    def _count(self, offer: Offer, shortage: shortages.Shortage) -> None:
        self._not_taken[_side(offer, self._settings()).trunk, shortage] += 1

    def _alarm(self, offer: Offer) -> None:
        said = explained(offer, self._settings())
        now = self._now()
        if now - self._told.get(said, -AGAIN_S) < AGAIN_S:
            return
        self._told = {text: at for text, at in self._told.items() if now - at < AGAIN_S} | {said: now}
        self._tell(AlarmRaised("codecs refused", said))


def explained(offer: Offer, settings: PbxSettings) -> str:
    """A sentence: the side that has offered what, why it was refused, and what to do."""
    side = _side(offer, settings)
    codecs = ", ".join(offer.codecs) or "no codec that has a name"
    if offer.ours:
        return f"{side.name} refuses what we offer ({codecs}). Add a codec that it has to `codecs` of {side.place}."
    if offer.encrypted and side.media.encryption == "off":
        return (
            f'{side.name} offers encrypted sound only ({codecs}). Write media_encryption = "optional" in {side.place}.'
        )
    if not offer.encrypted and side.media.encryption == "required":
        return f'{side.name} offers sound without encryption ({codecs}), and {side.place} has media_encryption = "required".'
    if _common(offer, side.media):
        return f"{side.name} offers {codecs}, and its offer was refused for another reason than its codecs: look at its SDP."
    return (
        f"{side.name} offers only {codecs}. We take {', '.join(side.media.codecs)}: have it add one of these, or add one to "
        f"`codecs` of {side.place}."
    )


def _fits(offer: Offer, settings: PbxSettings) -> bool:
    """Whether codecs and encryption are no reason to refuse it."""
    media = _side(offer, settings).media
    refuses = "off" if offer.encrypted else "required"
    return media.encryption != refuses and bool(_common(offer, media))


def _common(offer: Offer, media: PbxMedia) -> set[str]:
    """The codecs that were offered and are taken."""
    return {_NAMES.get(codec.lower(), codec.lower()) for codec in offer.codecs} & set(media.codecs)


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    """In words."""
    media: PbxMedia
    """What is configured for it."""
    place: str
    """Where that stands."""
    trunk: str = ""
    """The trunk, where it is one."""


def _side(offer: Offer, settings: PbxSettings) -> _Side:
    """The other side of this offer."""
    address = ipaddress.ip_address(offer.address)
    for trunk in settings.trunks:
        if any(address in ipaddress.ip_network(network, strict=False) for network in trunk.addresses):
            return _Side(f"carrier {trunk.name}", trunk.media, f"[trunks.{trunk.name}]", trunk.name)
    if offer.user in {agent.agent for agent in settings.agents}:
        return _Side(f"agent {offer.user}'s telephone", settings.agents_media, "[sip.agents]")
    trunks = [trunk for trunk in settings.trunks if trunk.host]
    if len(trunks) == 1:
        return _Side(f"carrier {trunks[0].name}", trunks[0].media, f"[trunks.{trunks[0].name}]", trunks[0].name)
    return _Side(offer.address, settings.agents_media, "the trunk or agent that has this address")

"""Calls out whose trunk does not answer the INVITE at all are given up after SILENT_S, so that the next trunk is tried.

RFC 3261 wants a 100 within 0.2 s. Asterisk would repeat the INVITE for 32 s, and Dial knows no time-out for a first answer: so the
daemon looks. Callbacks ask by themselves (callbacks.py); `SilentTrunks` looks after what the dialplan dials: callers who are sent on,
consulted numbers, agents' outside numbers. A call that has no further trunk is left alone: the silent one may still answer.

No event and no variable of a channel tells of a 100, after which a carrier may take its time. What tells is the INVITE that is sent
again and again (acd/pbx/sip_copies.py). So nothing is given up where that is not seen: over TCP, or while copies get lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.ami.variables import get_variables
from acd.pbx.channels import TRUNKS_CHANNEL
from acd.pbx.trunk_states import SILENT_S

log = structlog.get_logger(__name__)

SENT = 3
"""An INVITE that was sent so often has had no answer for 1.5 s at least; after SILENT_S it was sent four times."""


class SilentTrunks:
    """Hears each message of Asterisk's."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami
        self.unanswered: Callable[[str], int] = lambda call_id: 0
        """How often an INVITE of this Call-ID was sent without any answer; the daemon sets it."""
        self._looks: dict[str, asyncio.Task[None]] = {}
        """Uniqueid of a trunk's channel that is being dialled by another channel, to the look that will be taken at it."""

    def heard(self, message: Message) -> None:
        """Passes over all but the beginnings and ends of diallings."""
        kind, uniqueid = message.get("Event"), message.get("DestUniqueid", "")
        if kind == "DialEnd" and (look := self._looks.pop(uniqueid, None)) is not None:
            look.cancel()
        elif (
            kind == "DialBegin" and message.get("Uniqueid") and TRUNKS_CHANNEL.fullmatch(message.get("DestChannel", ""))
        ):
            look = asyncio.ensure_future(self._look(message["DestChannel"], message.get("Channel", "")))
            self._looks[uniqueid] = look
            look.add_done_callback(lambda _: self._looks.pop(uniqueid, None))

    async def _look(self, channel: str, dialling: str) -> None:
        await asyncio.sleep(SILENT_S)
        await self.give_up(channel, dialling)

    async def give_up(self, channel: str, dialling: str = "") -> None:
        """Hangs up this channel of a trunk where its carrier has not answered anything by now. One that has ended is left as it is.

        `dialling`: the channel that dials it, whose WAYS_LEFT names the trunks that are left; when none is, nothing is hung up.
        """
        try:
            wanted = [(channel, "CHANNEL(pjsip,call-id)"), *([(dialling, "WAYS_LEFT")] if dialling else [])]
            call_id, *left = await get_variables(self._ami, wanted)
            if left == [""] or self.unanswered(call_id) < SENT:
                return
            log.info("a trunk does not answer the INVITE, and is given up", channel=channel)
            await self._ami.act("Hangup", Channel=channel, Cause="18")
        except (AmiDown, AmiSilent, AmiRefused):
            pass  # The channel has ended, or the link is lost: its end tells, or resync does.

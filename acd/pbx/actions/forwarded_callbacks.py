"""Ends what Asterisk dials instead of a customer whose carrier has answered a callback with 302.

`i` in Dial and Queue refuses to be forwarded; an Originate has no such option. FORWARD_CONTEXT (pjsip.conf) leads a number of the 302
into a context without extensions. What is left is a user part with a slash, "PJSIP/1002" or "Local/s@arrive", which Asterisk takes for
a channel of that technology. It dials it, and says then that the dialling of ours has ended by a forward: whatever was dialled
without a caller in between, and is not ours, is hung up.

What the 302 says is never copied: that header of the event is not escaped.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

import structlog

from acd.pbx.ami.connection import Ami, AmiDown, Message
from acd.pbx.channels import CALLBACK_UNIQUEID, STORY_UNIQUEID

log = structlog.get_logger(__name__)

LATELY_S = 0.5
"""What was dialled longer ago is something else, as a test ring."""
OURS = (CALLBACK_UNIQUEID, STORY_UNIQUEID)
REMEMBERED = 20
"""Channels that were dialled last without a caller. The forward is told a millisecond after its channel."""


class ForwardedCallbacks:
    """Hears each message of Asterisk's."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami
        self._dialled: OrderedDict[str, tuple[str, float]] = OrderedDict()
        """Uniqueid to channel, and when that was told, of what was dialled without a caller and not as a callback."""
        self.refused = 0
        """Forwards since the start."""

    def heard(self, message: Message) -> None:
        """Passes over all but the beginnings and ends of diallings."""
        kind, uniqueid = message.get("Event"), message.get("DestUniqueid", "")
        if kind == "DialBegin" and not message.get("Uniqueid") and not uniqueid.startswith(OURS):
            self._dialled[uniqueid] = (message.get("DestChannel", ""), time.monotonic())
            while len(self._dialled) > REMEMBERED:
                self._dialled.popitem(last=False)
        elif kind == "DialEnd" and message.get("Forward") and uniqueid.startswith(OURS):
            self._refuse()

    def _refuse(self) -> None:
        self.refused += 1
        now = time.monotonic()
        channels = [channel for channel, at in self._dialled.values() if channel and now - at < LATELY_S]
        self._dialled.clear()
        log.warning("a callback was answered with a forward, which is not followed", channels=len(channels))
        try:
            sent = self._ami.send([("Hangup", {"Channel": channel, "Cause": "21"}) for channel in channels])
        except AmiDown:
            return
        asyncio.gather(*sent, return_exceptions=True)

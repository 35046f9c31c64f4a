"""Masks over recordings, as AMI actions: every recorder of a call writes silence, and those that begin later too.

A recorder that runs is masked by MixMonitorMute: the file holds exact zeros from then on, and its length stays right. For those that begin
later the variable MASKED stands on the channel: until when, by Asterisk's clock. The dialplan looks at it where it has begun a recorder and
nobody is in the bridge yet ([masked]), asks with the UserEvent MaskWanted, and goes on when MUTED has come; so nothing that is said gets
into the file before. Asterisk keeps both while no daemon runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from acd.engine.commands import MaskRecording
from acd.engine.masking.events import MaskFailed
from acd.pbx.actions.offer_actions import OfferActions, log_refusal
from acd.pbx.ami.connection import AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.ami.redirects import Action, to, variable
from acd.pbx.channels import CALL, OFFER

log = structlog.get_logger(__name__)

_NO_RECORDER = "Cannot set mute flag"
"""What Asterisk answers where no recorder runs on the channel."""
SPARE_S = 5
"""So much longer than the mask holds MASKED: the engine ends the mask, and the dialplan only where no daemon does."""


class Masks:
    """Carries these commands out. Nothing here waits: an action goes on the wire at once, its answer is read later."""

    def __init__(self, actions: OfferActions) -> None:
        self.actions, self.book = actions, actions.book
        self._until: dict[str, int] = {}
        """Call to the second of Asterisk's clock until which its recordings are masked."""
        self._tasks: set[asyncio.Task[None]] = set()

    def mask(self, command: MaskRecording) -> None:
        """Masks the recorders of this call, or ends that. What is not masked comes back as MaskFailed."""
        call = command.call
        if command.masked:
            self._until[call] = int(self.actions.ami.clock.now() + command.for_s) + SPARE_S
        else:
            self._until.pop(call, None)
        caller, dialling = self.book.calls.get(call), self.book.dialling_of(call)
        if caller is None:
            return  # The caller has hung up; that is told already.
        channels = [caller.channel, *([dialling.channel] if dialling is not None and dialling.receiver else ())]
        variables = [variable(channel, "MASKED", str(self._until.get(call, ""))) for channel in channels]
        mutes = [mute(channel, command.masked) for channel in channels]
        try:
            sent = self.actions.ami.send([*variables, *mutes])
        except AmiDown:
            if command.masked:
                self.actions.tell_soon(MaskFailed(call, "no-link"))
            return
        for number, answer in enumerate(sent):
            # A consult need not be recorded, and a caller who waits is not; what is not recorded refuses the mask.
            needed = number == len(variables) and command.masked and command.recorded
            self._later(self._masked(call, answer) if needed else log_refusal(answer))

    def variable(self, call: str, channel: str) -> list[Action]:
        """What tells a channel of this call that what it is about to record is masked; empty where it is not."""
        until = self._until.get(call)
        return [] if until is None else [variable(channel, "MASKED", str(until))]

    def heard(self, message: Message) -> None:
        """Passes over all but MaskWanted of the dialplan: a recorder has begun while MASKED stood on its channel."""
        if message.get("UserEvent") != "MaskWanted":
            return
        call, leg, channel = message.get("Call", ""), message.get("Leg", ""), message.get("Channel", "")
        if CALL.fullmatch(call) and OFFER.fullmatch(leg):
            self._later(self._begun(call, leg, channel))

    def call_ended(self, call: str) -> None:
        """The caller has hung up."""
        self._until.pop(call, None)

    # ---

    async def _begun(self, call: str, leg: str, channel: str) -> None:
        """Masks the new recorder, where the mask has not ended meanwhile, and lets the dialplan go on."""
        try:
            if call in self._until:
                await self._masked(call, self.actions.ami.send([mute(channel, True)])[0])
            await self.actions.ami.send([variable(channel, "MUTED", leg)])[0]
        except (AmiDown, AmiSilent, AmiRefused, ValueError) as error:
            log.warning("a masked recorder is not let go on: the dialplan ends it", call=call, leg=leg, why=str(error))

    async def _masked(self, call: str, answer: Awaitable[list[Message]]) -> None:
        """Tells MaskFailed unless the recorder has taken the mask."""
        try:
            await answer
            return
        except AmiRefused as error:
            why = "no-recorder" if _NO_RECORDER in str(error) else "refused"
        except AmiSilent:
            why = "no-answer"
        except AmiDown:
            why = "no-link"
        log.warning("a recording is not masked", call=call, why=why)
        self.actions.tell(MaskFailed(call, why))

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def mute(channel: str, masked: bool) -> Action:
    """Silences all recorders of this channel, both sides, or ends that. Raises ValueError for what is not the name of a channel."""
    _, fields = to(channel, "")
    return "MixMonitorMute", {"Channel": fields["Channel"], "Direction": "both", "State": "1" if masked else "0"}

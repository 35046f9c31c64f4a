"""The engine's commands as AMI actions, and the daemon's hand in the dialplan's global variables.

An offer is two actions in one write: the variable OFFER on the caller's channel, and his Redirect into [connect]. It
supersedes whatever rings for him: that phone is cancelled by the same Redirect. What fails comes back as an event. Holds,
consults and joins: handing_over.py.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from acd.engine.commands import Offer, SendTo, TakeBack
from acd.engine.events import CallReturned, Event, OfferFailed
from acd.identifiers import NAME, is_name
from acd.pbx.actions.ring_variables import Presented, clean_label, ring_of
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.ami.redirects import Action, Redirects, to, variable
from acd.pbx.channels import CallerLeg
from acd.pbx.events.destination_events import CALLABLE
from acd.pbx.events.translator import Translator

log = logging.getLogger(__name__)

_GLOBAL = re.compile(f"[A-Z_]{{1,40}}(_{NAME})?")
_ROOMS = {
    "callback": "offer-callback",
    "voicemail": "voicemail",
    "number": "send-on",
    "let go": "let-go",
    "waiting": "handed-on",
}
"""Where a policy, an operator or an agent sends a caller, as contexts of the dialplan."""


class Actions:
    """Carries out commands. Nothing here waits: each deed goes on the wire at once, its answer is looked at later."""

    def __init__(
        self, ami: Ami, epoch: int, translator: Translator, tell: Callable[[Event], None], sounds: Path = Path()
    ) -> None:
        self.ami, self.epoch, self.translator, self.tell = ami, epoch, translator, tell
        self.sounds = sounds
        """Where prompts are looked for."""
        self.redirects = Redirects(ami, lambda call: call in translator.calls)
        self._ready: dict[str, str] = {}

    # --- calls ---

    def offer(self, offer: Offer, presented: Presented) -> None:
        """Rings the agent for the caller. What can't be dialled comes back as OfferFailed("not dialled")."""

        def failed(why: str) -> None:
            log.warning("Offer %s to agent %s could not be dialled: %s", offer.offer, offer.agent, why)
            self.tell_soon(OfferFailed(offer.agent, offer.call, offer.offer, "not dialled"))

        leg = self.translator.calls.get(offer.call)
        if leg is None:
            failed("its caller's channel is not known")
            return
        self.translator.asked(offer)
        value = f"{offer.offer},{offer.agent},{self.epoch},{clean_label(presented.label)}"
        ring = ring_of(presented, offer.call, offer.offer, leg.language, self.sounds)
        actions = [
            *queue_of(leg, offer.queue),
            variable(leg.channel, "OFFER", value),
            *([variable(leg.channel, "RING", ring)] if ring else ()),
            to(leg.channel, "connect"),
        ]
        # Already running, [connect] may have found the newer offer: then it is not sent there again.
        self.redirects.move(offer.call, offer.offer, actions, failed, lambda: leg.offer == offer.offer)

    def take_back(self, back: TakeBack) -> None:
        """The caller goes back to the waiting room, and the phone stops ringing; never once somebody has answered."""
        if self.redirects.latest(back.call) not in (None, back.offer) or self.translator.answered(back.call):
            return
        self.to_waiting(back.call)

    def send_to(self, sending: SendTo) -> None:
        """Redirects a caller into one of the rooms of extensions_elsewhere.conf, or back to the waiting room.

        Who can't be sent to voicemail or to another number waits on: CallReturned.
        """
        leg = self.translator.calls.get(sending.call)
        if leg is None:
            return  # He has hung up; that is told already.

        def failed(why: str) -> None:
            leg.elsewhere = False
            log.warning("The caller of %s could not be sent to %s: %s", sending.call, sending.where, why)
            if sending.where in ("voicemail", "number"):
                self.tell_soon(CallReturned(sending.call, "failed"))
            elif sending.where == "let go":
                self.hang_up(sending.call)

        variables: list[Action] = []
        if sending.where == "callback":
            variables.append(variable(leg.channel, "WITHIN", str(max(0, int(sending.within_s)))))
        elif sending.where == "number":
            if not CALLABLE.fullmatch(sending.number):
                failed("its number can't be called")
                return
            variables.append(variable(leg.channel, "SEND_ON_TO", sending.number))
        elif sending.where == "waiting":
            variables += queue_of(leg, sending.queue)
        self.translator.asked(sending)
        leg.elsewhere, leg.said = sending.where not in ("callback", "waiting"), None
        actions = [*variables, to(leg.channel, _ROOMS[sending.where])]
        self.redirects.move(sending.call, f"sent to {sending.where}", actions, failed)

    def to_waiting(self, call: str) -> None:
        """Redirects the caller to the head of the waiting loop."""
        channel = self.translator.channel_of(call)
        if channel is not None:
            self._send(to(channel, "waiting"))

    def to_menu_fallback(self, call: str) -> None:
        """Takes a caller out of a story that is not served any more: the menu goes on with the executed one."""
        channel = self.translator.channel_of(call)
        if channel is not None:
            self._send(to(channel, "menu", "script"))

    def hang_up(self, call: str) -> None:
        channel = self.translator.channel_of(call)
        if channel is not None:
            self._send(("Hangup", {"Channel": channel, "Cause": "16"}))

    # --- the dialplan's global variables ---

    def set_global(self, name: str, value: str) -> None:
        """Sets GLOBAL(name). Raises ValueError for a name that is not a plain variable's."""
        if not _GLOBAL.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a global variable")
        self._send(("Setvar", {"Variable": f"GLOBAL({name})", "Value": value}))

    def beat(self) -> None:
        """Tells the dialplan, in its own time, that the daemon lives; older than 10 s, and it answers without us."""
        self.set_global("ACD_BEAT", str(int(self.ami.clock.now())))

    def ready(self, queue: str, agents: Sequence[str]) -> None:
        """Whom the fallback may ring for this queue; sent only when it has changed."""
        value = "&".join(f"PJSIP/{agent}" for agent in agents)
        if self._ready.get(queue) != value and self.ami.up:
            self._ready[queue] = value
            self.set_global(f"READY_{queue}", value)

    def forget(self) -> None:
        """On a new connection nothing is known of what Asterisk's variables hold."""
        self._ready.clear()
        self.redirects.forget()

    def call_ended(self, call: str) -> None:
        self.redirects.forget(call)

    # ---

    def tell_soon(self, event: Event) -> None:
        """Not from within the engine's own turn: the outcome of a command is an event of its own."""
        asyncio.get_running_loop().call_soon(self.tell, event)

    def _send(self, action: Action) -> None:
        try:
            sent = self.redirects.send(action)
        except AmiDown:
            return  # Resync sets it right once there is a link.
        self.redirects.later(looked_at(sent[0]))


async def looked_at(sent: Awaitable[list[Message]]) -> None:
    """What nobody waits for; a refusal stands in the log."""
    try:
        await sent
    except (AmiDown, AmiSilent):
        pass
    except AmiRefused as error:
        log.info("%s", error)  # Mostly: the caller hung up in the same moment.


def queue_of(leg: CallerLeg, queue: str) -> list[Action]:
    """QUEUE on the caller's channel, where he has come into another: the plain queue and resync go by it."""
    if not leg.queue or leg.queue == queue or not is_name(queue):
        return []
    leg.queue = queue
    return [variable(leg.channel, "QUEUE", queue)]

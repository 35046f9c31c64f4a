"""Offers and other destinations of a caller as AMI actions, and the dialplan's global variables that the daemon sets.

An offer is one write: the variable OFFER on the caller's channel, and the caller's Redirect into [connect]. The Redirect also
cancels a phone that still rings for this caller. What fails comes back as an event. Holds, consults and joins stand in
consult_actions.py.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from acd.engine.commands import Offer, SendTo, TakeBack
from acd.engine.events import CallReturned, Event, OfferFailed
from acd.identifiers import NAME, is_name
from acd.pbx.actions.ring_variables import Presented, clean_label, ring_of
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.ami.redirects import Action, Redirects, to, variable
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import CALLABLE, CallerLeg
from acd.pbx.expected_moves import expect

log = structlog.get_logger(__name__)

_GLOBAL = re.compile(f"[A-Z_]{{1,40}}(_{NAME})?")
_CONTEXTS = {
    "callback": "offer-callback",
    "no callback": "no-callback",
    "voicemail": "voicemail",
    "number": "send-on",
    "let go": "let-go",
    "waiting": "handed-on",
}
"""SendTo.where to the context of the dialplan."""


class OfferActions:
    """Carries these commands out. Nothing here waits: an action goes on the wire at once, its answer is read later."""

    def __init__(
        self, ami: Ami, epoch: int, book: ChannelBook, tell: Callable[[Event], None], sounds: Path = Path()
    ) -> None:
        self.ami, self.epoch, self.book, self.tell = ami, epoch, book, tell
        self.sounds = sounds
        """The folder of the prompts, `<language>/<prompt>.wav`."""
        self.redirects = Redirects(ami, lambda call: call in book.calls)
        self._ready: dict[str, str] = {}
        self.may_dial: Callable[[str], str] = lambda number: "no outside number may be dialled"
        """An outside number to why an agent can't be rung there; empty: they can."""

    # --- calls ---

    def offer(self, offer: Offer, presented: Presented) -> None:
        """Rings the agent for the caller. What can't be dialled comes back as OfferFailed "not dialled"."""

        def failed(why: str) -> None:
            log.warning("an offer could not be dialled", call=offer.call, offer=offer.offer, agent=offer.agent, why=why)
            self.tell_soon(OfferFailed(offer.agent, offer.call, offer.offer, "not dialled"))

        leg = self.book.calls.get(offer.call)
        if leg is None:
            failed("its caller's channel is not known")
            return
        outside = self.book.outside.get(offer.agent, "")
        if outside and (why := offer.barred or self.may_dial(outside)):
            failed(why)
            return
        expect(self.book, offer)
        value = f"{offer.offer},{offer.agent},{self.epoch},{clean_label(presented.label)}"
        ring = ring_of(presented, offer.call, offer.offer, leg.language, self.sounds)
        actions = [
            *queue_of(leg, offer.queue),
            variable(leg.channel, "OFFER", value),
            *([variable(leg.channel, "RING", ring)] if ring else ()),
            *([variable(leg.channel, "OUTSIDE", f"{offer.offer},{outside}")] if outside else ()),
            to(leg.channel, "connect"),
        ]
        # [connect] may run already and have found this newer OFFER: then the caller is not redirected again.
        self.redirects.move(offer.call, offer.offer, actions, failed, lambda: leg.offer == offer.offer)

    def take_back(self, back: TakeBack) -> None:
        """Redirects the caller to [waiting], which cancels the ringing phone; never once the agent has answered."""
        if self.redirects.latest(back.call) not in (None, back.offer) or self.book.answered(back.call):
            return
        self.to_waiting(back.call)

    def send_to(self, sending: SendTo) -> None:
        """Redirects a caller into a context of extensions_elsewhere.conf, or back to the waiting loop.

        A caller who can't be sent to voicemail or to another number goes on waiting: CallReturned "failed".
        """
        leg = self.book.calls.get(sending.call)
        if leg is None:
            return  # The caller has hung up; that is told already.

        def failed(why: str) -> None:
            leg.diverted = False
            log.warning("a caller could not be redirected", call=sending.call, where=sending.where, why=why)
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
        expect(self.book, sending)
        leg.diverted, leg.said = sending.where not in ("callback", "no callback", "waiting"), None
        actions = [*variables, to(leg.channel, _CONTEXTS[sending.where])]
        self.redirects.move(sending.call, f"sent to {sending.where}", actions, failed)

    def to_waiting(self, call: str) -> None:
        """Redirects the caller to the head of the waiting loop."""
        channel = self.book.channel_of(call)
        if channel is not None:
            self._send(to(channel, "waiting"))

    def to_menu_fallback(self, call: str) -> None:
        """Takes a caller out of a story whose server is down: Asterisk executes the menu's story by itself."""
        channel = self.book.channel_of(call)
        if channel is not None:
            self._send(to(channel, "menu", "script"))

    def turn_away(self, call: str) -> None:
        """Has the caller told that their number has too many calls, and let go; [arrive] tells CallTurnedAway."""
        leg = self.book.calls.get(call)
        if leg is not None:
            leg.turned_away = True
            self._send(to(leg.channel, "arrive", "many"))

    def hang_up(self, call: str) -> None:
        """Ends the caller's channel."""
        channel = self.book.channel_of(call)
        if channel is not None:
            self._send(("Hangup", {"Channel": channel, "Cause": "16"}))

    # --- the dialplan's global variables ---

    def set_global(self, name: str, value: str) -> None:
        """Sets GLOBAL(name). Raises ValueError for a name that is not that of a global variable."""
        if not _GLOBAL.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a global variable")
        self._send(("Setvar", {"Variable": f"GLOBAL({name})", "Value": value}))

    def beat(self) -> None:
        """Sets ACD_BEAT to the present second of Asterisk's clock. Once it is 10 s old, the dialplan serves callers by itself."""
        self.set_global("ACD_BEAT", str(int(self.ami.clock.now())))

    def ready(self, queue: str, agents: Sequence[str]) -> None:
        """Sets READY_<queue>, the agents whom the fallback queue may ring, when they have changed."""
        value = "&".join(f"PJSIP/{agent}" for agent in agents)
        if self._ready.get(queue) != value and self.ami.up:
            self._ready[queue] = value
            self.set_global(f"READY_{queue}", value)

    def forget(self) -> None:
        """A new connection: what the global variables hold is not known, and no move is under way."""
        self._ready.clear()
        self.redirects.forget()

    def call_ended(self, call: str) -> None:
        """The caller has hung up: no move of this call is tried again."""
        self.redirects.forget(call)

    # ---

    def tell_soon(self, event: Event) -> None:
        """Tells the event once the engine has finished the present one: the outcome of a command is an event of its own."""
        asyncio.get_running_loop().call_soon(self.tell, event)

    def _send(self, action: Action) -> None:
        try:
            sent = self.redirects.send(action)
        except AmiDown:
            return  # There is no link: the next resync corrects it.
        self.redirects.later(log_refusal(sent[0]))


async def log_refusal(sent: Awaitable[list[Message]]) -> None:
    """Awaits the answer to an action that nobody waits for, and logs a refusal. Raises nothing."""
    try:
        await sent
    except (AmiDown, AmiSilent):
        pass
    except AmiRefused as error:
        log.info("Asterisk refused an action", why=str(error))  # Mostly: the channel ended in the same moment.


def queue_of(leg: CallerLeg, queue: str) -> list[Action]:
    """The action that sets QUEUE on the caller's channel; none when it is set already. The fallback queue and resync use QUEUE."""
    if not leg.queue or leg.queue == queue or not is_name(queue):
        return []
    leg.queue = queue
    return [variable(leg.channel, "QUEUE", queue)]

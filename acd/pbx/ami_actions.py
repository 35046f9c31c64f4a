"""The engine's commands as AMI actions, and the daemon's hand in the dialplan's global variables.

An offer is two actions in one write: the variable OFFER on the caller's channel, and his Redirect into [connect]. It
supersedes whatever rings for him: that phone is cancelled by the same Redirect. What fails comes back as an event.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence

from acd.engine.commands import Offer, SendTo, TakeBack
from acd.engine.events import CallReturned, Event, OfferFailed
from acd.pbx.ami import Ami, AmiDown, AmiRefused, AmiSilent, IllegalCharacter, Message
from acd.pbx.ami_events import Translator
from acd.pbx.rooms import CALLABLE

log = logging.getLogger(__name__)

_NOT_IN_LABEL = re.compile(r'[\x00-\x1f\x7f",;\\${}\[\]<>|&^()]+')
_GLOBAL = re.compile(r"[A-Z_]{1,40}(_[a-z][a-z0-9-]{0,30})?")
_CHANNEL = re.compile(r"[A-Za-z0-9/@._-]{1,80}")
LONGEST_LABEL = 40
_ROOMS = {"callback": "offer-callback", "voicemail": "voicemail", "number": "send-on", "let go": "let-go"}
"""Where a policy or an operator sends a caller, as contexts of the dialplan."""
_TRIES = 4
_BETWEEN_TRIES_S = 0.03


def clean_label(label: str) -> str:
    """The label without what a SIP header or the dialplan could stumble over, at most 40 characters."""
    return " ".join(_NOT_IN_LABEL.sub(" ", label).split())[:LONGEST_LABEL]


class Actions:
    """Carries out commands. Nothing here waits: each deed goes on the wire at once, its answer is looked at later."""

    def __init__(self, ami: Ami, epoch: int, translator: Translator, tell: Callable[[Event], None]) -> None:
        self.ami, self.epoch, self.translator, self.tell = ami, epoch, translator, tell
        self._latest: dict[str, str] = {}
        """Call to its latest offer, for an older one must not be tried again."""
        self._ready: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- calls ---

    def offer(self, offer: Offer, label: str) -> None:
        """Rings the agent for the caller. What can't be dialled comes back as OfferFailed("not dialled")."""
        self._latest[offer.call] = offer.offer
        channel = self.translator.channel_of(offer.call)
        if channel is None:
            self._failed(offer, "its caller's channel is not known")
            return
        value = f"{offer.offer},{offer.agent},{self.epoch},{clean_label(label)}"
        try:
            sent = self.ami.send(
                [
                    ("Setvar", {"Channel": channel, "Variable": "OFFER", "Value": value}),
                    ("Redirect", _to(channel, "connect")),
                ]
            )
        except (AmiDown, IllegalCharacter) as error:
            self._failed(offer, str(error))
            return
        self._later(self._offered(offer, channel, sent))

    async def _offered(self, offer: Offer, channel: str, sent: Sequence[Awaitable[list[Message]]]) -> None:
        set_variable, redirected = await asyncio.gather(*sent, return_exceptions=True)
        for left in range(_TRIES - 1, -1, -1):
            if not isinstance(redirected, BaseException):
                break
            caller = self.translator.calls.get(offer.call)
            if isinstance(redirected, AmiSilent) or caller is None or self._latest.get(offer.call) != offer.offer:
                return  # Silence is judged by what happens: DialBegin, or the engine's own deadline.
            if caller.offer == offer.offer:
                return  # The Redirect before this one was still under way to [connect], and found this offer there.
            if not left or isinstance(set_variable, BaseException) or not isinstance(redirected, AmiRefused):
                self._failed(offer, str(redirected))
                return
            # A channel that was redirected a moment ago is "not up" for some milliseconds; the call lives.
            await asyncio.sleep(_BETWEEN_TRIES_S)
            try:
                redirected = await self.ami.send([("Redirect", _to(channel, "connect"))])[0]
            except (AmiDown, AmiSilent, AmiRefused) as error:
                redirected = error

    def take_back(self, back: TakeBack) -> None:
        """The caller goes back to the waiting room, and the phone stops ringing; never once somebody has answered."""
        if self._latest.get(back.call) not in (None, back.offer) or self.translator.answered(back.call):
            return
        self.to_waiting(back.call)

    def send_to(self, sending: SendTo) -> None:
        """Redirects a waiting caller into one of the rooms of extensions_elsewhere.conf.

        Who can't be sent to voicemail or to another number waits on: CallReturned.
        """
        leg = self.translator.calls.get(sending.call)
        if leg is None:
            return  # He has hung up; that is told already.
        variables: dict[str, str] = {}
        if sending.where == "callback":
            variables["WITHIN"] = str(max(0, int(sending.within_s)))
        elif sending.where == "number":
            if not CALLABLE.fullmatch(sending.number):
                self._not_sent(sending, "its number can't be called")
                return
            variables["SEND_ON_TO"] = sending.number
        self._latest[sending.call] = sent_to = f"sent to {sending.where}"
        try:
            sent = self.ami.send(
                [
                    *(("Setvar", {"Channel": leg.channel, "Variable": n, "Value": v}) for n, v in variables.items()),
                    ("Redirect", _to(leg.channel, _ROOMS[sending.where])),
                ]
            )
        except AmiDown as error:
            self._not_sent(sending, str(error))
            return
        leg.elsewhere, leg.said = sending.where != "callback", None
        self._later(self._sent(sending, sent_to, leg.channel, sent))

    async def _sent(
        self, sending: SendTo, sent_to: str, channel: str, sent: Sequence[Awaitable[list[Message]]]
    ) -> None:
        *set_variables, redirected = await asyncio.gather(*sent, return_exceptions=True)
        for left in range(_TRIES - 1, -1, -1):
            if not isinstance(redirected, BaseException) or isinstance(redirected, AmiSilent):
                return
            leg = self.translator.calls.get(sending.call)
            if leg is None or self._latest.get(sending.call) != sent_to:
                return
            unset = any(isinstance(each, BaseException) for each in set_variables)
            if not left or unset or not isinstance(redirected, AmiRefused):
                leg.elsewhere = False
                self._not_sent(sending, str(redirected))
                return
            await asyncio.sleep(_BETWEEN_TRIES_S)
            try:
                redirected = await self.ami.send([("Redirect", _to(channel, _ROOMS[sending.where]))])[0]
            except (AmiDown, AmiSilent, AmiRefused) as error:
                redirected = error

    def _not_sent(self, sending: SendTo, why: str) -> None:
        log.warning("The caller of %s could not be sent to %s: %s", sending.call, sending.where, why)
        if sending.where in ("voicemail", "number"):
            asyncio.get_running_loop().call_soon(self.tell, CallReturned(sending.call, "failed"))
        elif sending.where == "let go":
            self.hang_up(sending.call)

    def to_waiting(self, call: str) -> None:
        """Redirects the caller to the head of the waiting loop."""
        channel = self.translator.channel_of(call)
        if channel is not None:
            self._send("Redirect", **_to(channel, "waiting"))

    def to_menu_fallback(self, call: str) -> None:
        """Takes a caller out of a story that is not served any more: the menu goes on with the executed one."""
        channel = self.translator.channel_of(call)
        if channel is not None:
            self._send("Redirect", **_to(channel, "menu", "script"))

    def hang_up(self, call: str) -> None:
        channel = self.translator.channel_of(call)
        if channel is not None:
            self._send("Hangup", Channel=channel, Cause="16")

    # --- the dialplan's global variables ---

    def set_global(self, name: str, value: str) -> None:
        """Sets GLOBAL(name). Raises ValueError for a name that is not a plain variable's."""
        if not _GLOBAL.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a global variable")
        self._send("Setvar", Variable=f"GLOBAL({name})", Value=value)

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
        self._latest.clear()

    def call_ended(self, call: str) -> None:
        self._latest.pop(call, None)

    # ---

    def _failed(self, offer: Offer, why: str) -> None:
        log.warning("Offer %s to agent %s could not be dialled: %s", offer.offer, offer.agent, why)
        # Not from within the engine's own turn: the outcome of a command is an event of its own.
        asyncio.get_running_loop().call_soon(
            self.tell, OfferFailed(offer.agent, offer.call, offer.offer, "not dialled")
        )

    def _send(self, action: str, **fields: str) -> None:
        try:
            sent = self.ami.send([(action, fields)])
        except AmiDown:
            return  # Resync sets it right once there is a link.
        self._later(self._looked_at(action, sent[0]))

    async def _looked_at(self, action: str, sent: Awaitable[list[Message]]) -> None:
        try:
            await sent
        except (AmiDown, AmiSilent):
            pass
        except AmiRefused as error:
            log.info("%s", error)  # Mostly: the caller hung up in the same moment.

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _to(channel: str, context: str, priority: str = "1") -> dict[str, str]:
    if not _CHANNEL.fullmatch(channel):
        raise ValueError(f"{channel!r} is not a channel's name")
    return {"Channel": channel, "Context": context, "Exten": "s", "Priority": priority}

"""A supervisor's telephone is rung, and its channel is put where it hears, is heard, or is in the bridge.

The telephone is rung as in a test call: by a Local channel whose one half dials it ([listen-ring]), so that its 302 is not followed.
Whoever answers runs through [listening], and each AttachListener is one Redirect of that channel into [listen]. A channel that leaves a
bridge does so a moment later than caller and agent: where two leave a bridge of three at once, Asterisk leaves the third alone in it.

No Originate here names a number: see `fields_of`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Collection

import structlog

from acd.engine.commands import AttachListener, EndListener, RecordAgain, RingListener
from acd.engine.listening.events import ListenerGone
from acd.identifiers import EXTENSION
from acd.pbx.actions.offer_actions import OfferActions, log_refusal
from acd.pbx.actions.ring_variables import clean_label
from acd.pbx.ami.connection import AmiDown, Fields, Message
from acd.pbx.ami.redirects import Action, to, variable
from acd.pbx.channels import CALL, LISTENER, ListenerLeg
from acd.words import masked

log = structlog.get_logger(__name__)

_TELEPHONE = re.compile(EXTENSION)
_LEAVES_AFTER_S = 0.06
"""How much later than the others a supervisor leaves a bridge."""
_HALF = "-half"
"""Behind the id of a listener: the channel id of the half that dials."""
_LABELS = {"zh": "监听 {caller} 座席{agent}", "en": "Listening {caller} agent {agent}"}


class Listening:
    """Carries these commands out. Nothing here waits, but for the moment above."""

    def __init__(self, actions: OfferActions, language: str = "zh") -> None:
        """`language`: of what the telephone shows, "zh" or "en"."""
        self.actions, self.book, self.language = actions, actions.book, language
        self._put_off: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def ring(self, command: RingListener, telephones: Collection[str]) -> None:
        """Rings the telephone. One that is none of `telephones`, those that register here, comes back as ListenerGone."""
        listener = command.listener
        if command.telephone not in telephones or not LISTENER.fullmatch(listener):
            log.warning("a supervisor's telephone is none of ours", telephone=command.telephone[:80])
            self.actions.tell_soon(ListenerGone(listener, "unreachable"))
            return
        self.book.listened[listener] = command.call
        label = _LABELS[self.language].format(
            caller=masked(self.book.numbering.shown(command.caller)), agent=command.agent
        )
        try:
            [sent] = self.actions.ami.send([("Originate", fields_of(listener, command.call, command.telephone, label))])
        except AmiDown:
            return  # The next resync finds no channel of this listener.
        self._later(sent)

    def attach(self, command: AttachListener) -> None:
        """Moves the supervisor's channel. A target that is not there any more leaves it hearing nothing until the next command."""
        if (timer := self._put_off.pop(command.listener, None)) is not None:
            timer.cancel()
        leg = self.book.listener_leg(command.listener)
        if leg is None:
            return
        self.book.listened[command.listener] = command.call
        if leg.bridge and command.how not in ("bridge", "conference"):
            loop = asyncio.get_running_loop()
            self._put_off[command.listener] = loop.call_later(_LEAVES_AFTER_S, self._move, leg, command)
        else:
            self._move(leg, command)

    def end(self, command: EndListener) -> None:
        """Hangs the supervisor's channel up, or the half that dials it."""
        if not LISTENER.fullmatch(command.listener):
            return
        if (timer := self._put_off.pop(command.listener, None)) is not None:
            timer.cancel()
        leg = self.book.listener_leg(command.listener)
        self.book.listened.pop(command.listener, None)
        channel = leg.channel if leg is not None else f"{command.listener}{_HALF}"
        self._send(("Hangup", {"Channel": channel, "Cause": "16"}))

    def record_again(self, command: RecordAgain) -> None:
        """The caller's channel stops its recorder and begins it anew behind what is there ([record-again]), without leaving the bridge:
        by a key of its own (features.conf), since the daemon has no right to begin a recorder."""
        caller = self.book.calls.get(command.call)
        if caller is not None and caller.bridge:
            key = {"Channel": caller.channel, "Digit": "D", "Duration": "100", "Receive": "true"}
            self._send(variable(caller.channel, "RECORD_AGAIN", "1"), ("PlayDTMF", key))

    # ---

    def _move(self, leg: ListenerLeg, command: AttachListener) -> None:
        self._put_off.pop(command.listener, None)
        caller = self.book.calls.get(command.call)
        phone = self.book.phone_of(command.call, command.agent, command.offer)
        how, target = command.how, "" if caller is None else caller.channel
        if how == "agent":
            target = "" if phone is None else phone.channel
        elif how == "bridge" and (caller is None or not caller.bridge):
            how = "caller"  # BridgeAdd would hang up on a supervisor whose caller is in no bridge.
        elif how == "conference":
            target = command.call
        if not target:
            how = ""
        self._send(variable(leg.channel, "LISTEN_TO", f"{how},{target}"), to(leg.channel, "listen"))

    def _send(self, *actions: Action) -> None:
        try:
            sent = self.actions.ami.send(list(actions))
        except AmiDown:
            return  # The next resync corrects it.
        for each in sent:
            self._later(each)

    def _later(self, answer: Awaitable[list[Message]]) -> None:
        task = asyncio.ensure_future(log_refusal(answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def fields_of(listener: str, call: str, telephone: str, label: str) -> Fields:
    """The fields of the Originate: a Local channel whose one half dials the telephone's own contact. Raises ValueError for what is no
    listener and no extension."""
    if not LISTENER.fullmatch(listener) or not CALL.fullmatch(call) or not _TELEPHONE.fullmatch(telephone):
        raise ValueError(f"{listener[:40]!r} at {telephone[:40]!r} can't be rung")
    return {
        "Channel": "Local/s@listen-ring/n",
        "ChannelId": listener,
        "OtherChannelId": f"{listener}{_HALF}",
        "Context": "test-over",
        "Exten": "s",
        "Priority": "1",
        "Timeout": "40000",
        "Async": "true",
        "Variable": [
            f"LISTENER={listener}",
            f"LISTEN_AT={telephone}",
            f"LISTEN_CALL={call}",
            f"LISTEN_LABEL={clean_label(label)}",
        ],
    }

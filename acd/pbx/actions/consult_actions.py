"""Holds, consults, joins: what an agent does with a caller beside speaking with him, as AMI actions.

Each is one write: variables, then one Redirect, of the caller and of an agent's channel at the same moment where both move,
for the one that stays in a bridge alone is hung up by Asterisk. What can't be done comes back as an event: OfferFailed
"not dialled", ConsultEnded "failed"; whose channel has gone has had its own end told.

The rooms are those of extensions_handing_over.conf, and of extensions_by_phone.conf for what an agent asks for by keys.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import re

from acd.engine.commands import AskTransfer, Consult, HangUp, Hold, Join, Mute, Refuse, ThreeWay
from acd.engine.events import OfferFailed
from acd.engine.transfer_events import ConsultEnded
from acd.pbx.actions.offer_actions import Actions, looked_at, queue_of
from acd.pbx.actions.ring_variables import Present, Presented, clean_label, ring_of
from acd.pbx.ami.connection import AmiDown
from acd.pbx.ami.redirects import Action, to, variable
from acd.pbx.channels import CALLABLE, AgentLeg, CallerLeg
from acd.pbx.expected_moves import expect

log = logging.getLogger(__name__)

_PUT_OFF_S = 0.02
_WHY = re.compile(r"[a-z-]{1,30}")
HandingOverDeed = Consult | Join | ThreeWay | Hold | Mute | AskTransfer | Refuse | HangUp


class HandingOver:
    """Carries them out. Nothing here waits."""

    def __init__(self, actions: Actions, record_consults: bool = False) -> None:
        self.actions, self.book, self.redirects = actions, actions.book, actions.redirects
        self.record_consults = record_consults
        """Whether what is said in a consult is kept, as `<call>-k<number of the receiver's offer>`."""
        self._counted = itertools.count(1)
        self._put_off: dict[str, asyncio.TimerHandle] = {}
        """Call to the hanging up of a receiver who is not needed any more."""

    def carry_out(self, deed: HandingOverDeed, present: Present) -> None:
        match deed:
            case Consult():
                self.consult(deed, present(deed))
            case Join():
                self.join(deed)
            case ThreeWay():
                self.three_way(deed)
            case Hold() | AskTransfer():
                self.hold(deed)
            case Mute():
                self.mute(deed)
            case Refuse():
                self.refuse(deed)
            case HangUp():
                self.hang_up(deed)

    # --- consults ---

    def consult(self, deed: Consult, presented: Presented) -> None:
        caller = self.book.calls.get(deed.call)
        phone = self.book.phone_of(deed.call, deed.first, deed.first_offer)
        line = self.book.second_lines.get(deed.first) if deed.second_line else phone and phone.channel
        if caller is None or not line or (not deed.agent and not CALLABLE.fullmatch(deed.number)):
            self._no_consult(deed, "a channel of it is gone, or its number can't be called")
            return
        offer = deed.offer or f"{deed.call}-n{next(self._counted)}"
        kept = f"{deed.call}-k{offer.rpartition('-')[2]}" if self.record_consults and deed.agent else ""
        label = clean_label(presented.label)
        actions = [
            *(queue_of(caller, deed.queue) if deed.queue else ()),
            *([variable(line, "__CALL_ID", deed.call)] if deed.second_line else ()),
            variable(line, "HELD", "" if deed.second_line else caller.channel),
            variable(line, "CONSULT", f"{offer},{deed.agent},{self.actions.epoch},{label},{kept}"),
        ]
        if deed.number:
            actions += [variable(line, "CONSULT_TO", deed.number), variable(line, "SHOWN", caller.dialled)]
        if ring := ring_of(presented, deed.call, offer, caller.language, self.actions.sounds):
            actions.append(variable(line, "RING", ring))
        if deed.second_line or caller.held:
            actions.append(to(line, "consult"))
        else:
            actions.append(to(caller.channel, "hold", extra=line, extra_context="consult"))
        expect(self.book, deed)
        self.redirects.move(deed.call, offer, actions, lambda why: self._no_consult(deed, why))

    def _no_consult(self, deed: Consult, why: str) -> None:
        log.warning("The consult of agent %s about %s could not begin: %s", deed.first, deed.call, why)
        if deed.agent:
            self.actions.tell_soon(OfferFailed(deed.agent, deed.call, deed.offer, "not dialled"))
        else:
            self.actions.tell_soon(ConsultEnded(deed.call, "failed"))

    # --- joins ---

    def join(self, deed: Join) -> None:
        caller = self.book.calls.get(deed.call)
        if caller is None:
            return  # He has hung up; that is told already.
        phone = self.book.phone_of(deed.call, deed.agent, deed.offer)
        dialling = self.book.dialling_of(deed.call)
        if deed.agent:
            channel, offer, leg = phone.channel if phone else "", deed.offer, "begins" if deed.begins else "on"
        else:
            channel, offer = (dialling.outside_channel, dialling.offer) if dialling else ("", "")
            leg = "outside"
        if not channel:
            self._not_joined(deed, "its channel is gone")
            return
        if (put_off := self._put_off.pop(deed.call, None)) is not None:
            put_off.cancel()
        token = f"{offer}.{next(self._counted)}"
        joining = f"{offer},{deed.agent},{self.actions.epoch},{leg},{channel},{token}"
        actions = [
            *self._close_consult(deed.call),
            variable(channel, "HELD", caller.channel),
            variable(channel, "ARRIVES", token),
            variable(caller.channel, "JOIN", joining),
            # Left alone by the other, whichever goes first would be hung up.
            to(caller.channel, "join", extra=channel, extra_context="holding"),
        ]
        expect(self.book, deed)
        self.redirects.move(deed.call, f"join {offer}", actions, lambda why: self._not_joined(deed, why))

    def _not_joined(self, deed: Join, why: str) -> None:
        log.warning("The caller of %s could not be joined with %s: %s", deed.call, deed.agent or "the number", why)
        if deed.agent:
            self.actions.tell_soon(OfferFailed(deed.agent, deed.call, deed.offer, "not dialled"))
        else:
            self.actions.tell_soon(ConsultEnded(deed.call, "failed"))

    def _close_consult(self, call: str) -> list[Action]:
        """Nothing of what the caller says may come into the consult's recording."""
        dialling = self.book.dialling_of(call)
        if dialling is None or not dialling.receiver:
            return []
        return [("StopMixMonitor", {"Channel": dialling.channel})]

    def three_way(self, deed: ThreeWay) -> None:
        """Both agents' channels leave their bridge at the same moment, then the caller comes."""
        caller = self.book.calls.get(deed.call)
        first = self.book.phone_of(deed.call, deed.first, deed.first_offer)
        second = self.book.phone_of(deed.call, deed.agent, deed.offer)
        dialling = self.book.dialling_of(deed.call)
        if caller is None or first is None or second is None:
            return  # Whoever is gone has had it told.
        line = dialling.channel if dialling else first.channel
        epoch = str(self.actions.epoch)
        actions = [
            *self._close_consult(deed.call),
            *(variable(each, "CONFERENCE", epoch) for each in (line, second.channel, caller.channel)),
            to(line, "conference", extra=second.channel, extra_context="conference"),
            to(caller.channel, "conference"),
        ]
        expect(self.book, deed)
        self.redirects.move(deed.call, f"three-way {deed.offer}", actions, lambda why: log.warning("%s", why))

    # --- holds ---

    def hold(self, deed: Hold | AskTransfer) -> None:
        """The caller hears music; the agent nothing, or what he is asked for a transfer by keys."""
        caller, phone = self._talk(deed)
        if caller is None or phone is None:
            return
        actions = [
            variable(phone.channel, "HELD", caller.channel),
            to(
                caller.channel,
                "hold",
                extra=phone.channel,
                extra_context="holding" if isinstance(deed, Hold) else "transfer-code",
            ),
        ]
        expect(self.book, deed)
        self.redirects.move(deed.call, f"hold {deed.offer}", actions, lambda why: log.warning("%s", why))

    def mute(self, deed: Mute) -> None:
        _, phone = self._talk(deed)
        if phone is not None:
            self._send(variable(phone.channel, "MUTEAUDIO(in)", "on" if deed.muted else "off"))

    def refuse(self, deed: Refuse) -> None:
        """He is told so by [refused]: on his second line, or, after a code, where he is asked."""
        if deed.call:
            phones = [
                phone.channel
                for phone in self.book.agent_legs.values()
                if phone.agent == deed.agent and phone.caller.call == deed.call
            ]
            channel = next(iter(phones), None)
        else:
            channel = self.book.second_lines.get(deed.agent)
        if channel is not None:
            why = deed.why if _WHY.fullmatch(deed.why) else "refused"
            self._send(variable(channel, "WHY", why), to(channel, "refused"))

    def hang_up(self, deed: HangUp) -> None:
        phone = self.book.phone_of(deed.call, deed.agent, deed.offer)
        if phone is None:
            return
        expect(self.book, deed)
        dialling = self.book.dialling_of(deed.call)
        if phone.consults and dialling is not None and deed.call in self.book.calls:
            # Mostly a join of the others follows at once, which ends his channel, too. Two who take the first agent out of
            # one bridge at the same moment get in each other's way: now and then he was hung up.
            loop = asyncio.get_running_loop()
            self._put_off[deed.call] = loop.call_later(_PUT_OFF_S, self._hang_up_now, deed.call, phone.channel)
            return
        self._hang_up_now(deed.call, phone.channel)

    def _hang_up_now(self, call: str, channel: str) -> None:
        self._put_off.pop(call, None)
        self._send(("Hangup", {"Channel": channel, "Cause": "16"}))

    # ---

    def _talk(self, deed: Hold | AskTransfer | Mute) -> tuple[CallerLeg | None, AgentLeg | None]:
        return (
            self.book.calls.get(deed.call),
            self.book.phone_of(deed.call, deed.agent, deed.offer),
        )

    def _send(self, *actions: Action) -> None:
        try:
            sent = self.redirects.send(*actions)
        except AmiDown:
            return  # Resync sets it right once there is a link.
        for each in sent:
            self.redirects.later(looked_at(each))

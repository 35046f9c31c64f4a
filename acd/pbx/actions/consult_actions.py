"""Hold, consult, join, conference, mute: the commands about a caller and one or two agents, as AMI actions.

Each is one write: variables, then one Redirect. Where the caller and an agent both move, one Redirect moves both at the same
moment, for Asterisk hangs up the channel that is left alone in a bridge. What can't be done comes back as an event: OfferFailed
"not dialled", ConsultEnded "failed". The end of a channel is told by its own Hangup.

The contexts are those of extensions_handing_over.conf, and of extensions_by_phone.conf for what an agent asks for by keys.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable

import structlog

from acd.engine.commands import AskTransfer, Consult, HangUp, Hold, Join, Mute, Refuse, ThreeWay
from acd.engine.events import OfferFailed
from acd.engine.transfer_events import ConsultEnded
from acd.pbx.actions.offer_actions import OfferActions, log_refusal, queue_of
from acd.pbx.actions.ring_variables import Present, Presented, clean_label, ring_of
from acd.pbx.ami.connection import AmiDown
from acd.pbx.ami.redirects import Action, to, variable
from acd.pbx.channels import CALLABLE, AgentLeg, CallerLeg
from acd.pbx.expected_moves import expect

log = structlog.get_logger(__name__)

_PUT_OFF_S = 0.02
"""How long the hang-up of a receiver waits for a join that would end the same channel."""
_WHY = re.compile(r"[a-z-]{1,30}")
ConsultCommand = Consult | Join | ThreeWay | Hold | Mute | AskTransfer | Refuse | HangUp


class ConsultActions:
    """Carries these commands out. Nothing here waits: an action goes on the wire at once."""

    def __init__(
        self,
        actions: OfferActions,
        record_consults: bool = False,
        mask: Callable[[str, str], list[Action]] = lambda call, channel: [],
    ) -> None:
        """`mask`: what tells this channel, which is about to be recorded for this call, that the recording is masked (masking.py)."""
        self.actions, self.book, self.redirects = actions, actions.book, actions.redirects
        self.record_consults = record_consults
        """Whether consults are recorded, as `<call>-k<number of the receiver's offer>`."""
        self._mask = mask
        self._counted = itertools.count(1)
        self._put_off: dict[str, asyncio.TimerHandle] = {}
        """Call to the hang-up, put off, of a receiver whose consult is over."""

    def carry_out(self, command: ConsultCommand, present: Present) -> None:
        """Puts the command on the wire. `present` makes what the receiver's phone shows and plays."""
        match command:
            case Consult():
                self.consult(command, present(command))
            case Join():
                self.join(command)
            case ThreeWay():
                self.three_way(command)
            case Hold() | AskTransfer():
                self.hold(command)
            case Mute():
                self.mute(command)
            case Refuse():
                self.refuse(command)
            case HangUp():
                self.hang_up(command)

    # --- consults ---

    def consult(self, command: Consult, presented: Presented) -> None:
        """The first agent's channel, or its second line, dials the receiver; the caller goes on hold.

        What can't begin comes back as OfferFailed "not dialled" of a receiver, ConsultEnded "failed" of an outside number.
        """
        caller = self.book.calls.get(command.call)
        phone = self.book.phone_of(command.call, command.first, command.first_offer)
        line = self.book.second_lines.get(command.first) if command.second_line else phone and phone.channel
        if caller is None or not line or (not command.agent and not CALLABLE.fullmatch(command.number)):
            self._no_consult(command, "a channel of it is gone, or its number can't be called")
            return
        outside = self.book.outside.get(command.agent, "")
        if outside and (why := command.barred or self.actions.may_dial(outside)):
            self._no_consult(command, why)
            return
        offer = command.offer or f"{command.call}-n{next(self._counted)}"
        kept = f"{command.call}-k{offer.rpartition('-')[2]}" if self.record_consults and command.agent else ""
        label = clean_label(presented.label)
        actions = [
            *(queue_of(caller, command.queue) if command.queue else ()),
            *([variable(line, "__CALL_ID", command.call)] if command.second_line else ()),
            *self._mask(command.call, line),
            variable(line, "HELD", "" if command.second_line else caller.channel),
            variable(line, "CONSULT", f"{offer},{command.agent},{self.actions.epoch},{label},{kept}"),
        ]
        if command.number:
            actions += [variable(line, "CONSULT_TO", command.number), variable(line, "SHOWN", caller.dialled)]
        if outside:
            actions.append(variable(line, "OUTSIDE", f"{offer},{outside}"))
        if ring := ring_of(presented, command.call, offer, caller.language, self.actions.sounds):
            actions.append(variable(line, "RING", ring))
        if command.second_line or caller.held:
            actions.append(to(line, "consult"))
        else:
            actions.append(to(caller.channel, "hold", extra=line, extra_context="consult"))
        expect(self.book, command)
        self.redirects.move(command.call, offer, actions, lambda why: self._no_consult(command, why))

    def _no_consult(self, command: Consult, why: str) -> None:
        log.warning("a consult could not begin", call=command.call, agent=command.first, why=why)
        if command.agent:
            self.actions.tell_soon(OfferFailed(command.agent, command.call, command.offer, "not dialled"))
        else:
            self.actions.tell_soon(ConsultEnded(command.call, "failed"))

    # --- joins ---

    def join(self, command: Join) -> None:
        """Connects the caller with an agent's channel, or with the outside number that was consulted.

        What fails comes back as OfferFailed "not dialled" of an agent, ConsultEnded "failed" of a number.
        """
        caller = self.book.calls.get(command.call)
        if caller is None:
            return  # The caller has hung up; that is told already.
        phone = self.book.phone_of(command.call, command.agent, command.offer)
        dialling = self.book.dialling_of(command.call)
        if command.agent:
            channel, offer, leg = phone.channel if phone else "", command.offer, "begins" if command.begins else "on"
        else:
            channel, offer = (dialling.outside_channel, dialling.offer) if dialling else ("", "")
            leg = "outside"
        if not channel:
            self._not_joined(command, "its channel is gone")
            return
        if (put_off := self._put_off.pop(command.call, None)) is not None:
            put_off.cancel()
        token = f"{offer}.{next(self._counted)}"
        joining = f"{offer},{command.agent},{self.actions.epoch},{leg},{channel},{token}"
        actions = [
            *self._close_consult(command.call),
            variable(channel, "HELD", caller.channel),
            variable(channel, "ARRIVES", token),
            variable(caller.channel, "JOIN", joining),
            # Both at once: Asterisk hangs up the channel that is left alone in a bridge.
            to(caller.channel, "join", extra=channel, extra_context="holding"),
        ]
        expect(self.book, command)
        self.redirects.move(command.call, f"join {offer}", actions, lambda why: self._not_joined(command, why))

    def _not_joined(self, command: Join, why: str) -> None:
        log.warning("a caller could not be joined", call=command.call, agent=command.agent or "outside number", why=why)
        if command.agent:
            self.actions.tell_soon(OfferFailed(command.agent, command.call, command.offer, "not dialled"))
        else:
            self.actions.tell_soon(ConsultEnded(command.call, "failed"))

    def _close_consult(self, call: str) -> list[Action]:
        """Stops the consult's recording: what the caller says must not come into it."""
        dialling = self.book.dialling_of(call)
        if dialling is None or not dialling.receiver:
            return []
        return [("StopMixMonitor", {"Channel": dialling.channel})]

    def three_way(self, command: ThreeWay) -> None:
        """A conference: both agents' channels leave their bridge at the same moment, then the caller joins them."""
        caller = self.book.calls.get(command.call)
        first = self.book.phone_of(command.call, command.first, command.first_offer)
        second = self.book.phone_of(command.call, command.agent, command.offer)
        dialling = self.book.dialling_of(command.call)
        if caller is None or first is None or second is None:
            return  # One of the channels has ended; its own Hangup tells.
        line = dialling.channel if dialling else first.channel
        epoch = str(self.actions.epoch)
        actions = [
            *self._close_consult(command.call),
            *(variable(each, "CONFERENCE", epoch) for each in (line, second.channel, caller.channel)),
            to(line, "conference", extra=second.channel, extra_context="conference"),
            to(caller.channel, "conference"),
        ]
        expect(self.book, command)
        self.redirects.move(command.call, f"three-way {command.offer}", actions, self._logged(command))

    # --- holds ---

    def hold(self, command: Hold | AskTransfer) -> None:
        """The caller hears music, or the questions of their verification. The agent hears nothing, or, of AskTransfer, the questions of
        a transfer by keys."""
        caller, phone = self._talk(command)
        if caller is None or phone is None:
            return
        actions = [
            variable(phone.channel, "HELD", caller.channel),
            to(
                caller.channel,
                "verify" if isinstance(command, Hold) and command.verify else "hold",
                extra=phone.channel,
                extra_context="holding" if isinstance(command, Hold) else "transfer-code",
            ),
        ]
        expect(self.book, command)
        self.redirects.move(command.call, f"hold {command.offer}", actions, self._logged(command))

    def mute(self, command: Mute) -> None:
        """Mutes the agent towards the caller, or ends that."""
        _, phone = self._talk(command)
        if phone is not None:
            self._send(variable(phone.channel, "MUTEAUDIO(in)", "on" if command.muted else "off"))

    def refuse(self, command: Refuse) -> None:
        """The agent hears in [refused] why not: on the second line or, after a feature code, on the first."""
        if command.call:
            phones = [
                phone.channel
                for phone in self.book.agent_legs.values()
                if phone.agent == command.agent and phone.caller.call == command.call
            ]
            channel = next(iter(phones), None)
        else:
            channel = self.book.second_lines.get(command.agent)
        if channel is not None:
            why = command.why if _WHY.fullmatch(command.why) else "refused"
            self._send(variable(channel, "WHY", why), to(channel, "refused"))

    def hang_up(self, command: HangUp) -> None:
        """Ends an agent's channel: a phone that rings, or the receiver of a consult."""
        phone = self.book.phone_of(command.call, command.agent, command.offer)
        if phone is None:
            return
        expect(self.book, command)
        dialling = self.book.dialling_of(command.call)
        if phone.consults and dialling is not None and command.call in self.book.calls:
            # A join of caller and first agent mostly follows at once and ends the receiver's channel too. Two actions that
            # take the first agent out of the same bridge at once collide: sometimes the first agent was hung up.
            loop = asyncio.get_running_loop()
            self._put_off[command.call] = loop.call_later(_PUT_OFF_S, self._hang_up_now, command.call, phone.channel)
            return
        self._hang_up_now(command.call, phone.channel)

    def _hang_up_now(self, call: str, channel: str) -> None:
        self._put_off.pop(call, None)
        self._send(("Hangup", {"Channel": channel, "Cause": "16"}))

    # ---

    def _talk(self, command: Hold | AskTransfer | Mute) -> tuple[CallerLeg | None, AgentLeg | None]:
        return (
            self.book.calls.get(command.call),
            self.book.phone_of(command.call, command.agent, command.offer),
        )

    def _logged(self, command: Hold | AskTransfer | ThreeWay) -> Callable[[str], None]:
        return lambda why: log.warning("a move failed", call=command.call, command=type(command).__name__, why=why)

    def _send(self, *actions: Action) -> None:
        try:
            sent = self.redirects.send(*actions)
        except AmiDown:
            return  # There is no link: the next resync corrects it.
        for each in sent:
            self.redirects.later(log_refusal(each))

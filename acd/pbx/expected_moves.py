"""What a command of ours is about to do to channels, noted in the channel book before the command goes on the wire. Pure.

Asterisk's messages alone do not say why a channel leaves a bridge or ends: when an agent's channel ends after a Redirect of
ours, nobody has hung up.
"""

from __future__ import annotations

from acd.engine.commands import AskTransfer, Command, Consult, HangUp, Hold, Join, Offer, SendTo, ThreeWay
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import CallerLeg, Progress


def expect(book: ChannelBook, command: Command) -> None:
    """Marks the legs that this command moves or ends."""
    leg = book.calls.get(getattr(command, "call", ""))
    match command:
        case HangUp():
            phone = book.phone_of(command.call, command.agent, command.offer)
            if phone is not None:
                phone.released_by_us = True
                if phone.progress < Progress.ANSWERED:
                    phone.caller.failed.add(phone.offer)
        case _ if leg is None:
            return
        case Offer() | SendTo():
            for phone in leg.agents.values():
                phone.released_by_us = phone.released_by_us or phone.progress == Progress.BRIDGED
            leg.held = False
        case Consult():
            _hold(leg, command.first_offer, command.second_line)
            leg.held = leg.held or not command.second_line
        case Hold() | AskTransfer():
            _hold(leg, command.offer)
            leg.held = True
        case ThreeWay():
            _hold(leg, command.first_offer)
            leg.held = False
            _swap_to_second_line(book, leg, command.first_offer)
            for phone in leg.agents.values():
                phone.in_conference = True
        case Join():
            _join(book, leg, command)


def _swap_to_second_line(book: ChannelBook, leg: CallerLeg, offer: str) -> None:
    """The first agent's leg becomes the second line, where the agent consults on one. The end of the first line, on which the
    caller was on hold, then means nothing."""
    dialling = book.dialling_of(leg.call)
    phone = next((phone for phone in leg.agents.values() if phone.offer == offer), None)
    if dialling is None or phone is None or dialling.uniqueid == phone.uniqueid:
        return
    for legs in (book.agent_legs, leg.agents):
        del legs[phone.uniqueid]
        legs[dialling.uniqueid] = phone
    phone.uniqueid, phone.channel, phone.bridge = dialling.uniqueid, dialling.channel, dialling.bridge


def _hold(leg: CallerLeg, offer: str, second_line: bool = False) -> None:
    for phone in leg.agents.values():
        if phone.offer == offer:
            phone.held_by_us, phone.second_line = True, second_line


def _join(book: ChannelBook, leg: CallerLeg, command: Join) -> None:
    leg.held = False
    if command.begins and command.offer:
        leg.offer = command.offer
    for phone in leg.agents.values():
        if phone.offer != command.offer:
            phone.released_by_us = True
            continue
        phone.released_by_us = phone.in_conference = False
        if command.begins:
            phone.consults = False
        else:
            phone.held_by_us = True
    for dialling in book.diallings.values():
        if dialling.caller is leg and dialling.outside:
            dialling.settled = True

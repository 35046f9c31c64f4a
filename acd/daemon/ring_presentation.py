"""What an agent's phone shows and plays when it rings: label, whisper; and what the caller hears meanwhile.

The context card of a transferred call says who transferred it, why, and whether the caller is verified. An agent with the page
open reads that before the phone rings. Another agent hears it as a whisper on answering, over the caller's voice; the caller does
not hear it, and does not wait for it. Of a caller of the queue the queue's name is whispered, where the configuration says so.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from acd.config import BY_TELEPHONE, Config
from acd.engine.commands import Consult, Offer
from acd.pbx.actions.ring_variables import Presented
from acd.setup.spoken_names import reason_prompt
from acd.words import masked

_UNDER_WAY = ("asked", "consulting", "three-way", "sent on")


def present(command: Offer | Consult, config: Config, card: Mapping[str, Any] | None, has_page: bool) -> Presented:
    """What the ring of this command shows and plays. `card`: the call's context card, None where none is in memory. `has_page`:
    the agent has the page open."""
    queue = config.queues.get(command.queue)
    label = f"{queue.label.en if queue else command.queue} {masked(config.numbering.shown(command.caller))}".strip()
    # A consult rings: the colleague who asks can wait for an agent who picks up.
    auto_answer = isinstance(command, Offer) and config.answers_automatically(command.agent)
    transfer = None if card is None else _transfer(card)
    heard = _heard_by(command.agent, config, has_page)
    if card is None:
        return Presented(label, whisper=_name(command, config) if heard else (), auto_answer=auto_answer)
    if config.customers.name_on_phone and card["customer"] is not None and card["name"]:
        label = f"{label} {card['name']}"
    if why := config.nuisance_why(str(card["caller"])):
        label = f"! {label} {why}"
    # In a consult the caller is on hold and hears the hold music.
    told = transfer is not None and isinstance(command, Offer)
    return Presented(
        label,
        whisper=()
        if not heard
        else _name(command, config)
        if transfer is None
        else tuple(_transferred(command, card, transfer)),
        announce=f"to-{command.agent}-{'en' if card['language'] == 'en' else 'zh'}" if told else "",
        contact=str(card["contact"]),
        auto_answer=auto_answer,
    )


def _transfer(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The transfer by which the caller comes to this agent; None for a caller of the queue."""
    latest: Mapping[str, Any] | None = next(reversed(card["transfers"]), None)
    return latest if latest is not None and latest["state"] in _UNDER_WAY else None


def _heard_by(agent: str, config: Config, has_page: bool) -> bool:
    when = config.whispers_to(agent)
    return when == "always" or (when == "without-page" and not has_page)


def _name(command: Offer | Consult, config: Config) -> tuple[str, ...]:
    """The queue's name; nothing for a colleague who asks."""
    said = isinstance(command, Offer) and config.whispers_name(command.queue)
    return (f"whisper-{command.queue}",) if said else ()


def _transferred(command: Offer | Consult, card: Mapping[str, Any], transfer: Mapping[str, Any]) -> Iterator[str]:
    """ "Transfer from 1 0 0 1, refund, verified", as prompts."""
    yield "whisper-transfer-from" if isinstance(command, Offer) else "whisper-consult-from"
    yield from (f"number-{digit}" for digit in str(transfer["from"]))
    if transfer["reason"] not in ("", BY_TELEPHONE):  # No reason was given: the whisper stays short.
        yield reason_prompt(str(transfer["reason"]))
    # Only a caller who has answered the verification questions: a phone can be lent.
    yield "whisper-verified" if card["verified"]["level"] == "full" else "whisper-not-verified"

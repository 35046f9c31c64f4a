"""What an agent's phone shows and plays when it rings: label, whisper; and what the caller hears meanwhile.

The context card of a transferred call says who transferred it, why, and whether the caller is verified. An agent with the page
open reads that before the phone rings. Another agent hears it as a whisper on answering; the caller does not hear it.
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
    if card is None:
        return Presented(label)
    if why := config.nuisance_why(str(card["caller"])):
        label = f"! {label} {why}"
    transfer = _transfer(card)
    whisper = transfer is not None and _wanted(config, command.agent, has_page)
    # In a consult the caller is on hold and hears the hold music.
    told = transfer is not None and isinstance(command, Offer)
    return Presented(
        label,
        whisper=tuple(_whisper(command, card, transfer)) if whisper and transfer is not None else (),
        announce=f"to-{command.agent}-{'en' if card['language'] == 'en' else 'zh'}" if told else "",
        contact=str(card["contact"]),
    )


def _transfer(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The transfer by which the caller comes to this agent; None for a caller of the queue."""
    latest: Mapping[str, Any] | None = next(reversed(card["transfers"]), None)
    return latest if latest is not None and latest["state"] in _UNDER_WAY else None


def _wanted(config: Config, agent: str, has_page: bool) -> bool:
    profile = config.agents.get(agent)
    if profile is None:  # An agent of an earlier configuration: the setting is not known.
        return False
    return profile.whisper == "always" or (profile.whisper == "without-page" and not has_page)


def _whisper(command: Offer | Consult, card: Mapping[str, Any], transfer: Mapping[str, Any]) -> Iterator[str]:
    """ "Transfer from 1 0 0 1, refund, verified", as prompts."""
    yield "whisper-transfer-from" if isinstance(command, Offer) else "whisper-consult-from"
    yield from (f"number-{digit}" for digit in str(transfer["from"]))
    if transfer["reason"] not in ("", BY_TELEPHONE):  # No reason was given: the whisper stays short.
        yield reason_prompt(str(transfer["reason"]))
    # Only a caller who has answered the verification questions: a phone can be lent.
    yield "whisper-verified" if card["verified"]["level"] == "full" else "whisper-not-verified"

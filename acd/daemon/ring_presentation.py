"""How a call presents itself to the agent whose telephone is to ring: label, whisper, what the caller hears meanwhile.

Of a call that is handed over the card says by whom, why, and whether its caller is verified. An agent who has his page
open reads that there, before it rings; another hears it on picking up, and the caller never does.
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
    """`card`: the call's own, None where none is in memory; `has_page`: the agent has his page open."""
    queue = config.queues.get(command.queue)
    label = f"{queue.label.en if queue else command.queue} {masked(command.caller)}".strip()
    if card is None:
        return Presented(label)
    transfer = _transfer(card)
    whisper = transfer is not None and _wanted(config, command.agent, has_page)
    # In a consult the caller is on hold, and hears the music of that.
    told = transfer is not None and isinstance(command, Offer)
    return Presented(
        label,
        whisper=tuple(_whisper(command, card, transfer)) if whisper and transfer is not None else (),
        announce=f"to-{command.agent}-{'en' if card['language'] == 'en' else 'zh'}" if told else "",
        contact=str(card["contact"]),
    )


def _transfer(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The one by which the caller comes; None where he comes by himself."""
    latest: Mapping[str, Any] | None = next(reversed(card["transfers"]), None)
    return latest if latest is not None and latest["state"] in _UNDER_WAY else None


def _wanted(config: Config, agent: str, has_page: bool) -> bool:
    profile = config.agents.get(agent)
    if profile is None:  # of a configuration that is over: nobody knows what he wants
        return False
    return profile.whisper == "always" or (profile.whisper == "without-page" and not has_page)


def _whisper(command: Offer | Consult, card: Mapping[str, Any], transfer: Mapping[str, Any]) -> Iterator[str]:
    """ "Transfer from 1 0 0 1, refund, verified", as prompts."""
    yield "whisper-transfer-from" if isinstance(command, Offer) else "whisper-consult-from"
    yield from (f"number-{digit}" for digit in str(transfer["from"]))
    if transfer["reason"] not in ("", BY_TELEPHONE):  # that one says nothing, and somebody waits
        yield reason_prompt(str(transfer["reason"]))
    # Only who was asked the house's questions: a number can be lent.
    yield "whisper-verified" if card["verified"]["level"] == "full" else "whisper-not-verified"

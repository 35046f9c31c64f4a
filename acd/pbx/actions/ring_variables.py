"""What an agent's telephone shows and says of a call, and what the caller hears while it rings.

The daemon fills it in for each offer and each consult; here it is made fit for lines of the dialplan: what does not fit is
left out, for a ring matters more than what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from acd.engine.commands import Consult, Offer
from acd.identifiers import OFFER_ID

_NOT_IN_LABEL = re.compile(r'[\x00-\x1f\x7f",;\\${}\[\]<>|&^()]+')
_PROMPT = re.compile(r"(?:(zh|en)/)?([a-z0-9][a-z0-9-]{0,60})")
_CONTACT = re.compile(OFFER_ID)
_MUSIC = re.compile(r"to-[a-z0-9-]{1,60}")
LONGEST_LABEL = 40
MOST_PROMPTS = 20


@dataclass(frozen=True, slots=True)
class Presented:
    """How one ring presents itself."""

    label: str
    """The caller's name in the INVITE: "Billing 138****1111"."""
    whisper: tuple[str, ...] = ()
    """Prompts played to the agent when he picks up, any key ends them, the caller never hears them. In the call's language,
    or with "zh/" or "en/" before the name in that one. Empty: the queue's own, and nothing in a consult."""
    announce: str = ""
    """Class of music on hold that the caller hears while it rings: "to-1002-zh"; empty: the house's music."""
    contact: str = ""
    """What the header X-Sanxiang-Call says: the contact's first call; empty: this call."""


Present = Callable[[Offer | Consult], Presented]


def clean_label(label: str) -> str:
    """The label without what a SIP header or the dialplan could stumble over, at most 40 characters."""
    return " ".join(_NOT_IN_LABEL.sub(" ", label).split())[:LONGEST_LABEL]


def ring_of(presented: Presented, call: str, offer: str, language: str, sounds: Path) -> str:
    """RING for the dialplan, `offer,contact,music,files`; empty when there is nothing to say beyond the label.

    Prompts without a file are left out.
    """
    files = []
    for name in presented.whisper[:MOST_PROMPTS]:
        if match := _PROMPT.fullmatch(name):
            file = sounds / (match[1] or language or "zh") / match[2]
            if file.with_name(f"{file.name}.wav").is_file():
                files.append(str(file))
    contact = presented.contact if _CONTACT.fullmatch(presented.contact) else call
    music = presented.announce if _MUSIC.fullmatch(presented.announce) else ""
    if contact == call and not music and not files:
        return ""
    return f"{offer},{contact},{music or 'default'},{'&'.join(files)}"

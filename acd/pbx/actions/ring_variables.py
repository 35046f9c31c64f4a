"""What an agent's phone shows and plays for a call, and what the caller hears while it rings.

The daemon fills it in for each offer and each consult. Here it becomes a variable of the dialplan. What does not fit is left
out: that the phone rings matters more than what it shows.
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
"""Characters."""
MOST_PROMPTS = 20


@dataclass(frozen=True, slots=True)
class Presented:
    """How one ring presents itself."""

    label: str
    """The caller's name in the INVITE: "Billing 138****1111"."""
    whisper: tuple[str, ...] = ()
    """Prompts that the agent hears on answering, over the caller's voice; the caller does not hear them. They are in the call's
    language, or in that of a prefix "zh/" or "en/"."""
    announce: str = ""
    """Class of music on hold that the caller hears while it rings: "to-1002-zh"; empty: the default music."""
    contact: str = ""
    """The header X-Sanxiang-Call: the id of the contact's first call; empty: this call."""
    auto_answer: bool = False
    """The telephone is told to answer by itself, and its agent hears a tone as the caller is joined."""


Present = Callable[[Offer | Consult], Presented]
"""Command to how its ring presents itself."""


def clean_label(label: str) -> str:
    """The label without characters that a SIP header or the dialplan would misread, at most 40 characters."""
    return " ".join(_NOT_IN_LABEL.sub(" ", label).split())[:LONGEST_LABEL]


def ring_of(presented: Presented, call: str, offer: str, language: str, sounds: Path) -> str:
    """RING for the dialplan, `offer,contact,music,files`, and `,auto` where the telephone is to answer by itself; empty when the label says
    all.

    `sounds` is the folder `<language>/<prompt>.wav`; prompts without a file are left out.
    """
    files = []
    for name in presented.whisper[:MOST_PROMPTS]:
        if match := _PROMPT.fullmatch(name):
            file = sounds / (match[1] or language or "zh") / match[2]
            if file.with_name(f"{file.name}.wav").is_file():
                files.append(str(file))
    contact = presented.contact if _CONTACT.fullmatch(presented.contact) else call
    music = presented.announce if _MUSIC.fullmatch(presented.announce) else ""
    if contact == call and not music and not files and not presented.auto_answer:
        return ""
    return f"{offer},{contact},{music or 'default'},{'&'.join(files)}{',auto' if presented.auto_answer else ''}"

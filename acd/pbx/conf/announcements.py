"""What a caller who is transferred hears while it rings: classes of music on hold that begin with the name of who takes over.

`to-1002-zh`            "you are being connected with", "billing, Li, staff number 1 0 0 2", "please hold", then music
`to-queue-billing-en`   the same for a queue, whose first free agent will answer

The class begins to play with the ring, so that the words do not delay the ring.
"""

import re
from collections.abc import Iterable
from pathlib import Path

LANGUAGES = ("zh", "en")
_BEFORE, _BEHIND = "transfer-connecting", "transfer-please-hold"
MUSIC = (".wav", ".ulaw", ".alaw", ".gsm", ".sln")
"""Endings of files that Asterisk can play as music."""
_FIT = re.compile(r"[^\x00-\x1f\x7f;\[\]]+")
"""File names that a line of musiconhold.conf can hold; the operator chooses the music."""


def classes(agents: Iterable[str], queues: Iterable[str], sounds: Path, music: Path) -> str:
    """Sections of musiconhold.conf. They name only files that exist: at a missing one Asterisk falls silent.

    An agent or queue without a prompt has a class of music alone. Where a class is missing, Asterisk plays its default music, and
    from the second such ring of a call on it goes on playing over the talk.
    """
    found = music.iterdir() if music.is_dir() else ()
    tunes = sorted({file.with_suffix("") for file in found if file.suffix in MUSIC and _FIT.fullmatch(file.name)})
    who = {f"to-{agent}": f"agent-{agent}" for agent in agents}
    who |= {f"to-queue-{queue}": f"queue-{queue}" for queue in queues}
    sections = []
    for name, prompt in who.items():
        for language in LANGUAGES:
            folder = sounds / language
            known = (folder / f"{prompt}.wav").is_file()
            said = (_BEFORE, prompt, _BEHIND) if known else ()
            words = [folder / each for each in said if (folder / f"{each}.wav").is_file()]
            entries = "".join(f"entry = {file}\n" for file in (*words, *tunes))
            sections.append(f"[{name}-{language}]\nmode = playlist\n{entries}")
    return "\n".join(sections)

"""Who takes a caller over, as he hears it while it rings: classes of music on hold that begin with words.

`to-1002-zh`            "you are being connected with", "billing, Li, staff number 1 0 0 2", "please hold", then music
`to-queue-billing-en`   the same of a queue, whoever of it will be free first

The music begins with the ring, so that the words cost nobody a second of it.
"""

import re
from collections.abc import Iterable
from pathlib import Path

LANGUAGES = ("zh", "en")
_BEFORE, _BEHIND = "transfer-connecting", "transfer-please-hold"
MUSIC = (".wav", ".ulaw", ".alaw", ".gsm", ".sln")
_FIT = re.compile(r"[^\x00-\x1f\x7f;\[\]]+")
"""Names that a line of the file can hold; the music is the operator's own."""


def classes(agents: Iterable[str], queues: Iterable[str], sounds: Path, music: Path) -> str:
    """Sections of musiconhold.conf. Only files that are there are named: at one that is missing Asterisk falls silent.

    Who has no prompt has a class of music alone: with a class that it does not know Asterisk plays its own music, and at
    the second such ring of a call it goes on over the talk.
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

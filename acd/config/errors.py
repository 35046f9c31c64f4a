"""Why a configuration is refused: every mistake with its line, and what to do."""

import re
from pathlib import Path

from acd.config.source_lines import line_of
from acd.errors import SanxiangError


class BadConfiguration(SanxiangError):
    """Mend the lines above, then try `./sanxiang config check` again. Nothing was changed."""

    def __init__(self, file: Path | str, mistakes: list[str], text: str = "") -> None:
        """`text` of the file, where it is known: then each mistake is shown with its line."""
        super().__init__()
        self.file, self.mistakes = str(file), mistakes
        lines = [line_of(text, mistake.partition(": ")[0]) or _told_line(mistake) for mistake in mistakes]
        places = [f"{file}:{line}" if line else str(file) for line in lines]
        told = [f"{place}: {mistake}" for place, mistake in zip(places, mistakes, strict=True)]
        self.args = ("\n".join([*told, *self.args]),)


def _told_line(mistake: str) -> int:
    """The line that the reader of TOML names, 0 where it names none."""
    found = re.match(r"is not TOML: .*\(at line (\d+)", mistake)
    return int(found[1]) if found else 0


class NeedsStart(BadConfiguration):
    """The configuration before stays in force, whole. A start takes all of it; calls in progress end then."""

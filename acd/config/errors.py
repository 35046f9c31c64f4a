"""Why a configuration is refused: every mistake with its line, and what to do."""

import re
from collections.abc import Mapping
from pathlib import Path

from acd.config.source_lines import line_of
from acd.errors import SanxiangError


class BadConfiguration(SanxiangError):
    """Mend the lines above, then try `./sanxiang config check` again. Nothing was changed."""

    def __init__(
        self, file: Path | str, mistakes: list[str], text: str = "", parts: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        """`text` of the file, where it is known: then each mistake is shown with its line. `parts`: place of a table that stands
        in a file of its own, as "brands.acme", to path and text of that file."""
        super().__init__()
        self.file, self.mistakes = str(file), mistakes
        told = [f"{where(mistake, file, text, parts or {})}: {mistake}" for mistake in mistakes]
        self.args = ("\n".join([*told, *self.args]),)


def where(mistake: str, file: Path | str, text: str, parts: Mapping[str, tuple[str, str]]) -> str:
    """File and line of what a mistake, "place: sentence", is about; the file alone where the line is not known."""
    place = mistake.partition(": ")[0]
    own = next((name for name in parts if place == name or place.startswith((f"{name}.", f"{name} "))), "")
    if own and place != f"{own}.file" and (place != own or "is not TOML" in mistake):
        file, text = parts[own]
        mistake, place = mistake.removeprefix(f"{own}: "), place.removeprefix(own).removeprefix(".")
    line = line_of(text, place) or _told_line(mistake)
    return f"{file}:{line}" if line else str(file)


def _told_line(mistake: str) -> int:
    """The line that the reader of TOML names, 0 where it names none."""
    found = re.match(r"is not TOML: .*\(at line (\d+)", mistake)
    return int(found[1]) if found else 0


class NeedsStart(BadConfiguration):
    """The configuration before stays in force, whole. A start takes all of it; calls in progress end then."""

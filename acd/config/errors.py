"""Why a configuration is refused: every mistake with its line, and what to do."""

from pathlib import Path

from acd.config.source_lines import line_of
from acd.errors import SanxiangError


class BadConfiguration(SanxiangError):
    """Mend the lines above, then try `./sanxiang config check` again. Nothing was changed."""

    def __init__(self, file: Path | str, mistakes: list[str], text: str = "") -> None:
        """`text` of the file, where it is known: then each mistake is shown with its line."""
        super().__init__()
        self.file, self.mistakes = str(file), mistakes
        lines = [line_of(text, mistake.partition(": ")[0]) for mistake in mistakes]
        places = [f"{file}:{line}" if line else str(file) for line in lines]
        told = [f"{place}: {mistake}" for place, mistake in zip(places, mistakes, strict=True)]
        self.args = ("\n".join([*told, *self.args]),)


class NeedsStart(BadConfiguration):
    """The configuration before stays in force, whole. A start takes all of it; calls in progress end then."""

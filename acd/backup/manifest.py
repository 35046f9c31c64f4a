"""What a back-up says of itself, at its very beginning: made when, of which hotline, by which version, holding what."""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal

FORMAT = 2
"""Goes up when an older version could not restore what a newer one makes. 2: `left-out.json`, paths in the database's URL."""
RECORDINGS = ("copy", "manifest")
Recordings = Literal["copy", "manifest"]
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A file, or folder of prompts, that makes up the operator's configuration."""

    number: int
    """Its folder below `configuration/`."""
    field: str
    """The key that names it; empty for the configuration and agents.toml."""
    was: str
    """Its absolute path on the machine that was backed up."""
    written: str = ""
    """The path as it stands in the configuration."""
    folder: bool = False

    def __post_init__(self) -> None:
        path = PurePosixPath(self.was)
        if not path.is_absolute() or ".." in path.parts or "\0" in self.was or len(path.parts) < 2:
            raise ValueError(f"{self.was!r} is no path of a configuration file")


@dataclass(frozen=True, slots=True)
class Manifest:
    program: str
    """The version that made it."""
    made_at: str
    """ISO 8601, in the hotline's time zone."""
    zone: str
    hotline: str
    schema: str
    """The version of the tables."""
    spool: str
    """The journal's identity; empty when there was no journal yet."""
    recordings: Recordings
    tables: dict[str, list[str]]
    """Table to its columns, in the order of the values."""
    configuration: list[ConfigurationFile]
    left_out: list[str] = field(default_factory=list)
    """A sentence for each thing that could not be taken along, as far as it was known at the beginning: of recordings that could not be
    read see `left-out.json`."""
    format: int = FORMAT

    def text(self) -> bytes:
        return (json.dumps(asdict(self), indent=1) + "\n").encode()

    @property
    def made(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


def read(text: bytes) -> Manifest:
    """Raises ValueError with what is wrong; of a newer format `NewerFormat`, whatever else it says."""
    try:
        said = json.loads(text)
        number = said["format"]
        if type(number) is int and number > FORMAT:
            raise NewerFormat(str(said.get("program"))[:40])
        files = [ConfigurationFile(**each) for each in said.pop("configuration")]
        made = Manifest(**said, configuration=files)
        if made.made.tzinfo is None:
            raise ValueError("the time has no zone")
    except NewerFormat:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"its manifest can't be read ({type(error).__name__})") from None
    _check(made)
    return made


class NewerFormat(ValueError):
    """The back-up has a form that this version does not know; carries the version that made it."""


def _check(made: Manifest) -> None:
    texts: list[Any] = [made.program, made.made_at, made.zone, made.hotline, made.schema, made.spool, *made.left_out]
    for each in made.configuration:
        texts += [each.field, each.was, each.written]
        if type(each.number) is not int or type(each.folder) is not bool:
            raise ValueError("its manifest is not as this program writes it")
    tables = made.tables
    if (
        not all(isinstance(each, str) for each in texts)
        or made.recordings not in RECORDINGS
        or not re.fullmatch(r"[0-9a-f]{0,64}", made.spool)
        or not re.fullmatch(r"[0-9A-Za-z_.+-]{1,64}", made.schema)
        or not isinstance(tables, dict)
        or not all(_NAME.fullmatch(name) for name in [*tables, *(each for names in tables.values() for each in names)])
        or len({each.number for each in made.configuration}) != len(made.configuration)
    ):
        raise ValueError("its manifest is not as this program writes it")

"""Each value that is in force, with where it comes from: for `sanxiang config show`.

No secret is among them: passwords lie in files of their own, and the configuration has the files' names.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from acd.config.brand_files import places
from acd.config.loading import NO_BRANDS, merged
from acd.config.schema import Config
from acd.config.source_lines import line_of

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Value:
    place: str
    """As in the file: `queues.orders.wrap_up_s`."""
    value: Any
    """Of plain types; None: not set, and no default."""
    origin: str
    """`DEFAULT`, or file and line."""

    @property
    def written(self) -> str:
        """As a line of TOML with its origin behind it."""
        if self.value is None:
            return f"# {self.place} is not set  # {self.origin}"
        return f"{self.place} = {_toml(self.value)}  # {self.origin}"


def values(
    config: Config, text: str, agents: str, file: Path, brands: Mapping[str, str] = NO_BRANDS
) -> Iterator[Value]:
    """Every value of the checked configuration of these texts, in the order of the file. `agents`: the text of `agents.toml`;
    `brands`: brand to the text of its own file."""
    given = merged(text, agents, file, brands)
    parts = places(text, brands, file)
    beside = set(merged(agents, "", file).get("agents", {})) if agents else set()
    for place, value, is_given in _walk(config, given, ()):
        name = ".".join(_key(part) for part in place)
        if not is_given:
            origin = DEFAULT
        elif place[:1] == ("agents",) and place[1:2] and place[1] in beside:
            origin = _origin(file.parent / "agents.toml", agents, place)
        elif (own := ".".join(place[:2])) in parts and place[2:] != ("file",):
            origin = _origin(Path(parts[own][0]), parts[own][1], place[2:])
        else:
            origin = _origin(file, text, place)
        yield Value(name, value, origin)


def _origin(file: Path, text: str, place: tuple[str, ...]) -> str:
    line = line_of(text, ".".join(place))
    return f"{file}:{line}" if line else str(file)


def _walk(value: Any, given: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    """Place, value, and whether it was given. `given`: what stands at the place in the texts; None where nothing does."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = given.get(name) if isinstance(given, Mapping) else None
            yield from _walk(getattr(value, name), inner, (*place, name))
    elif isinstance(value, Mapping) and any(isinstance(each, BaseModel) for each in value.values()):
        known = {str(key): inner for key, inner in given.items()} if isinstance(given, Mapping) else {}
        for key, each in value.items():
            yield from _walk(each, known.get(str(key)), (*place, str(key)))
    else:
        yield place, _plain(value), given is not None


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {
            name: _plain(getattr(value, name)) for name in type(value).model_fields if name in value.model_fields_set
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _key(part: str) -> str:
    return part if part.replace("-", "").replace("_", "").isalnum() and part.isascii() else json.dumps(part)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_toml(each)}' for key, each in value.items())} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)

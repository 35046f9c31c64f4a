"""From the operator's file to a checked Config: read, merged with `agents.toml`, validated, checked as a whole."""

import copy
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from acd.config import brand_files
from acd.config.checks import mistakes_of, understaffed
from acd.config.errors import BadConfiguration
from acd.config.messages import sentence
from acd.config.schema import Config
from ivr.menus.toml_text import ENCODING, fault_in, toml_data

NAME_IT, MEND_IT = "Name the file with --config.", "Mend its rights."
MEND_BRAND = "Mend the path or its rights, or write the brand here."
"""What is to be done where the operator's file, `agents.toml`, or a brand's own file can't be read."""
NO_BRANDS: Mapping[str, str] = MappingProxyType({})
_CLASSES = ("recordings", "retention")
"""Where each entry is a table of its own."""
Look = Callable[[Config], Iterable[str]]
"""The mistakes that more than the configuration shows, such as a file that it names and that is not there."""


def load(file: Path, look: Look | None = None) -> Config:
    """The checked configuration.

    Raises BadConfiguration with every mistake that was found, not the first only, and with those of `look`; a file that
    can't be read or is not TOML is one mistake with its line.
    """
    beside = file.parent / "agents.toml"
    text, mistakes = _text(file, NAME_IT)
    agents, more = _text(beside, MEND_IT) if beside.exists() else ("", [])
    mistakes += [f"{beside}: {mistake}" for mistake in more]
    brands: dict[str, str] = {}
    for name, path in brand_files.files_of(text, file).items():
        brands[name], more = _text(path, MEND_BRAND)
        mistakes += [f"brands.{name}.file: {path} {mistake}" for mistake in more]
    if mistakes:
        raise BadConfiguration(file, mistakes, text)
    return parsed(text, agents, file, look, brands)


def parsed(
    text: str, agents: str, file: Path | str, look: Look | None = None, brands: Mapping[str, str] = NO_BRANDS
) -> Config:
    """The configuration in these texts, checked. `brands`: brand to the text of its own file. Raises BadConfiguration, with the
    lines in `text` and in the brands' files."""
    try:
        return check(merged(text, agents, file, brands), file, look)
    except BadConfiguration as bad:
        raise BadConfiguration(file, bad.mistakes, text, brand_files.places(text, brands, file)) from None


def merged(
    text: str, agents: str, file: Path | str = "configuration", brands: Mapping[str, str] = NO_BRANDS
) -> dict[str, Any]:
    """The operator's file, `agents.toml` and the brands' files, by their texts, as one. Raises BadConfiguration."""
    beside = Path(file).parent / "agents.toml"
    mistakes: list[str] = []
    data, more = _toml(text, "", mistakes), _toml(agents, f"{beside} ", mistakes)
    mistakes += brand_files.take_in(data, brands, file)
    both = data.setdefault("agents", {})
    if not isinstance(both, dict) or not isinstance(more.get("agents", {}), dict):
        mistakes.append("agents: must be tables, as [agents.1001].")
    else:
        for agent, profile in more.get("agents", {}).items():
            if agent in both:
                mistakes.append(f"agents.{agent}: also in {beside}. Keep one of the two.")
            both[agent] = profile
    if mistakes:
        raise BadConfiguration(file, mistakes)
    return data


def check(data: dict[str, Any], file: Path | str = "configuration", look: Look | None = None) -> Config:
    """`data` as Config. Raises BadConfiguration as `load` does."""
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        mistakes = [sentence(mistake, Config) for mistake in error.errors()]
        raise BadConfiguration(file, [*mistakes, *_mistakes_beside(data, error, look)]) from None
    if mistakes := [*mistakes_of(config), *understaffed(config), *(look(config) if look else ())]:
        raise BadConfiguration(file, mistakes)
    return config


def _mistakes_beside(data: dict[str, Any], error: ValidationError, look: Look | None) -> list[str]:
    """What the whole shows of the other values, with the wrong ones left away: so all mistakes are told at once.

    Nothing is said of what may only look wrong because a value was left away: where that is a whole table, nothing at all.
    """
    rest = copy.deepcopy(data)
    places = [tuple(part for part in mistake["loc"] if part != "[key]") for mistake in error.errors()]
    # From the back, so that the numbers of entries before stay what they are.
    if not all(len(place) > 1 and _leave_away(rest, place) for place in sorted(places, key=str, reverse=True)):
        return []
    try:
        config = Config.model_validate(rest)
    except ValidationError:
        return []
    tables = {".".join(map(str, place[: 3 if place[:2] == _CLASSES else 2])) for place in places}
    found = [*mistakes_of(config), *(look(config) if look else ())]
    if not any(place[0] in ("queues", "agents") for place in places):
        found += understaffed(config)
    return [
        mistake
        for mistake in found
        if not mistake.startswith(tuple(f"{table}{end}" for table in tables for end in ".:, "))
    ]


def _leave_away(data: Any, place: tuple[Any, ...]) -> bool:
    """Takes this value out; whether it was there and is no whole queue, agent, trunk or brand."""
    for step in place[:-1]:
        data = _entry(data, step)
    key = next((key for key in data if str(key) == str(place[-1])), None) if isinstance(data, dict) else place[-1]
    whole = len(place) == 2 and place[0] in ("queues", "agents", "trunks", "teams", "brands")
    if key is None or _entry(data, key) is None or whole:
        return False
    del data[key]
    return True


def _entry(data: Any, step: Any) -> Any:
    """What stands there in tables or lists; None where nothing does."""
    if isinstance(data, dict):
        return next((value for key, value in data.items() if str(key) == str(step)), None)
    return data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None


def _text(file: Path, remedy: str) -> tuple[str, list[str]]:
    """The file's text, or why there is none; `remedy`: for one that can't be read."""
    try:
        return file.read_text(encoding=ENCODING), []
    except OSError as error:
        return "", [f"can't be read: {error.strerror}. {remedy}"]
    except UnicodeDecodeError as error:
        return "", [f"is not UTF-8 (byte {error.start}). Save it as UTF-8."]


def _toml(text: str, place: str, mistakes: list[str]) -> dict[str, Any]:
    try:
        return toml_data(text)
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{place}{fault_in(text, error, 'Mend that line.')}")
    return {}

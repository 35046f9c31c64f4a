"""From the operator's file to a checked Config: read, merged with `agents.toml`, validated, checked as a whole."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from acd.config.checks import mistakes_of, understaffed
from acd.config.errors import BadConfiguration
from acd.config.messages import sentence
from acd.config.schema import Config


def load(file: Path) -> Config:
    """The checked configuration.

    Raises BadConfiguration with every mistake that was found, not the first only; a file that can't be read or is not
    TOML is one mistake with its line.
    """
    beside = file.parent / "agents.toml"
    text, mistakes = _text(file)
    agents, more = _text(beside) if beside.exists() else ("", [])
    if mistakes or more:
        raise BadConfiguration(file, mistakes + [f"{beside}: {mistake}" for mistake in more])
    return parsed(text, agents, file)


def parsed(text: str, agents: str, file: Path | str) -> Config:
    """The configuration in these texts, checked. Raises BadConfiguration, with the lines in `text`."""
    try:
        return check(merged(text, agents, file), file)
    except BadConfiguration as bad:
        raise BadConfiguration(file, bad.mistakes, text) from None


def merged(text: str, agents: str, file: Path | str = "configuration") -> dict[str, Any]:
    """The operator's file and `agents.toml`, by their texts, as one. Raises BadConfiguration."""
    beside = Path(file).parent / "agents.toml"
    mistakes: list[str] = []
    data, more = _toml(text, "", mistakes), _toml(agents, f"{beside} ", mistakes)
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


def check(data: dict[str, Any], file: Path | str = "configuration") -> Config:
    """`data` as Config. Raises BadConfiguration as `load` does."""
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise BadConfiguration(file, [sentence(mistake, Config) for mistake in error.errors()]) from None
    if mistakes := [*mistakes_of(config), *understaffed(config)]:
        raise BadConfiguration(file, mistakes)
    return config


def _text(file: Path) -> tuple[str, list[str]]:
    """The file's text, or why there is none."""
    try:
        return file.read_text(encoding="utf-8"), []
    except OSError as error:
        return "", [f"can't be read: {error.strerror}. Name the file with --config."]
    except UnicodeDecodeError as error:
        return "", [f"is not UTF-8 (byte {error.start}). Save it as UTF-8."]


def _toml(text: str, place: str, mistakes: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{place}is not TOML: {error}. Mend that line.")
    return {}

"""Our command line in this process, as an operator sees it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer.main
from typer.testing import CliRunner

from acd.cli.app import app, built_for
from acd.cli.language import in_language
from acd.errors import SanxiangError

NOT_OURS = re.compile(
    r"Value error|[Ii]nput should|[Ff]ield required|Extra inputs|validation error|pydantic|Traceback|"
    r"\w*(?:Error|Exception)\(|\[0-9\]|\[A-Za|\[a-z|\(\?|\\[dwx]|\{\d+,\d*\}|[Ss]tring should|should have at (?:least|most)|"
    r"<class |object at 0x"
)
"""Words of libraries and for programmers, which no operator should meet: pydantic's sentences, patterns, Python's errors."""


@dataclass(frozen=True)
class Said:
    status: int
    screen: str
    """What went to the screen, the error included."""


def typed(*words: str, keyed: str | None = None) -> Said:
    """What this command says, and its exit status."""
    result = CliRunner().invoke(built_for(words), list(words), input=keyed, prog_name="sanxiang")
    error = result.exception
    if isinstance(error, SanxiangError):
        return Said(1, f"{result.output}{in_language(f'sanxiang: {error}')}\n")
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Said(result.exit_code, result.output)


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command's words, and the command of click."""

    def below(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        if getattr(command, "invoke_without_command", False):
            yield path, command
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from below((*path, name), inner)
        else:
            yield path, command

    yield from below((), typer.main.get_command(app))


def options(command: Any) -> list[Any]:
    return [each for each in command.params if each.param_type_name == "option"]

"""Wrong usage in words of ours: what the reader of the command line says of a wrong value are sentences of a library."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from acd.cli import language

LOOK = "`sanxiang status` shows what runs, and `sanxiang doctor` what is wrong and what to type."
ELSEWHERE = {
    "restart": "A restart ends calls. A changed configuration comes into force by `sanxiang config reload`, another version by `sanxiang "
    "drain`; calls go on meanwhile. Where everything must begin anew: `sanxiang drain --hotline` serves the callers first, then "
    "`sanxiang up` (under systemd `systemctl start sanxiang`).",
    "start": "`sanxiang up` starts the hotline; under systemd it is `systemctl start sanxiang`.",
    "stop": "`sanxiang drain --hotline` serves the callers who are there, then stops the hotline. `sanxiang down` ends it at once, with "
    "all its calls.",
    "reload": "A changed configuration comes into force by `sanxiang config reload`; callers wait on.",
    "check": "`sanxiang config check` looks at the configuration, `sanxiang doctor` at the machine and the hotline.",
    "update": "`sanxiang upgrade` says what another version needs: docs/upgrading.md.",
    "user": "Who opens the page is `sanxiang account`, who takes calls `sanxiang agent`.",
    "hangup": "`sanxiang call list` shows the calls; `sanxiang call hang-up CALL` ends one.",
    "systemctl": "It is a command of its own: `systemctl status sanxiang`.",
    "service": "It is a command of its own: `service sanxiang status`.",
    "health": LOOK,
}
"""Words that people type at first, as other programs have them, to what they are here."""
ELSEWHERE |= {
    "users": ELSEWHERE["user"],
    "kill": ELSEWHERE["stop"],
    "run": ELSEWHERE["start"],
    "ps": LOOK,
    "info": LOOK,
}


class OurGroup(TyperGroup):
    """All commands, in the language that was chosen; a wrong value of any option is told as the API and the configuration tell one."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        """Reads the command line and runs the command; leaves the process as Typer does. `help X` is `X --help`."""
        words = language.begin(self, sys.argv[1:] if args is None else args)
        if words[:1] == ["help"]:
            words = [*words[1:], "--help"]
        return super().main(words, *more, **named)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Of a word that is no command: what it is called here, rather than what is spelt like it."""
        if args and args[0] in ELSEWHERE and args[0] not in self.commands:
            ctx.fail(f"There is no command {args[0]}. {ELSEWHERE[args[0]]}")
        return super().resolve_command(ctx, args)

    def make_context(self, *given: Any, **named: Any) -> Any:
        """The words are read."""
        with _in_words():
            return super().make_context(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was typed."""
        with _in_words():
            return super().invoke(ctx)


@contextmanager
def _in_words() -> Iterator[None]:
    """What is wrong with the words that were typed is said in ours, and in the language that was chosen."""
    try:
        yield
    except Exception as error:
        if isinstance(error, typer.BadParameter) and isinstance(error.__cause__, ValidationError):
            error.message = in_our_words(error.__cause__)
        raise language.in_words(error)  # noqa: B904  (the same error)


def in_our_words(error: ValidationError) -> str:
    """The first mistake as a sentence, without the name of the option, which stands before it on the screen."""
    from acd.web.server.validation_words import sentence

    [mistake, *_] = error.errors(include_url=False)
    return sentence(mistake, "", "command").lstrip(": ")

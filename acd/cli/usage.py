"""Wrong usage in words of ours: what the reader of the command line says of a wrong value are sentences of a library."""

from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup


class OurGroup(TyperGroup):
    """All commands; a wrong value of any option is told as the API and the configuration tell one."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was typed."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as bad:
            if isinstance(bad.__cause__, ValidationError):
                bad.message = in_our_words(bad.__cause__)
            raise


def in_our_words(error: ValidationError) -> str:
    """The first mistake as a sentence, without the name of the option, which stands before it on the screen."""
    from acd.web.server.validation_words import sentence

    [mistake, *_] = error.errors(include_url=False)
    return sentence(mistake, "", "command").lstrip(": ")

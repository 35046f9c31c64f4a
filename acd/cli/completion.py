"""`sanxiang completion SHELL`: commands, options and live names by the Tab key, in bash, zsh and fish.

Typer brings the reader and the scripts; ours is which names there are just now. The running hotline is asked for them, for a short
time and in silence: whatever goes wrong, a Tab key shows no name and no error.
"""

import os
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import typer

from acd.cli.common import installation_at
from acd.cli.language import in_language

WITHIN_S = 1.0
"""A Tab key waits no longer for a daemon."""
MOST = 500
"""Names at most; more help nobody."""
VARIABLE = "_" + "sanxiang".upper() + "_COMPLETE"
"""As Typer names it."""
Shell = Literal["bash", "zsh", "fish"]
_INTO = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/config.fish"}
_LINES = {
    "bash": 'eval "$({program} completion bash)"',
    "zsh": 'eval "$({program} completion zsh)"',
    "fish": "{program} completion fish | source",
}
Named = list[tuple[str, str]]
"""Each name with what is said beside it, where the shell shows that."""


def completion(shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish.", show_default=False)]) -> None:
    """Print the lines that let a shell complete commands, options and names with the Tab key."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    script = get_completion_script(prog_name="sanxiang", complete_var=VARIABLE, shell=shell)
    line = _LINES[shell].format(program="sanxiang")
    typer.echo(in_language(f"# Type this once, or put it into {_INTO[shell]}:  {line}"))
    typer.echo(_by_its_path(script, shell))


def _by_its_path(script: str, shell: str) -> str:
    """The script, so that it starts the program as it was typed: a checkout's ./sanxiang need not be in PATH. bash's does so anyway."""
    if shell == "zsh":
        # Sourced from .zshrc, it may come before compinit.
        begin = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
        return begin + script.replace("=complete_zsh sanxiang)", "=complete_zsh ${~words[1]})")
    if shell == "fish":
        return script.replace("(commandline -cp) sanxiang", "(commandline -cp) (commandline -opc)[1]")
    return script


def serve_shell() -> None:
    """Where a shell asks for completions, its class is made known to the reader of the command line."""
    if os.environ.get(VARIABLE):
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()


def command_before_cursor() -> str:
    """The first word behind the program, where a shell asks for what comes after it; empty where it asks for that word itself, or does not
    ask. bash tells the words and the number of the one that is typed, zsh and fish the line up to the cursor."""
    if not os.environ.get(VARIABLE):
        return ""
    if line := os.environ.get("_TYPER_COMPLETE_ARGS", ""):
        words, at = line.split(), len(line.split()) - (not line[-1:].isspace())
    else:
        words, at = os.environ.get("COMP_WORDS", "").split(), _number(os.environ.get("COMP_CWORD", ""))
    return words[1] if at >= 2 and len(words) > 1 else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


# -- the names that there are just now --------------------------------------------------------------------------------------


def agents(ctx: typer.Context, incomplete: str) -> Named:
    """Extensions, with the agents' names."""
    return _named(ctx, incomplete, lambda floor: ((row["agent"], row["name"]) for row in floor["agents"]))


def queues(ctx: typer.Context, incomplete: str) -> Named:
    """Queues, with how many callers wait."""
    return _named(ctx, incomplete, lambda floor: ((row["name"], str(row["waiting"])) for row in floor["queues"]))


def calls(ctx: typer.Context, incomplete: str) -> Named:
    """Calls in progress, with where each is."""
    return _named(ctx, incomplete, lambda floor: ((row["call"], row["stage"]) for row in floor["calls"]))


def trunks(ctx: typer.Context, incomplete: str) -> Named:
    """Trunks, with how each is."""
    return _named(ctx, incomplete, lambda floor: ((row["name"], row["state"]) for row in floor["trunks"]))


def alarms(ctx: typer.Context, incomplete: str) -> Named:
    """Numbers of open alarms, with their names."""
    return _named(ctx, incomplete, lambda floor: ((str(row["number"]), row["kind"]) for row in floor["alarms"]))


def targets(ctx: typer.Context, incomplete: str) -> Named:
    """Agents and queues as `call transfer --to` takes them."""

    def found(floor: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield from ((f"agent:{row['agent']}", row["name"]) for row in floor["agents"])
        yield from ((f"queue:{row['name']}", str(row["waiting"])) for row in floor["queues"])

    return _named(ctx, incomplete, found)


def accounts(ctx: typer.Context, incomplete: str) -> Named:
    """Accounts of the page: from the state folder, whether the hotline runs or not."""
    from acd.web.access.accounts import Accounts

    def found() -> Iterator[tuple[str, str]]:
        kept = Accounts(installation_at(ctx.params.get("state")).state)
        yield from ((name, "") for name in kept.names())

    return _in_silence(incomplete, found)


def tokens(ctx: typer.Context, incomplete: str) -> Named:
    """Keys of other programs, with their roles."""
    from acd.web.access.tokens import Tokens

    def found() -> Iterator[tuple[str, str]]:
        kept = Tokens(installation_at(ctx.params.get("state")).state)
        yield from ((one.name, one.role) for one in kept.all())

    return _in_silence(incomplete, found)


def _named(ctx: typer.Context, incomplete: str, pick: Callable[[dict[str, Any]], Iterator[tuple[str, str]]]) -> Named:
    from acd.processes import api_client

    def found() -> Iterator[tuple[str, str]]:
        installation = installation_at(ctx.params.get("state"))
        yield from pick(api_client.ask(installation, "GET", "/api/state", within_s=WITHIN_S))

    return _in_silence(incomplete, found)


def _in_silence(incomplete: str, found: Callable[[], Iterator[tuple[str, str]]]) -> Named:
    """Those that begin so. Whatever fails, none: the shell would print what is said."""
    try:
        return [(name, said) for name, said in found() if name.startswith(incomplete)][:MOST]
    except Exception:
        return []


CallId = Annotated[str, typer.Argument(autocompletion=calls, show_default=False)]
AgentId = Annotated[str, typer.Argument(autocompletion=agents, show_default=False)]
QueueName = Annotated[str, typer.Argument(autocompletion=queues, show_default=False)]

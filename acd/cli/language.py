"""In which language the command line speaks, and how its help comes to be in it.

`--language` anywhere, else SANXIANG_LANGUAGE, else the locale: LC_ALL, LC_MESSAGES, LANG, the first that is set. JSON and logs are English
always: programs read them. Nothing of it costs an English start any time: the tables are imported when Chinese is asked for.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Literal, get_args

from rich.markup import escape

from acd import progress

Spoken = Literal["en", "zh"]
VARIABLE = "SANXIANG_LANGUAGE"
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_HELP = ("help", "short_help", "epilog")
_current: Spoken = "en"


def current() -> Spoken:
    """The language of this command."""
    return _current


def in_language(text: str) -> str:
    """The English text in the language of this command."""
    if _current == "en" or not text:
        return text
    from acd.words.commands.lookup import chinese

    return chinese(text)


def colon_of(language: str) -> str:
    """What stands between a name and what is said of it."""
    return "：" if language == "zh" else ": "


def in_brackets(text: str, language: str) -> str:
    """The text as it is added to what stands before it."""
    return f"（{text}）" if language == "zh" else f" ({text})"


def choose(language: Spoken) -> None:
    """Speak it from now on."""
    global _current
    _current = language
    progress.spoken(in_language)


def of_surroundings(environ: Mapping[str, str]) -> Spoken:
    """As the environment has it; a value that names neither language counts as English."""
    named = environ.get(VARIABLE) or next((environ[each] for each in _LOCALES if environ.get(each)), "")
    return "zh" if named.lower().startswith("zh") else "en"


def taken_out(words: Sequence[str]) -> tuple[list[str], str | None]:
    """The words without `--language X` wherever it stands, and X; None where it is not there."""
    rest: list[str] = []
    language: str | None = None
    left = iter(words)
    for word in left:
        if word == "--":
            return [*rest, word, *left], language
        if word == "--language":
            language = next(left, "")
        elif word.startswith("--language="):
            language = word.partition("=")[2]
        else:
            rest.append(word)
    return rest, language


def begin(root: Any, words: Sequence[str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """Chooses the language for these words of the command line, and puts `root`, a group of Typer's, into it. Returned: the words for
    the reader of the command line; a language that there is not stands first, so that it is refused like any wrong value."""
    rest, asked = taken_out(words)
    known = asked in get_args(Spoken)
    choose(asked if known else of_surroundings(environ))  # type: ignore[arg-type]
    dress(root)
    return rest if asked is None or known else ["--language", asked, *rest]


def dress(root: Any) -> None:
    """Each command's own `--language` begins with the language that was chosen; in Chinese its help is Chinese, too."""
    for command in every_command(root):
        for param in command.params:
            if param.name == "language":
                param.default = _current
        if _current == "zh":
            _dress(command)
        _keep_brackets(command)
    if _current == "zh" or _english_frame:
        _frame()


def _keep_brackets(command: Any) -> None:
    """Typer takes `[reports]` in a help text for markup of rich's, and leaves it out."""
    for each in (command, *command.params):
        for name in _HELP:
            if isinstance(text := getattr(each, name, None), str):
                setattr(each, name, escape(_plain(text)))


def _plain(text: str) -> str:
    """As it was before `_keep_brackets`."""
    return text.replace("\\[", "[")


def _frame() -> None:
    """What Typer writes around our texts, in the language of this command."""
    from typer import rich_utils

    if not _english_frame:
        _english_frame.update({name: getattr(rich_utils, name) for name in _FRAME})
    for name, text in (_FRAME if _current == "zh" else _english_frame).items():
        setattr(rich_utils, name, text)
    if hasattr(sys.stdout, "reconfigure"):  # a terminal that can't show a character shows a question mark
        with suppress(OSError):  # where it has become a pipe since this process began
            sys.stdout.reconfigure(errors="replace")


def every_command(command: Any) -> list[Any]:
    """The command and all below it."""
    found = [command]
    for each in getattr(command, "commands", {}).values():
        found += every_command(each)
    return found


_FRAME = {
    "DEFAULT_STRING": "[默认：{}]",
    "REQUIRED_LONG_STRING": "[必填]",
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "ERRORS_PANEL_TITLE": "错误",
    "ABORTED_TEXT": "已中止。",
    "RICH_HELP": "用法说明见 [blue]{command_path} {help_option}[/]。",
}
"""What Typer itself writes around our texts."""
_english_frame: dict[str, str] = {}
"""The same as it was, once it was replaced in this process."""


def _dress(command: Any) -> None:
    for name in _HELP:
        if text := getattr(command, name, None):
            setattr(command, name, in_language(" ".join(_plain(str(text)).split())))
    command.options_metavar = "[选项]"
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = "命令 [参数]…"
    for param in command.params:
        _dress_param(param)
    command.get_usage = partial(_usage, command.get_usage)
    command.get_help_option = partial(_help_option, command.get_help_option)


def _dress_param(param: Any) -> None:
    if text := getattr(param, "help", None):
        param.help = in_language(" ".join(_plain(str(text)).split()))


def _usage(english: Any, ctx: Any) -> str:
    return str(english(ctx)).replace("Usage: ", "用法：", 1)


def _help_option(english: Any, ctx: Any) -> Any:
    option = english(ctx)
    if option is not None:
        option.help = in_language(option.help or "")
    return option


def in_words(error: Exception) -> Exception:
    """An error of the command line's reader, which says of itself what is wrong, in the language of this command."""
    message = getattr(error, "format_message", None)
    if _current == "zh" and callable(message):
        text = in_language(message())
        error.format_message = lambda: text  # type: ignore[attr-defined]
    return error

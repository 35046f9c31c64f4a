"""What every command shares: where the installation is, how a table and JSON are printed."""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.cli.language import in_language
from acd.processes.api_client import Refused
from acd.setup.installation import Installation, default_state

# Piped into a file, a table keeps its columns whole.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
State = Annotated[
    Path, typer.Option("--state", help="State folder of the installation.", show_default=False, readable=False)
]
"""Whether it may be read is asked by us: who may not is told as whom to run the command."""
ConfigFile = Annotated[Path, typer.Option("--config", help="The operator's configuration.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Language = Annotated[Literal["en", "zh"], typer.Option(help="Language of the sentences.")]
DEFAULT_CONFIG = Path("/etc/sanxiang/sanxiang.toml")


def installation_at(state: Path | None) -> Installation:
    """The installation in this state folder, or in the default one; nothing is made. Raises NoInstallation."""
    return Installation.existing(state or default_state())


def installation_made_at(state: Path | None) -> Installation:
    """The same for what starts a hotline: the folder is made when it is not there."""
    return Installation.at(state or default_state())


def installation_to_write(state: Path | None) -> Installation:
    """The same for what may be written before the first start: only the default folder is made. Raises NoInstallation."""
    return Installation.existing(state) if state else Installation.at(default_state())


@contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """For what goes on until Ctrl-C, which is no failure: status 0, as when the reader of a pipe has gone.

    The process ends in the signal's handler, which is set also where a shell has begun the process with the signal ignored (a job in the
    background): Python then raises no exception for it.
    """

    def end(number: int, frame: object) -> None:
        os._exit(0)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError):
        raise typer.Exit(0) from None
    finally:
        signal.signal(signal.SIGINT, before)


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 trunk", "2 trunks": `many` where the plural is not made by an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def known_day(day: str) -> str:
    """The day as it was typed, 2026-11-29; empty for today. Raises Refused when it is written otherwise."""
    if day:
        try:
            if date.fromisoformat(day).isoformat() != day:
                raise ValueError
        except ValueError:
            raise Refused(why=f"--day {day}: write the day as {date.today().isoformat()}.") from None
    return day


def say(text: str = "", *, err: bool = False) -> None:
    """A line in the language of this command, beside the tables: through the same console, so that what is drawn whole is taken whole."""
    if err:
        typer.echo(in_language(text), err=True)
    else:
        console.print(in_language(text), markup=False, emoji=False, soft_wrap=True)


def padded(text: str, width: int) -> str:
    """With blanks behind it to so many columns of the terminal, of which a Chinese character takes two."""
    return text + " " * max(0, width - cell_len(text))


CELLS = frozenset(
    (
        "open",
        "expected",
        "phone",
        "ending",
        "in_force",
        "how",
        "note",
        "grade",
        "ended",
        "until",
        "from",
        "figure",
        "every",
        "mail",
        "what",
        "news",
        "queues",
        "weekday",
        "hours",
        "first",
    )
)
"""Columns whose values are words of ours, and no names of the operator's."""


def show_table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """`columns`: key to heading. None and empty are shown as a dash."""
    table = Table(box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(in_language(heading))
    for row in rows:
        # As Text, or a name with [ ] in it would be taken for rich's own markup.
        table.add_row(*(Text(_cell(row.get(key), key)) for key in columns))
    console.print(table)


def _cell(value: Any, key: str) -> str:
    if value in (None, "", {}):
        return "-"
    return in_language(str(value)) if key in CELLS else str(value)


def print_json(value: Any) -> None:
    """Prints a value as JSON; every moment in it in one form, ISO 8601 in UTC: "2026-11-29T09:10:41Z"."""
    typer.echo(json.dumps(_in_utc(value), ensure_ascii=False, indent=1, default=str))


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


def _in_utc(value: Any) -> Any:
    """The same with each moment, a datetime or its text with a zone, in UTC."""
    match value:
        case dict():
            return {key: _in_utc(each) for key, each in value.items()}
        case list() | tuple():
            return [_in_utc(each) for each in value]
        case datetime(tzinfo=zone) if zone is not None:
            return utc(value)
        case str() if _MOMENT.fullmatch(value):
            with suppress(ValueError, OverflowError):  # 13 months; the year 1
                return utc(datetime.fromisoformat(value))
            return value
        case _:
            return value


def utc(at: datetime) -> str:
    """A moment as JSON has it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")

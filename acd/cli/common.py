"""What every command shares: where the installation is, how a table and JSON are printed."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

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


def say(text: str = "") -> None:
    """A line as it is, beside the tables: through the same console, so that what is drawn whole is taken whole."""
    console.print(text, markup=False, emoji=False, soft_wrap=True)


def show_table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """`columns`: key to heading. None and empty are shown as a dash."""
    table = Table(box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(heading)
    for row in rows:
        # As Text, or a name with [ ] in it would be taken for rich's own markup.
        table.add_row(*(Text("-" if row.get(key) in (None, "", {}) else str(row[key])) for key in columns))
    console.print(table)


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))

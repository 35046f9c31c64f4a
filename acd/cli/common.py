"""What every command shares: where the installation is, how a table and JSON are printed."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from acd.setup.installation import Installation, default_state

# Piped into a file, a table keeps its columns whole.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
State = Annotated[Path, typer.Option("--state", help="State folder of the installation.", show_default=False)]
ConfigFile = Annotated[Path, typer.Option("--config", help="The operator's configuration.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Language = Annotated[Literal["en", "zh"], typer.Option(help="Language of the sentences.")]
DEFAULT_CONFIG = Path("/etc/sanxiang/sanxiang.toml")


def installation_at(state: Path | None) -> Installation:
    """The installation in this state folder, or in the default one."""
    return Installation.at(state or default_state())


def show_table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """`columns`: key to heading. None and empty are shown as a dash."""
    table = Table(box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(heading)
    for row in rows:
        table.add_row(*("-" if row.get(key) in (None, "", {}) else str(row[key]) for key in columns))
    console.print(table)


def print_json(value: Any) -> None:
    """Prints a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))

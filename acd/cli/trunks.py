"""`sanxiang trunk …`: how each trunk is."""

from typing import Any

import typer

from acd.cli.common import AsJson, Language, State, installation_at, print_json, show_table
from acd.processes import api_client
from acd.words.trunks import why_refused

trunk_app = typer.Typer(help="Trunks: registered, answering, refusing.", no_args_is_help=True)


@trunk_app.command("list")
def trunk_list(language: Language = "en", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every trunk with its state, and the calls out since the daemon began. Exit status 3 when one is not well."""
    trunks = api_client.ask(installation_at(state), "GET", "/api/state")["trunks"]
    if as_json:
        print_json(trunks)
    elif not trunks:
        typer.echo("No trunk is configured: add one under [trunks], see docs/trunks/.")
    else:
        show_trunks(trunks, language)
    raise typer.Exit(0 if all(row["well"] for row in trunks) else 3)


def show_trunks(trunks: list[dict[str, Any]], language: str = "en") -> None:
    """Prints the trunks as a table."""
    rows = [
        {**row, "said": row["said"][language], "since": (row["since"] or "")[:19].replace("T", " ")} for row in trunks
    ]
    columns = {
        "name": "TRUNK",
        "said": "STATE",
        "since": "SINCE (UTC)",
        "carried": "CALLS OUT",
        "failed": "NOT CARRIED",
    }
    show_table(rows, columns)
    for row in rows:
        if row["refused"]:
            typer.echo(f"{row['name']}: SIP {row['refused']}: {why_refused(row['refused'], language)}")

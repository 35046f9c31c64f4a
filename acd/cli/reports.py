"""`sanxiang report`: reports as files, those that make themselves, and a try of one."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from acd.cli.common import AsJson, Language, State, installation_at, print_json, say, show_table
from acd.cli.spans import First, Last, Month, Week, typed_span
from acd.cli.times import clock_of
from acd.files import write_private
from acd.processes import api_client
from acd.processes.api_client import Refused

report_app = typer.Typer(help="Reports: figures of some days by queue or by agent, as files.", no_args_is_help=True)


@report_app.command("list")
def list_(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The reports of [reports], when each is due next, and the made ones with their files."""
    installation = installation_at(state)
    said = api_client.ask(installation, "GET", "/api/reports")
    if as_json:
        print_json(said)
        return
    clock = clock_of(installation)
    if not said["reports"]:
        say(
            "No report makes itself. Add one under [reports]: docs/reports.md. One at once: sanxiang report make --out FILE"
        )
    else:
        rows = [
            {**row, "next": clock.minute(row["next_at"]), "in": ", ".join(row["formats"])} for row in said["reports"]
        ]
        columns = {"name": "REPORT", "every": "EVERY", "next": clock.heading("NEXT"), "in": "AS", "folder": "FOLDER"}
        show_table(rows, {**columns, "mails": "MAILED TO"})
    for row in said["reports"]:
        if row["trouble"]:
            say(f"{row['name']} FAILED, and is tried again: {row['trouble']}")
    if said["made"]:
        say()
        columns = {
            "number": "NO",
            "name": "REPORT",
            "first": "FIRST DAY",
            "last": "LAST DAY",
            "at": clock.heading("MADE"),
            "mail": "MAIL",
        }
        made = [{**row, "at": clock.minute(row["made_at"])} for row in said["made"][:40]]
        show_table([{**row, "where": _where(row)} for row in made], {**columns, "where": "FILES"})


@report_app.command("make")
def make(
    name: Annotated[
        str, typer.Argument(help="A report of [reports]; without it, by the options.", show_default=False)
    ] = "",
    by: Annotated[Literal["queues", "agents"], typer.Option(help="Its rows.")] = "queues",
    queue: Annotated[str, typer.Option(help="Of this queue alone.")] = "",
    week: Week = "",
    month: Month = "",
    first: First = "",
    last: Last = "",
    as_format: Annotated[
        Literal["csv", "xlsx", "page"], typer.Option("--format", help="page: one HTML file that prints.")
    ] = "xlsx",
    out: Annotated[
        Path | None, typer.Option(help="The file, or a folder; else its own name in this folder.", show_default=False)
    ] = None,
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Make a report of these days and write it to a file; without days, of the last seven, or of NAME's newest span."""
    installation = installation_at(state)
    span = typed_span(clock_of(installation), week=week, month=month, first=first, last=last)
    days: dict[str, Any] = {"first": span.first, "last": span.last} if span else {}
    if name and queue:
        raise Refused(why=f"Report {name} has its queues from the configuration. Leave --queue or the name out.")
    given, data = api_client.fetch(
        installation, "/api/reports/file", by=by, queue=queue, format=as_format, language=language, report=name, **days
    )
    file = out or Path(given)
    try:
        file = file / given if out is not None and out.is_dir() else file
        write_private(file.absolute(), data)
    except OSError as error:
        raise Refused(why=f"{file} can't be written ({error.strerror}). Name another file with --out.") from None
    say(f"{file}: {len(data):,} bytes")


@report_app.command("try")
def try_(
    name: Annotated[str, typer.Argument(help="A report of [reports].")],
    mail: Annotated[bool, typer.Option("--mail", help="Mail it, too, to those of `to`.")] = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Make a report of its newest span, as it would be made when due, and say where it lies."""
    path = api_client.path("api", "reports", name, "try")
    made = api_client.ask(installation_at(state), "POST", path, {"mail": mail}, within_s=120.0)
    if as_json:
        print_json(made)
        return
    say(f"{name}, {made['first']} to {made['last']}:")
    for file in made["files"]:
        say(f"  {Path(made['folder']) / file}")
    say("Mailed." if made["mail"] == "sent" else "Not mailed.")


def _where(row: dict[str, Any]) -> str:
    return ", ".join(row["files"])

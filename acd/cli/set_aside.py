"""`sanxiang db`: the tables, and `db set-aside`: rows of the call log that could not be put into them. PostgreSQL is asked, not the daemon."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from acd.cli.common import DEFAULT_CONFIG, AsJson, ConfigFile, print_json, say, show_table
from acd.cli.times import clock_named
from acd.config import load
from acd.errors import SanxiangError
from acd.setup.database import database_url
from acd.store.shipping.set_aside import SetAside
from acd.store.store import Store

db_app = typer.Typer(help="The database.", no_args_is_help=True)
set_aside_app = typer.Typer(
    help="Rows of the call log that could not be put into the tables: which, why, and another try.",
    no_args_is_help=True,
)
db_app.add_typer(set_aside_app, name="set-aside")
T = TypeVar("T")
Journal = Annotated[str, typer.Argument(help="As `list` shows it.")]
Line = Annotated[int, typer.Argument(help="As `list` shows it.")]
Index = Annotated[int, typer.Option("--row", help="The row in its line; -1: the whole line.")]


class NotSetAside(SanxiangError):
    """No row {idx} of line {line} of journal {journal} is set aside. `sanxiang db set-aside list` shows those that are."""


@db_app.command("migrate")
def migrate(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Make the tables, or bring them to this version (`up` does it by itself when it first reaches the database)."""
    _ask(config, lambda store: store.migrate(), fit=False)
    say("The tables are those of this version.")


@set_aside_app.command("list")
def show_all(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Rows that are set aside, the oldest first, each with its reason."""
    rows = _ask(config, lambda store: store.set_aside(limit))
    if as_json:
        print_json([_row(each) for each in rows])
        return
    if not rows:
        say("No row is set aside.")
        return
    clock = clock_named(load(config).hotline.timezone)
    columns = {"journal": "JOURNAL", "line": "LINE", "row": "ROW"}
    columns |= {"set_aside_at": clock.heading("SET ASIDE"), "reason": "WHY"}
    show_table([{**_row(each), "set_aside_at": clock.at(each.at.isoformat())} for each in rows], columns)


@set_aside_app.command("show")
def show_one(journal: Journal, line: Line, row: Index = 0, config: ConfigFile = DEFAULT_CONFIG) -> None:
    """One of them as the journal has it; callers' numbers stand in it whole."""
    found = _ask(config, lambda store: store.set_aside_body(journal, line, row))
    if found is None:
        raise NotSetAside(journal=journal, line=line, idx=row)
    if found:
        typer.echo(found)
    else:
        say("The journal holds nothing there.")


@set_aside_app.command("retry")
def retry(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Try all of them again: after an update, or after what refused them was mended. Exit status 1 when some stay."""
    went = _ask(config, lambda store: store.retry_set_aside())
    if as_json:
        print_json({"taken": went.taken, "left": went.left})
    else:
        say(f"{went.taken} are in the tables now, {went.left} are still set aside.")
    raise typer.Exit(1 if went.left else 0)


@set_aside_app.command("forget")
def forget(
    journal: Annotated[str, typer.Argument(help="As `list` shows it.")] = "",
    line: Annotated[int, typer.Argument(help="As `list` shows it.")] = 0,
    row: Index = 0,
    missing: Annotated[
        bool, typer.Option("--missing", help="All entries of lines that the journal did not hold.")
    ] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Delete one for good, or with --missing all of which nothing is kept; `status` then tells of them no more."""
    if missing == bool(journal):
        raise typer.BadParameter("Name journal and line of one row, or write --missing.")
    if missing:
        say(f"{_ask(config, lambda store: store.forget_missing())} entries are deleted.")
    elif not _ask(config, lambda store: store.forget_set_aside(journal, line, row)):
        raise NotSetAside(journal=journal, line=line, idx=row)
    else:
        say("deleted")


def _row(each: SetAside) -> dict[str, object]:
    return {
        "journal": each.spool,
        "line": each.line,
        "row": str(each.idx),
        "set_aside_at": each.at.isoformat(),
        "told_at": each.told_at,
        "reason": each.reason,
        "characters": each.characters,
    }


def _ask(config: Path, what: Callable[[Store], Awaitable[T]], *, fit: bool = True) -> T:
    """What the store answers. `fit`: its tables must be those of this version. Raises DatabaseAway, SchemaTooOld and their like."""

    async def ask() -> T:
        store = await Store.open(database_url(load(config)))
        try:
            if fit:
                await store.check_schema()
            return await what(store)
        finally:
            await store.close()

    return asyncio.run(ask())

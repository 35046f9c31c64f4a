"""`sanxiang lookup`: what stories may look up, tried by hand, and the example's tables. The sources are asked, not the daemon."""

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from acd.cli.common import DEFAULT_CONFIG, AsJson, ConfigFile, Language, padded, print_json, say, show_table
from acd.clock import Clock
from acd.config import Config, load
from acd.errors import SanxiangError
from acd.lookups import example
from acd.lookups.book import CALLER, KEYED, Lookups
from acd.lookups.result import Result
from acd.setup.database import database_url
from acd.telephone_numbers import UNKNOWN
from acd.words.lookups import STATES, WHY, of

lookup_app = typer.Typer(
    help="What stories look up for callers: orders, parcels, balances, complaints.", no_args_is_help=True
)


class NoSuchLookup(SanxiangError):
    """There is no look-up {name} in the configuration. There are: {known}."""


class NoNumber(SanxiangError):
    """That is no number. Write a telephone number with --caller, or 1 to 20 digits with --keyed."""


@lookup_app.command("list")
def show_all(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """The look-ups of the configuration."""
    loaded = load(config)
    rows = [
        {
            "name": name,
            "kind": each.kind,
            "by": ", ".join(each.by),
            "needs": each.needed(name),
            "limit_s": each.limit_s,
        }
        for name, each in loaded.lookups.items()
    ]
    if as_json:
        print_json(rows)
    elif rows:
        show_table(rows, {"name": "NAME", "kind": "KIND", "by": "ASKED BY", "needs": "NEEDS", "limit_s": "LIMIT (S)"})
    else:
        say("There is no look-up. Add [lookups.orders] to the configuration; `sanxiang lookup example` shows how.")


@lookup_app.command("try")
def try_one(
    name: Annotated[str, typer.Argument(help="As `list` shows it.")],
    caller: Annotated[str, typer.Option(help="By this caller's number.")] = "",
    keyed: Annotated[str, typer.Option(help="By this order's or complaint's number.")] = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Ask a source as a story does, and show what it answers. Exit status 1 when nothing is found."""
    loaded = load(config)
    if name not in loaded.lookups:
        raise NoSuchLookup(name=name, known=", ".join(loaded.lookups) or "none")
    number = loaded.numbering.caller(caller) if caller else UNKNOWN
    if bool(caller) == bool(keyed) or (caller and number == UNKNOWN) or (keyed and not KEYED.fullmatch(keyed)):
        raise NoNumber
    result = asyncio.run(_asked(loaded, name, number, keyed))
    if as_json:
        print_json(
            {
                "state": result.state,
                "why": result.why,
                "took_s": result.took_s,
                "records": [dict(each) for each in result.records],
            }
        )
    else:
        why = f" ({of(WHY, result.why, language)})" if result.why else ""
        say(f"{of(STATES, result.state, language)}{why}, {result.took_s:.2f} s")
        for record in result.records:
            for field, value in record.items():
                typer.echo(f"  {padded(field, 14)} {value}")
    raise typer.Exit(0 if result.state == "found" else 1)


async def _asked(config: Config, name: str, number: str, keyed: str) -> Result:
    lookups = Lookups(config, lambda: database_url(config))
    by = CALLER if not keyed else next((each for each in config.lookups[name].by if each != CALLER), CALLER)
    try:
        return await lookups.ask(name, by, caller=number, keyed=keyed)
    finally:
        await lookups.close()


@lookup_app.command("example")
def example_tables(
    load_it: Annotated[bool, typer.Option("--load", help="Make the tables, anew where they are there.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Show the example's part of a configuration; with --load make its tables in the hotline's database."""
    if not load_it:
        typer.echo(example.CONFIGURATION)
        return
    loaded = load(config)
    zone = ZoneInfo(loaded.hotline.timezone)
    made = asyncio.run(example.load(database_url(loaded), Clock().now().astimezone(zone).date(), zone))
    say(f"Made: {', '.join(f'{table} {count}' for table, count in made.items())}, in the schema {example.SCHEMA}.")

"""The command line: `./sanxiang COMMAND`. Exit status 0 is well, 1 failed, 2 wrong usage, 3 running but not well."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from acd.cli.accounts import account_app
from acd.cli.agents import agent_app
from acd.cli.alarms import alarms_app
from acd.cli.audit import audit_app
from acd.cli.backup import backup_app, purge, restore
from acd.cli.calls import call_app
from acd.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigFile,
    Language,
    State,
    installation_at,
    installation_made_at,
    print_json,
)
from acd.cli.config import config_app
from acd.cli.explain import explain
from acd.cli.kpi import kpi
from acd.cli.lifecycle import down, drain
from acd.cli.logs import logs
from acd.cli.queues import queue_app
from acd.cli.set_aside import set_aside_app
from acd.cli.simulation import simulation_app
from acd.cli.status import status
from acd.cli.trunks import trunk_app
from acd.cli.usage import OurGroup
from acd.cli.version import VersionOption, version
from acd.config import load
from acd.errors import SanxiangError

app = typer.Typer(
    cls=OurGroup,
    help="Sanxiang, a customer hotline on Asterisk.",
    epilog="For developers: ./sanxiang test, ./sanxiang test --fast, ./sanxiang check, ./sanxiang drill (CONTRIBUTING.md).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
db_app.add_typer(set_aside_app, name="set-aside")
for name, part in (
    ("db", db_app),
    ("config", config_app),
    ("agent", agent_app),
    ("queue", queue_app),
    ("trunk", trunk_app),
    ("call", call_app),
    ("account", account_app),
    ("backup", backup_app),
    ("alarms", alarms_app),
    ("audit", audit_app),
):
    app.add_typer(part, name=name)
app.command()(down)
app.command()(drain)
app.command()(explain)
app.command()(kpi)
app.command()(logs)
app.command()(restore)
app.command()(purge)
app.command()(status)
app.command()(version)
app.add_typer(simulation_app)


@app.callback()
def every(version: VersionOption = False) -> None:
    """Sanxiang, a customer hotline on Asterisk."""


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the day; status 0 only if all went as it should.")
    ] = False,
    calls: Annotated[int, typer.Option(min=1, max=5000, help="How many callers dial.")] = 12,
    rate: Annotated[float, typer.Option(min=0.05, max=50, help="Callers per second.")] = 0.5,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write calls and figures to this file.")] = None,
    language: Language = "en",
) -> None:
    """A day on the hotline: real calls through a real PBX, answered, recorded, filed."""
    from acd.demo.run import run_demo

    raise typer.Exit(run_demo(calls=calls, rate=rate, once=once, json_file=json_file, language=language))


@app.command()
def up(
    config: ConfigFile = DEFAULT_CONFIG,
    state: State = None,  # type: ignore[assignment]
    standby: Annotated[bool, typer.Option("--standby", help="Keep a second daemon as standby (80 MB).")] = False,
) -> None:
    """Start the hotline with the operator's configuration; stays in the foreground until stopped."""
    from acd.processes.up import run_up

    raise typer.Exit(run_up(config, installation_made_at(state), standby=standby))


@app.command()
def prepare(config: ConfigFile = DEFAULT_CONFIG, state: State = None) -> None:  # type: ignore[assignment]
    """Prepare everything for a start, then exit: for containers, whose engine runs the processes (docs/docker.md)."""
    from acd.processes.up import run_prepare

    raise typer.Exit(run_prepare(config, installation_made_at(state)))


@app.command()
def doctor(
    trunk: Annotated[
        str, typer.Argument(help="With --call: the trunk to call over; without it, by a local loop.")
    ] = "",
    call: Annotated[
        bool, typer.Option("--call", help="Let the running hotline call itself, and tell what is wrong.")
    ] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """Check this machine and installation: what is wrong, and the command that puts it right."""
    from acd.cli import self_call
    from acd.cli.doctor import examine

    if trunk and not call:
        raise typer.BadParameter("A trunk is named to call over it: write --call before it.")
    if call:
        report = self_call.called(installation_at(state), trunk)
        if as_json:
            print_json(report)
        else:
            self_call.show(report, language)
        raise typer.Exit(0 if report["ok"] else 1)
    findings = examine(config, state)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.found}")
            if finding.remedy:
                typer.echo(f"     -> {finding.remedy}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@db_app.command("migrate")
def db_migrate(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Make the tables, or bring them to this version (`up` does it by itself when it first reaches the database)."""
    import asyncio

    from acd.setup.database import database_url
    from acd.store.store import Store

    async def migrate(url: str) -> None:
        store = await Store.open(url)
        try:
            await store.migrate()
        finally:
            await store.close()

    asyncio.run(migrate(database_url(load(config))))
    typer.echo("The tables are those of this version.")


@app.command()
def bench(
    name: str,
    json_file: Annotated[Path | None, typer.Option("--json")] = None,
    full: Annotated[bool, typer.Option("--full", help="faults: as often as its table wants; takes hours")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="faults: this row; may be given again")] = None,
    write: Annotated[bool, typer.Option("--write", help="faults: write the table into docs/faults.md")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="faults: the random moments of this seed")] = None,
) -> None:
    """Measure: idle-to-ring, capacity, engine, ivr, day, simulate, rules, faults or transfer. Takes minutes; run it alone."""
    from tests.bench import run_bench

    raise typer.Exit(run_bench(name, json_file, full=full, only=only, write=write, seed=seed))


def main() -> None:
    """Runs the command line; an error that a user can put right is one sentence and exit status 1."""
    try:
        app(prog_name="sanxiang")
    except SanxiangError as error:
        typer.echo(f"sanxiang: {error}", err=True)
        sys.exit(1)

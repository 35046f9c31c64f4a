"""The command line: `./sanxiang COMMAND`. Exit status 0 is well, 1 failed, 2 wrong usage, 3 running but not well."""

import gc
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from acd.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigFile,
    Language,
    State,
    installation_at,
    installation_made_at,
    padded,
    print_json,
    say,
)
from acd.cli.completion import command_before_cursor, serve_shell, trunks
from acd.cli.language import choose, colon_of, current, in_language, taken_out
from acd.cli.usage import OurGroup
from acd.cli.version import VersionOption
from acd.errors import SanxiangError

COMMANDS = {
    "docs": "acd.cli.docs:docs",
    "completion": "acd.cli.completion:completion",
    "down": "acd.cli.lifecycle:down",
    "drain": "acd.cli.lifecycle:drain",
    "explain": "acd.cli.explain:explain",
    "kpi": "acd.cli.kpi:kpi",
    "logs": "acd.cli.logs:logs",
    "restore": "acd.cli.backup:restore",
    "purge": "acd.cli.backup:purge",
    "status": "acd.cli.status:status",
    "upgrade": "acd.cli.upgrade:upgrade",
    "version": "acd.cli.version:version",
    "demo": "acd.cli.app:demo",
    "up": "acd.cli.app:up",
    "prepare": "acd.cli.app:prepare",
    "doctor": "acd.cli.app:doctor",
    "bench": "acd.cli.app:bench",
    "simulate": "acd.cli.simulation:simulate",
    "replay": "acd.cli.simulation:replay",
}
"""Each command to its function, in the order of the help. A start imports only what the command needs that was typed: to import all of
them takes longer than most commands run."""

GROUPS = {
    "db": "acd.cli.set_aside:db_app",
    "config": "acd.cli.config:config_app",
    "agent": "acd.cli.agents:agent_app",
    "queue": "acd.cli.queues:queue_app",
    "message": "acd.cli.supervising:message_app",
    "break": "acd.cli.supervising:break_app",
    "hours": "acd.cli.hours:hours_app",
    "fault": "acd.cli.faults:fault_app",
    "menu": "acd.cli.menus:menu_app",
    "trunk": "acd.cli.trunks:trunk_app",
    "call": "acd.cli.calls:call_app",
    "callback": "acd.cli.callbacks.commands:callback_app",
    "customer": "acd.cli.customers:customer_app",
    "account": "acd.cli.accounts:account_app",
    "backup": "acd.cli.backup:backup_app",
    "alarms": "acd.cli.alarms:alarms_app",
    "audit": "acd.cli.audit:audit_app",
    "asterisk": "acd.cli.asterisk:asterisk_app",
    "report": "acd.cli.reports:report_app",
    "recording": "acd.cli.retention.commands:recording_app",
    "review": "acd.cli.reviews.commands:review_app",
    "caller": "acd.cli.recordings:caller_app",
    "lookup": "acd.cli.lookups:lookup_app",
    "prompt": "acd.cli.prompts:prompt_app",
}
"""Each noun to the commands below it."""

IN_GROUPS = {
    "account": {
        "import": "acd.cli.people:account_import",
        "export": "acd.cli.people:account_export",
        "totp": "acd.cli.second_factors:account_totp",
        "passkeys": "acd.cli.second_factors:account_passkeys",
    },
    "agent": {
        "import": "acd.cli.people:agent_import",
        "export": "acd.cli.people:agent_export",
        "help": "acd.cli.supervising:agent_help",
        "leave-queue": "acd.cli.supervising:agent_leave_queue",
        "join-queue": "acd.cli.supervising:agent_join_queue",
    },
    "recording": {
        "manifest": "acd.cli.filed_recordings:recording_manifest",
        "verify": "acd.cli.filed_recordings:recording_verify",
        "findings": "acd.cli.findings:recording_findings",
        "try-rules": "acd.cli.findings:recording_try_rules",
    },
}
"""Commands of a noun that stand in another file than the rest."""

PLAIN_STRUCTLOG = "acd.processes.plain_structlog"
"""To be imported before whatever imports structlog."""


def built(first: str = "") -> typer.Typer:
    """The command line. `first`: the first word that was typed; where a command or a noun is called so, only that one is imported."""
    line = typer.Typer(
        cls=OurGroup,
        help="Sanxiang, a customer hotline on Asterisk.",
        epilog="For developers: ./sanxiang test, ./sanxiang test --fast, ./sanxiang check, ./sanxiang drill (CONTRIBUTING.md).",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    line.callback()(every)
    one = first in COMMANDS or first in GROUPS
    for name, where in COMMANDS.items():
        if not one or name == first:
            line.command(name)(_at(where))
    for name in GROUPS:
        if not one or name == first:
            line.add_typer(_group(name), name=name)
    return line


def built_for(words: Sequence[str]) -> typer.Typer:
    """The command line as these words need it, or those for which a shell asks what may follow."""
    rest, _ = taken_out(words)
    return built(command_before_cursor() or (rest[0] if rest else ""))


@cache
def _group(name: str) -> typer.Typer:
    group: typer.Typer = _at(GROUPS[name])
    for verb, where in IN_GROUPS.get(name, {}).items():
        group.command(verb)(_at(where))
    return group


def _at(where: str) -> Any:
    """What is called so in its module: "acd.cli.status:status"."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


def __getattr__(name: str) -> Any:
    """`app`: the command line with all commands, made when somebody first asks for it."""
    if name != "app":
        raise AttributeError(f"module {__name__} has no attribute {name}")
    globals()["app"] = built()
    return globals()["app"]


def every(
    version: VersionOption = False,
    language: Annotated[
        Literal["en", "zh"] | None,
        typer.Option(
            help="Language of what is shown, before or behind any command; else SANXIANG_LANGUAGE or the locale decides.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Sanxiang, a customer hotline on Asterisk."""


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
    import_module(PLAIN_STRUCTLOG)
    from acd.demo.run import run_demo

    raise typer.Exit(run_demo(calls=calls, rate=rate, once=once, json_file=json_file, language=language))


def up(
    config: ConfigFile = DEFAULT_CONFIG,
    state: State = None,  # type: ignore[assignment]
    standby: Annotated[bool, typer.Option("--standby", help="Keep a second daemon as standby (80 MB).")] = False,
) -> None:
    """Start the hotline with the operator's configuration; stays in the foreground until stopped."""
    import_module(PLAIN_STRUCTLOG)
    from acd.processes.up import run_up

    raise typer.Exit(run_up(config, installation_made_at(state), standby=standby, say=say))


def prepare(
    config: ConfigFile = DEFAULT_CONFIG,
    state: State = None,  # type: ignore[assignment]
    log_pipes: Annotated[
        bool,
        typer.Option(
            "--log-pipes", help="Asterisk's logs go through pipes that docker/asterisk.sh reads, and are masked."
        ),
    ] = False,
) -> None:
    """Prepare everything for a start, then exit: for containers, whose engine runs the processes (docs/docker.md)."""
    import_module(PLAIN_STRUCTLOG)
    from acd.processes.up import run_prepare

    raise typer.Exit(run_prepare(config, installation_made_at(state), log_pipes=log_pipes, say=say))


def doctor(
    trunk: Annotated[
        str,
        typer.Argument(help="With --call: the trunk to call over; without it, by a local loop.", autocompletion=trunks),
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
        raise typer.BadParameter(
            f"doctor takes no name. To let the hotline call itself over trunk {trunk}: `sanxiang doctor --call {trunk}`."
        )
    if call:
        report = self_call.called(installation_at(state), trunk)
        if as_json:
            print_json(report)
        else:
            self_call.show(report, language)
        raise typer.Exit(0 if report["ok"] else 1)
    if as_json:
        choose("en")  # programs read it
    findings = examine(config, state)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(
                f"{padded(in_language('ok' if finding.ok else 'BAD'), 4)} {in_language(finding.what)}{colon_of(current())}{in_language(finding.found)}"
            )
            if finding.remedy:
                typer.echo(f"     -> {in_language(finding.remedy)}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def bench(
    name: str,
    json_file: Annotated[Path | None, typer.Option("--json")] = None,
    full: Annotated[bool, typer.Option("--full", help="faults: as often as its table wants; takes hours")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="faults: this row; may be given again")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="faults, night: write the table into docs/faults.md, docs/night-drill.md")
    ] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="faults: the random moments of this seed")] = None,
    calls: Annotated[
        int | None, typer.Option("--calls", min=1, help="So many calls, for a short trial; without it the whole count.")
    ] = None,
) -> None:
    """Measure: idle-to-ring, capacity, engine, ivr, day, simulate, rules, faults, night, transfer, whisper, connect-in-prompt, screen-pop, floor, floor-size, call-list or analysis. Takes minutes; run it alone."""
    from tests.bench import run_bench

    raise typer.Exit(run_bench(name, json_file, full=full, only=only, write=write, seed=seed, calls=calls))


def main() -> None:
    """Runs the command line; an error that a user can put right is one sentence and exit status 1."""
    serve_shell()
    line = built_for(sys.argv[1:])
    gc.freeze()
    gc.enable()
    try:
        line(prog_name="sanxiang")
    except SanxiangError as error:
        say(f"sanxiang: {error}", err=True)
        sys.exit(1)

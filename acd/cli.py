"""The command line: `./sanxiang COMMAND`. Exit status 0 is well, 1 failed, 2 wrong usage, 3 running but not well."""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from acd import client
from acd.config import BadConfiguration, load
from acd.errors import SanxiangError
from acd.installation import Installation, default_state
from acd.words import masked

app = typer.Typer(
    help="Sanxiang, a customer hotline on Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="The operator's file.", no_args_is_help=True)
agent_app = typer.Typer(help="Agents: list, add, ready, not-ready …", no_args_is_help=True)
queue_app = typer.Typer(help="Queues.", no_args_is_help=True)
call_app = typer.Typer(help="Calls, those of today and those before.", no_args_is_help=True)
account_app = typer.Typer(help="Who may log in to the page.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
for name, part in (
    ("db", db_app),
    ("config", config_app),
    ("agent", agent_app),
    ("queue", queue_app),
    ("call", call_app),
    ("account", account_app),
):
    app.add_typer(part, name=name)

# Piped into a file, a table keeps its columns whole.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
State = Annotated[Path, typer.Option("--state", help="State folder of the installation.", show_default=False)]
ConfigFile = Annotated[Path, typer.Option("--config", help="The operator's configuration.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT_CONFIG = Path("/etc/sanxiang/sanxiang.toml")


def _state(state: Path | None) -> Installation:
    return Installation.at(state or default_state())


def _table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """`columns`: key to heading. None and empty are shown as a dash."""
    table = Table(box=None, pad_edge=False)
    for heading in columns.values():
        table.add_column(heading)
    for row in rows:
        table.add_row(*("-" if row.get(key) in (None, "", {}) else str(row[key]) for key in columns))
    console.print(table)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the day; status 0 only if all went as it should.")
    ] = False,
    calls: Annotated[int, typer.Option(min=1, max=5000, help="How many callers dial.")] = 12,
    rate: Annotated[float, typer.Option(min=0.05, max=50, help="Callers per second.")] = 0.5,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write calls and figures to this file.")] = None,
    language: Annotated[str, typer.Option(help="Language of the timeline: en or zh.")] = "en",
) -> None:
    """A day on the hotline: real calls through a real PBX, answered, recorded, filed."""
    from acd.demo import run_demo

    raise typer.Exit(run_demo(calls=calls, rate=rate, once=once, json_file=json_file, language=language))


@app.command()
def up(config: ConfigFile = DEFAULT_CONFIG, state: State = None) -> None:  # type: ignore[assignment]
    """Start the hotline with the operator's configuration; stays in the foreground until stopped."""
    from acd.up import run_up

    raise typer.Exit(run_up(config, _state(state)))


@app.command()
def prepare(config: ConfigFile = DEFAULT_CONFIG, state: State = None) -> None:  # type: ignore[assignment]
    """Make everything ready to start and end: for containers, whose engine runs the processes (docs/docker.md)."""
    from acd.up import run_prepare

    raise typer.Exit(run_prepare(config, _state(state)))


@app.command()
def down(state: State = None) -> None:  # type: ignore[assignment]
    """Stop the hotline that `up` or `demo` started; calls in progress end."""
    installation = _state(state)
    try:
        pid = int(installation.supervisor_pid.read_text())
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        raise client.NotRunning(state=installation.state) from None
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.1)
    typer.echo("stopped" if not Path(f"/proc/{pid}").exists() else "told to stop; still ending")


@app.command()
def status(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """How the hotline is: parts, queues, agents, calls."""
    installation = _state(state)
    health = client.ask(installation, "GET", "/health")
    floor = client.ask(installation, "GET", "/api/state")
    well = health["status"] == "up"
    if as_json:
        _print_json({"health": health, **floor})
    else:
        for check in health["checks"]:
            figure = "" if check["figure"] is None else f"{check['figure']:g} {check['unit']}"
            typer.echo(f"{check['name']:10} {'up' if check['up'] else 'DOWN':6} {figure}")
        typer.echo()
        _show_queues(floor["queues"])
        typer.echo(f"\n{len(floor['calls'])} calls on the line, {len(floor['agents'])} agents")
    raise typer.Exit(0 if well else 3)


@app.command()
def doctor(config: ConfigFile = DEFAULT_CONFIG, state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """What is wrong with this machine or installation, and what to type."""
    from acd.doctor import examine

    findings = examine(config, _state(state))
    if as_json:
        _print_json([finding.__dict__ for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.found}")
            if finding.remedy:
                typer.echo(f"     -> {finding.remedy}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@config_app.command("check")
def config_check(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Every mistake in the configuration, its menu and its prompts, with the remedy. Changes nothing."""
    from acd.setup import check_prompts_and_menu

    try:
        checked = load(config)
        mistakes = check_prompts_and_menu(checked)
        if mistakes:
            raise BadConfiguration(config, mistakes)
    except BadConfiguration as bad:
        if not as_json:
            raise
        _print_json({"ok": False, "file": bad.file, "mistakes": bad.mistakes})
        raise typer.Exit(1) from None
    if as_json:
        _print_json({"ok": True, "file": str(config), "mistakes": []})
    else:
        typer.echo(
            f"{config}: well. {len(checked.queues)} queues, {len(checked.agents)} agents, {len(checked.trunks)} trunks."
        )


@agent_app.command("list")
def agent_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every agent, what he is doing and since when."""
    agents = client.ask(_state(state), "GET", "/api/state")["agents"]
    if as_json:
        _print_json(agents)
        return
    for agent in agents:
        agent["state_since"] = agent["state_since"][:19].replace("T", " ")
        agent["phone"] = "reachable" if agent["reachable"] else "not reachable"
        agent["skills"] = " ".join(f"{skill}:{level}" for skill, level in dict(agent["skills"]).items())
    columns = {"agent": "AGENT", "name": "NAME", "state": "STATE", "reason": "REASON", "state_since": "SINCE"}
    _table(agents, {**columns, "phone": "PHONE", "call": "CALL", "skills": "SKILLS"})


@agent_app.command("add")
def agent_add(
    agent: str,
    name: Annotated[str, typer.Option(help="Name or staff number.")] = "",
    skill: Annotated[list[str] | None, typer.Option(help="skill:level, once for each.")] = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add an agent; prints the SIP password and PIN that were made for him."""
    body = {"agent": agent, "name": name, "skills": dict(_skill(text) for text in skill or [])}
    _print_json(client.ask(_state(state), "POST", "/api/agents", body))


def _skill(text: str) -> tuple[str, int]:
    skill, _, level = text.partition(":")
    if not level.isdigit():
        raise typer.BadParameter(f"{text!r}: write skill and level, as billing:5")
    return skill, int(level)


@agent_app.command("credentials")
def agent_credentials(agent: str, state: State = None) -> None:  # type: ignore[assignment]
    """SIP password and PIN of an agent, from the installation's own secrets."""
    kept = _state(state).secrets()["agents"]
    if agent not in kept:
        raise client.Refused(why=f"There is no agent {agent} here. Known: {', '.join(sorted(kept)) or 'none yet'}.")
    _print_json({"agent": agent, **kept[agent]})


def _agent_action(action: str, agent: str, state: Path | None, body: Any = None) -> None:
    client.ask(_state(state), "POST", f"/api/agents/{agent}/{action}", body or {})
    typer.echo(f"{agent}: {action}")


@agent_app.command("ready")
def agent_ready(agent: str, state: State = None) -> None:  # type: ignore[assignment]
    """He wants calls (logs him in when he is not)."""
    _agent_action("ready", agent, state)


@agent_app.command("not-ready")
def agent_not_ready(agent: str, reason: str, state: State = None) -> None:  # type: ignore[assignment]
    """He wants no calls; in mid-call it begins after wrap-up."""
    _agent_action("not-ready", agent, state, {"reason": reason})


@agent_app.command("log-in")
def agent_log_in(agent: str, state: State = None) -> None:  # type: ignore[assignment]
    """Log an agent in; not ready until he is told to be."""
    _agent_action("log-in", agent, state)


@agent_app.command("log-out")
def agent_log_out(agent: str, state: State = None) -> None:  # type: ignore[assignment]
    """Log an agent out; in mid-call it begins after wrap-up."""
    _agent_action("log-out", agent, state)


@agent_app.command("end-wrap-up")
def agent_end_wrap_up(agent: str, state: State = None) -> None:  # type: ignore[assignment]
    """He is done with the note."""
    _agent_action("end-wrap-up", agent, state)


def _show_queues(queues: list[dict[str, Any]]) -> None:
    columns = {"name": "QUEUE", "waiting": "WAITING", "longest_wait_s": "LONGEST s", "staffed": "STAFFED"}
    _table(queues, {**columns, "available": "AVAILABLE"})


@queue_app.command("list")
def queue_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every queue: who waits, who serves."""
    queues = client.ask(_state(state), "GET", "/api/state")["queues"]
    if as_json:
        _print_json(queues)
    else:
        _show_queues(queues)


@call_app.command("list")
def call_list(
    day: Annotated[str, typer.Option(help="2026-11-22; today when left out.")] = "",
    search: str = "",
    queue: str = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Calls of a day, the latest first."""
    said = client.ask(_state(state), "GET", "/api/calls", day=day, search=search, queue=queue, limit=limit)
    calls = said["calls"] if isinstance(said, dict) else said
    if as_json:
        _print_json(calls)
        return
    for call in calls:
        call["caller"] = masked(str(call["caller"]))
        call["arrived_at"] = call["arrived_at"][:19].replace("T", " ")
    columns = {"call": "CALL", "arrived_at": "ARRIVED", "caller": "CALLER", "queue": "QUEUE", "agent": "AGENT"}
    _table(calls, {**columns, "wait_s": "WAIT s", "talk_s": "TALK s", "ending": "ENDING"})


@call_app.command("show")
def call_show(call: str, state: State = None, as_json: AsJson = False, language: str = "en") -> None:  # type: ignore[assignment]
    """One call from dialling to filing, in plain words."""
    from acd.engine.commands import Kind
    from acd.words import sentence

    said = client.ask(_state(state), "GET", f"/api/calls/{call}")
    if as_json:
        _print_json(said)
        return
    for row in said["timeline"]:
        text = sentence(Kind(row["kind"]), row.get("agent") or "", row.get("queue") or "", row["detail"], language)
        if text:
            typer.echo(f"{row['at']}  {text}")


@account_app.command("add")
def account_add(
    account: str,
    role: Annotated[list[str], typer.Option(help="operator or qa; once for each")],
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Give somebody the page. The password is asked for, or read from standard input."""
    from acd.web.accounts import Accounts

    if sys.stdin.isatty():
        password = typer.prompt("Password (at least 12 characters)", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    Accounts(_state(state).state).add(account, role, password)
    typer.echo(f"{account} may log in as {' and '.join(role)}")


@account_app.command("list")
def account_list(state: State = None) -> None:  # type: ignore[assignment]
    """Who may log in."""
    from acd.web.accounts import Accounts

    typer.echo("\n".join(Accounts(_state(state).state).names()))


@account_app.command("remove")
def account_remove(account: str, state: State = None) -> None:  # type: ignore[assignment]
    """Take the page from somebody; his sessions end at once."""
    from acd.web.accounts import Accounts

    Accounts(_state(state).state).remove(account)
    typer.echo(f"{account} is removed")


@db_app.command("migrate")
def db_migrate(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Make the tables, or bring them to this version (`up` does it by itself when it first reaches the database)."""
    import asyncio

    from acd.setup import database_url
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
def bench(name: str, json_file: Annotated[Path | None, typer.Option("--json")] = None) -> None:
    """Measure: idle-to-ring, capacity, engine, ivr or day. Takes minutes; run it alone on the machine."""
    from tests.bench import run_bench

    raise typer.Exit(run_bench(name, json_file))


def main() -> None:
    try:
        app()
    except SanxiangError as error:
        typer.echo(f"sanxiang: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

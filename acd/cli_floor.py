"""The floor's commands: `sanxiang agent …`, `sanxiang queue …`, `sanxiang call …`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from acd import client
from acd.cli_common import AsJson, State, installation_at, print_json, show_table
from acd.words import masked

agent_app = typer.Typer(help="Agents: list, add, ready, not-ready …", no_args_is_help=True)
queue_app = typer.Typer(help="Queues.", no_args_is_help=True)
call_app = typer.Typer(help="Calls, those of today and those before.", no_args_is_help=True)


@agent_app.command("list")
def agent_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every agent, what he is doing and since when."""
    agents = client.ask(installation_at(state), "GET", "/api/state")["agents"]
    if as_json:
        print_json(agents)
        return
    for agent in agents:
        agent["state_since"] = agent["state_since"][:19].replace("T", " ")
        agent["phone"] = "reachable" if agent["reachable"] else "not reachable"
        agent["skills"] = " ".join(f"{skill}:{level}" for skill, level in dict(agent["skills"]).items())
    columns = {"agent": "AGENT", "name": "NAME", "state": "STATE", "reason": "REASON", "state_since": "SINCE"}
    show_table(agents, {**columns, "phone": "PHONE", "call": "CALL", "skills": "SKILLS"})


@agent_app.command("add")
def agent_add(
    agent: str,
    name: Annotated[str, typer.Option(help="Name or staff number.")] = "",
    skill: Annotated[list[str] | None, typer.Option(help="skill:level, once for each.")] = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add an agent; prints the SIP password and PIN that were made for him."""
    body = {"agent": agent, "name": name, "skills": dict(_skill(text) for text in skill or [])}
    print_json(client.ask(installation_at(state), "POST", "/api/agents", body))


def _skill(text: str) -> tuple[str, int]:
    skill, _, level = text.partition(":")
    if not level.isdigit():
        raise typer.BadParameter(f"{text!r}: write skill and level, as billing:5")
    return skill, int(level)


@agent_app.command("credentials")
def agent_credentials(agent: str, state: State = None) -> None:  # type: ignore[assignment]
    """SIP password and PIN of an agent, from the installation's own secrets."""
    kept = installation_at(state).secrets()["agents"]
    if agent not in kept:
        raise client.Refused(why=f"There is no agent {agent} here. Known: {', '.join(sorted(kept)) or 'none yet'}.")
    print_json({"agent": agent, **kept[agent]})


def _agent_action(action: str, agent: str, state: Path | None, body: Any = None) -> None:
    client.ask(installation_at(state), "POST", f"/api/agents/{agent}/{action}", body or {})
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


def show_queues(queues: list[dict[str, Any]]) -> None:
    columns = {"name": "QUEUE", "waiting": "WAITING", "longest_wait_s": "LONGEST s", "staffed": "STAFFED"}
    show_table(queues, {**columns, "available": "AVAILABLE"})


@queue_app.command("list")
def queue_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every queue: who waits, who serves."""
    queues = client.ask(installation_at(state), "GET", "/api/state")["queues"]
    if as_json:
        print_json(queues)
    else:
        show_queues(queues)


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
    said = client.ask(installation_at(state), "GET", "/api/calls", day=day, search=search, queue=queue, limit=limit)
    calls = said["calls"] if isinstance(said, dict) else said
    if as_json:
        print_json(calls)
        return
    for call in calls:
        call["caller"] = masked(str(call["caller"]))
        call["arrived_at"] = call["arrived_at"][:19].replace("T", " ")
    columns = {"call": "CALL", "arrived_at": "ARRIVED", "caller": "CALLER", "queue": "QUEUE", "agent": "AGENT"}
    show_table(calls, {**columns, "wait_s": "WAIT s", "talk_s": "TALK s", "ending": "ENDING"})


@call_app.command("show")
def call_show(call: str, state: State = None, as_json: AsJson = False, language: str = "en") -> None:  # type: ignore[assignment]
    """One call from dialling to filing, in plain words."""
    from acd.engine.commands import Kind
    from acd.words import sentence

    said = client.ask(installation_at(state), "GET", f"/api/calls/{call}")
    if as_json:
        print_json(said)
        return
    for row in said["timeline"]:
        text = sentence(Kind(row["kind"]), row.get("agent") or "", row.get("queue") or "", row["detail"], language)
        if text:
            typer.echo(f"{row['at']}  {text}")

"""`sanxiang queue …` and `sanxiang call …`: who waits, who serves, what became of whom, and an operator's hand on it."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from acd import client
from acd.cli_common import AsJson, Language, State, installation_at, print_json, show_table
from acd.words import masked, word

queue_app = typer.Typer(help="Queues: list, show, close, open.", no_args_is_help=True)
call_app = typer.Typer(help="Calls, those of today and those before.", no_args_is_help=True)


def show_queues(queues: list[dict[str, Any]]) -> None:
    for queue in queues:
        queue["open"] = "closed" if queue["closed"] else "open" if queue["open"] else "outside its hours"
        queue["expected"] = expected(queue)
    columns = {"name": "QUEUE", "waiting": "WAITING", "longest_wait_s": "LONGEST s", "staffed": "STAFFED"}
    show_table(queues, {**columns, "available": "AVAILABLE", "expected": "EXPECTED WAIT", "open": "OPEN"})


def expected(row: dict[str, Any]) -> str:
    """What a caller must expect to wait, from the median to what one in ten waits longer than."""
    return f"{row['median_s']:.0f} to {row['p90_s']:.0f} s" if row["p90_s"] else "none"


@queue_app.command("list")
def queue_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every queue: who waits, who serves."""
    queues = client.ask(installation_at(state), "GET", "/api/state")["queues"]
    if as_json:
        print_json(queues)
    else:
        show_queues(queues)


@queue_app.command("show")
def queue_show(queue: str, language: Language = "en", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """One queue: who waits in which order, who serves it, what its policy says."""
    said = client.ask(installation_at(state), "GET", client.path("api", "queues", _queue(queue)))
    if as_json:
        print_json(said)
        return
    show_queues([said["queue"]])
    required = ", ".join(f"{skill} {level}" for skill, level in said["skills"].items()) or "no skill"
    preferred = ", ".join(f"{skill} {level}" for skill, level in said["prefers"].items())
    typer.echo(f"\nrequires {required}{f'; prefers {preferred}' if preferred else ''}; {said['strategy']} first\n")
    for call in said["calls"]:
        call["waited_s"] = round(call["waited_s"])
        call["rows"] = " ".join(str(row) for row in call["rows"])
        call["note"] = "is called back" if call["virtual"] else ""
    columns = {"position": "PLACE", "call": "CALL", "caller": "CALLER", "waited_s": "WAITED s", "priority": "PRIORITY"}
    show_table(said["calls"], {**columns, "rows": "ROWS", "kept_for": "KEPT FOR", "note": ""})
    typer.echo()
    for agent in said["agents"]:
        agent["state"] = word("state", agent["state"], language)
        agent["skills"] = " ".join(f"{skill}:{level}" for skill, level in agent["skills"].items())
    show_table(
        said["agents"], {"agent": "AGENT", "name": "NAME", "state": "STATE", "reason": "REASON", "skills": "SKILLS"}
    )
    for row in said["policy"]:
        typer.echo(f"\nrow {row['row']}, {row[language]}\n       why: {row['why']}", nl=False)
    typer.echo()


@queue_app.command("close")
def queue_close(queue: str, state: State = None) -> None:  # type: ignore[assignment]
    """No new callers; those who wait are served."""
    client.ask(installation_at(state), "POST", client.path("api", "queues", _queue(queue), "close"), {})
    typer.echo(f"{queue}: closed; those who wait are served")


@queue_app.command("open")
def queue_open(queue: str, state: State = None) -> None:  # type: ignore[assignment]
    """Callers again."""
    client.ask(installation_at(state), "POST", client.path("api", "queues", _queue(queue), "open"), {})
    typer.echo(f"{queue}: open")


def _queue(queue: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9-]{0,30}", queue):
        raise client.Refused(why=f"{queue!r} is no queue's name. `sanxiang queue list` shows those there are.")
    return queue


def known_call(call: str) -> str:
    """The id as it was typed. Raises Refused when no call can have it."""
    if not re.fullmatch("[a-z0-9-]{1,40}", call):
        raise client.Refused(
            why=f"{call!r} is no call: its id looks like c1760000000-1. `sanxiang call list` shows them."
        )
    return call


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
        for name in ("wait_s", "talk_s"):
            call[name] = None if call.get(name) is None else f"{call[name]:.1f}"
    columns = {"call": "CALL", "arrived_at": "ARRIVED", "caller": "CALLER", "queue": "QUEUE", "agent": "AGENT"}
    show_table(calls, {**columns, "wait_s": "WAIT s", "talk_s": "TALK s", "ending": "ENDING"})


@call_app.command("show")
def call_show(call: str, state: State = None, as_json: AsJson = False, language: Language = "en") -> None:  # type: ignore[assignment]
    """One call from dialling to filing, in plain words."""
    from acd.engine.commands import Kind
    from acd.words import sentence

    said = client.ask(installation_at(state), "GET", client.path("api", "calls", known_call(call)))
    if as_json:
        print_json(said)
        return
    for row in said["timeline"]:
        text = sentence(Kind(row["kind"]), row.get("agent") or "", row.get("queue") or "", row["detail"], language)
        if text:
            typer.echo(f"{row['at']}  {text}")


@call_app.command("priority")
def call_priority(call: str, priority: int, state: State = None) -> None:  # type: ignore[assignment]
    """Give a waiting call another priority; a point goes ahead of so much waiting as the rules say."""
    _do(call, "priority", {"priority": priority}, state)
    typer.echo(f"{call}: priority {priority}")


@call_app.command("move")
def call_move(call: str, queue: str, state: State = None) -> None:  # type: ignore[assignment]
    """Move a waiting call to another queue; it keeps its place."""
    _do(call, "move", {"queue": _queue(queue)}, state)
    typer.echo(f"{call}: moved to {queue}")


@call_app.command("withdraw")
def call_withdraw(
    call: str,
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Take a waiting call out of its queue: the caller is told, and let go."""
    _do(call, "withdraw", {"reason": reason}, state)
    typer.echo(f"{call}: withdrawn")


def _do(call: str, what: str, body: dict[str, Any], state: Path | None) -> None:
    client.ask(installation_at(state), "POST", client.path("api", "calls", known_call(call), what), body)

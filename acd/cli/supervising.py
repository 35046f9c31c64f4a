"""`sanxiang message …`, `sanxiang break …`, and of agents: help and single queues."""

from typing import Annotated

import typer

from acd.cli.common import AsJson, State, installation_at, print_json, say, show_table
from acd.cli.completion import AgentId, QueueName
from acd.cli.times import clock_of
from acd.processes import api_client

message_app = typer.Typer(help="Messages to agents: send, list, withdraw.", no_args_is_help=True)
break_app = typer.Typer(help="Breaks: list, grant, decline, withdraw.", no_args_is_help=True)
Message = Annotated[str, typer.Argument(help="The message, as `sanxiang message list` shows it.")]
Why = Annotated[str, typer.Option("--reason", help="Why.")]


@message_app.command("send")
def message_send(
    text: Annotated[str, typer.Argument(help="At most 500 characters.")],
    agent: Annotated[list[str] | None, typer.Option("--agent", help="To this agent; once for each.")] = None,
    team: Annotated[list[str] | None, typer.Option("--team", help="To this team; once for each.")] = None,
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=1440, help="How long it is shown.")] = 60,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Send a message to agents' desks; with neither --agent nor --team to all."""
    body = {"text": text, "agents": agent or [], "teams": team or [], "minutes": minutes}
    say(str(api_client.ask(installation_at(state), "POST", "/api/messages", body)["message"]))


@message_app.command("list")
def message_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Messages that are shown and the latest that are over, with who has acknowledged them."""
    installation = installation_at(state)
    rows = api_client.ask(installation, "GET", "/api/messages")["messages"]
    if as_json:
        print_json(rows)
        return
    clock = clock_of(installation)
    for row in rows:
        seen = [read["agent"] for read in row["to"] if read["seen_at"]]
        row["seen"] = f"{len(seen)}/{len(row['to'])} {' '.join(seen)}".strip()
        row["until"] = clock.minute(row["ended_at"] or row["until"])
        row["to"] = " ".join([*row["agents"], *row["teams"]]) or "*"
        row["text"] = row["text"].replace("\n", " ")
    columns = {
        "message": "MESSAGE",
        "by": "BY",
        "to": "TO",
        "until": clock.heading("UNTIL"),
        "seen": "SEEN",
        "text": "TEXT",
    }
    show_table(rows, columns)


@message_app.command("withdraw")
def message_withdraw(message: Message, state: State = None) -> None:  # type: ignore[assignment]
    """Take a message back: it is shown no more."""
    api_client.ask(installation_at(state), "POST", api_client.path("api", "messages", message, "withdraw"))


@break_app.command("list")
def break_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Who is on a break or asks for one, in the order of asking."""
    installation = installation_at(state)
    found = api_client.ask(installation, "GET", "/api/breaks")
    if as_json:
        print_json(found)
        return
    clock = clock_of(installation)
    for row in found["breaks"]:
        row["since"] = clock.at(row["since"])
        row["ends_at"] = clock.at(row["ends_at"]) if row["ends_at"] else ""
        row["state"] = "overdue" if row["overdue"] else row["state"]
        row["waits"] = f"{row['waits']} {row['place']}" if row["waits"] == "full" else row["waits"]
    columns = {"agent": "AGENT", "name": "NAME", "reason": "REASON", "state": "STATE", "waits": "WAITS"}
    show_table(found["breaks"], {**columns, "since": clock.heading("SINCE"), "ends_at": clock.heading("UNTIL")})


@break_app.command("grant")
def break_grant(agent: AgentId, state: State = None) -> None:  # type: ignore[assignment]
    """Grant the break that an agent waits for, whatever the limits are."""
    api_client.ask(installation_at(state), "POST", api_client.path("api", "agents", agent, "break", "grant"))


@break_app.command("decline")
def break_decline(agent: AgentId, reason: Why = "", state: State = None) -> None:  # type: ignore[assignment]
    """Decline the break that an agent waits for."""
    path = api_client.path("api", "agents", agent, "break", "decline")
    api_client.ask(installation_at(state), "POST", path, {"reason": reason})


@break_app.command("withdraw")
def break_withdraw(agent: AgentId, state: State = None) -> None:  # type: ignore[assignment]
    """Take back a break that has not begun."""
    api_client.ask(installation_at(state), "POST", api_client.path("api", "agents", agent, "break", "withdraw"))


def agent_help(
    agent: AgentId,
    end: Annotated[bool, typer.Option("--end", help="Somebody takes care of it.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Raise an agent's hand for help, or lower it."""
    path = api_client.path("api", "agents", agent, "help-ended" if end else "help-asked")
    api_client.ask(installation_at(state), "POST", path, None if end else {})


def agent_leave_queue(
    agent: AgentId,
    queue: QueueName,
    reason: Annotated[str, typer.Option("--reason", help="A reason of [not_ready_reasons].")],
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Take an agent out of one queue for a while."""
    path = api_client.path("api", "agents", agent, "leave-queue")
    api_client.ask(installation_at(state), "POST", path, {"queue": queue, "reason": reason})


def agent_join_queue(agent: AgentId, queue: QueueName, state: State = None) -> None:  # type: ignore[assignment]
    """Let an agent take a queue's calls again."""
    path = api_client.path("api", "agents", agent, "join-queue")
    api_client.ask(installation_at(state), "POST", path, {"queue": queue})

"""`sanxiang queue …`: callers, agents and policy of each queue; close and open."""

from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, Language, State, installation_at, print_json, say, show_table
from acd.cli.completion import QueueName, queues
from acd.identifiers import is_name
from acd.processes import api_client
from acd.setup.installation import Installation
from acd.words import word

queue_app = typer.Typer(help="Queues: list, show, close, open.", no_args_is_help=True)


def show_queues(rows: list[dict[str, Any]]) -> None:
    """Prints the queues as a table."""
    for queue in rows:
        queue["open"] = "closed" if queue["closed"] else "open" if queue["open"] else "outside its hours"
        queue["expected"] = expected(queue)
        queue["longest_wait_s"] = queue["longest_wait_s"] and round(queue["longest_wait_s"])
    columns = {"name": "QUEUE", "waiting": "WAITING", "longest_wait_s": "LONGEST s", "staffed": "STAFFED"}
    show_table(rows, {**columns, "available": "AVAILABLE", "expected": "EXPECTED WAIT", "open": "OPEN"})


def expected(row: dict[str, Any]) -> str:
    """The expected wait in seconds: from the median to the wait that one caller in ten exceeds. Nobody there: nothing is known."""
    if not row["staffed"]:
        return "nobody staffed"
    return f"{row['median_s']:.0f} to {row['p90_s']:.0f} s" if row["p90_s"] else "none"


@queue_app.command("list")
def queue_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every queue: callers waiting, agents, expected wait."""
    rows = api_client.ask(installation_at(state), "GET", "/api/state")["queues"]
    if as_json:
        print_json(rows)
    else:
        show_queues(rows)


@queue_app.command("show")
def queue_show(queue: QueueName, language: Language = "en", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """One queue: callers in order, agents who serve it, and its policy."""
    said = api_client.ask(installation_at(state), "GET", api_client.path("api", "queues", known_queue(queue)))
    if as_json:
        print_json(said)
        return
    show_queues([said["queue"]])
    required = ", ".join(f"{skill} {level}" for skill, level in said["skills"].items()) or "no skill"
    preferred = ", ".join(f"{skill} {level}" for skill, level in said["prefers"].items())
    say(f"\nrequires {required}{f'; prefers {preferred}' if preferred else ''}; {said['strategy']} first\n")
    for call in said["calls"]:
        call["waited_s"] = round(call["waited_s"])
        call["rows"] = " ".join(str(row) for row in call["rows"])
        call["note"] = "is called back" if call["virtual"] else ""
    columns = {"position": "PLACE", "call": "CALL", "caller": "CALLER", "waited_s": "WAITED s", "priority": "PRIORITY"}
    show_table(said["calls"], {**columns, "rows": "ROWS", "kept_for": "KEPT FOR", "note": ""})
    say()
    for agent in said["agents"]:
        agent["state"] = word("state", agent["state"], language)
        agent["skills"] = " ".join(f"{skill}:{level}" for skill, level in agent["skills"].items())
    show_table(
        said["agents"], {"agent": "AGENT", "name": "NAME", "state": "STATE", "reason": "REASON", "skills": "SKILLS"}
    )
    for row in said["policy"]:
        say(f"\nrow {row['row']}, {row[language]}\n       why: {row['why']}")


Queue = Annotated[
    str, typer.Argument(metavar="[QUEUE]", help="One queue, or --all.", show_default=False, autocompletion=queues)
]
All = Annotated[bool, typer.Option("--all", help="Every queue, in place of QUEUE.")]


@queue_app.command("close")
def queue_close(queue: Queue = "", everyone: All = False, state: State = None) -> None:  # type: ignore[assignment]
    """Close a queue, or all of them: no new callers; callers already waiting will still be answered."""
    installation = installation_at(state)
    for name in _meant(installation, queue, everyone, "close"):
        api_client.ask(installation, "POST", api_client.path("api", "queues", name, "close"), {})
        say(f"{name}: closed; callers already waiting will still be answered")


@queue_app.command("open")
def queue_open(queue: Queue = "", everyone: All = False, state: State = None) -> None:  # type: ignore[assignment]
    """Open a queue, or all of them, to callers again."""
    installation = installation_at(state)
    for name in _meant(installation, queue, everyone, "open"):
        api_client.ask(installation, "POST", api_client.path("api", "queues", name, "open"), {})
        say(f"{name}: open")


def _meant(installation: Installation, queue: str, everyone: bool, verb: str) -> list[str]:
    """The queue that was named, or all that are not yet as they are to be."""
    if bool(queue) == everyone:
        raise typer.BadParameter(f"name the queue or say --all, one of the two: `sanxiang queue {verb} QUEUE`")
    if queue:
        return [known_queue(queue)]
    rows = api_client.ask(installation, "GET", "/api/state")["queues"]
    names = [row["name"] for row in rows if bool(row.get("closed")) != (verb == "close")]
    if not names:
        say(f"Every queue is {'closed' if verb == 'close' else 'open'} already.")
    return names


def known_queue(queue: str) -> str:
    """The name as it was typed. Raises Refused when no queue can be called so."""
    if not is_name(queue):
        raise api_client.Refused(why=f"{queue!r} can't be a queue's name. `sanxiang queue list` shows them.")
    return queue

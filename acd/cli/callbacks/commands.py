"""`sanxiang callback …`: promised callbacks listed, made, moved, and ended."""

from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, Language, State, installation_at, print_json, say, show_table
from acd.cli.completion import queues
from acd.cli.times import HotlineClock, clock_of
from acd.errors import SanxiangError
from acd.processes import api_client
from acd.words import promises

callback_app = typer.Typer(help="Promised callbacks: whom, until when, and what became of them.", no_args_is_help=True)
Callback = Annotated[str, typer.Argument(help="The callback, as `sanxiang callback list` shows it.")]
Note = Annotated[str, typer.Option("--note", help="A word about it.")]
From = Annotated[str, typer.Option("--from", help="Not before then, as 2026-11-30T12:00, by the hotline's clock.")]
Until = Annotated[str, typer.Option("--until", help="The promised time, as 2026-11-30T14:00, by the hotline's clock.")]
Owner = Annotated[str, typer.Option("--owner", help="The agent or account whose matter it is.")]


class NoTime(SanxiangError):
    """{option}: {written!r} is no time. Write it as 2026-11-30T14:00."""


@callback_app.command("list")
def callback_list(
    late: Annotated[bool, typer.Option("--late", help="Those whose promised time is past.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Those whose time has come.")] = False,
    over: Annotated[bool, typer.Option("--all", help="Those of the last 7 days that are over, too.")] = False,
    queue: Annotated[str, typer.Option("--queue", help="Of this queue.", autocompletion=queues)] = "",
    owner: Owner = "",
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Promised callbacks, the most urgent first. Exit status 3 while one is late."""
    installation = installation_at(state)
    which = "late" if late else "due" if due else "all" if over else "open"
    found = api_client.ask(installation, "GET", "/api/callbacks", state=which, queue=queue, owner=owner)
    rows = found["callbacks"]
    if as_json:
        print_json(rows)
    elif not rows:
        say("No callback is promised.")
    else:
        _show(rows, clock_of(installation), language)
    if not found["complete"] and not as_json:
        say("PostgreSQL is away: callbacks that are over are missing.")
    raise typer.Exit(3 if any(row["state"] == "late" for row in rows) else 0)


@callback_app.command("show")
def callback_show(
    callback: Callback,
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """One callback with its tries and changes."""
    installation = installation_at(state)
    found = api_client.ask(installation, "GET", api_client.path("api", "callbacks", callback))
    if as_json:
        print_json(found)
        return
    clock = clock_of(installation)
    _show([found], clock, language)
    for step in found["steps"]:
        say(f"  {clock.at(step['at'])}  {step[language]}")
    if found["note"]:
        say(f"  {found['note']}")


@callback_app.command("add")
def callback_add(
    number: Annotated[str, typer.Argument(help="The customer's number, in any writing.")],
    queue: Annotated[str, typer.Option("--queue", help="The queue that calls back.", autocompletion=queues)],
    begins: From = "",
    until: Until = "",
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="A person calls, and says so with `callback done`.")
    ] = False,
    language: Annotated[str, typer.Option("--language", help="The customer's language: zh or en.")] = "",
    owner: Owner = "",
    note: Note = "",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Promise a callback. A number that has one keeps it."""
    installation = installation_at(state)
    clock = clock_of(installation)
    body = {
        "number": number,
        "queue": queue,
        "begins": _instant(clock, begins, "--from"),
        "until": _instant(clock, until, "--until"),
        "how": "list" if by_hand else "call",
        "language": language,
        "owner": owner,
        "note": note,
    }
    found = api_client.ask(installation, "POST", "/api/callbacks", body)
    say(f"Callback {found['callback']} is promised until {clock.minute(found['until'])} ({clock.name}).")


@callback_app.command("move")
def callback_move(
    callback: Callback,
    begins: From = "",
    until: Until = "",
    queue: Annotated[str | None, typer.Option("--queue", help="To this queue.", autocompletion=queues)] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="To this agent or account; empty: to the queue.")] = None,
    note: Note = "",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Give a callback another time, queue or owner."""
    installation = installation_at(state)
    clock = clock_of(installation)
    times = {"begins": _instant(clock, begins, "--from"), "until": _instant(clock, until, "--until")}
    body: dict[str, Any] = {**times, "queue": queue, "owner": owner, "note": note}
    api_client.ask(installation, "POST", api_client.path("api", "callbacks", callback, "move"), body)
    say(f"Callback {callback} is moved.")


@callback_app.command("cancel")
def callback_cancel(callback: Callback, note: Note = "", state: State = None) -> None:  # type: ignore[assignment]
    """End a callback that the customer does not want any more."""
    path = api_client.path("api", "callbacks", callback, "cancel")
    api_client.ask(installation_at(state), "POST", path, {"note": note})
    say(f"Callback {callback} is cancelled.")


@callback_app.command("done")
def callback_done(callback: Callback, note: Note = "", state: State = None) -> None:  # type: ignore[assignment]
    """Say that a person has called the customer."""
    path = api_client.path("api", "callbacks", callback, "done")
    api_client.ask(installation_at(state), "POST", path, {"note": note})
    say(f"Callback {callback} is done.")


def _instant(clock: HotlineClock, written: str, option: str) -> str | None:
    if not written:
        return None
    try:
        return clock.instant(written).isoformat()
    except ValueError:
        raise NoTime(option=option, written=written) from None


def _show(rows: list[dict[str, Any]], clock: HotlineClock, language: str) -> None:
    columns = {"callback": "CALLBACK", "number": "NUMBER", "queue": "QUEUE", "owner": "OWNER"}
    columns |= {
        "until_shown": clock.heading("PROMISED UNTIL"),
        "state": "STATE",
        "tries": "TRIES",
        "source_shown": "SOURCE",
        "outcome_shown": "OUTCOME",
    }
    show_table([{**row, **_words(row, clock, language)} for row in rows], columns)


def _words(row: dict[str, Any], clock: HotlineClock, language: str) -> dict[str, str]:
    return {
        "until_shown": clock.minute(row["until"]),
        "source_shown": promises.source(row["source"], language),
        "outcome_shown": promises.outcome(row["outcome"], language),
    }

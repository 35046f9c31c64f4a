"""`sanxiang hours …`: when calls are taken; opened or closed by an operator for some hours of today."""

from typing import Annotated, Any, Literal

import typer

from acd.cli.common import AsJson, State, installation_at, known_day, print_json, say, show_table
from acd.cli.completion import queues
from acd.cli.times import clock_of
from acd.processes import api_client

hours_app = typer.Typer(help="Opening hours: show, and open or close for today.", no_args_is_help=True)
Queue = Annotated[str, typer.Option("--queue", help="Of this queue; else of the whole hotline.", autocompletion=queues)]


@hours_app.command("show")
def hours_show(
    queue: Queue = "",
    number: Annotated[str, typer.Option("--number", help="Of calls to this number of ours.")] = "",
    day: Annotated[str, typer.Option("--date", help="The first day, as 2026-10-01; else today.")] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="So many days.")] = 7,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """When calls are taken, day by day, holidays and corrected days with their reason."""
    house = installation_at(state)
    clock = clock_of(house)
    asked: dict[str, Any] = {"queue": queue, "number": number, "date": known_day(day), "days": days}
    found = api_client.ask(house, "GET", "/api/hours", **asked)
    if as_json:
        print_json(found)
        return
    rows: list[dict[str, Any]] = [
        {
            "date": row["date"],
            "weekday": row["weekday"],
            "hours": ", ".join(row["hours"]) or "closed",
            "why": " ".join(word for word in (row["why"], row["name"]) if word),
        }
        for row in found["days"]
    ]
    show_table(rows, {"date": "DATE", "weekday": "WEEKDAY", "hours": "HOURS", "why": "WHY"})
    for row in found["set"]:
        whose = f"queue {row['queue']}" if row["queue"] else "the hotline"
        if row["open"]:
            say(f"Set by {row['by']}: {whose} is open until {clock.minute(row['until'])}.")
        else:
            say(f"Set by {row['by']}: {whose} is closed until {clock.minute(row['until'])}.")
        for words in (row["zh"], row["en"]):
            if words:
                say(f"    {words}")
    if found["open"]:
        say("Calls are taken now.")
    elif found["next_open"]:
        say(f"No calls are taken now; they are from {clock.minute(found['next_open'])} on ({clock.name}).")
    else:
        say("No calls are taken now, nor on any day of the next 400.")


@hours_app.command("today")
def hours_today(
    what: Annotated[
        Literal["open", "closed", "as-planned"],
        typer.Argument(help="as-planned ends what was set: the hours hold again."),
    ],
    until: Annotated[
        str, typer.Option("--until", help="By the hotline's clock, as 14:00; else to the end of today.")
    ] = "",
    words: Annotated[
        str, typer.Option("--say", help="What callers hear in Chinese, in place of the usual sentence.")
    ] = "",
    english: Annotated[str, typer.Option("--say-en", help="The same in English.")] = "",
    queue: Queue = "",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Open or close the hotline, or a queue, for some hours, whatever its hours are. Callers who wait already are served."""
    body = {"state": what.replace("-", " "), "queue": queue, "until": until, "zh": words, "en": english}
    house = installation_at(state)
    clock = clock_of(house)
    told = api_client.ask(house, "POST", "/api/hours/today", body)
    for fault in told["faults"]:
        say(fault)
    whose = f"queue {queue}" if queue else "the hotline"
    if told["until"] is None:
        say(f"The hours of {whose} hold again.")
        return
    ends = f"{clock.minute(told['until'])} ({clock.name})"
    if what == "open":
        say(f"Callers reach {whose} until {ends}.")
    else:
        say(f"Callers are told that {whose} is closed until {ends}.")
        for given, other, spoken_in in ((words, english, "English"), (english, words, "Chinese")):
            if given and not other:
                say(f"Callers in {spoken_in} hear the usual sentence: nothing was said for them.")

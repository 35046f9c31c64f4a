"""`sanxiang alarms`: what is wrong just now, who takes care of it, and what is over."""

from typing import Annotated, Any

import typer

from acd.alarms.rows import heading
from acd.cli import completion
from acd.cli.common import AsJson, Language, State, installation_at, print_json, say, show_table
from acd.cli.language import colon_of
from acd.cli.times import HotlineClock, clock_of
from acd.processes import api_client

alarms_app = typer.Typer(help="Alarms: open, seen, over.", invoke_without_command=True)
Number = Annotated[
    int,
    typer.Argument(min=1, help="The alarm's number, as `sanxiang alarms` shows it.", autocompletion=completion.alarms),
]


@alarms_app.callback()
def alarms(
    asked: typer.Context,
    over: Annotated[bool, typer.Option("--all", help="Those that are over too, and the history of each.")] = False,
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Open alarms, the worst first. Exit status 3 while a critical one is open."""
    if asked.invoked_subcommand is not None:
        return
    installation = installation_at(state)
    found = api_client.ask(installation, "GET", "/api/alarms", all="true" if over else "")["alarms"]
    if as_json:
        print_json(found)
    elif not found:
        say("No alarm is open.")
    else:
        clock = clock_of(installation)
        show_alarms(found, clock, language)
        for row in found if over else ():
            _show_history(row, clock, language)
    grave = any(row["severity"] == "critical" and row["cleared_at"] is None for row in found)
    raise typer.Exit(3 if grave else 0)


@alarms_app.command("seen")
def seen(number: Number, state: State = None) -> None:  # type: ignore[assignment]
    """Say that you take care of an alarm: it stays open, and everybody sees that it is taken care of."""
    api_client.ask(installation_at(state), "POST", api_client.path("api", "alarms", str(number), "seen"))
    say(f"Alarm {number} is marked as seen.")


@alarms_app.command("clear")
def clear(number: Number, state: State = None) -> None:  # type: ignore[assignment]
    """Say that an alarm is over. While its cause is still there it is raised again."""
    api_client.ask(installation_at(state), "POST", api_client.path("api", "alarms", str(number), "clear"))
    say(f"Alarm {number} is cleared.")


@alarms_app.command("test")
def test(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Send a test by every way of [alarms] in the configuration, and say what came of it. Exit status 1 when one failed."""
    ways = api_client.ask(installation_at(state), "POST", "/api/alarms/test", within_s=90.0)["ways"]
    if as_json:
        print_json(ways)
    else:
        for each in ways:
            came = "not configured" if not each["configured"] else f"FAILED: {each['why']}" if each["why"] else "taken"
            say(f"{each['way']:8} {came}")
        if not any(each["configured"] for each in ways):
            say("Alarms are told on the page and by `sanxiang alarms` only. Add a way under [alarms]: docs/alarms.md.")
    raise typer.Exit(1 if any(each["why"] for each in ways) else 0)


def show_alarms(found: list[dict[str, Any]], clock: HotlineClock, language: str = "en") -> None:
    """Prints the alarms: a table, and below it what each one says."""
    columns = {"number": "NO", "grade": "SEVERITY", "what": "ALARM", "since": clock.heading("SINCE")}
    columns |= {"times": "TIMES", "seen_by": "SEEN BY", "ended": "OVER"}
    show_table([{**row, **_shown(row, clock, language)} for row in found], columns)
    for row in found:
        say(f"{row['number']}{colon_of(language)}{row['said'][language]}")


def alarm_lines(found: list[dict[str, Any]], clock: HotlineClock, language: str = "en") -> list[str]:
    """A line for each open alarm, for `status`; one line when there is none."""
    lines = [
        f"{'CRITICAL' if row['severity'] == 'critical' else 'warning':8} {row['number']}: {heading(row, language)} "
        f"since {clock.at(row['raised_at'])} ({clock.name}){'' if row['seen'] else ', not seen yet'}"
        for row in found
    ]
    return lines or ["No alarm is open."]


def _shown(row: dict[str, Any], clock: HotlineClock, language: str) -> dict[str, str]:
    ended = ""
    if row["cleared_at"] is not None:
        ended = f"{clock.at(row['cleared_at'])} {row['cleared_by'] or 'by itself'}"
    return {
        "grade": "CRITICAL" if row["severity"] == "critical" else "warning",
        "what": heading(row, language),
        "since": clock.at(row["raised_at"]),
        "seen_by": ", ".join(each["by"] for each in row["seen"]),
        "ended": ended,
    }


def _show_history(row: dict[str, Any], clock: HotlineClock, language: str) -> None:
    say(f"\n{row['number']}{colon_of(language)}{heading(row, language)}")
    for step in row["history"]:
        by = f" by {step['by']}" if step["by"] else ""
        say(f"  {clock.at(step['at'])} {step['what']}{by}")

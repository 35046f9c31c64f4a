"""`sanxiang kpi`: the figures of a day against their targets, by queue or by interval; accuracy of the expected waits."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer

from acd.cli.common import AsJson, State, installation_at, known_day, print_json, show_table
from acd.cli.times import clock_of
from acd.processes import api_client

SHARES = {"connect_rate": "CONNECT", "within_15_s": "IN TIME", "three_ring_rate": "3 RINGS"}
TIMES = {"asa_s": "ASA s", "aht_s": "AHT s"}
COUNTS = {
    "calls": "CALLS", "answered": "ANSWERED", "abandoned": "ABANDONED", "callbacks": "CALLBACKS", "sent_on": "SENT ON",
    "message": "MESSAGES",
}  # fmt: skip
GAVE_UP = {"abandoned_ivr": "menu", "abandoned_queue": "queue", "abandoned_ringing": "ringing"}


def kpi(
    day: Annotated[str, typer.Option(help="2026-11-22, on the hotline's clock; today when left out.")] = "",
    queue: Annotated[str, typer.Option(help="Only this queue.")] = "",
    interval: Annotated[
        Literal["15", "30", "60"] | None, typer.Option(help="Minutes of each interval.", show_default=False)
    ] = None,
    waits: Annotated[bool, typer.Option("--waits", help="The accuracy of the expected waits instead.")] = False,
    days: Annotated[int, typer.Option(min=1, max=31, help="With --waits: so many days up to that one.")] = 1,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Connect rate, service level, three-ring rate, ASA and AHT of a day; "!" marks a missed target."""
    installation = installation_at(state)
    if waits:
        said = api_client.ask(installation, "GET", "/api/kpi/waits", day=known_day(day), days=days)
        _waits(said, queue, as_json)
        return
    said = api_client.ask(installation, "GET", "/api/kpi", day=known_day(day), queue=queue, interval=interval)
    if as_json:
        print_json(said)
        return
    head = {"queue": "QUEUE", **COUNTS, **SHARES, **TIMES}
    if interval:
        clock = clock_of(installation)
        begun = [each for each in said["intervals"] if datetime.fromisoformat(each["since"]) <= datetime.now(UTC)]
        rows = [{**_row(each["figures"]), "from": clock.minute(each["since"])[11:]} for each in begun]
        show_table(rows, {"from": clock.heading("FROM"), **{key: head[key] for key in head if key != "queue"}})
        return
    rows = [_row(each) for each in said["queues"]]
    if not queue:
        rows.append({**_row(said), "queue": "all"})
    show_table(rows, head)
    _abandoned(said["counts"])


def _row(figures: dict[str, Any]) -> dict[str, Any]:
    counts = figures["counts"]
    row = {name: figures.get(name, counts.get(name)) for name in ("queue", *COUNTS)}
    row["abandoned"] = sum(counts[name] for name in GAVE_UP)
    for name in SHARES:
        row[name] = _against(figures[name], "{:.1%}")
    for name in TIMES:
        row[name] = _against(figures[name], "{:.1f}")
    return row


def _against(figure: dict[str, Any], form: str) -> str:
    """The value, with its target where it is missed: "71.4% !90.0%"."""
    if figure["value"] is None:
        return ""
    missed = "" if figure["reached"] else f" !{form.format(figure['target'])}"
    return form.format(figure["value"]) + missed


def _abandoned(counts: dict[str, Any]) -> None:
    parts = [f"{counts[name]} in the {word}" if word != "ringing" else f"{counts[name]} while it rang"
             for name, word in GAVE_UP.items()]  # fmt: skip
    typer.echo(f"\nabandoned: {', '.join(parts)}; {counts['short']} of them under 5 s")


def _waits(said: dict[str, Any], queue: str, as_json: bool) -> None:
    rows = [row for row in said["waits"] if not queue or row["queue"] == queue]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["day"] = row["since"][:10]
        for name in ("under_median", "under_p90"):
            row[name] = None if row[name] is None else f"{row[name]:.1%}"
        row["wait_to_median"] = None if row["wait_to_median"] is None else f"{row['wait_to_median']:.2f}"
    columns = {"day": "DAY", "queue": "QUEUE", "callers": "CALLERS", "served": "SERVED", "left_early": "LEFT EARLY"}
    show_table(
        rows, {**columns, "under_median": "MEDIAN (50%)", "under_p90": "RANGE (90%)", "wait_to_median": "WAIT/MEDIAN"}
    )

"""`sanxiang kpi`: the figures of a day against their targets, by queue or by interval; accuracy of the expected waits; what callers say."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer

from acd.cli import language, surveys
from acd.cli.common import AsJson, State, installation_at, known_day, print_json, say, show_table
from acd.cli.completion import queues
from acd.cli.spans import First, Last, Month, Week, instants, typed_span
from acd.cli.times import clock_of
from acd.processes import api_client

SHARES = {
    "connect_rate": "CONNECT",
    "within_15_s": "IN TIME",
    "three_ring_rate": "3 RINGS",
    "promises_kept_rate": "KEPT",
}
TIMES = {"asa_s": "ASA s", "aht_s": "AHT s"}
COUNTS = {
    "calls": "CALLS", "answered": "ANSWERED", "abandoned": "ABANDONED", "callbacks": "CALLBACKS", "sent_on": "SENT ON",
    "message": "MESSAGES",
}  # fmt: skip
GAVE_UP = ("abandoned_ivr", "abandoned_queue", "abandoned_ringing")


def kpi(
    day: Annotated[str, typer.Option(help="2026-11-22, on the hotline's clock; today when left out.")] = "",
    week: Week = "",
    month: Month = "",
    first: First = "",
    last: Last = "",
    queue: Annotated[str, typer.Option(help="Only this queue.", autocompletion=queues)] = "",
    brand: Annotated[str, typer.Option(help="Only calls to the numbers of this brand.")] = "",
    interval: Annotated[
        Literal["15", "30", "60", "day"] | None,
        typer.Option(help="Minutes of each interval, or day.", show_default=False),
    ] = None,
    waits: Annotated[bool, typer.Option("--waits", help="The accuracy of the expected waits instead.")] = False,
    survey: Annotated[
        bool,
        typer.Option("--survey", help="What callers say of the service instead: CSAT, NPS, solved at first contact."),
    ] = False,
    by: Annotated[Literal["queue", "agent"], typer.Option(help="With --survey: by queue or by agent.")] = "queue",
    days: Annotated[int, typer.Option(min=1, max=31, help="With --waits: so many days up to that one.")] = 1,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Connect rate, service level, three-ring rate, ASA and AHT of a day, a week, a month or a span; "!" marks a missed target."""
    installation = installation_at(state)
    if waits:
        said = api_client.ask(installation, "GET", "/api/kpi/waits", day=known_day(day), days=days)
        _waits(said, queue, as_json)
        return
    clock = clock_of(installation)
    span = typed_span(clock, day=day, week=week, month=month, first=first, last=last)
    edges: dict[str, Any] = {"day": known_day(day)} if span is None else instants(span, clock)
    if survey:
        found = api_client.ask(installation, "GET", "/api/surveys", **edges, by=by, brand=brand)
        surveys.show(found, queue if by == "queue" else "", as_json)
        return
    said = api_client.ask(installation, "GET", "/api/kpi", **edges, queue=queue, brand=brand, interval=interval)
    if as_json:
        print_json(said)
        return
    head = {"queue": "QUEUE", **COUNTS, **SHARES, **TIMES}
    if interval:
        begun = [each for each in said["intervals"] if datetime.fromisoformat(each["since"]) <= datetime.now(UTC)]
        # Within a day the time is enough; over several the day is part of it, or all of it.
        several = span is not None and span.days > 1
        part = slice(0, 10) if interval == "day" else slice(0, None) if several else slice(11, None)
        rows = [{**_row(each["figures"]), "from": clock.minute(each["since"])[part]} for each in begun]
        show_table(rows, {"from": clock.heading("FROM"), **{key: head[key] for key in head if key != "queue"}})
        return
    rows = [_row(each) for each in said["queues"]]
    if not queue:
        rows.append({**_row(said), "queue": language.in_language("all")})
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
    menu, queue, ringing = (counts[name] for name in GAVE_UP)
    parts = f"{menu} in the menu, {queue} in the queue, {ringing} while it rang"
    say(f"\nabandoned: {parts}; {counts['short']} of them under 5 s")


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

"""A span of days as it is typed: --day, --week 2026-W48, --month 2026-11, or --from and --to."""

import re
from datetime import date, datetime
from typing import Annotated

import typer

from acd.cli.times import HotlineClock
from acd.processes.api_client import Refused
from acd.reports.spans import Span, span_with

First = Annotated[str, typer.Option("--from", help="The first day, as 2026-11-01, on the hotline's clock.")]
Last = Annotated[str, typer.Option("--to", help="The last day, included; today when left out.")]
Week = Annotated[str, typer.Option(help="A week from Monday to Sunday, as 2026-W48.")]
Month = Annotated[str, typer.Option(help="A month, as 2026-11.")]


def typed_span(
    clock: HotlineClock, *, day: str = "", week: str = "", month: str = "", first: str = "", last: str = ""
) -> Span | None:
    """The span; None when nothing was typed, or a day alone. Raises Refused with what to type instead."""
    typed = [
        name for name, text in (("--day", day), ("--week", week), ("--month", month), ("--from", first or last)) if text
    ]
    if len(typed) > 1:
        raise Refused(why=f"{' and '.join(typed)} name different spans. Give one of them.")
    today = datetime.now(clock.zone).date()
    if week:
        return span_with("weekly", _week(week, today))
    if month:
        return span_with("monthly", _month(month, today))
    if not first and not last:
        return None
    if not first:
        raise Refused(why="--to needs --from: write the first day, too.")
    begin = _day("--from", first, today)
    end = _day("--to", last, today) if last else max(begin, today)
    if end < begin:
        raise Refused(why=f"--to {end} is earlier than --from {begin}. Swap them.")
    return Span(begin, end)


def instants(span: Span, clock: HotlineClock) -> dict[str, str]:
    """`since` and `until` for the API."""
    edges = span.edges(clock.zone)
    return {"since": edges[0].isoformat(), "until": edges[-1].isoformat()}


def _day(option: str, text: str, today: date) -> date:
    try:
        found = date.fromisoformat(text)
        if found.isoformat() != text:
            raise ValueError
    except ValueError:
        raise Refused(why=f"{option} {text}: write the day as {today}.") from None
    return found


def _week(text: str, today: date) -> date:
    year, week, _ = today.isocalendar()
    if not re.fullmatch(r"\d{4}-W\d{2}", text):
        raise Refused(why=f"--week {text}: write the week as {year}-W{week:02d}.")
    try:
        return date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    except ValueError:
        raise Refused(why=f"--week {text}: there is no such week. Write it as {year}-W{week:02d}.") from None


def _month(text: str, today: date) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}", text):
            raise ValueError
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise Refused(why=f"--month {text}: write the month as {today:%Y-%m}.") from None

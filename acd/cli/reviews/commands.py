"""`sanxiang review sample|form`: the talks of a week that people grade, drawn by the published seed, and the form by which they do.

Both work while the daemon is stopped.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, counted, installation_at, print_json, say, show_table
from acd.cli.language import current
from acd.cli.recordings import of_installation, of_store
from acd.cli.spans import Week, typed_span
from acd.cli.times import clock_named
from acd.config.reviews.delivered import FILE
from acd.errors import SanxiangError
from acd.reports.spans import span_with
from acd.store.queries import reviews
from acd.store.queries.reviews import RecordedTalk
from acd.store.store import Store

review_app = typer.Typer(help="Talks graded by people: the week's sample, the form.", no_args_is_help=True)


class WeekNotOver(SanxiangError):
    """Week {week} is not over, so its talks are not all there. Name a week that is over."""


@review_app.command("sample")
def review_sample(week: Week = "", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The talks of a week that are to be graded, by agent, queue and shift; the last week that is over when none is named. With --json all talks of
    the week, so that anybody can draw again."""
    from recordings.quality.sampling import Draw, drawn

    house = installation_at(state)
    config, _ = of_installation(house)
    clock = clock_named(config.hotline.timezone)
    last = span_with("weekly", (datetime.now(UTC).astimezone(clock.zone) - timedelta(days=7)).date())
    span = typed_span(clock, week=week) or last
    named = f"{span.first:%G-W%V}"
    if span.first > last.first:
        raise WeekNotOver(week=named)
    edges = span.edges(clock.zone)
    draw = Draw(named, config.reviews.seed, config.reviews.share, config.reviews.shifts, clock.zone)

    async def ask(store: Store) -> list[RecordedTalk]:
        async with store.transaction() as connection:
            return await reviews.recorded_talks(connection, edges[0], edges[-1])

    found = drawn(draw, of_store(house, ask))
    rows = [
        {
            "talk": each.talk.offer,
            "call": each.talk.call,
            "agent": each.talk.agent,
            "queue": each.talk.queue,
            "shift": each.shift,
            "at": each.talk.at.astimezone(UTC).isoformat(),
            "digest": each.digest,
            "taken": each.taken,
        }
        for each in found
    ]
    taken = [row for row in rows if row["taken"]]
    if as_json:
        by = {
            "week": named,
            "seed": draw.seed,
            "share": draw.share,
            "shifts": list(draw.shifts),
            "timezone": clock.name,
        }
        print_json({**by, "talks": rows})
        return
    say(f"Week {named}, seed {draw.seed}: {len(taken)} of {counted(len(rows), 'talk')} to be graded.")
    if taken:
        shown = [row | {"at": clock.at(str(row["at"]))} for row in taken]
        columns = {"talk": "TALK", "agent": "AGENT", "queue": "QUEUE", "shift": "SHIFT"}
        show_table(shown, {**columns, "at": clock.heading("AT")})


@review_app.command("form")
def review_form(
    toml: Annotated[
        bool, typer.Option("--toml", help="The delivered form as it is written in a configuration, to be copied.")
    ] = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """The form by which talks are graded: groups, items, weights, and which items are fatal."""
    house = installation_at(state)
    if toml:
        typer.echo(FILE.read_text(encoding="utf-8"), nl=False)
        return
    config, _ = of_installation(house)
    form, language = config.reviews.form_in_force, current()
    if as_json:
        print_json({"name": config.reviews.form, **form.model_dump(mode="json")})
        return
    rows: list[dict[str, Any]] = []
    for group in form.groups.values():
        for name, item in group.items.items():
            rows.append(
                {
                    "group": f"{getattr(group.label, language)} ({group.weight})",
                    "item": name,
                    "label": getattr(item.label, language),
                    "weight": item.weight,
                    "answer": "0-100" if item.kind == "points" else "yes/no/na",
                    "fatal": "*" if item.fatal else "",
                }
            )
    say(f"{getattr(form.label, language)} ({config.reviews.form}), version {form.version}")
    columns = {"group": "GROUP", "item": "ITEM", "label": "LABEL", "weight": "WEIGHT", "answer": "ANSWER"}
    show_table(rows, {**columns, "fatal": "FATAL"})

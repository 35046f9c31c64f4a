"""`sanxiang review sample|draw|agreement|form`: the talks of a week that people grade, and the form by which they do.

All but `draw` work while the daemon is stopped.
"""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, counted, installation_at, print_json, say, show_table
from acd.cli.language import current
from acd.cli.recordings import of_installation, of_store
from acd.cli.spans import First, Last, Month, Week, typed_span
from acd.cli.times import HotlineClock, clock_named
from acd.config.reviews.delivered import FILE
from acd.errors import SanxiangError
from acd.processes import api_client
from acd.reports.spans import Span, span_with
from acd.store.queries import reviews
from acd.store.queries.reviews import DrawnWeek, RecordedTalk
from acd.store.store import Store

review_app = typer.Typer(help="Talks graded by people: the week's sample, agreement, the form.", no_args_is_help=True)


class WeekNotOver(SanxiangError):
    """Week {week} is not over, so its talks are not all there. Name a week that is over."""


@review_app.command("sample")
def review_sample(week: Week = "", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The talks of a week that are to be graded, by agent, queue and shift; the last week that is over when none is named. With --json all talks of
    the week, so that anybody can draw again."""
    from acd.web.api.reviews.review_draw import population
    from recordings.quality.sampling import Draw, drawn

    house = installation_at(state)
    config, _ = of_installation(house)
    table, clock = config.reviews, clock_named(config.hotline.timezone)
    last = span_with("weekly", (datetime.now(UTC).astimezone(clock.zone) - timedelta(days=7)).date())
    span = typed_span(clock, week=week) or last
    named = f"{span.first:%G-W%V}"
    if span.first > last.first:
        raise WeekNotOver(week=named)

    async def ask(store: Store) -> tuple[DrawnWeek | None, HotlineClock, list[RecordedTalk]]:
        async with store.transaction() as connection:
            before = await reviews.week(connection, named)
            by = clock_named(before.timezone) if before else clock
            edges = span.edges(by.zone)
            return before, by, await reviews.recorded_talks(connection, edges[0], edges[-1])

    # A week that was drawn is drawn again by what held then.
    before, clock, talks = of_store(house, ask)
    held = before or table
    draw = Draw(named, held.seed, held.share, tuple(held.shifts), clock.zone)
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
        for each in drawn(draw, talks)
    ]
    taken = [row for row in rows if row["taken"]]
    same = before is not None and before.population == population(talks)
    if as_json:
        by = {
            "week": named,
            "seed": draw.seed,
            "share": draw.share,
            "shifts": list(draw.shifts),
            "timezone": clock.name,
        }
        when = {"drawn": {**asdict(before), "same_talks": same} if before else None}
        print_json({**by, **when, "talks": rows})
        return
    say(f"Week {named}, seed {draw.seed}: {len(taken)} of {counted(len(rows), 'talk')} to be graded.")
    if before:
        say(f"Drawn {clock.at(before.drawn_at.isoformat())} ({clock.name}) by {before.drawn_by}.")
        if same:
            say("These are the talks of which it was drawn.")
        else:
            say(f"These are not the talks of which it was drawn ({before.talks} then, {len(talks)} now).")
    if taken:
        shown = [row | {"at": clock.at(str(row["at"]))} for row in taken]
        columns = {"talk": "TALK", "agent": "AGENT", "queue": "QUEUE", "shift": "SHIFT"}
        show_table(shown, {**columns, "at": clock.heading("AT")})


@review_app.command("draw")
def review_draw(week: Week = "", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Draw a week, once, and give its talks to the accounts with the role QA in turn; the last week that can be drawn when none is named."""
    found = api_client.ask(installation_at(state), "POST", "/api/reviews/draw", {"week": week}, within_s=60.0)
    if as_json:
        print_json(found)
        return
    talks, graders = counted(found["talks"], "talk"), counted(found["graders"], "grader")
    say(f"Week {found['week']}: {found['taken']} of {talks} are given to {graders}, {found['twice']} of them to two.")
    if found["not_assigned"]:
        say(f"Nobody may grade {counted(found['not_assigned'], 'talk')}: each grader is limited to other brands.")


@review_app.command("agreement")
def review_agreement(
    week: Week = "",
    month: Month = "",
    first: First = "",
    last: Last = "",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """How well graders agree, of talks that two have graded in these days; in the last 30 days when none are named."""
    from acd.web.api.reviews.review_work import Agreement, agreement_of

    house = installation_at(state)
    config, _ = of_installation(house)
    clock = clock_named(config.hotline.timezone)
    today = datetime.now(clock.zone).date()
    span = typed_span(clock, week=week, month=month, first=first, last=last) or Span(today - timedelta(days=29), today)
    edges = span.edges(clock.zone)

    async def ask(store: Store) -> Agreement:
        async with store.transaction() as connection:
            pairs = await reviews.graded_twice(connection, edges[0], edges[-1])
        return agreement_of(pairs, span.first, span.last)

    found = of_store(house, ask)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    say(f"{span}: {counted(found.talks, 'talk')} graded by two.")
    if found.talks:
        values = {"kappa": found.kappa, "alpha": found.alpha}
        row = {name: "" if value is None else f"{value:.2f}" for name, value in values.items()}
        row["difference"] = "" if found.difference is None else f"{found.difference:.1f}"
        columns = {"kappa": "COHEN'S KAPPA (ANSWERS)", "alpha": "KRIPPENDORFF'S ALPHA (SCORES)"}
        show_table([row], {**columns, "difference": "MEAN DIFFERENCE (POINTS)"})


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

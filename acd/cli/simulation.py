"""The commands that play a floor in fast time: `simulate` one that a file describes, `replay` a day that really was."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, installation_at, print_json, say, show_table
from acd.cli.language import current
from acd.config import Config, load
from acd.errors import SanxiangError
from acd.progress import Steps

HEADINGS = {
    "queue": "QUEUE",
    "from": "FROM",
    "calls": "CALLS",
    "answered": "ANSWERED",
    "within": "WITHIN TARGET",
    "asa_s": "ASA s",
    "p90_s": "P90 s",
    "abandoned": "ABANDONED",
    "occupancy": "OCCUPIED",
    "rows": "ROWS APPLIED",
}
SHARES = ("within", "abandoned", "occupancy")
SIDE_BY_SIDE = {
    "queue": "QUEUE",
    "figure": "",
    "was": "AS IT WAS",
    "same": "SAME RULES",
    "other": "OTHER",
    "change": "OTHER - SAME",
}


class QueueMissing(SanxiangError):
    """{file} has no queue {queues}, which callers asked for on {day} ({calls} calls). Add it; a queue without agents of
    its own may send its callers on by a row of its overflow policy."""


def simulate(
    floor_file: Annotated[Path, typer.Argument(metavar="FLOOR.toml", help="As docs/floor.example.toml.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same day; the runs take those that follow.")] = 1,
    runs: Annotated[int, typer.Option(min=1, max=1000, help="Days, each with other callers.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Simulate a day in fast time with the real engine: callers, agents and shifts as a file describes them."""
    from acd.simulation.floor import over_runs
    from acd.simulation.floor_file import read

    floor = read(floor_file)
    cells = []
    with Steps(1).step(f"{floor_file.name}: {runs} {'day' if runs == 1 else 'days'}") as progress:
        for number in range(runs):

            def tell(share: float, number: int = number) -> None:
                progress(f"day {number + 1} of {runs}", number + min(share, 1.0), runs)

            cells.append(floor.play(seed + number, tell).cells())
    # What agents do after the day's end counts to the day, and gets no row of its own.
    whole = (floor.ended - floor.began) / floor.interval
    rows = [row for row in over_runs(cells, runs) if row["interval"] < whole]
    for row in rows:
        at = floor.began + max(0, row["interval"]) * floor.interval
        row["from"] = "day" if row["interval"] < 0 else at.strftime("%H:%M")
    if as_json:
        print_json({"floor": str(floor_file), "seeds": [seed + number for number in range(runs)], "rows": rows})
    else:
        show_table([_written(row) for row in rows], HEADINGS)


def _written(row: dict[str, Any]) -> dict[str, str]:
    """A row of figures as text; of several days with the half-width of the 95 % interval behind each."""
    written = {"queue": row["queue"] or "ALL", "from": row["from"]}
    for column in HEADINGS:
        if column in row and column not in ("queue", "from", "rows"):
            written[column] = figure(row[column], share=column in SHARES)
    written["rows"] = "  ".join(f"{number}: {figure(said)}" for number, said in row["rows"].items())
    return written


def figure(said: dict[str, float | None] | None, share: bool = False) -> str:
    """A mean with its half-width, as "81.2 % ±1.4"; nothing where there is none."""
    if said is None or said["mean"] is None:
        return ""
    factor = 100 if share else 1
    mean = said["mean"] * factor
    text = f"{mean:.0f}" if not share and mean == round(mean) else f"{mean:.1f}"
    half = said["half_width"]
    return text + (" %" if share else "") + ("" if half is None else f" ±{half * factor:.1f}")


def replay(
    day: Annotated[str, typer.Argument(metavar="DAY", help="2026-11-21, yesterday or today.")],
    other_file: Annotated[Path, typer.Option("--with", help="A configuration with other rules or other agents.")],
    then_file: Annotated[
        Path | None, typer.Option("--then", help="The configuration of that day, where its version is no longer kept.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="For what the log can't tell, as the patience of callers who were answered.")
    ] = 1,
    runs: Annotated[int, typer.Option(min=1, max=1000, help="How often those values are drawn.")] = 5,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Replay a day of the log under its own configuration and under another one, side by side."""
    from acd.cli.past_day import past_day
    from acd.config.for_engine import agents, queues, rules
    from acd.simulation.replay import HotlineSetup, missing_queues, side_by_side

    def setup(config: Config) -> HotlineSetup:
        return HotlineSetup(tuple(queues(config)), agents(config), rules(config))

    other = load(other_file)
    steps = Steps(2)
    with steps.step("The day from the log"):
        past, then, notes = past_day(day, then_file, installation_at(state))
    for name, config in ((str(other_file), other), (str(then_file or "The configuration of then"), then)):
        if missing := missing_queues(past, setup(config)):
            calls = sum(missing.values())
            raise QueueMissing(file=name, queues=", ".join(missing), day=past.day, calls=calls)
    with steps.step(f"{len(past.arrivals)} callers, {runs} times under both") as progress:
        seeds = [seed + number for number in range(runs)]
        found = side_by_side(past, setup(then), setup(other), seeds, lambda share: progress("replaying", share, 1))
    notes += found.notes
    if as_json:
        figures = {"was": found.was, "same": found.same, "other": found.other, "other_minus_same": found.change}
        print_json({"day": str(past.day), "with": str(other_file), "seeds": seeds, **figures, "notes": notes})
        return
    show_table(list(_side_by_side(found.was, found.same, found.other, found.change)), SIDE_BY_SIDE)
    for note in notes:
        say(note)


_Figures = Mapping[str, Mapping[str, Any]]
"""Queue to its figures, as in SideBySide."""


def _side_by_side(was: _Figures, same: _Figures, other: _Figures, change: _Figures) -> Iterator[dict[str, str]]:
    """Queue by queue a row for each figure."""
    for queue in sorted(same, key=lambda name: (name == "", name)):
        for column in ("calls", "answered", "within", "asa_s", "p90_s", "abandoned", "occupancy"):
            share = column in SHARES
            found = was.get(queue, {}).get(column)
            yield {
                "queue": queue or "ALL",
                "figure": HEADINGS[column] if current() == "zh" else HEADINGS[column].lower(),
                "was": figure(None if found is None else {"mean": found, "half_width": None}, share),
                "same": figure(same[queue][column], share),
                "other": figure(other.get(queue, {}).get(column), share),
                "change": figure(change[queue].get(column), share),
            }

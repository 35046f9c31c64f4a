"""The commands that play a floor in fast time: `simulate` one that a file describes."""

from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli_common import AsJson, print_json, show_table
from acd.progress import Steps

simulation_app = typer.Typer()
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


@simulation_app.command()
def simulate(
    floor_file: Annotated[Path, typer.Argument(metavar="FLOOR.toml", help="As docs/floor.example.toml.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same day; the runs take those that follow.")] = 1,
    runs: Annotated[int, typer.Option(min=1, max=1000, help="Days, each with other callers.")] = 1,
    as_json: AsJson = False,
) -> None:
    """A day on a floor that a file describes, in fast time: callers, agents and shifts made of numbers, the real engine."""
    from acd.simulation.floor import over_runs
    from acd.simulation.floor_file import read

    floor = read(floor_file)
    cells = []
    with Steps(1).step(f"{floor_file.name}: {runs} {'day' if runs == 1 else 'days'}") as progress:
        for number in range(runs):

            def say(share: float, number: int = number) -> None:
                progress(f"day {number + 1} of {runs}", number + min(share, 1.0), runs)

            cells.append(floor.play(seed + number, say).cells())
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
    """A mean with its half-width, as "81.2 % ±1.4"."""
    if said is None or said["mean"] is None:
        return ""
    factor = 100 if share else 1
    mean = said["mean"] * factor
    text = f"{mean:.0f}" if not share and mean == round(mean) else f"{mean:.1f}"
    half = said["half_width"]
    return text + (" %" if share else "") + ("" if half is None else f" ±{half * factor:.1f}")

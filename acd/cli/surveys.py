"""`sanxiang kpi --survey`: what callers say of the service, by queue or by agent."""

from typing import Any

from acd.cli import language
from acd.cli.common import print_json, say, show_table

COLUMNS = {
    "who": "", "asked": "ASKED", "answered": "ANSWERED", "response": "RESPONSE", "csat": "CSAT", "nps": "NPS", "solved": "SOLVED",
    "fcr": "FCR", "low": "LOW", "callbacks": "CALLBACKS",
}  # fmt: skip


def show(said: dict[str, Any], queue: str, as_json: bool) -> None:
    """The table, and what it does not show. `queue`: this one alone; empty: all."""
    rows = [row for row in said["rows"] if not queue or row["who"] == queue]
    if as_json:
        print_json({**said, "rows": rows})
        return
    shown = [_row(row) for row in rows]
    if not queue:
        shown.append({**_row(said["all"]), "who": language.in_language("all")})
    show_table(shown, {**COLUMNS, "who": "QUEUE" if said["by"] == "queue" else "AGENT"})
    if said["all"]["fcr_open"]:
        say(f"\nFCR: {said['all']['fcr_open']} first contacts are younger than seven days and are not in it")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    shares = {name: _share(row[name]) for name in ("response", "csat", "solved", "fcr")}
    return {**row, **shares, "nps": _points(row["nps"])}


def _share(figure: dict[str, Any]) -> str:
    """ "83.3% (12)": the value, and how many answers stand behind it."""
    if figure["value"] is None:
        return language.in_language("too few") if figure["too_few"] and figure["answers"] else ""
    return f"{figure['value']:.1%} ({figure['answers']})"


def _points(figure: dict[str, Any]) -> str:
    """Net promoters, from -100 to 100."""
    if figure["value"] is None:
        return _share(figure)
    return f"{figure['value'] * 100:+.0f} ({figure['answers']})"

"""`sanxiang logs`: what all parts have written, in one stream, by the hotline's clock."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from acd.cli.common import State, ended_by_ctrl_c, installation_at, say
from acd.cli.completion import calls
from acd.cli.ids import known_call
from acd.cli.times import HotlineClock, clock_of
from acd.processes import api_client
from acd.processes.log_lines import End, LogLine, files, follow, read

_AGO = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_BEFORE_CALL = timedelta(seconds=5)
"""A call's id holds the second of its arrival; so much before it is looked at too."""


def logs(
    follow_on: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what is written, until Ctrl-C.")
    ] = False,
    call: Annotated[str, typer.Option(help="Only lines that name this call.", autocompletion=calls)] = "",
    since: Annotated[
        str, typer.Option(help="30m, 2h, 3d ago; or 17:30, 2026-11-29, 2026-11-29T17:30 by the hotline's clock.")
    ] = "",
    lines: Annotated[int, typer.Option(min=1, max=100_000, help="So many lines at most, the latest.")] = 200,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """The logs of all parts in one stream: time, part, level, text. Callers' numbers are masked."""
    installation = installation_at(state)
    clock = clock_of(installation)
    begin = _instant(since, clock) if since else _arrival(known_call(call)) if call else None

    def wanted(line: LogLine) -> bool:
        return not call or any(_names(call, text) for text in (line.text, *line.more))

    where = files(installation)
    found, ends, troubles = read(where, begin, lines, wanted)
    say(f"Times: {clock.name}. Files: {installation.log}, {installation.run / 'asterisk' / 'log'}")
    for trouble in troubles:
        say(trouble, err=True)
    for line in found:
        _show(line, clock)
    if not found and not follow_on:
        say("No line fits." if any(map(Path.exists, where)) else "There are no logs yet.")
    if follow_on:
        _follow(where, ends, wanted, clock)


def _follow(
    where: dict[Path, str], ends: dict[Path, End], wanted: Callable[[LogLine], bool], clock: HotlineClock
) -> None:
    with ended_by_ctrl_c():
        for line in follow(where, ends, wanted):
            _show(line, clock)


def _show(line: LogLine, clock: HotlineClock) -> None:
    typer.echo(f"{clock.at(line.at.isoformat(), millis=True)}  {line.part:10}  {line.level:8}  {line.text}".rstrip())
    for more in line.more:
        typer.echo(f"{'':25}{more}")


def _names(call: str, text: str) -> bool:
    """Whether the text names the call itself, and not one whose id begins so."""
    return re.search(rf"(?<![\w-]){re.escape(call)}(?![\w]|-\d)", text) is not None


def _arrival(call: str) -> datetime | None:
    seconds = re.match(r"c(\d{9,11})-", call)
    return datetime.fromtimestamp(int(seconds[1]), UTC) - _BEFORE_CALL if seconds else None


def _instant(text: str, clock: HotlineClock) -> datetime:
    """Raises Refused where it is none."""
    if ago := _AGO.fullmatch(text):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    today = datetime.now(clock.zone)
    try:
        if re.fullmatch(r"\d{1,2}:\d\d(:\d\d)?", text):
            text = f"{today:%Y-%m-%d}T{text if text.index(':') == 2 else '0' + text}"
        return clock.instant(text)
    except ValueError:
        example = f"30m, 2h or 3d for so long ago; or {today:%H:%M}, {today:%Y-%m-%d}, {today:%Y-%m-%dT%H:%M}"
        raise api_client.Refused(why=f"--since {text}: write {example}.") from None

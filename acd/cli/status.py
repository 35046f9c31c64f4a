"""`sanxiang status`: parts, queues, trunks, open alarms, and how many calls; once, or drawn anew every two seconds."""

import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import typer

from acd.cli.alarms import alarm_lines
from acd.cli.capacity_line import capacity_line
from acd.cli.common import AsJson, State, console, counted, ended_by_ctrl_c, installation_at, padded, print_json, say
from acd.cli.language import current, in_language
from acd.cli.lifecycle import show_daemons
from acd.cli.queues import show_queues
from acd.cli.self_call import show_failing
from acd.cli.times import HotlineClock, clock_of
from acd.cli.trunks import show_trunks
from acd.errors import SanxiangError
from acd.processes import api_client, parts
from acd.setup.installation import Installation

EVERY_S = 2.0
_CLEAR = "\x1b[2J\x1b[H"


def status(
    watch: Annotated[bool, typer.Option("--watch", help="Draw it anew every two seconds, until Ctrl-C.")] = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """State of the hotline: its parts, queues, trunks, open alarms, and how many agents and calls. Exit status 3: running, not well."""
    if watch and as_json:
        raise typer.BadParameter("--watch draws for a person: leave --json away, or ask again and again.")
    installation = installation_at(state)
    if watch:
        watched(lambda: _draw(installation))
        return
    health, floor = _asked(installation)
    if as_json:
        print_json({"health": health, **floor})
    else:
        _show(installation, clock_of(installation), health, floor)
    raise typer.Exit(0 if health["status"] == "up" and not parts.dead_supervisor(installation) else 3)


def watched(draw: Callable[[], None], every_s: float = EVERY_S) -> None:
    """Draws again and again, each time whole, until Ctrl-C, which is no failure: exit status 0."""
    with ended_by_ctrl_c():
        while True:
            with console.capture() as drawn:
                draw()
            sys.stdout.write((_CLEAR if sys.stdout.isatty() else "") + drawn.get())
            sys.stdout.flush()
            time.sleep(every_s)


def _draw(installation: Installation) -> None:
    """One picture; a daemon that is away for a moment is said, and looked for again."""
    clock = clock_of(installation)
    say(f"{clock.now()} ({clock.name}), every {EVERY_S:g} s; Ctrl-C ends it\n")
    try:
        _show(installation, clock, *_asked(installation))
    except SanxiangError as error:
        say(str(error))


def _asked(installation: Installation) -> tuple[dict[str, Any], dict[str, Any]]:
    health = api_client.ask(installation, "GET", "/health")
    return health, api_client.ask(installation, "GET", "/api/state")


def _show(installation: Installation, clock: HotlineClock, health: dict[str, Any], floor: dict[str, Any]) -> None:
    for check in health["checks"]:
        figure = "" if check["figure"] is None else f"{check['figure']:,.0f} {in_language(check['unit'])}"
        how = "DOWN" if not check["up"] else "WARN" if check["warning"] else "up"
        say(f"{padded(in_language(check['name']), 10)} {padded(in_language(how), 6)} {figure}".rstrip())
    show_daemons(installation)
    for notice in health.get("notices", []):  # a daemon of the former version has none
        words = notice[current()]
        say(f"\n{words['what']}{'。' if current() == 'zh' else '. '}{words['remedy']}")
    say()
    show_queues(floor["queues"])
    if floor["trunks"]:
        say()
        show_trunks(floor["trunks"], clock, current())
    show_failing(floor["self_calls"], clock)
    say()
    for line in alarm_lines(floor["alarms"], clock, current()):
        say(line)
    say(f"\n{counted(len(floor['calls']), 'call')} in progress, {counted(len(floor['agents']), 'agent')}")
    if line := capacity_line(installation):
        say(line)
    if health["status"] != "up":
        say("Not everything is well: `./sanxiang doctor` says what to do.")

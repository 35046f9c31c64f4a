"""What `doctor` says by what the running daemon tells: clock, trunks, queues without agents, open alarms, the last self-calls.

Nothing here advises what would end a call.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acd.alarms.kinds import KINDS, code
from acd.alarms.rows import heading
from acd.cli.common import counted
from acd.cli.finding import Finding
from acd.cli.language import current, in_language
from acd.cli.self_call import way_of
from acd.cli.state_findings import CLOCK_REMEDY
from acd.cli.times import HotlineClock, clock_of
from acd.cli.trunks import remedy_of
from acd.errors import SanxiangError
from acd.processes import log_lines
from acd.processes.api_client import ask
from acd.setup.installation import Installation
from acd.words.alarm_remedies import remedy

CLOCK_OFF_S = 30.0
"""The daemon counts on from the clock of its start: a larger difference is no drift, somebody has set the machine's clock."""
KILLED_WITHIN_S = 900.0
_TOLD_ELSEWHERE = ("trunk-", "certificate-", "self-call-failed")
"""Alarms whose cause has a finding of its own."""
_STANDING = {code(name) for name, kind in KINDS.items() if kind.ends != "operator"}
"""Alarms that are open for as long as their cause is there. All others tell of something that has happened."""


def live_findings(installation: Installation) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """By the daemon's own state: (what spoils the rest, trunks, what follows from others or can wait). Nothing when it does not tell."""
    try:
        state = ask(installation, "GET", "/api/state")
    except SanxiangError as refused:
        found = f"the daemon does not take this key: {refused}"
        fix = (
            f"{installation.token_file} is another one than at the daemon's start: put the former one back, or type `./sanxiang drain`. "
            "Calls go on."
        )
        return [Finding("operator.token", False, found, fix)], [], []
    clock = clock_of(installation)
    followers = [*_alarms(state.get("alarms", [])), *_queues(state["queues"]), *_self_calls(state["self_calls"], clock)]
    return list(_clock(state)), list(_trunks(state["trunks"], clock)), followers


def _clock(state: dict[str, Any]) -> Iterator[Finding]:
    ahead = (datetime.now(UTC) - datetime.fromisoformat(state["at"])).total_seconds()
    if abs(ahead) > CLOCK_OFF_S:
        span = f"{abs(ahead) / 3600:.1f} h" if abs(ahead) >= 3600 else f"{abs(ahead):.0f} s"
        found = (
            f"this machine's clock was set forward by {span} while the hotline ran"
            if ahead > 0
            else f"this machine's clock was set back by {span} while the hotline ran"
        )
        yield Finding("clock", False, found, CLOCK_REMEDY)


def _trunks(rows: list[dict[str, Any]], clock: HotlineClock) -> Iterator[Finding]:
    for row in rows:
        well = row["well"] and not row["refused"]
        since = in_language(f" since {clock.minute(row['since'])} ({clock.name})") if row["since"] else ""
        yield Finding(f"trunk {row['name']}", well, row["said"][current()] + since, "" if well else remedy_of(row))


def _alarms(rows: list[dict[str, Any]]) -> Iterator[Finding]:
    """Those whose cause is there still. What has happened once and waits for a person is one line, and nothing bad."""
    standing = [row for row in rows if row["kind"] in _STANDING and not row["kind"].startswith(_TOLD_ELSEWHERE)]
    for row in sorted(standing, key=lambda row: row["severity"] != "critical"):
        name = heading(row, current())
        said = row["said"][current()].removeprefix(f"{row['title'][current()]}: ")
        yield Finding(
            f"alarm {row['number']}", False, f"{name}: {said}" if said else name, remedy(row["kind"], current())
        )
    if past := len([row for row in rows if row["kind"] not in _STANDING and not row["seen"]]):
        found = f"{counted(past, 'alarm')} of what has happened waits for somebody: `./sanxiang alarms`"
        yield Finding("alarms", True, found)


def _queues(rows: list[dict[str, Any]]) -> Iterator[Finding]:
    """Callers who wait for nobody."""
    for row in rows:
        if row["waiting"] and not row["staffed"]:
            found = f"{counted(row['waiting'], 'caller')} waits, and no agent who takes its calls is logged in"
            remedy_ = (
                f"`./sanxiang agent list` shows who is there: ask agents to log in (*11), or `./sanxiang agent move` lets others take its "
                f"calls. `./sanxiang queue close {row['name']}` takes no further callers; those who wait stay."
            )
            yield Finding(f"queue {row['name']}", False, found, remedy_)


def _self_calls(rows: list[dict[str, Any]], clock: HotlineClock) -> Iterator[Finding]:
    """Of each way the hotline has called itself, what the last call found."""
    for row in rows:
        if row["ok"] is None:
            continue
        wrong = " ".join(fault[current()]["what"] for fault in row["faults"])
        fix = f"./sanxiang doctor --call {row['trunk']}".rstrip() if wrong else ""
        found = f"{clock.minute(row['at'])} ({clock.name}): {wrong or 'all was well'}"
        yield Finding(f"call to ourselves {way_of(row['trunk'])}", row["ok"], found, fix)


def ended_parts(installation: Installation) -> Iterator[Finding]:
    """Which of the hotline's processes was ended by SIGKILL within the last quarter of an hour, by its supervisor's log."""
    clock, now = clock_of(installation), datetime.now(UTC)
    since = datetime.fromtimestamp(now.timestamp() - KILLED_WITHIN_S, UTC)
    log: dict[Path, str] = {installation.log / "supervisor.log": "supervisor"}
    lines, _, _ = log_lines.read(log, since, 200, lambda line: "ended and is started again" in line.text)
    killed = [line for line in lines if "status=-9" in line.text]
    if killed:
        last = killed[-1]
        words = dict(word.partition("=")[::2] for word in last.text.split())
        times = f", {len(killed)} times in 15 minutes" if len(killed) > 1 else ""
        found = f"{words.get('child', 'a process')} was killed at {clock.at(last.at.isoformat())} ({clock.name}){times}, and is started again"
        fix = (
            "`journalctl -k --since -1h | grep -i 'out of memory'` shows whether the kernel did it for want of memory: give the machine more, "
            "or lower limits.calls; `free -m` shows what is left."
        )
        yield Finding("memory", False, found, fix)

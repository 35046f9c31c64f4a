"""`./sanxiang doctor --call [TRUNK]`: the running hotline calls itself, and what is wrong is said in words."""

from typing import Any

from acd.cli.common import padded, say
from acd.cli.language import current, in_language
from acd.cli.times import HotlineClock
from acd.processes import api_client
from acd.setup.installation import Installation

WITHIN_S = 120.0
"""30 s until the answer, 45 s of call, and the measuring of a slow machine."""


def called(installation: Installation, trunk: str) -> dict[str, Any]:
    """The report. Raises NotRunning, or Refused with the daemon's sentence."""
    return dict(api_client.ask(installation, "POST", "/api/self-call", {"trunk": trunk}, within_s=WITHIN_S))


def show(report: dict[str, Any], language: str) -> None:
    """The report in words."""
    heading, *lines = report["lines"][language]
    say(f"{padded(in_language('ok' if report['ok'] else 'BAD'), 4)} {heading}")
    for line in lines:
        say(f"       {line}")
    for fault in report["faults"]:
        say(f"{padded(in_language('BAD'), 4)} {fault[language]['what']}")
        say(f"     -> {fault[language]['remedy']}")


def way_of(trunk: str) -> str:
    """Which way a call took, in words; empty `trunk`: the local loop."""
    return f"over {trunk}" if trunk else "by the local loop"


def show_failing(rows: list[dict[str, Any]], clock: HotlineClock) -> None:
    """Of each way (`self_calls` of /api/state) whose last call found a fault: when, what, and what to do."""
    for row in rows:
        if row["ok"] is False:
            at = f"{clock.minute(row['at'])}, {clock.name}"
            say(f"\nThe hotline's last call to itself {way_of(row['trunk'])} ({at}) found:")
            for fault in row["faults"]:
                words = fault[current()]
                say(f"  {words['what']}\n  -> {words['remedy']}")

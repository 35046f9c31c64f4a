"""`./sanxiang doctor --call [TRUNK]`: the running hotline calls itself, and what is wrong is said in words."""

from typing import Any

import typer

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
    typer.echo(f"{'ok  ' if report['ok'] else 'BAD '} {heading}")
    for line in lines:
        typer.echo(f"       {line}")
    for fault in report["faults"]:
        typer.echo(f"BAD  {fault[language]['what']}")
        typer.echo(f"     -> {fault[language]['remedy']}")

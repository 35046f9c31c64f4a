"""`sanxiang audit`: who did what, and whether the audit log is as it was written."""

import json
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, installation_at, print_json, say
from acd.cli.times import HotlineClock, clock_of
from acd.errors import SanxiangError
from acd.setup.installation import Installation

audit_app = typer.Typer(help="Who did what: log-ins, changes, recordings that were heard.", invoke_without_command=True)
_OWN = ("at", "who", "action", "before")


class NoAuditLog(SanxiangError):
    """There is no audit log {file} ({why}). It begins with the first log-in or change; or name the --state of another installation."""


class BadMoment(SanxiangError):
    """--since {text}: this is no moment. Write it as 2026-11-29 or 2026-11-29T08:30, by the hotline's clock."""


@audit_app.callback()
def show(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="2026-11-29 or 2026-11-29T08:30, by the hotline's clock.")] = "",
    by: Annotated[str, typer.Option(help="Who did it: an account, an agent, a token.")] = "",
    what: Annotated[str, typer.Option(help="What was done: a part of its name, as log-in.")] = "",
    last: Annotated[int, typer.Option(min=1, max=1_000_000, help="So many lines, the newest.")] = 1000,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """The lines of the audit log, the oldest first."""
    if context.invoked_subcommand is not None:
        return
    from acd.web.access.audit import rows

    installation = installation_at(state)
    clock = clock_of(installation)
    file, begin = _file(installation), _moment(since, clock)
    chosen = deque[dict[str, Any]](maxlen=last)
    try:
        for row in rows(file):
            if _fits(row, begin, by, what):
                chosen.append(row)
    except OSError as error:
        raise NoAuditLog(file=file, why=error.strerror) from None
    if as_json:
        print_json(list(chosen))
        return
    if chosen:
        say(f"Times: {clock.name}")
    for row in chosen:
        about = " ".join(f"{key}={_text(value)}" for key, value in row.items() if key not in _OWN)
        typer.echo(f"{_at(row, clock)}  {_text(row.get('who')):20}  {_text(row.get('action')):28}  {about}".rstrip())
    if not chosen:
        say("No line of the audit log is like that.", err=True)


@audit_app.command("verify")
def verify(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Look whether a line was changed or taken out: each carries the hash of the one before it. Status 1: one was."""
    from acd.web.access import audit

    file = _file(installation_at(state))
    try:
        found = audit.verify(file)
    except OSError as error:
        raise NoAuditLog(file=file, why=error.strerror) from None
    if as_json:
        print_json({"lines": found.lines, "torn": list(found.torn), "head": found.head})
        return
    say(f"{found.lines} lines, each follows the one before it.")
    if found.torn:
        say(f"Cut short by a crash or a full disk: line {', '.join(map(str, found.torn))}.")
    say(f"Hash of the last line: {found.head}")
    say("Keep it elsewhere: whoever cuts off the end, or writes the whole file anew, changes it.")


def _file(installation: Installation) -> Path:
    return installation.state / "audit.log"


def _at(row: dict[str, Any], clock: HotlineClock) -> str:
    """When it was done; as it stands there where that is no time."""
    try:
        return clock.at(str(row.get("at", "")))
    except (ValueError, OverflowError):
        return _text(row.get("at"))


def _moment(text: str, clock: HotlineClock) -> datetime | None:
    if not text:
        return None
    try:
        return clock.instant(text)
    except ValueError:
        raise BadMoment(text=_text(text)) from None


def _fits(row: dict[str, Any], begin: datetime | None, by: str, what: str) -> bool:
    if begin is not None:
        try:
            if datetime.fromisoformat(str(row.get("at"))) < begin:
                return False
        except (ValueError, TypeError):
            return False
    return by in ("", row.get("who")) and what.lower() in str(row.get("action", "")).lower()


def _text(value: Any) -> str:
    """On one line, whatever a stranger typed as a name: control characters are written as escapes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)

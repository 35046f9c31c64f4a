"""`sanxiang recording hold|release|held|class|retention`: holds, classes, and what the next night deletes.

Holds and classes go through the daemon, which has the audit log; the list and the dry run ask PostgreSQL and the folder, and work while it is
stopped.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, counted, installation_at, known_day, print_json, say, show_table, utc
from acd.cli.ids import NoCallOrRecording, known_call, known_recording
from acd.cli.language import in_language
from acd.cli.recordings import Reason, done, known_reason, of_installation, of_store
from acd.cli.recordings import recording_app as recording_app
from acd.cli.times import HotlineClock, clock_named, clock_of
from acd.errors import SanxiangError
from acd.identifiers import is_name
from acd.processes import api_client
from acd.setup.installation import Installation
from acd.store.retention.rules import GENERAL
from acd.store.store import Store

Held = Annotated[
    str,
    typer.Argument(metavar="ID", help="A call, as `call list` shows it, or one recording of it.", show_default=False),
]
OneCall = Annotated[
    str, typer.Argument(metavar="CALL", help="The call's id, as `call list` shows it.", show_default=False)
]
MOST_HELD = 10_000
COMMAND_LINE = "command line"
"""Who has done it, where it was typed on this machine."""


class OnlyTheNight(SanxiangError):
    """What is over its time is deleted by the running hotline, at three in the night. Say --dry-run to see what that will be."""


class NightIsOver(SanxiangError):
    """--day {day}: the night of this day is over. Name today or a day to come."""


class NoReasonToRelease(SanxiangError):
    """A call is released with a reason, for the audit log. Say --why."""


@recording_app.command("hold")
def recording_hold(held: Held, reason: Reason, state: State = None) -> None:  # type: ignore[assignment]
    """Hold a call, or one recording: nothing deletes it until it is released. A call's later recordings are held with it."""
    house = installation_at(state)
    known_reason(reason)
    if _is_recording(house, held):
        done(state, held, "hold", {"reason": reason})
        say(f"{held} is held")
        return
    found = _of_call(house, held, "hold", {"reason": reason})
    if found["deleted_recordings"] and not found["recordings"]:
        gone = counted(found["deleted_recordings"], "recording")
        say(
            f"Call {held} is held. The sound of {gone} is gone: it was deleted before. What is stored of the call is held."
        )
    elif found["deleted_recordings"]:
        kept, gone = counted(found["recordings"], "recording"), counted(found["deleted_recordings"], "recording")
        say(f"Call {held} is held, with {kept}. The sound of {gone} is gone: it was deleted before.")
    elif not found["recordings"]:
        say(f"Call {held} is held. No recording of it is filed; one that is filed later is held, too.")
    else:
        say(f"Call {held} is held, with {counted(found['recordings'], 'recording')}.")


@recording_app.command("release")
def recording_release(
    held: Held,
    reason: Annotated[
        str, typer.Option("--reason", "--why", help="Why; of a call it must be told, for the audit log.")
    ] = "",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Release a call or a recording that is held."""
    house = installation_at(state)
    if _is_recording(house, held):
        done(state, held, "release", {})
    elif not reason.strip():
        raise NoReasonToRelease()
    else:
        _of_call(house, held, "release", {"reason": reason})
    say(f"{held} is released")


@recording_app.command("held")
def recording_held(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Calls that are held, and recordings that are held one by one, the oldest hold first."""
    from acd.store.retention import by_hand

    house = installation_at(state)
    clock = clock_of(house)

    async def ask(store: Store) -> list[by_hand.HeldCall]:
        async with store.transaction() as connection:
            return await by_hand.held(connection, MOST_HELD)

    rows: list[dict[str, Any]] = [
        {
            "call": one.call,
            "recording": one.offer,
            "recordings": one.recordings,
            "held_at": utc(one.held_at),
            "held_by": one.held_by,
            "held_why": one.held_why,
        }
        for one in of_store(house, ask)
    ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        say("Nothing is held.")
        return
    shown = [
        row
        | {
            "held_at": clock.at(row["held_at"]),
            "recording": row["recording"] or in_language("all"),
            "held_by": in_language(row["held_by"]) if row["held_by"] == COMMAND_LINE else row["held_by"],
        }
        for row in rows
    ]
    columns = {"call": "CALL", "recording": "RECORDING", "recordings": "RECORDINGS"}
    show_table(shown, {**columns, "held_at": clock.heading("SINCE"), "held_by": "BY", "held_why": "WHY"})


@recording_app.command("class")
def recording_class(
    call: OneCall,
    name: Annotated[
        str,
        typer.Argument(
            metavar="CLASS", help="One of [recordings.retention]; `none` takes it back.", show_default=False
        ),
    ],
    reason: Reason,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Give a call's recordings a class by hand. Of all classes that apply the one that is kept longest counts."""
    body = {"class_name": _known_class(name), "reason": known_reason(reason)}
    found = _of_call(installation_at(state), known_call(call), "class", body)
    counts = _class_said(found["class_name"])
    if name in ("none", found["class_name"]):
        say(f"Call {call} is kept as {counts}.")
    else:
        say(f"Call {call} has the class {name} now; {counts} is kept longer, and counts.")


@recording_app.command("retention")
def recording_retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say it; nothing else is done here.")] = False,
    day: Annotated[
        str, typer.Option(help="What the night of this day will delete, as things are now; else the next night.")
    ] = "",
    first: Annotated[int, typer.Option(min=0, max=100, help="So many recordings are named.")] = 10,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """What the next night deletes, by class: recordings, megabytes, callers; what is kept because it is held."""
    from acd.store.retention.of_config import rules_of
    from recordings.retention import Due, next_night
    from recordings.retention import dry_run as what_is_due

    if not dry_run:
        raise OnlyTheNight()
    house = installation_at(state)
    config, plan = of_installation(house)
    clock = clock_named(config.hotline.timezone)
    now = datetime.now(UTC)
    wanted = date.fromisoformat(known_day(day)) if day else None
    try:
        night = next_night(now, clock.zone, wanted)
    except OverflowError:  # the year 1
        raise NightIsOver(day=day) from None
    if night < now:
        raise NightIsOver(day=day)
    rules = rules_of(config)

    async def ask(store: Store) -> Due:
        return await what_is_due(store, Path(plan.recordings), rules, night)

    found = of_store(house, ask)
    if as_json:
        print_json(_as_json(found, night, first) | {"deletes_by_age": rules.keep.any})
        return
    _say(found, night, first, clock)
    if not rules.keep.any:
        say(
            "Nothing is ever deleted by its age: recordings.keep_days is not set, for the hotline, a brand or a queue. See docs/retention.md."
        )
    elif not rules.keep.hotline:
        say(
            "Other recordings are never deleted by their age: recordings.keep_days is not set, only days of brands or queues."
        )
    if rules.forget_callers:
        say(f"Callers' numbers, notes and cards that go: {counted(found.callers, 'call')}.")
        say(
            f"The journal holds the number for {config.log.keep_days} days still, and back-ups for as long as you keep them."
        )


def _say(found: Any, night: datetime, first: int, clock: HotlineClock) -> None:
    say(f"The night of {clock.at(night.isoformat())} ({clock.name}): {counted(found.recordings, 'recording')}.")
    rows = [
        {"class": _class_said(name), "recordings": count, "mb": f"{found.bytes_by_class[name] / 1e6:.1f}"}
        for name, count in sorted(found.by_class.items())
    ]
    if rows:
        show_table(rows, {"class": "RETENTION CLASS", "recordings": "RECORDINGS", "mb": "MB"})
    named = [
        {
            "recording": each.offer,
            "class": _class_said(each.class_name),
            "days": each.days,
            "ended": clock.at(each.ended_at.isoformat()),
        }
        for each in found.first[:first]
    ]
    if named:
        columns = {
            "recording": "RECORDING",
            "class": "RETENTION CLASS",
            "days": "DAYS",
            "ended": clock.heading("ENDED"),
        }
        show_table(named, columns)
    if found.missing:
        say(f"Their file is gone already: {counted(found.missing, 'recording')}.")
    if found.held:
        say(f"Kept because they are held: {counted(found.held, 'recording')}.")
    for name, count in found.unknown.items():
        say(f"Kept because the configuration has no class {name} any more: {counted(count, 'recording')}.")
    for file in found.without_row[:first]:
        say(f"No row tells of this file, and nothing deletes it: {file}", err=True)
    if found.without_row:
        say(f"Files without a row: {len(found.without_row)}. `recording verify` says more.", err=True)


def _as_json(found: Any, night: datetime, first: int) -> dict[str, Any]:
    classes = {
        name: {"recordings": count, "bytes": found.bytes_by_class[name]} for name, count in found.by_class.items()
    }
    named = [
        {
            "recording": each.offer,
            "call": each.call,
            "class": each.class_name,
            "days": each.days,
            "ended_at": utc(each.ended_at),
        }
        for each in found.first[:first]
    ]
    return {
        "at": utc(night),
        "recordings": found.recordings,
        "bytes": found.bytes,
        "classes": classes,
        "first": named,
        "files_gone": found.missing,
        "callers": found.callers,
        "held": found.held,
        "unknown_classes": found.unknown,
        "without_row": found.without_row,
    }


def _known_class(name: str) -> str:
    """The name as it was typed. Raises Refused when no class can have it."""
    if not is_name(name):
        raise api_client.Refused(
            why=f"{name!r} can't be a class of retention. `sanxiang config show recordings.retention` shows the classes; `none` takes one back."
        )
    return name


def _class_said(name: str) -> str:
    """The class as the operator has named it; that of all others in the language of this command."""
    return in_language("general") if name == GENERAL else name


def _is_recording(house: Installation, given: str) -> bool:
    """Whether it is a recording; else it is a call. Raises Refused, NoCallOrRecording."""
    known_recording(given)

    async def ask(store: Store) -> bool:
        if await store.recording(given) is not None:
            return True
        if await store.call(given) is None:
            raise NoCallOrRecording(given=given)
        return False

    return of_store(house, ask)


def _of_call(house: Installation, call: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
    path = api_client.path("api", "calls", call, "retention", what)
    answer: dict[str, Any] = api_client.ask(house, "POST", path, body)
    return answer

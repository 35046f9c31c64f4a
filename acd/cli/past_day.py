"""A past day for `replay`: its calls from the database, and the configuration that was in force then.

Apart from simulation.py, which every start of the command line imports: the store is imported only to replay.
"""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from acd.config import Config, load
from acd.config.versions import Versions
from acd.errors import SanxiangError
from acd.setup.database import url_in_use
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.store.queries.day import Day
from acd.store.store import Store


class NoSuchDay(SanxiangError):
    """{day!r} is not a day. Write 2026-11-21, yesterday or today."""


class NotOver(SanxiangError):
    """{day} is yet to come. Replay a day up to {today}; `./sanxiang simulate` plays one that nobody has seen."""


class NothingThatDay(SanxiangError):
    """On {day} no caller asked for an agent, by the log of this installation. Name another day, or the installation with
    --state."""


class NothingStarted(SanxiangError):
    """{state}: no hotline was ever started in this state folder, so there is no day to replay. Name one with --state."""


def past_day(text: str, then_file: Path | None, installation: Installation) -> tuple[Day, Config, list[str]]:
    """The day from the installation's database, the configuration of then, and what is to be said about it."""
    versions = Versions(installation.versions, made=False)
    taken = versions.all()
    try:
        plan = StartPlan.of(installation)
    except OSError:
        raise NothingStarted(state=installation.state) from None
    if then_file is None and not taken:
        raise NothingStarted(state=installation.state)
    in_force = versions.texts(taken[-1].number).checked(taken[-1].file) if taken else None
    url = url_in_use(in_force, plan) if in_force else plan.database_url
    latest = load(then_file) if then_file else in_force
    assert latest is not None
    zone = ZoneInfo(latest.hotline.timezone)
    wanted = _day(text, datetime.now(zone).date())

    async def look() -> Day:
        store = await Store.open(url, zone)
        try:
            return await store.day(wanted)
        finally:
            await store.close()

    past = asyncio.run(look())
    # The day may be one of a version that kept callers' numbers as carriers had written them.
    person = latest.numbering.caller
    over = [replace(arrival, caller=person(arrival.caller)) for arrival in past.arrivals if arrival.ending]
    going_on = len(past.arrivals) - len(over)
    past = replace(past, arrivals=over)
    if not past.arrivals:
        raise NothingThatDay(day=wanted)
    so_far = [f"The day is not over: as far as it has gone, without {going_on} calls that go on."]
    so_far = so_far if wanted == datetime.now(zone).date() else []
    if then_file is not None:
        return past, latest, so_far
    first, last = past.arrivals[0].asked_at, past.arrivals[-1].asked_at
    before = [version for version in taken if datetime.fromisoformat(version.at) <= first]
    chosen = before[-1] if before else taken[0]
    changed = [version for version in taken if first < datetime.fromisoformat(version.at) <= last]
    since = f"{datetime.fromisoformat(chosen.at).astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    notes = [f"The configuration of then is version {chosen.number}, of {since}."]
    if not before:
        notes = [f"No version is kept from before that day; version {chosen.number} of {since} stands for it."]
    elif changed:
        notes.append(f"It was changed in the course of the day ({len(changed)} times), which is not replayed.")
    return past, versions.texts(chosen.number).checked(chosen.file), so_far + notes


def _day(text: str, today: date) -> date:
    try:
        words = {"yesterday": today - timedelta(days=1), "today": today}
        wanted = words[text] if text in words else date.fromisoformat(text)
    except ValueError:
        raise NoSuchDay(day=text) from None
    if wanted > today:
        raise NotOver(day=wanted, today=today)
    return wanted

"""`sanxiang recording …` and `sanxiang caller erase`: recordings listed, taken out, held, deleted; a caller's data erased.

Listing and taking out ask PostgreSQL and the folder, not the daemon: they work while it is stopped. What changes something goes through
the daemon, which alone writes manifests and remembers cards.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from acd.cli.accounts import _audited
from acd.cli.common import AsJson, State, counted, installation_at, known_day, print_json, say, show_table, utc
from acd.cli.completion import queues
from acd.cli.ids import NoSuchCall, known_call, known_recording
from acd.cli.language import current, in_language
from acd.cli.spans import First, Last, Month, Week, typed_span
from acd.cli.times import HotlineClock, clock_of, config_of
from acd.config import Config, load
from acd.errors import SanxiangError
from acd.processes import api_client
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.store.queries.recordings import Filters, Recording
from acd.store.retention.due import BY_AGE
from acd.store.store import Store
from acd.words import masked
from acd.words.call_tables import FILED
from acd.words.recording_reasons import in_chinese

T = TypeVar("T")
recording_app = typer.Typer(
    help="Recordings: list, export, manifest, verify, hold, release, delete, retention.",
    no_args_is_help=True,
)
caller_app = typer.Typer(help="What is stored of a caller: erase it.", no_args_is_help=True)
Offer = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.", show_default=False)]
Reason = Annotated[
    str, typer.Option("--reason", "--why", help="Why; it is saved beside the recording, and to the audit log.")
]
Day = Annotated[str, typer.Option(help="2026-11-22, on the hotline's clock.")]
Queue = Annotated[str, typer.Option(help="Only of this queue.", autocompletion=queues)]
Agent = Annotated[str, typer.Option(help="Only of this agent, by the extension.")]
Brand = Annotated[str, typer.Option(help="Only of calls to the numbers of this brand.")]
Caller = Annotated[str, typer.Option(help="The caller's number in any writing, or its last four digits.")]
Call = Annotated[str, typer.Option(help="Only of this call.")]
Held = Annotated[bool, typer.Option("--held", help="Only those that are held.")]
FullNumbers = Annotated[bool, typer.Option("--full-numbers", help="Callers' numbers in full, not masked.")]


class NoRecordings(SanxiangError):
    """{state}: no hotline was ever started in this state folder, so it has no recordings. Name one with --state."""


@recording_app.command("list")
def recording_list(
    day: Day = "",
    week: Week = "",
    month: Month = "",
    first: First = "",
    last: Last = "",
    agent: Agent = "",
    queue: Queue = "",
    brand: Brand = "",
    caller: Caller = "",
    call: Call = "",
    held: Held = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Recordings, the newest first: whose, how long, held or deleted. Callers' numbers are masked."""
    house = installation_at(state)
    clock = clock_of(house)
    filters = _filters(house, clock, (day, week, month, first, last), agent, queue, brand, caller, call)
    if caller:
        _audited(house, "searched by number", search=masked(caller))()
    config, _ = of_installation(house)
    found = _found(house, filters, limit, held=held)
    if as_json:
        print_json([_row(config, one) for one in found])
        return
    if not found:
        say("No recording is like that.")
        return
    rows = [_row(config, one) | _shown(one, clock) for one in found]
    columns = {"recording": "RECORDING", "at": clock.heading("AT"), "agent": "AGENT", "queue": "QUEUE"}
    columns |= {"brand": "BRAND"} if any(row["brand"] for row in rows) else {}
    show_table(rows, {**columns, "caller": "CALLER", "seconds": "SECONDS", "sound": "SOUND"})


@recording_app.command("export")
def recording_export(
    target: Annotated[
        Path, typer.Argument(help="A new folder, or a new file that ends in .tar or .tar.gz.", show_default=False)
    ],
    day: Day = "",
    week: Week = "",
    month: Month = "",
    first: First = "",
    last: Last = "",
    agent: Agent = "",
    queue: Queue = "",
    brand: Brand = "",
    caller: Caller = "",
    call: Call = "",
    full_numbers: FullNumbers = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Take recordings out: sound, manifests, and recordings.csv. Each checksum is verified. Exit status 3: some are not in it."""
    from recordings.export import export

    house = installation_at(state)
    clock = clock_of(house)
    filters = _filters(house, clock, (day, week, month, first, last), agent, queue, brand, caller, call)
    rows = _found(house, filters, None)
    if not rows:
        say("No recording is like that. Nothing was written.", err=True)
        raise typer.Exit(1)
    config, plan = of_installation(house)
    chosen = {"day": day, "from": first, "to": last, "agent": agent, "queue": queue, "brand": brand, "call": call}
    chosen |= {"week": week, "month": month, "caller": masked(caller) if caller else ""}
    about = {name: text for name, text in chosen.items() if text}
    noted = _audited(house, "exported recordings", rows=len(rows), filter=about, full_numbers=full_numbers)

    def caller_of(one: Recording) -> str:
        return "withheld" if one.withheld else _number(config, one.caller, full=full_numbers)

    made = export(Path(plan.recordings), rows, target.absolute(), caller_of, noted)
    if as_json:
        print_json({"target": str(target), "recordings": made.sounds, "left_out": made.left_out})
    else:
        say(f"{target}: {counted(made.sounds, 'recording')}")
        for why in made.left_out[:20]:
            say(f"not in it: {why}", err=True)
    raise typer.Exit(3 if made.left_out else 0)


@recording_app.command("delete")
def recording_delete(
    recording: Offer,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask back.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Delete the sound of a recording for good; its row stays, and says when, by whom and why. Asks back."""
    installation_at(state)
    known_recording(recording)
    known_reason(reason)
    _sure(f"Delete the sound of {recording} for good?", yes=yes)
    done(state, recording, "delete", {"reason": reason})
    say(f"{recording} is deleted")


@caller_app.command("erase")
def caller_erase(
    number: Annotated[str, typer.Argument(help="In any writing, as +8613800001111.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why, as the request it follows; it is saved to the audit log.")],
    yes: Annotated[bool, typer.Option("--yes", help="Erase it. Without this it is only said what there is.")] = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Say what is stored of a caller; with --yes erase it: recordings, notes, the number. Calls stay in the figures, without the caller."""
    body = {"number": number, "reason": known_reason(reason), "dry_run": not yes}
    said = api_client.ask(installation_at(state), "POST", "/api/callers/erase", body, within_s=600.0)
    if as_json:
        print_json(said)
        return
    calls, sound, cards = (
        counted(said["calls"], "call"),
        counted(said["recordings"], "recording"),
        counted(said["cards"], "card"),
    )
    if said["done"]:
        say(f"{said['number']} is erased: {calls}, {sound}, {cards}.")
    else:
        say(f"Stored of {said['number']}: {calls}, {sound}, {cards}. Nothing was erased: say --yes.")
    if said["in_progress"]:
        say(f"{counted(said['in_progress'], 'call')} in progress: ask again afterwards.")
    if said["on_hold"]:
        say(f"{counted(said['on_hold'], 'call')} with a recording that is held: left as they are.")
    for customer in said["customers"]:
        say(f"Customer {customer} has the number in the record: `sanxiang customer erase {customer}` deletes that.")
    if said["set_aside"]:
        say(f"{counted(said['set_aside'], 'row')} set aside with the number: `sanxiang db set-aside list` shows them.")
    say(
        f"The journal holds the number for {said['journal_days']} days still, and back-ups for as long as you keep them."
    )


def of_installation(house: Installation) -> tuple[Config, StartPlan]:
    """The configuration in force, and what was decided at the last start. Raises NoRecordings."""
    try:
        plan = StartPlan.of(house)
    except OSError:
        raise NoRecordings(state=house.state) from None
    return config_of(house) or load(Path(plan.config_file)), plan


def _filters(
    house: Installation,
    clock: HotlineClock,
    days: tuple[str, str, str, str, str],
    agent: str,
    queue: str,
    brand: str,
    caller: str,
    call: str,
) -> Filters:
    day, week, month, first, last = days
    span = typed_span(clock, day=day, week=week, month=month, first=first, last=last)
    since: datetime | None = None
    until: datetime | None = None
    if span is not None:
        edges = span.edges(clock.zone)
        since, until = edges[0], edges[-1]
    elif known_day(day):
        since = datetime.fromisoformat(day).replace(tzinfo=clock.zone)
        until = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=clock.zone)
    config, _ = of_installation(house)
    return Filters(
        since=since,
        until=until,
        agent=agent,
        queue=queue,
        brand=brand,
        caller=caller,
        call=known_call(call) if call else "",
        numbering=config.numbering,
        part_of_number=False,
    )


def _found(house: Installation, filters: Filters, most: int | None, *, held: bool = False) -> list[Recording]:
    async def pages(store: Store) -> list[Recording]:
        found: list[Recording] = []
        before = ""
        while most is None or len(found) < most:
            named = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
            page = await store.recordings(Filters(**(named | {"before": before, "limit": 500})))
            found += [one for one in page if one.held_at is not None or not held]
            if len(page) < 500:
                break
            before = page[-1].offer
        if not found and filters.call and await store.call(filters.call) is None:
            raise NoSuchCall(call=filters.call)
        return found[:most]

    return of_store(house, pages)


def of_store(house: Installation, what: Callable[[Store], Awaitable[T]]) -> T:
    """What the store answers. Raises DatabaseAway, SchemaTooOld and their like."""
    from acd.setup.database import url_in_use

    config, plan = of_installation(house)

    async def ask() -> T:
        store = await Store.open(url_in_use(config, plan))
        try:
            await store.check_schema()
            return await what(store)
        finally:
            await store.close()

    return asyncio.run(ask())


def _number(config: Config, caller: str, *, full: bool = False) -> str:
    """As people here write it, masked unless `full`."""
    shown = config.numbering.shown(caller)
    return shown if full else masked(shown)


_SOUND = {
    "en": {"deleted": "deleted {}: {}", "held": "held: {}", "none": "none: {}", "withheld": "withheld"},
    "zh": {"deleted": "已删除 {}：{}", "held": "保留：{}", "none": "无声音：{}", "withheld": "隐藏号码"},
}


def _shown(one: Recording, clock: HotlineClock) -> dict[str, str]:
    """What the table says otherwise than JSON: by the hotline's clock, and in the language of this command."""
    language = current()
    words, state = _SOUND[language], FILED[one.state][language] if one.state in FILED else one.state
    if one.deleted_at is not None:
        ours = one.deleted_by == BY_AGE or one.deleted_why.startswith(_ERASED)
        why = in_language(one.deleted_why) if ours else one.deleted_why
        sound = words["deleted"].format(clock.at(one.deleted_at.isoformat()), why)
    elif one.held_at is not None:
        sound = words["held"].format(one.held_why)
    elif one.path:
        sound = state
    else:
        reason = in_chinese(one.reason) if language == "zh" else one.reason
        sound = words["none"].format(reason or state)
    shown = {"at": clock.at(one.offered_at.isoformat()), "sound": sound}
    return shown | ({"caller": words["withheld"]} if one.withheld else {})


_ERASED = "caller erased: "
"""How the reason of a deletion begins that went with its caller's data."""


def _row(config: Config, one: Recording) -> dict[str, Any]:
    """As JSON has it: in English, times in UTC."""
    if one.deleted_at is not None:
        sound = f"deleted: {one.deleted_why}"
    elif one.held_at is not None:
        sound = f"held: {one.held_why}"
    else:
        sound = one.state if one.path else f"none: {one.reason or one.state}"
    return {
        "recording": one.offer,
        "call": one.call,
        "at": utc(one.offered_at),
        "agent": one.agent,
        "queue": one.queue,
        "brand": one.brand,
        "caller": "withheld" if one.withheld else _number(config, one.caller),
        "kind": one.kind,
        "seconds": None if one.seconds is None else f"{one.seconds:.0f}",
        "sound": sound,
        "deleted_at": None if one.deleted_at is None else utc(one.deleted_at),
        "deleted_by": one.deleted_by,
        "deleted_why": one.deleted_why,
        "held_at": None if one.held_at is None else utc(one.held_at),
        "held_by": one.held_by,
        "held_why": one.held_why,
        "held_call": one.held_call,
        "sha256": one.sha256,
    }


def known_reason(reason: str) -> str:
    """The reason as it was typed. Raises Refused when it says nothing."""
    if not reason.strip():
        raise api_client.Refused(
            why="The reason is empty. Say why, in up to 200 characters: it is saved, and written to the audit log."
        )
    return reason


def done(state: Path | None, recording: str, what: str, body: dict[str, Any]) -> None:
    path = api_client.path("api", "recordings", recording, what)
    api_client.ask(installation_at(state), "POST", path, body)


def _sure(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to be asked back: say --yes", param_hint="--yes")
    if not typer.confirm(in_language(question)):
        say("Nothing was done.")
        raise typer.Exit(1)

"""`sanxiang recording manifest` and `verify`: what was filed of a call, and whether everything is still as it was filed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, counted, installation_at, known_day, print_json, say, show_table
from acd.cli.ids import NoSuchCall, known_call
from acd.cli.language import current
from acd.cli.recordings import of_installation, of_store
from acd.cli.times import HotlineClock, clock_of
from acd.errors import SanxiangError
from acd.setup.installation import Installation
from acd.store.errors import DatabaseAway
from acd.store.queries import promises
from acd.store.queries.recordings import Filters, Recording
from acd.store.store import Store
from acd.words.recording_reasons import in_chinese


class NothingFiled(SanxiangError):
    """Nothing of call {call} is filed: nobody talked with the caller, the caller declined, or it is not filed yet."""


class ManifestLost(SanxiangError):
    """The manifest of call {call} is lost: {filed} of it are filed ({offers}), and there is no {call}.json in {folder}. Restore it from a back-up of
    that folder; `sanxiang recording list --call {call}` shows what PostgreSQL has of them."""


class ManifestUnknown(SanxiangError):
    """There is no manifest of call {call} in {folder}. Whether one was filed can't be said now: {why}"""


def recording_manifest(
    call: Annotated[
        str, typer.Argument(metavar="CALL", help="The call's id, as `call list` shows it.", show_default=False)
    ],
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Show a call's manifest: its legs with agent, file, length and what is wrong; as JSON all that is known of them. Exit status 1: the manifest,
    or a sound, is lost or damaged."""
    from recordings import manifest

    house = installation_at(state)
    known_call(call)
    _, plan = of_installation(house)
    root = Path(plan.recordings)
    book = manifest.opened(root, call)
    if book is None:
        raise _why_none(house, root, call)
    faults = _faults(root, book["legs"])
    if as_json:
        print_json(book)
    else:
        rows = [
            {
                "recording": each["offer"],
                "agent": each["agent"],
                "seconds": f"{each['to_s']:.0f}",
                "file": each["file"],
                "sound": _sound(each, faults.get(each["offer"], "")),
            }
            for each in book["legs"]
        ]
        columns = {"recording": "RECORDING", "agent": "AGENT", "seconds": "SECONDS", "file": "FILE", "sound": "SOUND"}
        show_table(rows, columns)
        for each in book["legs"]:
            spans = (span for span in each.get("spans", ()) if span["kind"] == "masked")
            if masks := ", ".join(f"{span['from_s']:.1f}-{span['to_s']:.1f}" for span in spans):
                say(f"{each['offer']} is masked at these seconds: {masks}")
        if others := _same_contact(house, call):
            say(f"Of the same contact: {', '.join(others)}")
    for offer, why in faults.items():
        say(f"{offer}: {why}. Restore the file from a back-up of the recordings folder.", err=True)
    raise typer.Exit(1 if faults else 0)


def _why_none(house: Installation, root: Path, call: str) -> SanxiangError:
    """Why there is no manifest of the call, as the error to raise."""

    async def stored(store: Store) -> tuple[bool, list[Recording]]:
        return await store.call(call) is not None, await store.recordings(Filters(call=call, limit=500))

    try:
        is_call, rows = of_store(house, stored)
    except DatabaseAway as error:
        return ManifestUnknown(call=call, folder=root, why=error)
    filed = [each.offer for each in rows if each.path or each.deleted_at is not None]
    if filed:
        offers, number = ", ".join(filed[:5]) + (" …" if len(filed) > 5 else ""), counted(len(filed), "recording")
        return ManifestLost(call=call, filed=number, offers=offers, folder=root)
    return NothingFiled(call=call) if is_call or rows else NoSuchCall(call=call)


def _faults(root: Path, legs: list[dict[str, Any]]) -> dict[str, str]:
    """Recording to why its sound is not what was filed."""
    from recordings.catalogue import fault_of

    there = [each for each in legs if each["file"] and "deleted" not in each]
    found = {each["offer"]: fault_of(root, each["file"], each["sha256"]) for each in there}
    return {offer: why for offer, why in found.items() if why}


_COMPLETE = {"en": "complete", "zh": "完整"}
_DELETED = {"en": "deleted", "zh": "已删除"}


def _sound(leg: Mapping[str, Any], fault: str) -> str:
    """What is said of a leg's sound, in the language of this command."""
    if "deleted" in leg:
        return _DELETED[current()]
    reasons = "; ".join([*leg["checks"]["reasons"], *([fault] if fault else [])])
    return (in_chinese(reasons) if current() == "zh" else reasons) or _COMPLETE[current()]


def _same_contact(house: Installation, call: str) -> list[str]:
    """The callbacks that were promised in the call, or the call in which it was; none while PostgreSQL is away."""

    async def calls(store: Store) -> dict[str, str]:
        async with store.transaction() as connection:
            return await promises.of_contact(connection, call)

    try:
        return [each for each in of_store(house, calls) if each != call]
    except SanxiangError:
        return []


def recording_verify(
    day: Annotated[str, typer.Option(help="2026-11-22, on the hotline's clock.")] = "",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Hold sound, manifests and rows against the signed chain: all of them, or those of a day. Exit status 1: something was changed."""
    from recordings.chain import Chain, Key, NoChain
    from recordings.chain_check import Checked, Finding, check

    house = installation_at(state)
    folder = known_day(day).replace("-", "/")
    _, plan = of_installation(house)
    root, checked, found = Path(plan.recordings), Checked(), list[Finding]()
    try:
        key = Key.of(house.state)
    except NoChain:  # made with the first link
        key = None
    if key is not None:
        chain = Chain(house.state, key)

        async def findings(store: Store) -> list[Finding]:
            looked_at = check(store, root, chain, lambda each: not folder or each == folder, checked)
            return [each async for each in looked_at]

        found = of_store(house, findings)
    if not checked.links and _filed_before_the_last_night(root, clock_of(house)):
        raise NoChain(folder=house.state)
    public = key.public if key is not None else None
    if as_json:
        print_json({**asdict(checked), "key": public, "findings": [asdict(each) for each in found]})
    elif not checked.links:
        say("Nothing is chained yet, so nothing is verified: the first link is written at three in the night.")
    else:
        for each in found:
            say(f"{each.about}: {each.what}")
        say(
            f"{counted(checked.links, 'link')}, {counted(checked.legs, 'recording')} looked at: {len(found)} not as filed."
        )
        say(f"Latest head: {checked.head}. Public key: {public}.")
    raise typer.Exit(1 if found else 0)


def _filed_before_the_last_night(root: Path, clock: HotlineClock) -> bool:
    """Whether there is a folder of a day whose recordings a night must have chained already."""
    from recordings import manifest, names
    from recordings.retention import next_night

    last_night = (next_night(datetime.now(UTC), clock.zone) - timedelta(days=1)).astimezone(clock.zone)
    return any(folder < names.day_folder(last_night - timedelta(days=1)) for folder in manifest.day_folders(root)[:1])

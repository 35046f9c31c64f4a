"""What a demo's day came to: a verdict for each call, the figures, the rows, the recordings."""

import hashlib
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from acd.demo.day import Cast
from acd.engine.commands import Ending, Kind, Outcome
from acd.store.queries.calls import Call
from acd.store.queries.kpi import Kpi
from acd.store.store import Store
from acd.telephone_numbers import Numbering
from acd.words import masked, sentence, word

NUMBERING = Numbering()
"""Of the demo's hotline."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one caller's call ended as it should."""

    caller: str
    part: str
    call: Call | None
    why_not: str

    @property
    def well(self) -> bool:
        return not self.why_not


def verdicts(cast: Sequence[Cast], calls: Sequence[Call], recorded: Collection[str]) -> list[Verdict]:
    """One for each caller. `recorded`: the calls whose recording is complete."""
    by_number: dict[str, list[Call]] = {}
    for call in calls:
        by_number.setdefault(NUMBERING.shown(call.caller), []).append(call)
    return [
        Verdict(number, group.part.name, own[0] if own else None, _fault(own, group.part.endings, recorded))
        for group in cast
        for number in group.numbers
        for own in [by_number.get(number, [])]
    ]


def _fault(own: list[Call], endings: tuple[Ending, ...], recorded: Collection[str]) -> str:
    if len(own) != 1:
        return f"{len(own)} rows in the table of calls instead of one"
    if own[0].ending not in endings:
        return f"ended as {own[0].ending!r} instead of {' or '.join(endings)}"
    if own[0].ending == Ending.ANSWERED and own[0].call not in recorded:
        return "its recording is not complete"
    return ""


def nationally(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The detail of a log row, its numbers as people write them."""
    numbers = {
        name: NUMBERING.shown(detail[name]) for name in ("caller", "number") if isinstance(detail.get(name), str)
    }
    return {**detail, **numbers}


async def as_json(store: Store, kpi: Kpi, language: str) -> dict[str, Any]:
    """The day as the demo's JSON file has it."""
    calls = []
    before: str | None = None
    while page := await store.calls(limit=500, before=before):
        before = page[-1].call
        for call in page:
            calls.append(await _call_json(store, call, language))
    return {
        "calls": calls[::-1],
        "kpi": {
            "connect_rate": kpi.connect_rate,
            "within_15_s": kpi.within_15_s,
            "three_ring_rate": kpi.three_ring_rate,
            "asa_s": kpi.asa_s,
            "aht_s": kpi.aht_s,
        },
    }


async def _call_json(store: Store, call: Call, language: str) -> dict[str, Any]:
    offers = await store.offers(call.call)
    answered = [offer for offer in offers if offer.outcome == Outcome.ANSWERED]
    recording = await store.recording(answered[-1].offer) if answered else None
    rows = await store.timeline(call.call)
    events = [
        {"at": row.at.isoformat(), "what": said}
        for row in rows
        if (said := sentence(Kind(row.kind), row.agent, row.queue, nationally(row.detail), language))
    ]
    return {
        "id": call.call,
        "caller": NUMBERING.shown(call.caller),
        "queue": call.queue,
        "agent": call.agent,
        "events": events,
        "rings": answered[-1].rings if answered else None,
        "wait_s": call.wait_s,
        "talk_s": call.talk_s,
        "ending": call.ending,
        "recording": None
        if recording is None or not recording.path
        else {
            "path": recording.path,
            "seconds": recording.seconds,
            "sha256": recording.sha256,
            "complete": recording.state == "complete",
        },
    }


def in_language(english: str, language: str) -> str:
    """The sentence in this language."""
    if language == "en":
        return english
    from acd.words.commands.lookup import chinese  # costs an English demo no time

    return chinese(english)


async def show_report(store: Store, kpi: Kpi, found: list[Verdict], recordings: Path, language: str = "en") -> None:
    """Prints rows, recordings and figures."""

    def said(english: str) -> str:
        return in_language(english, language)

    def ending(code: str | None) -> str:
        return word("ending", code, language) if code and language != "en" else code or "-"

    def table_of(*headings: str) -> Table:
        return Table(*map(said, headings), box=None)

    # Piped into a file, a table keeps its columns whole.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    shown = found if len(found) <= 40 else [verdict for verdict in found if not verdict.well] or found[:20]
    console.print("\n" + said("Calls, as PostgreSQL has them"))
    table = table_of("CALLER", "PART", "QUEUE", "AGENT", "WAIT s", "TALK s", "ENDING", "AS IT SHOULD")
    for verdict in shown:
        call = verdict.call
        columns = (
            ["-"] * 5
            if call is None
            else [call.queue or "-", call.agent or "-", _one(call.wait_s), _one(call.talk_s), ending(call.ending)]
        )
        table.add_row(masked(verdict.caller), verdict.part, *columns, said("yes" if verdict.well else verdict.why_not))
    console.print(table)
    if len(shown) < len(found):
        console.print(said(f"… and {len(found) - len(shown)} more"))
    console.print("\n" + said("Recordings"))
    table = table_of("FILE", "SECONDS", "TALK s", "SHA-256", "VERDICT")
    for leg in await store.recordings(limit=20):
        file = recordings / leg.path
        same = leg.path and hashlib.sha256(file.read_bytes()).hexdigest() == leg.sha256
        verdict_ = leg.state if same or not leg.path else "the file differs from its checksum"
        table.add_row(leg.path or "-", _one(leg.seconds), _one(leg.talk_s), leg.sha256[:16] or "-", said(verdict_))
    console.print(table)
    console.print(said(f"in {recordings}") + "\n")
    table = table_of("FIGURE", "TODAY", "TARGET")
    table.add_row(said("connect rate"), _share(kpi.connect_rate), ">= 90%")
    table.add_row(said("service level (15 s)"), _share(kpi.within_15_s), ">= 90%")
    table.add_row(said("three-ring rate"), _share(kpi.three_ring_rate), ">= 95%")
    table.add_row(said("ASA (speed of answer)"), f"{_one(kpi.asa_s)} s", "")
    table.add_row(said("AHT (handling time)"), f"{_one(kpi.aht_s)} s", "<= 180 s")
    console.print(table)
    well = sum(verdict.well for verdict in found)
    console.print(said(f"{well} of {len(found)} calls ended as they should."))


def _one(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"

"""What is looked at when a story of handing over has been told: row by row, in the log, in PostgreSQL and in the sound.

    await checked(
        system, call,
        offers=[("1001", "answered"), ("1002", "answered")],
        transfers=[Handed(1, ("asked", "completed"), to="1002", receiver="1002", reason="refund")],
        legs=[Leg("1001"), Leg("1002")],
    )

The card in memory, the card in PostgreSQL and one folded here from the log are the same; its version counts writings and
transfers; talk, hold and consult of each leg are the time from its bridge to its end, to 50 ms; every agent's states
cover the wall clock, to 50 ms; each leg has its file, with its agent's tone on one side, the caller's on the other, and
nobody else's; what was said in a consult is a leg of its own, without the caller; and the manifest tells the same legs with the same spans.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from acd.engine.commands import Ending, Kind, Log
from acd.engine.model import BY_TELEPHONE
from acd.store.context_card import Card, fold
from acd.store.journal.legs import consult_of
from recordings import manifest
from tests.calls.support.full_system import FullSystem
from tests.calls.support.recorded_voices import Heard
from tests.support.waiting import eventually

CLOSE_S = 0.05
WARM = ("asked", "consulting", "completed")
"""States of a transfer after a word with the receiver."""


@dataclass(frozen=True)
class Handed:
    """One transfer of the call, and its rows in the log."""

    states: tuple[str, ...]
    """Of all its rows, in order."""
    to: str = ""
    receiver: str = ""
    """As the last row says: who has him; of a consult whoever was asked. Empty: nobody."""
    reason: str = "refund"
    kind: str = "agent"
    first: str = "1001"
    warm: bool = False
    how: str = "api"
    why: str = ""
    """Part of it, where it failed."""
    returned_to: str = ""


@dataclass(frozen=True)
class Leg:
    """One agent's talk with the caller."""

    agent: str
    spans: tuple[str, ...] = ()
    """Kinds of its spans, in order."""
    also: tuple[str, ...] = ()
    """What else the caller heard in it: the receiver, in a three-way; the music of a softphone's hold."""
    silent: bool = False
    """Too short, or cut off too hard, for anything to be heard in it."""
    unheard: bool = False
    """It began or ended while no daemon was there to hear of it: its row came later, and says how long it was."""


async def checked(
    system: FullSystem,
    call: str,
    *,
    offers: Sequence[tuple[str, str]],
    transfers: Sequence[Handed],
    legs: Sequence[Leg],
    ending: str = Ending.ANSWERED,
    writings: int = 0,
) -> None:
    """AssertionError with the whole tale where something is not as it should be. `writings`: rows that persons wrote."""
    try:
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == ending, f"ended as {ended.detail['ending']}"
        assert system.log.offers(call) == list(offers), system.log.offers(call)
        _transfers(system, call, transfers)
        _talks(system, call, legs)
        await system.caught_up()
        await _card(system, call, transfers, legs, writings)
        for agent in dict.fromkeys(agent for agent, _ in offers):
            assert await system.times_tile(agent)
        await _recordings(system, call, legs)
    except AssertionError as wrong:
        raise AssertionError(f"{wrong}\n{system.log.report()}") from None


def _transfers(system: FullSystem, call: str, wanted: Sequence[Handed]) -> None:
    rows = system.log.of(Kind.TRANSFER, call)
    told = [[str(row.detail["state"]) for row in rows if row.detail["number"] == n + 1] for n in range(len(wanted))]
    assert told == [list(each.states) for each in wanted], f"transfers went {told}"
    assert len(rows) == sum(len(each.states) for each in wanted), [dict(row.detail) for row in rows]
    for number, each in enumerate(wanted, 1):
        own = [row for row in rows if row.detail["number"] == number]
        last = [row for row in own if row.detail["state"] != "explained"][-1]
        reason = each.reason if "explained" not in each.states else BY_TELEPHONE  # it was given afterwards
        said = {name: last.detail.get(name) for name in ("kind", "to", "reason", "warm", "how", "returned_to")}
        told_ = {"kind": each.kind, "to": each.to, "reason": reason, "warm": each.warm, "how": each.how}
        assert said | {"returned_to": said["returned_to"] or ""} == told_ | {"returned_to": each.returned_to}, said
        assert (last.detail.get("receiver") or "") == each.receiver, dict(last.detail)
        assert each.why in str(last.detail.get("why", "")), dict(last.detail)
        assert {row.agent for row in own} == {each.first}, own


def _talks(system: FullSystem, call: str, legs: Sequence[Leg]) -> None:
    """The legs follow each other, and each one's talk, hold and consult are its whole time."""
    began = {row.offer: at for at, row in system.log.rows() if row.call == call and row.kind is Kind.CONNECTED}
    ends = _ends(system, call)
    assert [row.agent for _, row in ends] == [leg.agent for leg in legs], [row.agent for _, row in ends]
    until: datetime | None = None
    for (at, row), leg in zip(ends, legs, strict=True):
        detail = row.detail
        lasted = (at - began[row.offer]).total_seconds()
        told = sum(float(detail.get(name, 0)) for name in ("talk_s", "hold_s", "consult_s"))
        assert leg.unheard or abs(told - lasted) <= CLOSE_S, f"{leg.agent}'s leg lasted {lasted} s: {dict(detail)}"
        assert until is None or (began[row.offer] - until).total_seconds() >= -CLOSE_S, f"{row.agent} before his time"
        until = at
        spans = detail.get("spans", [])
        assert tuple(span["kind"] for span in spans) == leg.spans, f"{leg.agent}'s spans: {spans}"
        for kind, sums in (("hold", "hold_s"), ("consult", "consult_s")):
            spent = sum(float(span["lasted_s"]) for span in spans if span["kind"] == kind)
            assert abs(spent - float(detail.get(sums, 0))) <= CLOSE_S, f"{leg.agent}: {dict(detail)}"


async def _card(system: FullSystem, call: str, transfers: Sequence[Handed], legs: Sequence[Leg], writings: int) -> None:
    folded = _folded(system, call)
    assert folded is not None
    card = await system.transfers.card(call)
    states = sum(len(each.states) for each in transfers)
    assert card["version"] == states + writings, f"version {card['version']} after {states} and {writings} writings"
    assert [leg["agent"] for leg in card["legs"]] == [leg.agent for leg in legs]
    assert card["ended_at"] and card["ending"], card
    for each, told in zip(transfers, card["transfers"], strict=True):
        wanted = {"from": each.first, "to": each.to, "receiver": each.receiver, "reason": each.reason}
        assert {name: told[name] for name in wanted} == wanted, told
        assert told["state"] == [state for state in each.states if state != "explained"][-1], told
        assert told["at"], told
    shown = [{name: each[name] for name in each if name not in ("zh", "en")} for each in card["transfers"]]
    assert shown == folded["transfers"], f"{shown}, by the log {folded['transfers']}"
    for name in ("version", "legs", "entries", "holds", "verified", "asked", "ending"):
        assert card[name] == folded[name], f"{name}: {card[name]}, by the log {folded[name]}"

    async def different() -> dict[str, Any]:
        kept = await system.store.card(call) or {}
        return {
            name: (kept.get(name), folded[name])
            for name in folded
            if name != "region" and kept.get(name) != folded[name]
        }

    async def the_same() -> bool:
        return not await different()

    try:
        await eventually(the_same, "the same card in PostgreSQL")
    except AssertionError as error:
        raise AssertionError(f"{error}: there, and by the log: {await different()}") from None


def _folded(system: FullSystem, call: str) -> Card | None:
    """The card that the log makes."""
    card: Card | None = None
    for at, row in system.log.rows():
        if row.call == call:
            card = fold(card, at, row, lambda former: _folded(system, former))
    return card


async def _recordings(system: FullSystem, call: str, legs: Sequence[Leg]) -> None:
    folder = Path(system.prepared.recordings)
    ends = _ends(system, call)
    for (_, end), leg in zip(ends, legs, strict=True):
        filed = await system.log.row(Kind.RECORDED, lambda row: row.offer == end.offer)  # noqa: B023, it is awaited here
        if leg.silent:
            continue
        assert system.recorded_whole(filed.detail), f"{leg.agent}: {dict(filed.detail)}"
        heard = Heard(folder / str(filed.detail["path"]))
        assert set(heard.caller) == {"caller"}, f"{leg.agent}'s leg: {heard}"
        assert set(heard.agents) == {leg.agent, *leg.also}, f"{leg.agent}'s leg: {heard}"
        recorded_s = float(end.detail.get("recorded_s", end.detail["talk_s"]))
        assert abs(heard.seconds - recorded_s) <= 1, f"{heard}, and {recorded_s} s were expected"
    book = await _book(folder, call, ends)
    await _consults(system, folder, call)
    told = [leg for leg in book["legs"] if leg["kind"] == "talk"]
    assert [leg["agent"] for leg in told] == [leg.agent for leg in legs], told
    for (_, end), entry in zip(ends, told, strict=True):
        assert entry["offer"] == end.offer
        assert entry["spans"] == [dict(span) for span in end.detail.get("spans", [])], entry


async def _consults(system: FullSystem, folder: Path, call: str) -> None:
    """What was said in each consult is a leg of its own: first agent and receiver, and never the caller."""
    for row in system.log.of(Kind.CONSULT_ENDED, call):
        if not row.offer or float(row.detail["consult_s"]) < 0.7:
            continue
        filed = await system.log.row(Kind.RECORDED, lambda each: each.offer == consult_of(row.offer))  # noqa: B023
        heard = Heard(folder / str(filed.detail["path"]))
        assert set(heard.caller) == {row.detail["first"]}, f"the first agent's side of the consult: {heard}"
        assert set(heard.agents) == {row.agent}, f"the receiver's side of the consult: {heard}"


async def _book(folder: Path, call: str, ends: Sequence[tuple[datetime, Log]]) -> dict[str, Any]:
    """The call's manifest, once every leg is in it."""

    def whole() -> dict[str, Any] | None:
        path = manifest.path_of(folder, call)
        book: dict[str, Any] = json.loads(path.read_text("utf-8")) if path else {"legs": []}
        return book if {end.offer for _, end in ends} <= {leg["offer"] for leg in book["legs"]} else None

    return await eventually(whole, "the manifest")  # type: ignore[no-any-return]


def _ends(system: FullSystem, call: str) -> list[tuple[datetime, Log]]:
    return [(at, row) for at, row in system.log.rows() if row.call == call and row.kind is Kind.TALK_ENDED]

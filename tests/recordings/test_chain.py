"""The chain: a thousand edits, deletions, swaps and changes of rows, and a thousand found; what the hotline does itself is none of them."""

import asyncio
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.engine.events import AlarmRaised, Event
from acd.store.journal.legs import LegDue
from acd.store.queries.recordings import Recording
from recordings import leg, manifest, names
from recordings.chain import FOLDER, HEAD, KEY, Chain, Key, LinkDamaged, NoChain, NoChainKey
from recordings.chain_check import Checked, Finding, check
from recordings.chain_nights import ChainNights, in_share
from recordings.sealing import seal
from tests.support.recording_files import speech, talk

ENDED = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
LATER = ENDED + timedelta(days=10)


class Hotline:
    """A recordings folder, its rows, its state folder. The rows are plain data here; those of PostgreSQL: tests/web/test_recording_keeping.py."""

    def __init__(self, folder: Path) -> None:
        self.root, self.state = folder / "recordings", folder / "state"
        self.rows: dict[str, Recording] = {}
        self.state.mkdir(parents=True)

    def file(self, call: str, number: int, ended_at: datetime = ENDED) -> None:
        offer = f"{call}-{number}"
        seed = int(call[1:]) * 100 + number
        talk(self.root, offer, speech(0.5, seed), speech(0.5, seed + 50))
        judged = leg.file_leg(self.root, LegDue(call, offer, 0.5, ended_at, "1001", "billing"), ended_at)
        manifest.enter(self.root, judged, None)
        self.rows[offer] = Recording(
            offer=offer, call=call, agent="1001", queue="billing", offered_at=ended_at, state="complete", path=judged.path,
            seconds=0.5, talk_s=0.5, talk_ended_at=ended_at, sha256=judged.sha256, reason="", silent="",
            filed_at=ended_at, kind="talk", caller="138", connected_at=ended_at,
        )  # fmt: skip

    def delete(self, offer: str, *, signed: bool = True) -> None:
        """As Keeping does it."""
        row = self.rows[offer]
        self.rows[offer] = replace(row, path="", deleted_at=LATER, deleted_by="qa", deleted_why="asked")
        names.remove_filed(self.root, row.path)
        manifest.mark_deleted(self.root, row.call, offer, LATER, "qa", "asked", self.chain.key.sign if signed else None)

    @property
    def chain(self) -> Chain:
        return Chain(self.state, Key.of(self.state, make=True))

    async def recordings_of_chain(self, offers: list[str], folder: str = "") -> list[Recording]:
        return [
            row for row in self.rows.values() if row.offer in offers or (folder and row.path.startswith(f"{folder}/"))
        ]

    def seal(self, at: datetime = LATER) -> None:
        asyncio.run(seal(self, self.root, self.chain, at))

    def findings(self, chosen: Callable[[str], bool] = lambda folder: True) -> list[Finding]:
        async def all_of() -> list[Finding]:
            return [each async for each in check(self, self.root, self.chain, chosen, Checked())]

        return asyncio.run(all_of())

    def found(self) -> bool:
        try:
            return bool(self.findings())
        except (LinkDamaged, NoChainKey):
            return True


@pytest.fixture
def hotline(tmp_path: Path) -> Hotline:
    made = Hotline(tmp_path)
    for number in range(1, 4):
        for call in ("c1", "c2"):
            made.file(call, number)
    made.seal(ENDED + timedelta(days=1))
    made.file("c3", 1, ENDED + timedelta(days=1))
    made.seal()
    return made


def test_what_the_hotline_does_is_no_change(hotline: Hotline):
    assert hotline.findings() == []
    hotline.delete("c1-2")
    hotline.rows["c1-3"] = replace(hotline.rows["c1-3"], held_at=LATER, held_by="qa", held_why="lawsuit")
    assert hotline.findings() == []
    hotline.file("c4", 1, LATER)
    assert hotline.findings() == []
    hotline.delete("c4-1", signed=False)  # as before there was a chain
    hotline.seal(LATER + timedelta(days=9))
    assert hotline.findings() == []


def test_a_leg_waits_for_its_row_and_is_entered_without_it_in_the_end(hotline: Hotline):
    hotline.file("c4", 1, LATER)
    row = hotline.rows.pop("c4-1")
    hotline.seal(LATER + timedelta(days=1))
    assert "c4-1" not in [each.offer for link in hotline.chain.links() for each in link.legs]
    hotline.rows["c4-1"] = row
    hotline.seal(LATER + timedelta(days=2))
    assert [each.offer for each in [*hotline.chain.links()][-1].legs] == ["c4-1"]
    hotline.file("c5", 1, LATER)
    del hotline.rows["c5-1"]
    hotline.seal(LATER + timedelta(days=3.5))
    assert [(each.offer, each.row) for each in [*hotline.chain.links()][-1].legs] == [("c5-1", "")]
    assert hotline.findings() == []


def test_only_the_chosen_days_are_looked_at(hotline: Hotline):
    (hotline.root / hotline.rows["c1-1"].path).unlink()
    assert [each.what for each in hotline.findings(lambda folder: folder == "2026/11/22")] == ["sound missing"]
    assert hotline.findings(lambda folder: folder == "2026/11/23") == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda it: it.delete("c1-1", signed=False), "deletion not signed"),
        (lambda it: it.rows.pop("c1-1"), "row missing"),
        (lambda it: it.rows.update({"c1-1": replace(it.rows["c1-1"], agent="1002")}), "row changed"),
        (lambda it: (it.root / "2026/11/22/c1.json").unlink(), "manifest missing"),
        (lambda it: (it.root / "2026/11/22/c9.json").write_text("{}"), "not filed by the hotline"),
        (lambda it: it.rows.update({"c9-1": replace(it.rows["c1-1"], offer="c9-1")}), "not filed by the hotline"),
    ],
)
def test_each_change_has_its_name(hotline: Hotline, change: Callable[[Hotline], Any], what: str):
    change(hotline)
    assert what in [each.what for each in hotline.findings()]


def test_a_sound_that_comes_back_after_its_deletion(hotline: Hotline):
    file = hotline.root / hotline.rows["c1-1"].path
    sound = file.read_bytes()
    hotline.delete("c1-1")
    file.write_bytes(sound)
    assert [each.what for each in hotline.findings()] == ["deleted, but there"]


def test_a_lost_key_is_not_made_anew(hotline: Hotline):
    (hotline.state / KEY).unlink()
    with pytest.raises(NoChainKey, match="it is not there"):
        hotline.chain  # noqa: B018
    (hotline.state / KEY).write_text("no key")
    with pytest.raises(NoChainKey, match="it is no key"):
        hotline.chain  # noqa: B018


def test_before_the_first_night_it_is_said_that_there_is_no_chain_yet(tmp_path: Path):
    with pytest.raises(NoChain, match="the first link is written at three in the night"):
        Key.of(tmp_path)
    assert not [*tmp_path.iterdir()], "looking makes none"


def test_a_crash_between_a_link_and_its_head_costs_nothing(hotline: Hotline):
    head = hotline.state / FOLDER / HEAD
    former = head.read_text()
    hotline.seal(LATER + timedelta(days=1))
    head.write_text(former)
    assert hotline.findings() == []
    hotline.seal(LATER + timedelta(days=2))
    assert hotline.findings() == []


class Nights:
    """The chain's nights at this hotline, and the alarms they raised."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline, self.told = hotline, list[Event]()
        self._nights = ChainNights(hotline.root, hotline.state, self.told.append, lambda: LATER + timedelta(days=1))

    def seal(self) -> None:
        asyncio.run(self._nights.seal(self._hotline))

    def verify(self, today: date) -> bool:
        return asyncio.run(self._nights.verify_share(self._hotline, today))

    def alarms(self) -> list[str]:
        assert all(isinstance(each, AlarmRaised) and each.name == "recording altered" for each in self.told)
        return [each.detail for each in self.told if isinstance(each, AlarmRaised)]


def test_each_night_a_share_is_checked_and_in_28_nights_all():
    first = date(2026, 11, 30)
    days = [(first - timedelta(days=age)).strftime("%Y/%m/%d") for age in range(1000)]
    nights = [{day for day in days if in_share(day, first + timedelta(days=night))} for night in range(28)]
    assert set().union(*nights) == {*days}
    assert max(map(len, nights)) <= 8 + 1000 // 28 + 1
    assert {*days[:8]} <= nights[0]


def test_a_night_enters_what_was_filed_and_tells_what_was_changed(hotline: Hotline):
    nights = Nights(hotline)
    nights.seal()
    assert len([*hotline.chain.links()]) == 3
    (hotline.root / hotline.rows["c1-1"].path).unlink()
    assert nights.verify(date(2026, 12, 10)) and nights.alarms() == [], "not in this night's share"
    assert nights.verify(date(2026, 11, 25)) and nights.alarms() == ["c1-1: sound missing"]
    (hotline.state / FOLDER / "000002.json").unlink()
    nights.seal()
    assert not nights.verify(date(2026, 11, 25))
    assert len(nights.alarms()) == 3 and all("000002.json, is missing" in each for each in nights.alarms()[1:])


def test_a_deletion_without_a_key_goes_on_unsigned(hotline: Hotline):
    (hotline.state / KEY).unlink()
    nights = ChainNights(hotline.root, hotline.state, lambda event: None, lambda: LATER)
    assert nights.sign({"call": "c1"}) == ""


@pytest.mark.slow
def test_a_thousand_changes_and_a_thousand_found(hotline: Hotline):
    chance = random.Random(14)
    safe, rows = hotline.root.parent / "safe", dict(hotline.rows)
    for folder in (hotline.root, hotline.state):
        shutil.copytree(folder, safe / folder.name)
    missed = []
    for number in range(1000):
        kind = chance.choice((edit, cut, remove, rename, swap, row_change, row_removal))
        done = kind(hotline, chance)
        if not hotline.found():
            missed.append((number, done))
        for folder in (hotline.root, hotline.state):
            shutil.rmtree(folder)
            shutil.copytree(safe / folder.name, folder)
        hotline.rows = dict(rows)
    assert missed == []
    assert hotline.findings() == []


def files(hotline: Hotline) -> list[Path]:
    """All that is filed: sound, manifests, links, head and key."""
    named = [*hotline.root.glob("20*/*/*/*"), *hotline.state.rglob("*")]
    return sorted(each for each in named if each.is_file())


def edit(hotline: Hotline, chance: random.Random) -> str:
    file = chance.choice([each for each in files(hotline) if each.name != KEY])  # "A" for "a" there is the same key
    whole = bytearray(file.read_bytes())
    at = chance.randrange(len(whole))
    whole[at] ^= 1 << chance.randrange(8)
    file.write_bytes(whole)
    return f"edit {file.name} at {at}"


def cut(hotline: Hotline, chance: random.Random) -> str:
    file = chance.choice(files(hotline))
    whole = file.read_bytes()
    file.write_bytes(whole[: chance.randrange(len(whole))])
    return f"cut {file.name}"


def remove(hotline: Hotline, chance: random.Random) -> str:
    file = chance.choice(files(hotline))
    file.unlink()
    return f"remove {file.name}"


def rename(hotline: Hotline, chance: random.Random) -> str:
    file = chance.choice(files(hotline))
    file.rename(file.with_name(f"c{chance.randrange(100, 999)}-1{file.suffix}"))
    return f"rename {file.name}"


def swap(hotline: Hotline, chance: random.Random) -> str:
    one, other = chance.sample([each for each in files(hotline) if each.suffix in (".wav", ".json")], 2)
    whole = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(whole)
    return f"swap {one.name} {other.name}"


def row_change(hotline: Hotline, chance: random.Random) -> str:
    row = hotline.rows[chance.choice(sorted(hotline.rows))]
    later = ENDED + timedelta(seconds=chance.randrange(60, 10_000))
    name, value = chance.choice([
        ("agent", "1009"), ("queue", "orders"), ("call", "c7"), ("state", "incomplete"), ("path", ""), ("seconds", 0.6), ("talk_s", None),
        ("sha256", "0" * 64), ("reason", "disk full"), ("silent", "agent"), ("kind", "consult"), ("offered_at", later),
        ("talk_ended_at", later), ("filed_at", later), ("first", "1002"), ("deleted_at", later), ("recorded_s", 1.0),
        ("path", "2026/11/22/c7-1.wav"), ("spans", [{"kind": "hold"}]),
    ])  # fmt: skip
    hotline.rows[row.offer] = replace(row, **{name: value})  # type: ignore[arg-type]
    return f"row {row.offer} {name}"


def row_removal(hotline: Hotline, chance: random.Random) -> str:
    offer = chance.choice(sorted(hotline.rows))
    del hotline.rows[offer]
    return f"row {offer} removed"

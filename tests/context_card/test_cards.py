"""Cards in memory and in PostgreSQL: the same, exactly once, whatever is started anew or away meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.context_card.cards import CardChanged, CardNotWritten, Cards
from acd.engine.commands import Command, Kind, Log
from acd.engine.events import Event, TimePassed
from acd.engine.transfer_events import CardWritten
from acd.store.context_card import iso
from acd.store.errors import DatabaseAway
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture

Line = tuple[datetime, Event, list[Log]]


def s(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


class Desk:
    """What the switchboard does: every line into the journal, then to who listens."""

    def __init__(self, ground: StoreFixture, **how: Any) -> None:
        self.ground = ground
        self.now = s(0)
        self.cards = Cards(ground.journal, ground.store, **how)

    def hear(self, *lines: Line) -> None:
        for at, event, rows in lines:
            self.now = max(self.now, at)
            self.ground.journal.append(at, event, rows)
            self.cards.listen(at, event, list[Command](rows))
        self.ground.journal.sync()

    def tell(self, event: Event) -> None:
        """The inbox: handled in a later turn of the loop, as an engine handles a writing."""
        assert isinstance(event, CardWritten)
        self.now += timedelta(seconds=1)
        row = Log(Kind.CARD, event.call, event.by, detail={"by": event.by, "what": event.what, **event.detail})
        asyncio.get_running_loop().call_soon(self.hear, (self.now, event, [row]))

    async def anew(self, **how: Any) -> "Desk":
        """The daemon was killed, and another one reads what it left."""
        await self.ground.end()
        folder = self.ground.journal.folder
        self.ground.journal.close()
        self.ground.journal = Journal(folder)
        self.ground.shipper = Shipper(self.ground.store, self.ground.journal)
        after = Desk(self.ground, **how)
        await after.cards.rebuild()
        after.now = self.now
        return after


@pytest.fixture
async def desk(ground: StoreFixture) -> AsyncIterator[Desk]:
    made = Desk(ground)
    await made.cards.rebuild()
    yield made


def note(call: str, at: float, text: str, by: str = "1001") -> Line:
    return s(at), TimePassed(), [Log(Kind.CARD, call, by, detail={"by": by, "what": "note", "text": text})]


def transfer(call: str, at: float, state: str, **said: Any) -> Line:
    detail = {"state": state, "number": 1, "kind": "agent", "to": "1002", "reason": "refund", **said}
    return s(at), TimePassed(), [Log(Kind.TRANSFER, call, "1001", f"{call}-1", "billing", detail)]


def begun(call: str, at: float = 0, **how: Any) -> list[Line]:
    """As far as the talk."""
    return AnsweredCall(call, at=s(at), **how).lines()[:5]


def over(call: str, at: float = 0, **how: Any) -> list[Line]:
    return AnsweredCall(call, at=s(at), **how).lines()[5:]


async def bodies(ground: StoreFixture) -> dict[str, Any]:
    await ground.arrive()
    found = {call: await ground.store.card(str(call)) for (call,) in await ground.sql("SELECT call FROM cards")}
    assert all(found.values())
    return found


async def test_the_card_in_memory_and_in_postgresql_are_the_same(desk: Desk) -> None:
    desk.hear(
        *begun("c1"),
        note("c1", 20, "angry\n<b>not bold</b>"),
        transfer("c1", 30, "asked"),
        *begun("c2", 40, agent="1003"),
    )
    desk.hear(transfer("c1", 35, "failed", why="busy", returned_to="first agent"), *over("c1"))
    stored = await bodies(desk.ground)
    for call in ("c1", "c2"):
        card = desk.cards.get(call)
        assert card is not None and card | {"region": {"zh": "", "en": ""}} == stored[call]
    assert stored["c1"]["version"] == 3 and stored["c1"]["entries"][0]["text"] == "angry\n<b>not bold</b>"
    assert await desk.ground.sql("SELECT call, contact, caller, version, ended_at FROM cards ORDER BY call") == [
        ("c1", "c1", "13800001111", 3, s(72)),
        ("c2", "c2", "13800001111", 0, None),
    ]
    await desk.ground.assert_exactly_once()


async def test_a_number_is_at_home_somewhere(desk: Desk) -> None:
    desk.hear(
        *begun("c1", caller="13812341111"),
        *begun("c2", caller="unknown", agent="1002"),
        *begun("c3", caller="1001", agent="1003"),
    )
    regions = [card["region"] for call in ("c1", "c2", "c3") if (card := desk.cards.get(call))]
    assert regions == [{"zh": "江苏省连云港市", "en": "Lianyungang, Jiangsu"}, *[{"zh": "", "en": ""}] * 2]


@pytest.mark.parametrize("batch", [1, 3, 250])
async def test_every_row_counts_once_however_often_the_shipper_is_cut_off(desk: Desk, batch: int) -> None:
    ground = desk.ground
    ground.shipper = Shipper(ground.store, ground.journal, batch_rows=batch)
    desk.hear(*begun("c1"))
    for number in range(20):
        desk.hear(note("c1", 20 + number, f"note {number}"))
        if number % 5 == 2:
            ground.go()
            await asyncio.sleep(0.01 * number)
            await ground.end()
            ground.shipper = Shipper(ground.store, ground.journal, batch_rows=batch)
    stored = await bodies(ground)
    assert stored["c1"]["version"] == 20 and [each["text"] for each in stored["c1"]["entries"]] == [
        f"note {number}" for number in range(20)
    ]
    await ground.assert_exactly_once()


# -- two tabs ----------------------------------------------------------------------------------------------------------


async def test_of_two_tabs_that_write_at_once_one_is_told_who_and_when(desk: Desk) -> None:
    desk.hear(*begun("c1"))
    tabs = [CardWritten("c1", by, "note", {"text": f"by {by}"}) for by in ("1001", "amy", "bob")]
    said = await asyncio.gather(*(desk.cards.write(each, 0, desk.tell) for each in tabs), return_exceptions=True)
    won, *lost = said
    assert isinstance(won, dict) and won["version"] == 1 and won["entries"][0]["by"] == "1001"
    for each in lost:
        assert (
            isinstance(each, CardChanged) and each.by == "1001" and each.at == datetime.fromisoformat(won["updated_at"])
        )
    again = await desk.cards.write(tabs[1], 1, desk.tell)
    assert again["version"] == 2 and [each["by"] for each in again["entries"]] == ["1001", "amy"]
    with pytest.raises(CardChanged, match=r"amy has written on this card at 01:00:\d\d UTC"):
        desk.cards.check("c1", 1)
    desk.cards.check("c1", 2)


async def test_a_transfer_meanwhile_is_a_change_too(desk: Desk) -> None:
    desk.hear(*begun("c1"), transfer("c1", 30, "asked"))
    with pytest.raises(CardChanged) as changed:
        await desk.cards.write(CardWritten("c1", "amy", "note", {"text": "x"}), 0, desk.tell)
    assert (changed.value.by, changed.value.at) == ("1001", s(30))


async def test_a_writing_that_the_floor_leaves_out_is_said(desk: Desk) -> None:
    desk.hear(*begun("c1"))

    def ignored(event: Event) -> None:
        row = Log(Kind.IGNORED, "c1", detail={"event": "CardWritten", "why": "no"})
        asyncio.get_running_loop().call_soon(desk.hear, (s(20), event, [row]))

    with pytest.raises(CardNotWritten):
        await desk.cards.write(CardWritten("c1", "amy", "note", {"text": "x"}), 0, ignored)
    with pytest.raises(KeyError):
        desk.cards.check("nobody", 0)


# -- starts ------------------------------------------------------------------------------------------------------------


async def test_after_a_start_all_cards_are_there_as_they_were(desk: Desk) -> None:
    desk.hear(*begun("c1"), note("c1", 20, "first"), *begun("c2", 30, agent="1002"), *over("c2", 30, agent="1002"))
    desk.ground.journal.checkpoint(s(200), {})
    desk.hear(note("c1", 210, "second"), transfer("c1", 220, "asked"))
    after = await desk.anew()
    for call in ("c1", "c2"):
        assert after.cards.get(call) == desk.cards.get(call) is not None
    after.hear(transfer("c1", 230, "completed", receiver="1002"), *over("c1"))
    card = after.cards.get("c1")
    assert card is not None and card["version"] == 4
    assert (await bodies(desk.ground))["c1"] == card | {"region": {"zh": "", "en": ""}}


async def test_a_live_call_is_read_back_to_its_beginning_and_old_ones_are_left(desk: Desk) -> None:
    desk.hear(*begun("old"), *over("old"), *begun("quiet", 100, agent="1005"))
    for hour in range(1, 4):
        desk.ground.journal.checkpoint(s(3600 * hour), {})
        desk.hear(*begun(f"c{hour}", 3600 * hour, agent="1002"), *over(f"c{hour}", 3600 * hour, agent="1002"))
    after = await desk.anew(live=["quiet"])
    assert [after.cards.get(call) is not None for call in ("old", "c1", "c2", "c3", "quiet")] == [
        False,
        False,
        False,
        True,
        True,
    ]
    quiet = after.cards.get("quiet")
    assert quiet is not None and quiet["arrived_at"] == desk.cards.get("quiet")["arrived_at"]  # type: ignore[index]
    await desk.ground.arrive()
    found = await after.cards.find("old")
    assert found is not None and found["ending"] == "answered" and await after.cards.find("never") is None


async def test_what_is_heard_while_the_spool_is_still_read_is_on_the_card_once(desk: Desk) -> None:
    desk.hear(*begun("c1"), note("c1", 20, "before"))
    ground = desk.ground
    ground.journal.close()
    ground.journal = Journal(ground.journal.folder)
    after = Desk(ground)
    hold = Log(Kind.HOLD, "c1", "1001", "c1-1", "billing", {"state": "held", "how": "page"})
    after.hear((s(25), TimePassed(), [hold]))  # it is in the spool too when that is read
    reading = asyncio.create_task(after.cards.rebuild())
    await asyncio.sleep(0)
    after.hear(note("c1", 30, "meanwhile"), *begun("c2", 31, agent="1002"))
    asked = asyncio.create_task(after.cards.find("c1"))
    await reading
    card = await asked
    assert card is not None and [each["text"] for each in card["entries"]] == ["before", "meanwhile"]
    assert (card["version"], card["holds"]) == (2, 1) and after.cards.get("c2") is not None


async def test_a_dropped_line_is_found_by_its_next_call_also_after_a_start(desk: Desk) -> None:
    desk.hear(*begun("c1"), note("c1", 20, "waits for a refund"), *over("c1"))
    after = await desk.anew()
    queued = Log(Kind.QUEUED, "c9", queue="billing", detail={"skills": {}, "continues": "c1"})
    after.hear(
        (s(300), TimePassed(), [Log(Kind.ARRIVED, "c9", detail={"caller": "13800001111"})]),
        (s(305), TimePassed(), [queued]),
    )
    card = after.cards.get("c9")
    assert card is not None and (card["contact"], card["entries"][0]["text"]) == ("c1", "waits for a refund")
    assert (await bodies(desk.ground))["c9"] == card | {"region": {"zh": "", "en": ""}}


async def test_a_card_leaves_memory_half_an_hour_after_its_call_and_comes_back_when_it_is_asked_for(desk: Desk) -> None:
    desk.hear(*begun("c1"), *over("c1"), *begun("c2", 2000, agent="1002"), *over("c2", 2000, agent="1002"))
    assert desk.cards.get("c1") is None and desk.cards.get("c2") is not None
    # Before PostgreSQL has heard of it, somebody writes on the card that is not in memory.
    desk.ground.journal.sync()
    await desk.ground.arrive()
    await desk.ground.end()
    desk.hear(note("c1", 2200, "late"))
    found = await desk.cards.find("c1")
    assert found is not None and found["version"] == 1 and found["entries"][0]["text"] == "late"
    after = await desk.cards.write(CardWritten("c1", "amy", "note", {"text": "later"}), 1, desk.tell)
    assert after["version"] == 2
    desk.ground.shipper = Shipper(desk.ground.store, desk.ground.journal)
    stored = await bodies(desk.ground)
    assert stored["c1"]["version"] == 2 and stored["c1"]["history"] == after["history"]


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


async def test_postgresql_may_be_away_all_the_time(desk: Desk) -> None:
    desk.ground.server.stop()
    desk.hear(*begun("c1"))
    written = await desk.cards.write(CardWritten("c1", "1001", "matter", {"text": "退款"}), 0, desk.tell)
    assert written["matter"] == "退款"
    after = await desk.anew()
    assert await after.cards.find("c1") == written
    with pytest.raises(DatabaseAway):
        await after.cards.find("long-ago")
    with pytest.raises(DatabaseAway):
        await after.cards.contacts("c1")
    after.hear(note("c1", 60, "still there"), *over("c1"))
    desk.ground.server.start()
    stored = await bodies(desk.ground)
    card = after.cards.get("c1")
    assert card is not None and stored["c1"] == card | {"region": {"zh": "", "en": ""}}
    await desk.ground.assert_exactly_once()


async def test_a_call_from_before_there_were_cards_has_one(desk: Desk) -> None:
    desk.hear(*begun("c1"), *over("c1"))
    await desk.ground.arrive()
    before = await desk.ground.store.card("c1")
    await desk.ground.sql("DELETE FROM cards")
    assert await desk.ground.store.card("c1") == before is not None
    # … and whoever writes on it then writes on all of it.
    desk.hear(note("c1", 100, "revisited"))
    stored = await bodies(desk.ground)
    assert stored["c1"]["legs"] == before["legs"] and stored["c1"]["version"] == 1


async def test_cards_of_the_former_version_in_postgresql_and_in_the_journal_are_read(desk: Desk) -> None:
    """It stored neither `line_at` nor `verified.before`, and a call that went on with a dropped one had that one's level as its own."""
    full = Log(Kind.CARD, "c1", "1001", detail={"by": "1001", "what": "verified", "level": "full", "how": "app-face"})
    again = Log(Kind.QUEUED, "c9", queue="billing", detail={"skills": {}, "continues": "c1"})
    desk.hear(*begun("c1"), (s(20), TimePassed(), [full]), *over("c1"))
    desk.hear((s(300), TimePassed(), [Log(Kind.ARRIVED, "c9", detail={"caller": "13800001111"}), again]))
    await desk.ground.arrive()
    before = {"call": "c1", "level": "full", "how": "app-face", "by": "1001", "at": iso(s(20))}
    verified = {call: body["verified"] for call, body in (await bodies(desk.ground)).items()}
    assert (verified["c1"]["level"], verified["c9"]["level"], verified["c9"]["before"]) == ("full", "none", before)
    await desk.ground.sql(
        """UPDATE cards SET body = jsonb_set(body, '{verified}',
           (SELECT body->'verified' FROM cards WHERE call = 'c1') - 'before')
           #- '{line_at}' #- '{before,verified}' #- '{history,0,level}' #- '{history,0,how}'"""
    )
    stored = {call: await desk.ground.store.card(call) for call in ("c1", "c9")}
    assert {call: card and card["verified"] for call, card in stored.items()} == verified
    # The daemon of this version starts upon them, while the call goes on.
    after = await desk.anew(live=["c9"])
    after.hear((s(330), TimePassed(), [Log(Kind.HOLD, "c9", "1001", detail={"state": "held", "how": "page"})]))
    card = after.cards.get("c9")
    assert card is not None and (card["verified"], card["holds"]) == (verified["c9"], 1)
    found = (await bodies(desk.ground))["c9"]
    assert (found["verified"], found["holds"]) == (verified["c9"], 1)


async def test_the_last_contacts_of_a_number(desk: Desk) -> None:
    for number in range(7):
        at = 100.0 * number
        desk.hear(*begun(f"c{number}", at), *over(f"c{number}", at))
    desk.hear(
        note("c6", 700, "x"),
        (s(701), TimePassed(), [Log(Kind.CARD, "c6", "1001", detail={"by": "1001", "what": "matter", "text": "refund"})]),
        *[(s(702 + n), TimePassed(), [Log(Kind.CARD, "c6", "1001", detail={"what": "disposition", "code": code, "text": ""})])
          for n, code in enumerate(["open", "solved"])],
        *begun("other", 710, caller="13900002222", agent="1002"),
        *begun("now", 800),
    )  # fmt: skip
    await desk.ground.arrive()
    found = await desk.cards.contacts("now")
    assert [each["call"] for each in found] == ["c6", "c5", "c4", "c3", "c2"]
    assert found[0] == {
        "call": "c6", "at": "2024-11-20T01:10:00.000000+00:00", "queue": "billing", "agents": ["1001"], "ending": "answered",
        "brand": "",
        "matter": "refund", "disposition": {"code": "solved", "text": ""},
    }  # fmt: skip
    assert found[1]["disposition"] is None and found[1]["matter"] == ""
    assert await desk.cards.contacts("other") == [] and await desk.cards.contacts("never") == []


async def test_the_last_contacts_are_the_persons_in_whatever_writing_they_were_kept(desk: Desk) -> None:
    kept = ["13800001111", "013800001111", "8613800001111", "008613800001111", "+8613800001111"]
    for number, caller in enumerate(kept):
        at = 100.0 * number
        desk.hear(*begun(f"c{number}", at, caller=caller), *over(f"c{number}", at))
    desk.hear(*begun("other", 700, caller="+8613900002222"), *begun("old", 750, caller="013800001111"))
    desk.hear(
        *begun("now", 800, caller="+8613800001111"),
        *begun("none", 850, caller="0000000000"),
        *begun("nobody", 900, caller="unknown"),
    )
    await desk.ground.arrive()
    assert [each["call"] for each in await desk.cards.contacts("now")] == ["old", "c4", "c3", "c2", "c1"]
    assert [each["call"] for each in await desk.cards.contacts("old")] == ["c4", "c3", "c2", "c1", "c0"]
    assert await desk.cards.contacts("none") == await desk.cards.contacts("nobody") == []

"""A state folder that is older than its database, the other way round, a copy beside its original, a stranger's journal."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest

from acd.daemon.journal_notices import ALARM_NAMES
from acd.engine.commands import Ending, Kind, Log
from acd.engine.events import TimePassed
from acd.files import write_private
from acd.store.journal import journal_in_database, journal_match, spool
from acd.store.journal.journal_examination import would_find
from acd.store.journal.journal_identity import known_in, renew
from acd.words import journal as words
from acd.words.alarms import ALARMS
from tests.store.support.hotline_rows import ask, assert_all_there_once, copied, hotline
from tests.store.support.store_fixture import MORNING, AnsweredCall
from tests.support.waiting import eventually


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "journal"


async def copied_midway(home: Path, url: str) -> tuple[str, Path]:
    """Events 0 to 14, all shipped, and a copy that was made after event 9; the journal's name and the copy."""
    async with hotline(home, url) as first:
        first.tells(*range(10))
        await first.arrive()
        copy = copied(home, "copy")
        first.tells(*range(10, 15))
        await first.arrive()
        return first.journal.spool, copy


async def test_a_state_folder_put_back_from_a_copy_goes_on_and_loses_no_call(
    home: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    name_before, copy = await copied_midway(home, url)
    async with hotline(copy, url) as restored:
        restored.tells(20, 21, 22)
        await restored.arrive()
        assert restored.codes() == ["state-older"]
        assert [notice.code for notice in restored.shipper.notices] == ["state-older"]
        assert restored.journal.identity.ancestors == (name_before,)
        name = restored.journal.spool
    assert "older copy than its database" in caplog.text and "No row is lost or doubled" in caplog.text
    await assert_all_there_once(url, *range(15), 20, 21, 22)
    # Told once: the next start goes on under the new name, and `status` still shows it.
    async with hotline(copy, url) as again:
        again.tells(23)
        await again.arrive()
        assert again.codes() == [] and again.journal.spool == name
        assert [notice.code for notice in again.shipper.notices] == ["state-older"]
    await assert_all_there_once(url, *range(15), 20, 21, 22, 23)


@pytest.mark.parametrize("more", [1, 5, 6, 40], ids=["fewer lines", "as many", "one more", "far more"])
async def test_what_the_copy_writes_while_postgresql_is_away_is_not_taken_for_shipped(
    home: Path, url: str, more: int
) -> None:
    """Its lines have the numbers that the newer state's rows have in PostgreSQL."""
    _, copy = await copied_midway(home, url)
    async with hotline(copy, url) as restored:
        restored.tells(*range(100, 100 + more))
        await restored.arrive()
        assert restored.codes() == ["state-older"]
    await assert_all_there_once(url, *range(15), *range(100, 100 + more))


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_lines_not_yet_shipped_when_the_copy_was_made_arrive_once_however_often_it_is_put_back(
    home: Path, url: str, times: int
) -> None:
    async with hotline(home, url) as first:
        first.tells(*range(10))
        await first.arrive()
    async with hotline(home, url) as first:
        first.tells(*range(10, 14))  # the copy is made before the shipper runs
        copy = copied(home, "copy")
        first.tells(14)
        await first.arrive()
    for number in range(times):
        async with hotline(copied(copy, f"put-back-{number}"), url) as restored:
            restored.tells(100 + number)
            await restored.arrive()
            assert restored.codes() == ["state-older"]
    await assert_all_there_once(url, *range(15), *range(100, 100 + times))


async def test_a_copy_of_a_renewed_journal_and_one_from_before_the_renewal_are_told_apart_too(
    home: Path, url: str
) -> None:
    async with hotline(home, url) as first:
        first.tells(0, 1)
        await first.arrive()
        first.tells(2)  # not shipped when the copy is made: the shipper is slower than the copy
        old = copied(home, "old")
        first.tells(3)
        await first.arrive()
    async with hotline(copied(old, "second"), url) as second:
        second.tells(4)
        await second.arrive()
        later = copied(second.journal.folder, "later")
        second.tells(5, 6)
        await second.arrive()
    for number, source in enumerate((later, old, later)):
        async with hotline(copied(source, f"third-{number}"), url) as third:
            third.tells(10 + number)
            await third.arrive()
            assert third.codes() == ["state-older"]
    await assert_all_there_once(url, *range(7), 10, 11, 12)


async def test_a_copy_run_beside_its_original_is_noticed_by_one_of_both(home: Path, url: str) -> None:
    chance = random.Random(11)
    async with hotline(home, url) as first:
        first.tells(*range(5))
        await first.arrive()
        copy = copied(home, "copy")
        async with hotline(copy, url, batch_rows=20) as second:
            second.go()
            number = 100
            for _ in range(30):
                for each in chance.sample([first, second], 2):
                    each.tells(*range(number, number + chance.randrange(1, 8)))
                    number = number + 10
                await asyncio.sleep(chance.uniform(0, 0.02))
            await asyncio.gather(first.arrive(), second.arrive())
            codes = [*first.codes(), *second.codes()]
            assert "second-writer" in codes or "state-older" in codes
            assert first.journal.spool != second.journal.spool
            written = [
                int(form["call"][1:])
                for folder in (home, copy)
                for segment in spool.segments(folder)
                for line, _ in spool.lines(segment)
                if isinstance(line, spool.Line)
                for form in line.logs[:1]
            ]
    await assert_all_there_once(url, *set(written))


async def test_a_copy_that_only_stands_there_is_noticed_without_a_row(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acd.store.shipping import shipper

    monkeypatch.setattr(shipper, "BEAT_S", 0.1)
    async with hotline(home, url) as first:
        first.tells(0)
        await first.arrive()
        async with hotline(copied(home, "copy"), url) as second:
            second.go()
            await eventually(lambda: "second-writer" in first.codes())
            await eventually(lambda: "other-hotline" in first.codes() and "other-hotline" in second.codes())
            assert second.codes() == ["other-hotline"]
    await assert_all_there_once(url, 0)


async def test_another_hotlines_journal_is_told_and_both_are_kept_whole(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acd.store.shipping import shipper

    monkeypatch.setattr(shipper, "BEAT_S", 0.1)
    monkeypatch.setattr(journal_in_database, "OTHER_IS_THERE_FOR_S", 1.0)
    async with hotline(home, url) as ours:
        ours.tells(0, 1)
        await ours.arrive()
        assert ours.codes() == []
        async with hotline(home.with_name("theirs"), url) as theirs:
            theirs.tells(10, 11)
            await theirs.arrive()
            assert theirs.codes()[0] == "other-journal"
            await eventually(lambda: "other-hotline" in ours.codes() and "other-hotline" in theirs.codes())
            assert "other-hotline" in {notice.code for notice in ours.shipper.notices}
        await eventually(lambda: "other-hotline" not in {notice.code for notice in ours.shipper.notices})
        assert ours.codes() == ["other-hotline"]
    await assert_all_there_once(url, 0, 1, 10, 11)


async def test_a_database_put_back_from_a_copy_is_filled_again_and_it_is_told(home: Path, url: str) -> None:
    async with hotline(home, url) as first:
        first.tells(*range(6))
        first.journal.checkpoint(MORNING, {"state": 1})
        first.tells(6, 7)
        first.journal.checkpoint(MORNING, {"state": 2})
        first.tells(8)
        await first.arrive()
        await eventually(lambda: spool.kept_lines(home)[1] == 8, "the marks of segments that PostgreSQL has")
    await ask(url, "DELETE FROM call_log WHERE line > 3")
    await ask(url, "DELETE FROM calls WHERE call > 'c2'")
    checksum = spool.checksum_of(home, 3)
    await ask(url, "UPDATE spools SET line = 3, checked_line = 3, checksum = $1", checksum)
    assert await would_find(home, url) == ("database-older", ("5",))
    async with hotline(home, url) as again:
        again.tells(9)
        await again.arrive()
        assert again.codes() == ["database-older"] and again.journal.spool == first.journal.spool
    await assert_all_there_once(url, *range(10))


async def test_lines_that_the_journal_does_not_keep_any_more_are_told_not_skipped(home: Path, url: str) -> None:
    async with hotline(home, url) as first:
        first.journal.kept = timedelta(0)
        for number in range(4):
            first.tells(number)
            first.journal.checkpoint(MORNING, {"state": number})
        await first.arrive()
        await eventually(lambda: spool.kept_lines(home)[1] == 4, "the marks of segments that PostgreSQL has")
        first.tells(4)
        await first.arrive()
        await eventually(lambda: spool.first_line(spool.segments(home)[0]) > 3, "the segments' removal")
    kept = spool.first_line(spool.segments(home)[0])
    await ask(url, "TRUNCATE call_log, calls, spools, cards")
    assert await would_find(home, url) == ("lines-missing", ("1", str(kept - 1)))
    async with hotline(home, url) as again:
        again.tells(10)
        await again.arrive()
        assert again.codes()[0] == "lines-missing"
        assert ("lines-missing", ("1", str(kept - 1))) in {(each.code, each.words) for each in again.told}
    ((line, idx, reason),) = await ask(url, "SELECT line, idx, reason FROM dead_letters")
    assert (line, idx) == (1, -1) and f"to {kept - 1} are missing" in reason


@pytest.mark.parametrize("moment", ["before the name", "before the row"])
async def test_a_start_killed_in_the_middle_of_a_renaming_is_as_if_it_had_not_begun(
    home: Path, url: str, moment: str
) -> None:
    async with hotline(home, url) as first:
        first.tells(0, 1)
        await first.arrive()
        copy = copied(home, "copy")
        first.tells(2)
        await first.arrive()
    before = (copy / "id").read_text()
    renew(copy)
    if moment == "before the name":
        write_private(copy / "id", before)
        assert known_in(copy) is not None and known_in(copy).ancestors == ()  # type: ignore[union-attr]
    async with hotline(copy, url) as restored:
        restored.tells(10)
        await restored.arrive()
        assert restored.codes() == ["state-older"]
        assert before in restored.journal.identity.ancestors
    await assert_all_there_once(url, 0, 1, 2, 10)


async def test_a_former_versions_place_has_no_checksum_and_is_known_by_its_rows(home: Path, url: str) -> None:
    async with hotline(home, url) as first:
        first.tells(*range(6))
        await first.arrive()
        copy = copied(home, "copy")
        first.tells(6, 7)
        await first.arrive()
    for stale in ("NULL, checksum = NULL", "3, checksum = 77"):
        await ask(url, f"UPDATE spools SET checked_line = {stale}, writer = ''")
        async with hotline(home, url) as same:
            await same.arrive()
            assert same.codes() == [] and same.journal.spool == first.journal.spool
        await ask(url, f"UPDATE spools SET checked_line = {stale}, writer = ''")
    async with hotline(copy, url) as restored:
        restored.tells(*range(20, 24))
        await restored.arrive()
        assert restored.codes() == ["state-older"]
    await assert_all_there_once(url, *range(8), *range(20, 24))


async def test_a_call_that_ended_since_the_copy_keeps_its_ending(home: Path, url: str) -> None:
    """The older state takes it for open, finds no channel, and says that it was lost; a callback must not be made again."""
    call = AnsweredCall("c1")
    lines = call.lines()
    async with hotline(home, url) as first:
        for line in lines[:5]:
            first.journal.append(*line)
        await first.arrive()
        copy = copied(home, "copy")
        for line in lines[5:]:
            first.journal.append(*line)
        await first.arrive()
    async with hotline(copy, url) as restored:
        later = MORNING + timedelta(hours=5)
        names = {"call": "c1", "agent": "1001", "offer": "c1-1", "queue": "billing"}
        restored.journal.append(later, TimePassed(), [
            Log(Kind.TALK_ENDED, **names, detail={"talk_s": 17000.0, "by": "lost"}),
            call.ended(Ending.LOST, 7.0, 17000.0, within=True),
        ])  # fmt: skip
        restored.journal.append(*AnsweredCall("c2", at=later).lines()[0])
        known_when_found: list[set[str]] = []
        restored.shipper.on_found = lambda: known_when_found.append(set(restored.ended_elsewhere))
        await restored.arrive()
        assert restored.ended_elsewhere == {"c1"}
        assert known_when_found == [{"c1"}], "callbacks may be dialled from then on"
    assert await ask(url, "SELECT call, ending, talk_s FROM calls ORDER BY call") == [
        ("c1", "answered", 60.0),
        ("c2", None, None),
    ]
    assert await ask(url, "SELECT talk_s, ended_by FROM offers") == [(60.0, "caller")]
    assert await ask(url, "SELECT count(*) FROM call_log WHERE kind = 'ended'") == [(2,)]  # what was told stays told
    # And so it is after another start.
    async with hotline(copy, url) as again:
        again.journal.append(later, TimePassed(), [call.ended(Ending.LOST, 7.0, 17000.0, within=True)])
        await again.arrive()
    assert await ask(url, "SELECT ending FROM calls WHERE call = 'c1'") == [("answered",)]


async def test_an_emptied_journal_folder_with_its_old_name_goes_on_under_another(home: Path, url: str) -> None:
    async with hotline(home, url) as first:
        first.tells(0, 1, 2)
        await first.arrive()
    for segment in spool.segments(home):
        segment.unlink()
    async with hotline(home, url) as again:
        again.tells(10)
        await again.arrive()
        assert again.codes() == ["state-older"]
    await assert_all_there_once(url, 0, 1, 2, 10)


async def test_the_segments_are_looked_through_from_the_end_and_the_first_strange_line_is_found(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_match, "AT_A_TIME", 3)
    async with hotline(home, url) as first:
        for number in range(20):
            first.tells(number)
            if number % 6 == 5:
                first.journal.checkpoint(MORNING, {"state": number})
        await first.arrive()
        copy = copied(home, "copy")
        first.tells(*range(20, 30))
        await first.arrive()
    async with hotline(copy, url) as restored:
        restored.journal.append(MORNING, TimePassed(), [])  # a line without rows leaves nothing in PostgreSQL
        restored.tells(*range(50, 62))
        restored.journal.checkpoint(MORNING, {"state": 99})
        restored.tells(*range(62, 70))
        await restored.arrive()
        assert [notice.words for notice in restored.told] == [("22",)]
    await assert_all_there_once(url, *range(30), *range(50, 70))


async def test_doctor_sees_it_before_a_start_and_changes_nothing(home: Path, url: str) -> None:
    assert await would_find(home, url) == ("", ())
    async with hotline(home, url) as first:
        first.tells(0, 1)
        await first.arrive()
        copy = copied(home, "copy")
        first.tells(2)
        await first.arrive()
    assert await would_find(home, url) == ("", ())
    before = {each: each.read_bytes() for each in copy.iterdir()}
    places = await ask(url, "SELECT * FROM spools")
    assert await would_find(copy, url) == ("state-older", ("3",))
    assert (await would_find(home.with_name("nobody's"), url))[0] == "other-journal"
    assert {each: each.read_bytes() for each in copy.iterdir()} == before
    assert await ask(url, "SELECT * FROM spools") == places


@pytest.mark.parametrize("code", words.SAID["en"])
def test_every_notice_has_its_sentence_and_its_remedy_in_both_languages(code: str) -> None:
    for language in ("en", "zh"):
        assert words.said(code, ("7", "9"), language) and words.REMEDY[language][code]
    assert ALARM_NAMES[code] in ALARMS
    assert words.REMEDY["en"][code] in words.detail(code, ("7", "9"))

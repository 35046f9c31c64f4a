"""Rows that nobody can take and lines that the disk has spoilt: each goes aside, and nothing behind it waits or is skipped."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acd.engine.commands import Kind, Log
from acd.engine.events import AlarmRaised
from acd.store.journal import spool
from acd.store.journal.codec import event_form, to_json
from acd.store.journal.journal import Journal
from acd.store.shipping import shipper as shipping
from acd.store.shipping.shipper import Shipper
from tests.store.support.hotline_rows import Hotline, ask, hotline
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture, filler
from tests.support.waiting import eventually

FAULTY: dict[str, Any] = {
    "a list for a detail": {"kind": "talk ended", "call": "x", "offer": "x-1", "agent": "1001", "detail": ["talk_s"]},
    "a text for a detail": {"kind": "menu", "call": "x", "detail": "zh"},
    "a number for a row": 7,
    "a text for a row": "menu",
    "nothing for a row": None,
    "a list for a row": ["menu"],
    "no kind": {"call": "x"},
    "an unknown kind": {"kind": "sang", "call": "x"},
    "a kind that is a list": {"kind": ["menu"], "call": "x"},
    "a call that is a number": {"kind": "menu", "call": 7},
    "a call that is a table": {"kind": "menu", "call": {"c": 1}},
    "seconds beyond all time": {"kind": "connected", "call": "x", "offer": "x-1", "agent": "1", "detail": {"wait_s": 1e20}},
    "seconds that are a word": {"kind": "talk ended", "call": "x", "offer": "x-1", "agent": "1", "detail": {"talk_s": "long"}},
    "a detail that is missing": {"kind": "offer ended", "call": "x", "offer": "x-1", "agent": "1"},
    "a number too large for its column": {"kind": "offered", "call": "x", "offer": "x-1", "agent": "1", "detail": {"number": 10**12}},
    "a key longer than an index takes": {"kind": "menu", "call": random.Random(1).randbytes(9000).hex()},
    "an infinite number": {"kind": "connected", "call": "x", "offer": "x-1", "agent": "1", "detail": {"wait_s": "inf"}},
}  # fmt: skip


def line_of(number: int, rows: list[Any], sealed: bool = True) -> bytes:
    """A line as the journal writes it, with whatever rows."""
    event = json.loads(to_json(event_form(AlarmRaised("made", str(number)))))
    form = {"n": number, "at": MORNING.isoformat(), "event": event, "logs": rows}
    body = json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()
    return spool.sealed(body[:-1]) if sealed else body + b"\n"


def whole_rows(number: int) -> list[Any]:
    return [
        {"kind": "arrived", "call": f"c{number}", "detail": {"caller": "1"}},
        {"kind": "menu", "call": f"c{number}"},
    ]


def written(folder: Path, lines: list[bytes]) -> None:
    """A journal with these lines."""
    Journal(folder).close()
    with spool.segments(folder)[0].open("ab") as file:
        file.write(b"".join(lines))


@pytest.mark.parametrize("fault", FAULTY)
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "among others"])
async def test_a_faulty_row_goes_aside_and_all_others_arrive(tmp_path: Path, url: str, fault: str, alone: bool) -> None:
    many = 1 if alone else 9
    lines = [line_of(number, whole_rows(number)) for number in range(1, many)]
    lines.append(line_of(many, [*whole_rows(many), FAULTY[fault], {"kind": "menu", "call": f"c{many}"}]))
    lines += [line_of(number, whole_rows(number)) for number in range(many + 1, many + 4)]
    written(tmp_path / "j", lines)
    async with hotline(tmp_path / "j", url) as ours:
        await ours.arrive()
        await eventually(lambda: ours.shipper.healthy)
        assert ours.codes() == ["rows-set-aside"] and ours.shipper.set_aside == 1
        await ours.shipper._beat()
        assert ours.shipper.set_aside == 1
    aside = await ask(url, "SELECT line, idx, told_at FROM dead_letters")
    assert aside == [(many, 2, MORNING)]
    found = await ask(url, "SELECT line, idx FROM call_log ORDER BY line, idx")
    wanted = [(number, idx) for number in range(1, many + 4) for idx in (0, 1)]
    assert found == sorted([*wanted, (many, 3)])


async def test_no_log_shows_what_a_row_says(tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A caller's number where none belongs: the reason stands in the table, which only the operator reads."""
    faults = [
        {"kind": "arrived", "call": "x", "detail": {"caller": 13800001111, "dialled": "2"}},
        {"kind": "connected", "call": "x", "offer": "x-1", "agent": "1", "detail": {"wait_s": "13800001111"}},
        {"kind": "offered", "call": "x", "offer": "x-1", "agent": "1", "detail": {"number": 13800001111}},
        {"kind": "talk ended", "call": "x", "offer": "x-1", "agent": "1", "detail": {"talk_s": "+8613800001111 "}},
        {"kind": "13800001111", "call": "x"},
    ]
    written(tmp_path / "j", [line_of(1, faults)])
    async with hotline(tmp_path / "j", url) as ours:
        await ours.arrive()
        assert ours.shipper.set_aside == 2
    assert "13800001111" not in caplog.text and "was put aside" in caplog.text


async def test_many_faulty_rows_in_one_batch_cost_seconds_and_nobody_else(tmp_path: Path, url: str) -> None:
    faults = list(FAULTY.values())
    lines = [line_of(n, [*whole_rows(n), faults[n % len(faults)]]) for n in range(1, 101)]
    written(tmp_path / "j", lines)
    async with hotline(tmp_path / "j", url) as ours:
        await ours.arrive()
        assert ours.shipper.set_aside == 100 and ours.codes() == ["rows-set-aside"]
    assert await ask(url, "SELECT count(*) FROM call_log") == [(200,)]
    assert await ask(url, "SELECT count(*) FROM calls") == [(100,)]


def test_a_line_carries_its_checksum_and_a_changed_byte_is_seen(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in range(3):
        journal.append(*filler(number))
    journal.close()
    segment = spool.segments(tmp_path)[0]
    whole = segment.read_bytes()
    head, first, second, third = whole.splitlines(keepends=True)
    chance = random.Random(5)
    for _ in range(300):
        at = chance.randrange(len(second) - 1)
        bit = 1 << chance.randrange(8)
        changed = bytearray(second)
        changed[at] ^= bit
        segment.write_bytes(head + first + bytes(changed) + third)
        found = [line for line, _ in spool.lines(segment)]
        if b"\n" in changed[:-1]:
            assert [each.number for each in found if isinstance(each, spool.Line)] == [1, 3]
        else:
            assert [type(each) for each in found] == [spool.Line, spool.Damaged, spool.Line], (at, bit)
            assert [each.number for each in found] == [1, 2, 3]
    for at in (5, len(head) // 2):
        segment.write_bytes(head[:at] + b"7" + head[at + 1 :] + first)
        assert spool.head(segment) is None


@pytest.mark.parametrize("sealed", [True, False], ids=["with checksum", "of a former version"])
@pytest.mark.parametrize("said", [7003, 2, 30])
async def test_a_damaged_number_skips_nothing(tmp_path: Path, url: str, sealed: bool, said: int) -> None:
    """One digit on the disk: 3 became 7003, and rows 4 to 7,002 were taken for shipped; so were the next 7,000 of the next start."""
    lines = [line_of(number, whole_rows(number), sealed) for number in range(1, 9)]
    lines[2] = lines[2].replace(b'{"n":3,', b'{"n":%d,' % said)
    written(tmp_path / "j", lines)
    async with hotline(tmp_path / "j", url) as ours:
        await ours.arrive()
        ours.tells(100)
        await ours.arrive()
        assert ours.journal.synced == 9
    assert [line for (line,) in await ask(url, "SELECT DISTINCT line FROM call_log ORDER BY line")] == [1, 2, 4, 5, 6, 7, 8, 9]  # fmt: skip
    assert await ask(url, "SELECT line, idx FROM dead_letters") == [(3, -1)]


async def test_lines_that_were_let_go_leave_a_note_in_their_place(tmp_path: Path, url: str) -> None:
    written(tmp_path / "j", [line_of(number, whole_rows(number)) for number in (1, 2, 6, 7)])
    async with hotline(tmp_path / "j", url) as ours:
        await ours.arrive()
    assert await ask(url, "SELECT line, idx, reason FROM dead_letters") == [
        (3, -1, "lines 3 to 5 are missing in the journal")
    ]
    assert await ask(url, "SELECT count(*) FROM call_log") == [(8,)]


async def test_an_overlong_line_is_not_read_into_memory_and_stops_nobody(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "LONGEST_LINE", 5_000)
    monkeypatch.setattr(spool, "KEPT_OF_OVERLONG", 1_000)
    lines = [line_of(number, whole_rows(number)) for number in range(1, 6)]
    lines[2] = lines[2].rstrip(b"\n") + b"\0" * 3_000_000 + b"\n"
    written(tmp_path / "j", lines)
    async with hotline(tmp_path / "j", url) as ours:
        ours.tells(100)
        await ours.arrive()
    ((line, reason, length),) = await ask(url, "SELECT line, reason, length(body) FROM dead_letters")
    assert (line, length) == (3, 1_000) and "longer than 5,000 bytes" in reason
    assert await ask(url, "SELECT count(DISTINCT line) FROM call_log") == [(5,)]


async def test_a_last_line_that_is_damaged_is_put_aside_and_its_number_not_given_again(
    tmp_path: Path, url: str
) -> None:
    written(tmp_path / "j", [line_of(1, whole_rows(1)), line_of(2, whole_rows(2)).replace(b"c2", b"c3")])
    async with hotline(tmp_path / "j", url) as ours:
        ours.tells(100)
        await ours.arrive()
        assert ours.journal.synced == 3
    assert await ask(url, "SELECT line, idx FROM dead_letters") == [(2, -1)]


async def test_internal_errors_of_postgresql_put_a_row_aside_in_the_end_and_never_all_of_them(
    ground: StoreFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "LONGEST_PAUSE_S", 0.05)
    await ground.store.migrate()
    await ground.sql(
        "CREATE FUNCTION page() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.call = 'c3' OR "
        "current_setting('sanxiang.every', true) = 'on' THEN RAISE EXCEPTION 'damaged page' USING ERRCODE = 'XX001'; "
        "END IF; RETURN NEW; END $$"
    )
    await ground.sql("CREATE TRIGGER page BEFORE INSERT ON call_log FOR EACH ROW EXECUTE FUNCTION page()")
    for number in range(6):
        ground.journal.append(*filler(number))
    await ground.arrive()
    assert await ground.sql("SELECT line, idx FROM dead_letters ORDER BY idx") == [(4, 0), (4, 1), (4, 2)]
    assert await ground.sql("SELECT count(*) FROM call_log") == [(15,)]
    # Of all rows: the server is in trouble, and they wait.
    name = (await ground.sql("SELECT current_database()"))[0][0]
    await ground.sql(f"ALTER DATABASE {name} SET sanxiang.every = 'on'")
    await ground.store.reconnect()
    for number in range(10, 14):
        ground.journal.append(*filler(number))
    ground.journal.sync()
    tries = ground.shipper._internal_errors
    while ground.shipper._internal_errors < tries + shipping.INTERNAL_ERRORS + 3:
        await asyncio.sleep(0.02)
    assert ground.shipper.behind == 4 and await ground.sql("SELECT count(*) FROM dead_letters") == [(3,)]
    await ground.sql(f"ALTER DATABASE {name} RESET sanxiang.every")
    await ground.arrive()
    assert await ground.sql("SELECT count(*) FROM call_log") == [(27,)]


# -- whatever happens to rows, lines, disk and processes ---------------------------------------------------------------------


def _flip(chance: random.Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw) - 1)
    return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]


DAMAGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _flip,
    lambda chance, raw: b"\0" * (len(raw) - 1) + b"\n",
    lambda chance, raw: raw[:-1],  # joined with the next
    lambda chance, raw: raw[: chance.randrange(1, len(raw))] + b"\n",
    lambda chance, raw: raw + raw,  # twice
    lambda chance, raw: b"",  # gone
    lambda chance, raw: raw[: len(raw) // 2] + b"\n" + raw[len(raw) // 2 :],
    lambda chance, raw: raw.replace(b'{"n":', b'{"n":9', 1),
    lambda chance, raw: b"[" * 100_000 + b"\n",
    lambda chance, raw: b"\n",
    lambda chance, raw: b"\xff\xfe" + raw,
)


@pytest.mark.parametrize("seed", range(12))
async def test_every_row_is_in_the_tables_or_set_aside_once_whatever_is_wrong(
    tmp_path: Path, url: str, seed: int
) -> None:
    """Random rows, faulty ones among them, lines spoilt on the disk, and a shipper that is ended at any moment."""
    chance = random.Random(seed)
    faults = list(FAULTY.values())
    lines: list[bytes] = []
    rows: dict[int, list[Any]] = {}
    for number in range(1, 161):
        rows[number] = [
            chance.choice(faults) if chance.random() < 0.15 else {"kind": "menu", "call": f"c{number}-{idx}"}
            for idx in range(chance.randrange(0, 5))
        ]
        lines.append(line_of(number, rows[number], sealed=number > 40 or chance.random() < 0.3))
    spoilt: set[int] = set()
    for index in sorted(chance.sample(range(len(lines) - 1), 12)):
        lines[index] = chance.choice(DAMAGES)(chance, lines[index])
        # A lost line break takes the next line with it.
        spoilt |= {index + 1} if lines[index].endswith(b"\n") else {index + 1, index + 2}
    written(tmp_path / "j", lines)
    ends = chance.randrange(0, 4)
    for turn in range(ends + 1):
        async with hotline(tmp_path / "j", url, batch_rows=chance.choice([1, 7, 30, 250])) as ours:
            if turn < ends:
                ours.go()
                await _some_lines(ours, chance.randrange(1, 80))
                continue
            await ours.arrive()
            await eventually(lambda ours=ours: ours.shipper.healthy)  # type: ignore[misc]
    found = {(line, idx): call for line, idx, call in await ask(url, "SELECT line, idx, call FROM call_log")}
    aside = await ask(url, "SELECT line, idx, reason, body FROM dead_letters")
    whole_lines = {line for line, idx, _, _ in aside if idx < 0}
    for _, _, reason, _ in aside:
        if "are missing in the journal" in reason:
            first, last = (int(word) for word in reason.split()[1:4:2])
            whole_lines |= set(range(first, last + 1))
    bodies = "".join(body for _, idx, _, body in aside if idx < 0)
    single = {(line, idx) for line, idx, _, _ in aside if idx >= 0}
    for number, said in rows.items():
        # Lines of a former version, which have no checksum, are set aside whole where damaged ones stand around them.
        whole = f'"detail":"{number}"' in bodies or (number in whole_lines and number in spoilt)
        for idx, form in enumerate(said):
            places = ((number, idx) in found) + ((number, idx) in single) + whole
            assert places >= 1, f"row {number}/{idx} is nowhere: {form!r}"
            if number not in spoilt:
                assert places == 1 and (not whole or number <= 40)
                assert whole or ((number, idx) in single) == (form in faults)
    for (number, idx), call in found.items():
        assert rows[number][idx]["call"] == call, "no row stands in another's place"


async def _some_lines(ours: Hotline, many: int) -> None:
    """Until so many lines more are in PostgreSQL, or all."""
    begin = ours.shipper._line
    for _ in itertools.count():
        if (ours.shipper.behind == 0 and ours.shipper._known) or ours.shipper._line >= begin + many:
            return
        ours.shipper._moved.clear()
        await ours.shipper._moved.wait()


# -- another try -----------------------------------------------------------------------------------------------------------


async def test_rows_set_aside_are_listed_tried_again_and_forgotten(ground: StoreFixture) -> None:
    await ground.store.migrate()
    await ground.sql("ALTER TABLE recordings ADD CONSTRAINT no_more CHECK (agent <> '1001') NOT VALID")
    for line in AnsweredCall("c1").lines():
        ground.journal.append(*line)
    ground.log(Log(Kind.MENU, "c2", detail={"path": "zh/0"}))
    await ground.arrive()
    aside = await ground.store.set_aside()
    assert aside and all("no_more" in each.reason for each in aside) and ground.shipper.set_aside == len(aside)
    first = aside[0]
    said = await ground.store.set_aside_body(first.spool, first.line, first.idx)
    assert said is not None and '"kind":"offered"' in said
    assert await ground.store.set_aside_body(first.spool, first.line, 77) is None
    # Nothing was mended: they stay.
    went = await ground.store.retry_set_aside()
    assert (went.taken, went.left) == (0, len(aside))
    await ground.sql("ALTER TABLE recordings DROP CONSTRAINT no_more")
    went = await ground.store.retry_set_aside()
    assert (went.taken, went.left) == (len(aside), 0) and await ground.store.set_aside() == []
    await ground.assert_exactly_once()
    assert await ground.sql("SELECT ending FROM calls WHERE call = 'c1'") == [("answered",)]
    assert await ground.sql("SELECT talk_s FROM offers") == [(60.0,)]
    assert await ground.sql("SELECT at FROM call_log WHERE kind = 'arrived'") == [(AnsweredCall("c1").at,)]


async def test_another_try_takes_nothing_for_another_row_and_no_agent_back_in_time(tmp_path: Path, url: str) -> None:
    states = [
        {"kind": "agent state", "agent": "1001", "detail": {"state": "idle"}},
        {"kind": "agent state", "agent": "1001", "detail": {"state": "wrap-up"}},
    ]
    lines = [line_of(1, states[:1]), line_of(2, whole_rows(2)).replace(b'"n":2', b'"n":9'), line_of(5, states[1:])]
    written(tmp_path / "j", lines)
    async with hotline(tmp_path / "j", url) as ours:
        await ours.arrive()
        name = ours.journal.spool
        await ask(
            url,
            "INSERT INTO dead_letters (spool, line, idx, reason, body, told_at)"
            " VALUES ($1, 1, 5, 'made', $2, timestamptz '2020-01-01')",
            name,
            json.dumps({"kind": "agent state", "agent": "1001", "detail": {"state": "talking"}}),
        )
        went = await ours.store.retry_set_aside()
        assert (went.taken, went.left) == (1, 2)  # the damaged line and the missing ones stay
        assert await ask(url, "SELECT state FROM agents") == [("wrap-up",)]
        assert await ours.store.forget_missing() == 1
        (damaged,) = await ours.store.set_aside()
        assert (damaged.line, damaged.idx) == (2, -1)
        assert await ours.store.forget_set_aside(name, 2, -1) and not await ours.store.forget_set_aside(name, 2, -1)


async def test_an_alarm_about_rows_set_aside_that_is_refused_itself_makes_no_other(ground: StoreFixture) -> None:
    await ground.store.migrate()
    await ground.sql("ALTER TABLE call_log ADD CONSTRAINT quiet CHECK (kind <> 'alarm')")
    told = 0

    def tell(notice: object) -> None:
        nonlocal told
        told += 1
        ground.log(Log(Kind.ALARM, detail={"name": "made", "detail": "rows set aside"}))

    ground.shipper.on_notice = tell
    ground.log(Log(Kind.ALARM, detail={"name": "first"}))
    for _ in range(5):
        await ground.arrive()
    assert told == 1 and ground.shipper.set_aside == 2
    assert isinstance(ground.shipper, Shipper)

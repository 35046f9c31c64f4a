"""Recordings are kept by class: which class wins, what a hold does, what the night deletes and what the dry run says before; and what goes with
a call's last sound."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from acd.config import BadConfiguration, check
from acd.daemon.core import Core
from acd.daemon.recording_keeper import RecordingKeeper
from acd.daemon.recurring import Recurring
from acd.engine.commands import Offer
from acd.engine.self_service_events import LookedUp
from acd.engine.transfer_events import CardWritten
from acd.store.queries.recording_keeping import AT_ONCE, KeepDays
from acd.store.retention import by_hand, due
from acd.store.retention.of_config import rules_of
from acd.store.retention.rules import RetentionClass, Rules
from recordings import manifest
from recordings.chain import Chain, Key
from recordings.chain_check import Checked
from recordings.chain_check import check as held_against_chain
from recordings.retention import dry_run, next_night
from recordings.sealing import seal
from tests.web.support.kept_recordings import audited, keeping, keeping_server, posted, talk
from tests.web.support.web_server import CONFIG, RunningServer
from tests.web.test_command_line import said, sanxiang

RECORDINGS: dict[str, Any] = {
    "keep_days": 30,
    "forget_callers": True,
    "retention": {
        "complaint": {"dispositions": ["ticket"], "reasons": ["complaint"], "days": 90},
        "payment": {"lookups": ["balances"], "days": 60},
        "evidence": {"days": 0},
    },
}
TOML = """
[hotline]
name = "三响热线"
[queues.orders]
label = { zh = "订单", en = "Orders" }
[recordings]
keep_days = 30
forget_callers = true
[recordings.retention.complaint]
dispositions = ["ticket"]
days = 90
[recordings.retention.payment]
lookups = ["balances"]
days = 60
[recordings.retention.evidence]
days = 0
"""
RULES = rules_of(check({**CONFIG, "recordings": RECORDINGS}))


@pytest.fixture(scope="module")
async def served(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    written = {**CONFIG, "recordings": RECORDINGS}
    async with keeping_server(tmp_path_factory.mktemp("retention"), database, TOML, written) as house:
        yield house


@pytest.fixture
async def house(served: RunningServer) -> RunningServer:
    """Nothing is stored of the tests before."""
    for file in (served.folder / "recordings").rglob("*.*"):
        file.unlink()
    async with served.store.transaction() as connection:
        for table in ("recordings", "call_retention", "cards", "call_log", "offers", "transfers", "calls"):
            await connection.execute(text(f"DELETE FROM {table}"))
    return served


@pytest.fixture
async def qa(house: RunningServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with house.client("qa") as client:
        yield client


async def in_days(house: RunningServer, days: float, rules: Rules = RULES) -> list[str]:
    """What is over its time then, by offer."""
    async with house.store.transaction() as connection:
        return [each.offer for each in await due.recordings(connection, rules, house.time.now() + timedelta(days=days))]


async def with_lookup(house: RunningServer, lookup: str) -> Offer:
    call = house.calls.arrives()
    offer = await house.calls.answered(call)
    house.calls.tell(LookedUp(call, lookup, "caller", "found"))
    await house.calls.over(offer)
    await house.calls.ready("1001")
    await house.calls.filed(offer)
    return offer


async def kept(house: RunningServer, call: str, rules: Rules = RULES) -> by_hand.CallRetention:
    async with house.store.transaction() as connection:
        found = await by_hand.of_one(connection, rules, call)
    assert found is not None
    return found


async def test_the_class_that_is_kept_longest_wins(house: RunningServer):
    plain, _ = await talk(house)
    complaint, _ = await talk(house)
    house.calls.tell(CardWritten(complaint.call, "1001", "disposition", {"code": "ticket", "text": ""}))
    await house.calls.written(complaint.call)
    paid = await with_lookup(house, "balances")
    other = await with_lookup(house, "orders")
    both = await with_lookup(house, "balances")
    handed, _ = await talk(house)
    async with house.store.transaction() as connection:
        for offer in (both, handed):
            await connection.execute(
                text(
                    "INSERT INTO transfers (call, number, asked_at, reason, kind, state)"
                    " VALUES (:call, 1, now(), 'complaint', 'queue', 'completed')"
                ),
                {"call": offer.call},
            )
    names = [(await kept(house, each.call)).class_name for each in (plain, complaint, paid, other, both, handed)]
    assert names == ["general", "complaint", "payment", "general", "complaint", "complaint"]
    assert await in_days(house, 29) == []
    assert set(await in_days(house, 31)) == {plain.offer, other.offer}
    assert set(await in_days(house, 61)) == {plain.offer, other.offer, paid.offer}
    assert len(await in_days(house, 91)) == 6
    found = await kept(house, paid.call)
    row = await house.store.recording(paid.offer)
    assert row is not None and row.talk_ended_at is not None
    assert (found.days, found.until) == (60, row.talk_ended_at + timedelta(days=60))
    # General days that are longer than the class's, or for ever, win over it.
    assert (await kept(house, paid.call, Rules(KeepDays(365), RULES.classes))).class_name == "general"
    for_ever = Rules(KeepDays(0), RULES.classes)
    assert (await kept(house, paid.call, for_ever)).until is None
    assert await in_days(house, 10_000, for_ever) == []
    by_queue = Rules(KeepDays(30), {"long": RetentionClass(90, queues=("orders",))})
    assert (await kept(house, plain.call, by_queue)).class_name == "long"
    assert await in_days(house, 89, by_queue) == []


async def test_the_night_deletes_what_the_dry_run_has_said_and_signs_it(house: RunningServer):
    root = house.folder / "recordings"
    plain, file = await talk(house)
    complaint, kept_file = await talk(house)
    house.calls.tell(CardWritten(complaint.call, "1001", "disposition", {"code": "ticket", "text": ""}))
    await house.calls.written(complaint.call)
    chain = Chain(house.folder, Key.of(house.folder, make=True))
    await seal(house.store, root, chain, house.time.now())
    size = file.stat().st_size
    then = house.time.now() + timedelta(days=31)
    said_before = await dry_run(house.store, root, RULES, then)
    assert (said_before.by_class, said_before.bytes) == ({"general": 1}, size)
    assert [each.offer for each in said_before.first] == [plain.offer] and file.exists(), "a dry run deletes nothing"
    house.time.forward(timedelta(days=31).total_seconds())
    done = await keeping(house).delete_due(RULES)
    assert (done.by_class, done.bytes, done.missing) == (said_before.by_class, said_before.bytes, 0)
    assert not file.exists() and kept_file.exists()
    leg = manifest.leg_in(manifest.read(root, plain.call), plain.offer)
    assert leg is not None and (leg["deleted"]["by"], leg["deleted"]["why"]) == ("keep_days", "kept for 30 days")
    house.time.forward(timedelta(days=60).total_seconds())
    await keeping(house).delete_due(RULES)
    leg = manifest.leg_in(manifest.read(root, complaint.call), complaint.offer)
    assert leg is not None and leg["deleted"]["why"] == "complaint: kept for 90 days"
    found = [each async for each in held_against_chain(house.store, root, chain, lambda folder: True, Checked())]
    assert found == [], "what the night deletes is signed, and is no finding"


async def test_with_the_last_sound_goes_what_names_the_caller_of_this_call_alone(house: RunningServer):
    old, _ = await talk(house, "13899997777")
    secret = "lost both keys at the lake"
    house.calls.tell(CardWritten(old.call, "1001", "note", {"text": secret}))
    await house.calls.written(old.call)
    held, _ = await talk(house, "13899996666")
    house.time.forward(timedelta(days=31).total_seconds())
    new, _ = await talk(house, "13899997777")
    async with house.store.transaction() as connection:
        await by_hand.hold(connection, held.call, house.time.now(), "qa", "lawsuit 7")
    writings = check(CONFIG).numbering.former_writings
    then = house.time.now()
    assert (await dry_run(house.store, house.folder / "recordings", RULES, then)).callers == 1
    assert await keeping(house).forget_due(Rules(RULES.keep, RULES.classes), writings) == [], (
        "only where it is asked for"
    )
    await keeping(house).delete_due(RULES)
    assert await keeping(house).forget_due(RULES, writings) == [old.call]
    row = await house.store.call(old.call)
    assert row is not None and (row.caller, row.agent, row.ending) == ("unknown", "1001", "answered")
    card = await house.store.card(old.call)
    assert card is not None and secret not in str(card) and card["caller"] == "unknown"
    async with house.store.transaction() as connection:
        log = str(
            [*await connection.execute(text("SELECT call, detail FROM call_log WHERE call = :c"), {"c": old.call})]
        )
    assert secret not in log and "99997777" not in log
    for other in (new, held):
        row = await house.store.call(other.call)
        assert row is not None and row.caller.endswith({new: "7777", held: "6666"}[other])
    assert await keeping(house).forget_due(RULES, writings) == [], "once is enough"


async def test_a_call_that_owes_a_callback_keeps_its_number(house: RunningServer):
    offer, _ = await talk(house, "13899995555")
    house.time.forward(timedelta(days=31).total_seconds())
    insert = (
        "INSERT INTO callback_promises (promise, number, of_call, made_at) VALUES ('p1', '+8613899995555', :c, now())"
    )
    async with house.store.transaction() as connection:
        await connection.execute(text(insert), {"c": offer.call})
    await keeping(house).delete_due(RULES)
    writings = check(CONFIG).numbering.former_writings
    assert await keeping(house).forget_due(RULES, writings) == []
    async with house.store.transaction() as connection:
        await connection.execute(text("UPDATE callback_promises SET ended_at = now()"))
    assert await keeping(house).forget_due(RULES, writings) == [offer.call]
    async with house.store.transaction() as connection:
        assert await connection.scalar(text("SELECT number FROM callback_promises")) == "unknown"
        await connection.execute(text("DELETE FROM callback_promises"))


async def test_a_hold_of_a_call_outlasts_every_class_until_it_is_released(
    house: RunningServer, qa: aiohttp.ClientSession
):
    offer, file = await talk(house)
    path = f"/api/calls/{offer.call}/retention"
    assert (await posted(qa, f"{path}/release", 409, reason="x"))["code"] == "call-not-held"
    for reason in ("a\0b", "\0", "\x1b", "x\n"):
        for word in (f"{path}/hold", f"{path}/release", f"/api/recordings/{offer.offer}/delete"):
            assert (await posted(qa, word, 400, reason=reason))["code"] == "illegal-character", (reason, word)
    assert not [row for row in audited(house) if row["action"] in ("call held", "recording deleted")]
    assert (await posted(qa, f"{path}/hold", reason="lawsuit 7")) | {"call": ""} == {
        "call": "", "class_name": "general", "held": True, "recordings": 1, "deleted_recordings": 0,
    }  # fmt: skip
    assert (await posted(qa, f"{path}/hold", 409, reason="again"))["code"] == "held"
    one = f"/api/recordings/{offer.offer}"
    shown = (await (await qa.get(one)).json())["recording"]
    assert (shown["held_by"], shown["held_why"], shown["held_call"]) == ("qa", "lawsuit 7", True)
    assert (await posted(qa, f"{one}/release", 409))["code"] == "call-held"
    refused = await posted(qa, f"{one}/delete", 409, reason="x")
    assert refused["code"] == "held" and "lawsuit 7" in refused["detail"]
    (listed,) = (await (await qa.get("/api/retention/held")).json())["held"]
    assert (listed["call"], listed["offer"], listed["held_why"]) == (offer.call, "", "lawsuit 7")
    later = f"{offer.call}-2"  # a leg that is filed only now is held with its call
    async with house.store.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO recordings (offer, call, agent, queue, offered_at, state, path)"
                " VALUES (:offer, :call, '1001', 'orders', :at, 'complete', :path)"
            ),
            {"offer": later, "call": offer.call, "at": house.time.now(), "path": f"2026/11/22/{later}.wav"},
        )
    house.time.forward(timedelta(days=4000).total_seconds())
    assert (await keeping(house).delete_due(RULES)).recordings == 0 and file.exists()
    found = await dry_run(house.store, house.folder / "recordings", RULES, house.time.now())
    assert (found.recordings, found.held, found.callers) == (0, 2, 0)
    async with house.client("qa") as client:
        await posted(client, f"{path}/release", reason="settled")
    assert (await keeping(house).delete_due(RULES)).recordings == 2 and not file.exists()
    lines = [row for row in audited(house) if row["action"] in ("call held", "call released")][-2:]
    assert [(row["action"], row["who"], row["reason"]) for row in lines] == [
        ("call held", "qa", "lawsuit 7"), ("call released", "qa", "settled"),
    ]  # fmt: skip
    assert lines[1]["held_why"] == "lawsuit 7"


async def test_a_hold_that_is_set_while_the_night_runs_is_kept(house: RunningServer):
    offer, file = await talk(house)
    other, other_file = await talk(house)
    house.time.forward(timedelta(days=31).total_seconds())
    now = house.time.now()
    async with house.store.transaction() as night:
        page = [each.offer for each in await due.recordings(night, RULES, now)]
    assert set(page) == {offer.offer, other.offer}
    async with house.store.transaction() as holding:  # the hold is not committed yet when the night marks its page
        await by_hand.hold(holding, offer.call, now, "qa", "lawsuit 7")

        async def marks() -> list[str]:
            async with house.store.transaction() as night:
                return [each.offer for each in await due.mark(night, RULES, page, now, now)]

        marking = asyncio.create_task(marks())
        await asyncio.sleep(0.5)
        assert not marking.done(), "the night waits for the hold"
    assert await marking == [other.offer]
    await keeping(house).delete_due(RULES)
    assert file.exists() and not other_file.exists()
    # The other way round: what the night has marked is not held any more, and the hold says so.
    async with house.store.transaction() as connection:
        assert await by_hand.hold(connection, other.call, now, "qa", "too late") == 0


async def test_a_class_given_meanwhile_is_kept(house: RunningServer):
    offer, _ = await talk(house)
    now = house.time.now() + timedelta(days=31)
    async with house.store.transaction() as connection:
        assert [each.offer for each in await due.recordings(connection, RULES, now)] == [offer.offer]
        await by_hand.give_class(connection, offer.call, "payment", now, "qa", "paid by card")
        assert await due.mark(connection, RULES, [offer.offer], now, now) == []


async def test_a_class_that_was_removed_keeps_what_was_given_it(house: RunningServer, qa: aiohttp.ClientSession):
    offer, file = await talk(house)
    path = f"/api/calls/{offer.call}/retention"
    refused = await posted(qa, f"{path}/class", 400, class_name="warranty", reason="x")
    assert refused["code"] == "unknown-class" and "evidence" in refused["detail"]
    await posted(qa, f"{path}/class", class_name="evidence", reason="accident")
    found = await (await qa.get(path)).json()
    assert (found["class_name"], found["until"], found["given_by"], found["given_why"]) == (
        "evidence", None, "qa", "accident",
    )  # fmt: skip
    without = Rules(RULES.keep, {name: each for name, each in RULES.classes.items() if name != "evidence"})
    then = house.time.now() + timedelta(days=4000)
    told = await dry_run(house.store, house.folder / "recordings", without, then)
    assert (told.recordings, told.unknown) == (0, {"evidence": 1})
    removed = await kept(house, offer.call, without)
    assert (removed.known, removed.until, removed.class_name) == (False, None, "evidence")
    house.time.forward(timedelta(days=4000).total_seconds())
    done = await keeping(house).delete_due(without)
    assert (done.recordings, done.unknown) == (0, {"evidence": 1}) and file.exists()
    async with house.client("qa") as client:
        await posted(client, f"{path}/class", class_name="", reason="closed")
    assert (await keeping(house).delete_due(without)).recordings == 1
    line = [row for row in audited(house) if row["action"] == "retention class given"][-1]
    assert (line["was"], line["now"], line["reason"]) == ("evidence", "", "closed")


async def test_the_daemons_night_does_all_of_it(house: RunningServer):
    """The rounds of one night as the daemon runs them, half a second before three o'clock in Shanghai."""
    offer, file = await talk(house, "13899994444")
    kept_call, kept_file = await talk(house)
    async with house.store.transaction() as connection:
        await by_hand.give_class(connection, kept_call.call, "warranty", house.time.now(), "qa", "class of last year")
    night = next_night(house.time.now() + timedelta(days=40), ZoneInfo("Asia/Shanghai"))
    told: list[Any] = []
    forgotten: list[str] = []
    done, begun = asyncio.Event(), asyncio.Event()

    class Cards:
        def forget(self, calls: list[str]) -> None:
            forgotten.extend(calls)

    class Rounds(Recurring):
        async def round(self, work: str, doing: Awaitable[None]) -> None:
            await super().round(work, doing)
            assert not self.failed, told
            if work == "nightly check of the recordings":
                done.set()

    core = SimpleNamespace(
        recordings_folder=house.folder / "recordings",
        tell=told.append,
        now=lambda: night - timedelta(seconds=0.5) if not begun.is_set() else night + timedelta(seconds=1),
        config=check({**CONFIG, "recordings": RECORDINGS}),
        zone=ZoneInfo("Asia/Shanghai"),
        installation=SimpleNamespace(state=house.folder),
        cards=Cards(),
    )
    asyncio.get_running_loop().call_later(0.3, begun.set)
    keeper = RecordingKeeper(cast(Core, core), Rounds(told.append))
    with capture_logs() as logs:
        nights = asyncio.create_task(keeper.each_night(house.store))
        async with asyncio.timeout(60):
            await done.wait()
        nights.cancel()
    assert not file.exists() and kept_file.exists()
    assert forgotten == [offer.call]
    row = await house.store.call(offer.call)
    assert row is not None and row.caller == "unknown"
    said_at_night = {line["event"]: line for line in logs}
    assert said_at_night["what was kept for its days is deleted"]["by_class"] == {"general": 1}
    warned = said_at_night["recordings are kept: their class is no longer in the configuration"]
    assert (warned["retention"], warned["recordings"]) == ("warranty", 1)


async def test_a_file_that_is_gone_already_is_counted_and_leaves_its_trace(house: RunningServer):
    offer, file = await talk(house)
    file.unlink()
    house.time.forward(timedelta(days=31).total_seconds())
    done = await keeping(house).delete_due(RULES)
    assert (done.recordings, done.missing, done.bytes) == (1, 1, 0)
    leg = manifest.leg_in(manifest.read(house.folder / "recordings", offer.call), offer.offer)
    assert leg is not None and leg["deleted"]["signature"]


async def test_a_sound_without_a_row_is_named_and_not_deleted(house: RunningServer):
    _, known = await talk(house)
    offer, file = await talk(house)
    async with house.store.transaction() as connection:
        await connection.execute(text("DELETE FROM recordings WHERE offer = :o"), {"o": offer.offer})
    (file.parent / "notes.txt").write_text("no sound")
    then = house.time.now() + timedelta(days=40)
    found = await dry_run(house.store, house.folder / "recordings", RULES, then)
    assert found.without_row == [f"2026/11/22/{offer.offer}.wav"]
    house.time.forward(timedelta(days=40).total_seconds())
    await keeping(house).delete_due(RULES)
    assert file.exists() and not known.exists()
    before = datetime(2026, 12, 1, tzinfo=UTC)
    assert (await dry_run(house.store, house.folder / "recordings", RULES, before)).without_row == [], "not over yet"


async def test_a_day_has_24_hours_whatever_clock_the_database_session_has(house: RunningServer):
    """Europe/Berlin had a day of 25 hours on 25 October 2026: PostgreSQL's own days would keep what ended at noon before it an hour longer."""
    offer, _ = await talk(house)
    ended = datetime(2026, 10, 24, 10, tzinfo=UTC)
    async with house.store.transaction() as connection:
        await connection.execute(text("UPDATE recordings SET talk_ended_at = :at"), {"at": ended})
        for zone in ("Europe/Berlin", "Asia/Shanghai", "America/New_York"):
            await connection.execute(text(f"SET LOCAL timezone = '{zone}'"))
            for seconds, found in ((-1, []), (1, [offer.offer])):
                now = ended + timedelta(days=30, seconds=seconds)
                assert [each.offer for each in await due.recordings(connection, RULES, now)] == found, zone


def test_the_night_is_at_three_of_the_hotlines_clock_where_clocks_change_too():
    shanghai, berlin = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # 1 December, 00:00 in Shanghai
    assert next_night(midnight, shanghai) == datetime(2026, 11, 30, 19, 0, tzinfo=UTC)
    assert next_night(midnight - timedelta(seconds=1), shanghai) == datetime(2026, 11, 30, 19, 0, tzinfo=UTC)
    assert next_night(midnight + timedelta(hours=3), shanghai) == datetime(2026, 12, 1, 19, 0, tzinfo=UTC)
    assert next_night(midnight, shanghai, date(2026, 12, 24)) == datetime(2026, 12, 23, 19, 0, tzinfo=UTC)
    evening = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)
    assert next_night(evening, berlin) - evening == timedelta(hours=8), "20:00 to 03:00, and an hour more that night"


async def test_what_is_due_is_found_page_by_page(house: RunningServer, monkeypatch: pytest.MonkeyPatch):
    await talk(house)
    monkeypatch.setattr(due, "FOUND_AT_ONCE", 300)
    copies = 2 * AT_ONCE + 1
    async with house.store.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO recordings (offer, call, agent, queue, offered_at, state, path)"
                " SELECT 'c9-9-9-' || n, 'c9-9-9', '1001', 'orders', now(), 'complete', '2026/11/22/c9-9-9-' || n || '.wav'"
                f" FROM generate_series(1, {copies}) AS n"
            )
        )
    then = house.time.now() + timedelta(days=31)
    found = await dry_run(house.store, house.folder / "recordings", RULES, then)
    assert (found.recordings, found.missing, len(found.first)) == (copies + 1, copies, 100)
    house.time.forward(timedelta(days=31).total_seconds())
    assert (await keeping(house).delete_due(RULES)).recordings == copies + 1


async def test_by_command(house: RunningServer):
    offer, _ = await talk(house)
    single, _ = await talk(house)
    assert await said(house, "recording", "held") == "Nothing is held.\n"
    assert "is held, with 1 recording." in await said(house, "recording", "hold", offer.call, "--why", "lawsuit 7")
    assert f"{single.offer} is held" in await said(house, "recording", "hold", single.offer, "--reason", "lawsuit 8")
    rows = json.loads(await said(house, "recording", "held", "--json"))
    assert [(row["call"], row["recording"], row["held_why"]) for row in rows] == [
        (offer.call, "", "lawsuit 7"), (single.call, single.offer, "lawsuit 8"),
    ]  # fmt: skip
    shown = await said(house, "recording", "list", "--held")
    assert "held: lawsuit 7" in shown and "held: lawsuit 8" in shown
    status, _, complaints = await sanxiang(house, "recording", "release", offer.call)
    assert status != 0 and "--why" in complaints
    assert "is released" in await said(house, "recording", "release", offer.call, "--why", "settled")
    assert "is kept as payment." in await said(house, "recording", "class", offer.call, "payment", "--why", "paid")
    status, _, complaints = await sanxiang(house, "recording", "class", offer.call, "paymnt", "--why", "paid")
    assert status != 0 and "There is no class paymnt" in complaints.replace("\n", " ")
    assert "is kept as general." in await said(house, "recording", "class", offer.call, "none", "--why", "no")
    status, _, complaints = await sanxiang(house, "recording", "hold", "c0-0-0", "--why", "x")
    assert status != 0 and "There is no call and no recording c0-0-0." in complaints.replace("\n", " ")
    status, _, complaints = await sanxiang(house, "recording", "hold", offer.call, "--why", "a\r\nb")
    assert status != 0 and "reason" in complaints


async def test_the_dry_run_by_command(house: RunningServer):
    offer, file = await talk(house)
    late = (house.time.now() + timedelta(days=33)).date().isoformat()
    status, _, complaints = await sanxiang(house, "recording", "retention")
    assert status != 0 and "--dry-run" in complaints
    status, _, complaints = await sanxiang(house, "recording", "retention", "--dry-run", "--day", "2020-01-01")
    assert status != 0 and "is over" in complaints.replace("\n", " ")
    status, _, complaints = await sanxiang(house, "recording", "retention", "--dry-run", "--day", "0001-01-01")
    assert status != 0 and "is over" in complaints.replace("\n", " ")
    found = json.loads(await said(house, "recording", "retention", "--dry-run", "--day", late, "--json"))
    assert found["classes"] == {"general": {"recordings": 1, "bytes": file.stat().st_size}}
    assert [each["recording"] for each in found["first"]] == [offer.offer] and found["callers"] == 1
    assert found["at"].endswith("19:00:00Z"), "03:00 in Shanghai"
    shown = await said(house, "recording", "retention", "--dry-run", "--day", late)
    assert offer.offer in shown and "general" in shown and "14 days" in shown and file.exists()
    assert "0 recordings" in await said(house, "recording", "retention", "--dry-run")


async def test_who_may_not_keep_recordings_holds_no_call(house: RunningServer):
    offer, _ = await talk(house)
    for role in ("operator", "supervisor", "full", "crm"):
        async with house.client(role) as client:
            for word, body in (("hold", {}), ("release", {}), ("class", {"class_name": "evidence"})):
                path = f"/api/calls/{offer.call}/retention/{word}"
                async with client.post(path, json={"reason": "x", **body}) as answer:
                    assert answer.status == 403, (role, word)
            assert (await client.get("/api/retention/held")).status == 403
    for role, status in (("qa", 200), ("operator", 403), ("administrator", 200)):
        async with house.client(role) as client:
            assert (await client.get(f"/api/calls/{offer.call}/retention")).status == status, role


@pytest.mark.parametrize(
    ("retention", "complaint"),
    [
        ({"complaints": {}}, 'recordings.retention.complaints.days: it is missing (did you mean "complaint"?)'),
        ({"general": {"days": 5}}, "recordings.retention.general: no class can be called so"),
        ({"complaint": {"queues": ["order"]}}, "recordings.retention.complaint.queues: there is no 'order'"),
        ({"complaint": {"dispositions": ["tickets"]}}, 'did you mean "ticket"?'),
        ({"payment": {"lookups": ["balance"]}}, 'did you mean "balances"?'),
        ({"payment": {"reasons": ["refunds"]}}, 'did you mean "refund"?'),
        ({"payment": {"days": -1}}, "recordings.retention.payment.days"),
        ({"Payment": {"days": 1}}, "Payment"),
    ],
)
def test_a_class_that_can_not_be_is_refused(retention: dict[str, Any], complaint: str):
    with pytest.raises(BadConfiguration) as refused:
        check({**CONFIG, "recordings": {"retention": retention}})
    assert complaint in str(refused.value)


def test_classes_with_days_by_default_need_none():
    classes = {"complaint": {"queues": ["orders"]}, "payment": {"reasons": ["refund"]}, "warranty": {"days": 0}}
    rules = rules_of(check({**CONFIG, "recordings": {"retention": classes}}))
    assert {name: each.days for name, each in rules.classes.items()} == {
        "complaint": 1095,
        "payment": 1095,
        "warranty": 0,
    }


def test_without_a_word_about_it_complaints_and_payments_have_three_years_and_nothing_is_deleted():
    rules = rules_of(check(CONFIG))
    assert {name: each.days for name, each in rules.classes.items()} == {"complaint": 1095, "payment": 1095}
    assert not rules.keep.any and not rules.forget_callers

"""Recordings held, released, deleted by command and by age, taken out; a caller erased. Each leaves its trace where it should, and no other."""

import csv
import io
import json
import tarfile
import tomllib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from acd.config import check
from acd.engine.transfer_events import CardWritten
from acd.store.queries.recording_keeping import KeepDays
from acd.store.queries.recordings import Filters
from acd.store.retention.of_config import rules_of
from acd.store.retention.rules import Rules
from recordings import manifest
from recordings.analysis.worker import analyse_due
from recordings.catalogue import altered
from recordings.chain import Chain, Key
from recordings.sealing import seal
from tests.web.support.kept_recordings import audited, keeping, keeping_server, posted, talk
from tests.web.support.web_server import RunningServer
from tests.web.test_command_line import said, sanxiang
from tests.web.test_findings import SOUND, put

CONFIG_TOML = """
[hotline]
name = "三响热线"
[queues.orders]
label = { zh = "订单", en = "Orders" }
"""


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    async with keeping_server(tmp_path_factory.mktemp("keeping"), database, CONFIG_TOML) as house:
        yield house


@pytest.fixture
async def qa(house: RunningServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with house.client("qa") as client:
        yield client


async def test_a_deleted_recording_has_no_sound_and_says_everywhere_why(
    house: RunningServer, qa: aiohttp.ClientSession
):
    offer, file = await talk(house)
    path = f"/api/recordings/{offer.offer}"
    assert (await posted(qa, f"{path}/delete", reason="the caller asked"))["done"] == "deleted"
    assert not file.exists()
    found = await (await qa.get(path)).json()
    assert found["verdict"] == "deleted"
    recording = found["recording"]
    assert (recording["deleted_by"], recording["deleted_why"]) == ("qa", "the caller asked")
    assert recording["deleted_at"] and recording["sha256"], "the row stays, with its checksum"
    async with qa.get(f"{path}/audio") as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "deleted")
    leg = manifest.leg_in(manifest.read(house.folder / "recordings", offer.call), offer.offer)
    assert leg is not None and (leg["deleted"]["by"], leg["deleted"]["why"]) == ("qa", "the caller asked")
    assert (await posted(qa, f"{path}/delete", 409, reason="again"))["code"] == "deleted"
    line = audited(house)[-3:]
    assert any(row["action"] == "recording deleted" and row["reason"] == "the caller asked" for row in line)
    assert await house.store.sound_to_remove() == []
    assert [found async for found in altered(house.store, house.folder / "recordings", Filters())] == [], (
        "no alarm at night"
    )
    await house.calls.filed(offer)  # what the log tells once more makes no sound of it again
    row = await house.store.recording(offer.offer)
    assert row is not None and (row.path, row.deleted_by) == ("", "qa")


async def test_a_held_recording_is_deleted_by_nothing_until_it_is_released(
    house: RunningServer, qa: aiohttp.ClientSession
):
    offer, file = await talk(house)
    path = f"/api/recordings/{offer.offer}"
    assert (await posted(qa, f"{path}/release", 409))["code"] == "recording-not-held"
    await posted(qa, f"{path}/hold", reason="lawsuit 7")
    assert (await posted(qa, f"{path}/hold", 409, reason="again"))["code"] == "held"
    refused = await posted(qa, f"{path}/delete", 409, reason="x")
    assert refused["code"] == "held" and "lawsuit 7" in refused["detail"]
    house.time.forward(timedelta(days=40).total_seconds())
    await keeping(house).delete_due(Rules(KeepDays(30)))
    assert file.exists()
    async with house.client("qa") as later:  # the session of forty days ago is over
        await posted(later, f"{path}/release")
    await keeping(house).delete_due(Rules(KeepDays(30)))
    assert not file.exists()
    row = await house.store.recording(offer.offer)
    assert row is not None and (row.deleted_by, row.deleted_why) == ("keep_days", "kept for 30 days")


async def test_the_manifest_of_a_call_is_shown(house: RunningServer):
    offer, _ = await talk(house)
    book = json.loads(await said(house, "recording", "manifest", offer.call, "--json"))
    kept = manifest.read(house.folder / "recordings", offer.call)
    (leg,) = kept["legs"]
    written = {name: leg[name].replace("+00:00", "Z") for name in ("talk_began_at", "talk_ended_at", "filed_at")}
    assert book == kept | {"legs": [leg | written]}
    shown = await said(house, "recording", "manifest", offer.call)
    assert (
        f"2026/11/22/{offer.offer}.wav" in shown
        and "complete" in shown
        and "contact" not in shown
        and "masked" not in shown
    )
    file = manifest.path_of(house.folder / "recordings", offer.call)
    assert file is not None
    spans = [{"kind": kind, "from_s": 1.0, "to_s": 2.25, "lasted_s": 1.25} for kind in ("hold", "masked", "masked")]
    file.write_text(json.dumps({**book, "legs": [{**leg, "spans": spans} for leg in book["legs"]]}), encoding="utf-8")
    shown = await said(house, "recording", "manifest", offer.call)
    assert f"{offer.offer} is masked at these seconds: 1.0-2.2, 1.0-2.2" in " ".join(shown.split())
    async with house.store.transaction() as connection:
        values = {"callback": f"{offer.call}-9", "call": offer.call}
        await connection.execute(
            text("INSERT INTO callback_promises (promise, of_call, made_at) VALUES (:callback, :call, now())"), values
        )
    shown = await said(house, "recording", "manifest", offer.call)
    assert f"Of the same contact: {offer.call}-9" in shown


async def test_what_is_filed_is_held_against_the_chain_and_a_changed_row_is_named(house: RunningServer):
    kept, _ = await talk(house)
    gone, file = await talk(house)
    await seal(house.store, house.folder / "recordings", Chain(house.folder, Key.of(house.folder)), house.time.now())

    async def verified() -> list[tuple[str, str]]:
        """Of these two; the tests before have left files that no hotline would."""
        status, output, complaints = await sanxiang(house, "recording", "verify", "--json")
        found = json.loads(output)
        assert status == (1 if found["findings"] else 0), complaints
        assert found["links"] == 1 and len(found["head"]) == 64 and found["legs"] >= 2
        named = [(each["about"], each["what"]) for each in found["findings"]]
        return [each for each in named if each[0] in (kept.offer, gone.offer)]

    assert await verified() == []
    assert await keeping(house).delete([gone.offer], "qa", "the caller asked") == [gone.offer]
    assert not file.exists()
    await keeping(house).hold(kept.offer, "qa", "lawsuit 7")
    assert await verified() == [], "what the hotline does itself is no change"
    async with house.store.transaction() as connection:
        await connection.execute(
            text("UPDATE recordings SET agent = '1002' WHERE offer = :offer"), {"offer": kept.offer}
        )
    assert await verified() == [(kept.offer, "row changed")]
    assert (await sanxiang(house, "recording", "verify", "--day", "2020-01-01"))[0] == 0
    async with house.store.transaction() as connection:
        await connection.execute(
            text("UPDATE recordings SET agent = '1001' WHERE offer = :offer"), {"offer": kept.offer}
        )
    await keeping(house).release(kept.offer)
    (house.folder / "recording-chain" / "000001.json").write_text("{}")
    status, _, complaints = await sanxiang(house, "recording", "verify")
    assert status != 0 and "000001.json: it is not as it was written" in complaints.replace("\n", " ")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "a\r\nb"}, {"reason": "x" * 201}])
async def test_what_is_no_reason_is_refused(house: RunningServer, qa: aiohttp.ClientSession, body: dict[str, str]):
    async with qa.post("/api/recordings/c1-1-1-1/delete", json=body) as answer:
        assert answer.status == 400 and "reason" in await answer.text()


async def test_who_may_not_hear_or_manage_deletes_nothing(house: RunningServer):
    offer, file = await talk(house)
    for role in ("operator", "supervisor", "full", "crm"):
        async with house.client(role) as client:
            for word in ("hold", "release", "delete"):
                async with client.post(f"/api/recordings/{offer.offer}/{word}", json={"reason": "x"}) as answer:
                    assert answer.status == 403, role
    async with house.client("qa") as client:
        await posted(client, "/api/callers/erase", 403, number="13812341234", reason="x")
    assert file.exists()


async def test_age_is_of_queue_then_brand_then_hotline_and_nought_is_for_ever(house: RunningServer):
    _, file = await talk(house)
    house.time.forward(timedelta(days=10, seconds=1).total_seconds())
    for keep in (KeepDays(), KeepDays(11), KeepDays(10, queues={"orders": 0}), KeepDays(10, queues={"orders": 11})):
        await keeping(house).delete_due(Rules(keep))
        assert file.exists(), keep
    await keeping(house).delete_due(Rules(KeepDays(0, brands={"acme": 1}, queues={"orders": 10, "other": 1})))
    assert not file.exists()
    written = {
        "queues": {"orders": {"label": {"zh": "订", "en": "O"}, "keep_days": 0}},
        "recordings": {"keep_days": 180},
        "brands": {"acme": {"name": {"zh": "极光", "en": "Acme"}, "numbers": {"95100": "zh"}, "keep_days": 30}},
    }
    assert rules_of(check({"hotline": {"name": "x"}, **written})).keep == KeepDays(180, {"acme": 30}, {"orders": 0})


async def test_a_crash_between_row_and_file_is_finished_by_the_next_round(house: RunningServer):
    offer, file = await talk(house)
    await house.store.mark_deleted([offer.offer], house.time.now(), "qa", "asked")  # and the daemon is killed here
    assert file.exists() and [one.offer for one in await house.store.sound_to_remove()] == [offer.offer]
    await keeping(house).delete_due(Rules(KeepDays()))
    assert not file.exists() and await house.store.sound_to_remove() == []


async def test_recordings_are_taken_out_as_folder_and_as_tar(house: RunningServer, tmp_path: Path):
    good, _ = await talk(house, "13855556666")
    bad, altered = await talk(house, "13855556666")
    altered.write_bytes(altered.read_bytes()[:-2] + b"xx")
    status, _, told = await sanxiang(house, "recording", "export", str(tmp_path / "out"), "--caller", "13855556666")
    assert status == 3 and bad.offer in told
    names = {each.name for each in (tmp_path / "out").iterdir()}
    assert names == {f"{good.offer}.wav", f"{good.call}.json", f"{bad.call}.json", "recordings.csv"}
    table = (tmp_path / "out" / "recordings.csv").read_text(encoding="utf-8-sig")
    rows = {row["recording"]: row for row in csv.DictReader(io.StringIO(table))}
    assert rows[good.offer]["file"] == f"{good.offer}.wav" and rows[good.offer]["caller"] == "138****6666"
    assert rows[bad.offer]["file"] == "" and "not what was filed" in rows[bad.offer]["left_out"]
    made = await said(house, "recording", "export", str(tmp_path / "one.tar.gz"), "--call", good.call, "--full-numbers")
    assert "1 recording" in made
    with tarfile.open(tmp_path / "one.tar.gz") as tar:
        assert sorted(tar.getnames()) == sorted(
            f"one/{name}" for name in (f"{good.offer}.wav", f"{good.call}.json", "recordings.csv")
        )
        inner = tar.extractfile("one/recordings.csv")
        assert inner is not None and "13855556666" in inner.read().decode("utf-8-sig")
    assert (tmp_path / "one.tar.gz").stat().st_mode & 0o077 == 0
    status, _, told = await sanxiang(house, "recording", "export", str(tmp_path / "out"), "--call", good.call)
    assert status == 1 and "Name a new folder" in told
    lines = [row for row in audited(house) if row["action"] == "exported recordings"]
    assert lines[0]["filter"] == {"caller": "138****6666"} and lines[-1]["full_numbers"] is True
    listed = json.loads(await said(house, "recording", "list", "--call", good.call, "--json"))
    assert [(row["recording"], row["caller"]) for row in listed] == [(good.offer, "138****6666")]
    assert good.offer in await said(house, "recording", "list", "--agent", "1001")


async def test_a_recording_is_held_and_deleted_from_the_command_line(house: RunningServer):
    offer, file = await talk(house)
    assert "held" in await said(house, "recording", "hold", offer.offer, "--reason", "lawsuit")
    assert "held: lawsuit" in await said(house, "recording", "list", "--held")
    status, _, told = await sanxiang(house, "recording", "delete", offer.offer, "--reason", "x", "--yes")
    assert status == 1 and "Release it first" in told and file.exists()
    await said(house, "recording", "release", offer.offer)
    status, _, told = await sanxiang(house, "recording", "delete", offer.offer, "--reason", "x")
    assert status == 2 and file.exists(), "nobody is there to be asked back"
    await said(house, "recording", "delete", offer.offer, "--reason", "x", "--yes")
    assert not file.exists()


async def everything_stored(house: RunningServer) -> str:
    """All rows of all tables as text."""
    async with house.store.reader.connect() as connection:
        names = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
        found = [str(list(await connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names]
    return "\n".join(found)


async def test_a_caller_is_erased_and_the_figures_stay(house: RunningServer, tmp_path: Path):
    offer, file = await talk(house, "13899998888")
    held, held_file = await talk(house, "13877776666")
    secret = "lost both keys at the lake"
    house.calls.tell(CardWritten(offer.call, "1001", "note", {"text": secret}))
    await house.calls.written(offer.call)
    stored = await everything_stored(house)
    assert "13899998888" in stored and secret in stored
    day = house.time.now()
    bounds = (day - timedelta(hours=5), day + timedelta(hours=5))
    before = await house.store.kpi(*bounds)
    looked = await said(house, "caller", "erase", "138 9999 8888", "--reason", "request 12")
    assert "138****8888: 1 call, 1 recording, 1 card. Nothing was erased" in looked
    assert file.exists() and secret in await everything_stored(house)
    told = await said(house, "caller", "erase", "138 9999 8888", "--reason", "request 12", "--yes")
    assert "138****8888 is erased: 1 call, 1 recording, 1 card." in told and "14 days" in told
    assert not file.exists() and held_file.exists()
    stored = await everything_stored(house)
    assert "13899998888" not in stored and "99998888" not in stored and secret not in stored
    call = await house.store.call(offer.call)
    assert call is not None and (call.caller, call.agent, call.ending) == ("unknown", "1001", "answered")
    after = await house.store.kpi(*bounds)
    assert (after.answered, after.talk_s, after.wait_s) == (before.answered, before.talk_s, before.wait_s)
    async with house.client("qa") as qa:
        card = await (await qa.get(f"/api/calls/{offer.call}/card")).json()
        assert secret not in json.dumps(card) and card["caller"] == "unknown"
        assert (await qa.get(f"/api/calls/{offer.call}")).status == 200, "its story can still be read"
        await posted(qa, f"/api/recordings/{held.offer}/hold", reason="lawsuit")
    kept = await said(house, "caller", "erase", "13877776666", "--reason", "request 13", "--yes")
    assert "1 call with a recording that is held" in kept and held_file.exists()
    lines = [row for row in audited(house) if "erase" in row["action"] or "stored of" in row["action"]]
    assert [(row["action"], row["number"]) for row in lines[:2]] == [
        ("looked at what is stored of a caller", "138****8888"),
        ("caller erased", "138****8888"),
    ]
    assert "13899998888" not in (house.folder / "audit.log").read_text()


@pytest.mark.parametrize("number", ["12", "nobody", "+86\r\n138", "unknown"])
async def test_what_is_no_number_erases_nobody(house: RunningServer, number: str):
    async with (
        house.client("administrator") as client,
        client.post("/api/callers/erase", json={"number": number, "reason": "x", "dry_run": False}) as answer,
    ):
        assert answer.status == 400 and "number" in await answer.text()


async def test_what_the_checks_found_and_what_other_thresholds_would_find_by_command(
    house: RunningServer, tmp_path: Path
):
    offer = await house.calls.whole("13877770001")
    assert "not analysed yet" in await said(house, "recording", "findings", offer.call)
    await put(house, offer, SOUND)
    config = check(tomllib.loads(CONFIG_TOML))
    later = house.time.now() + timedelta(hours=1)
    assert (await analyse_due(house.store, house.folder / "recordings", config, lambda: later, 60.0)).done
    (told,) = json.loads(await said(house, "recording", "findings", offer.call, "--json"))["talks"]
    assert told["state"] == "done" and "dead-air" in [each["kind"] for each in told["findings"]]
    shown = await said(house, "recording", "findings", offer.call)
    assert f"{offer.offer}  1001  analysed" in shown and "Dead air: Nobody spoke for" in shown
    (tmp_path / "patient.toml").write_text(f"{CONFIG_TOML}[analysis]\ndead_air_s = 600\n")
    tried = json.loads(await said(house, "recording", "try-rules", str(tmp_path / "patient.toml"), "--json"))
    assert tried["talks"] >= 1 and tried["now"]["dead-air"] >= 1 and "dead-air" not in tried["tried"]

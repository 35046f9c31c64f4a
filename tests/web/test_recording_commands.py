"""`sanxiang recording …` as an operator meets it: ids that there are not, what is lost, times, empty reasons, and all of it in Chinese."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from recordings import manifest
from tests.web.support.kept_recordings import keeping, keeping_server, posted, talk
from tests.web.support.web_server import CONFIG, RunningServer
from tests.web.test_command_line import said, sanxiang

TOML = """
[hotline]
name = "三响热线"
[queues.orders]
label = { zh = "订单", en = "Orders" }
"""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    async with keeping_server(tmp_path_factory.mktemp("commands"), database, TOML, CONFIG) as house:
        yield house


async def complaint(house: RunningServer, *words: str) -> str:
    """What is complained of, in one line; the exit status is 1."""
    status, _, complaints = await sanxiang(house, *words)
    assert status == 1, (words, complaints)
    return complaints.replace("\n", " ")


NO_CALL = "There is no call c0-0-0. `sanxiang call list` shows the calls."
NO_RECORDING = "There is no recording c0-0-0-1. `sanxiang recording list` shows the recordings."
NEITHER = "There is no call and no recording c0-0-0."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("recording", "manifest", "c0-0-0"), NO_CALL),
        (("recording", "findings", "c0-0-0"), NO_CALL),
        (("recording", "list", "--call", "c0-0-0"), NO_CALL),
        (("recording", "export", "/nowhere/x", "--call", "c0-0-0"), NO_CALL),
        (("recording", "class", "c0-0-0", "none", "--why", "x"), NO_CALL),
        (("call", "show", "c0-0-0"), NO_CALL),
        (("call", "card", "c0-0-0"), NO_CALL),
        (("call", "priority", "c0-0-0", "1"), NO_CALL),
        (("call", "listen", "c0-0-0", "--telephone", "1001"), NO_CALL),
        (("call", "transfer", "c0-0-0", "--to", "agent:1002", "--reason", "refund"), NO_CALL),
        (("call", "hold", "c0-0-0"), NO_CALL),
        (("call", "targets", "c0-0-0"), NO_CALL),
        (("explain", "c0-0-0"), NO_CALL),
        (("recording", "delete", "c0-0-0-1", "--why", "x", "--yes"), NO_RECORDING),
        (("recording", "hold", "c0-0-0", "--why", "x"), NEITHER),
        (("recording", "release", "c0-0-0", "--why", "x"), NEITHER),
    ],
)
async def test_an_id_that_there_is_not_is_told_in_one_sentence(
    house: RunningServer, words: tuple[str, ...], sentence: str
):
    assert await complaint(house, *words) == f"sanxiang: {sentence}" + (
        " `sanxiang call list` and `sanxiang recording list` show them. " if sentence is NEITHER else " "
    )


@pytest.mark.parametrize(
    "words",
    [
        ("manifest", "../c1"),
        ("findings", "C1"),
        ("list", "--call", "C1"),
        ("class", "c 1", "none", "--why", "x"),
        ("delete", "a/b", "--why", "x", "--yes"),
        ("hold", "C1", "--why", "x"),
        ("release", "../x", "--why", "x"),
    ],
)
async def test_what_can_be_no_id_is_told_so(house: RunningServer, words: tuple[str, ...]):
    assert re.search(
        r"can't be (a call id|the id of a recording), which looks like c1760000000-1",
        await complaint(house, "recording", *words),
    )


@pytest.mark.parametrize("why", ["", "  "])
async def test_an_empty_reason_is_told_so(house: RunningServer, why: str):
    offer, file = await talk(house)
    for words in (
        ("recording", "hold", offer.call, "--why", why),
        ("recording", "hold", offer.offer, "--why", why),
        ("recording", "delete", offer.offer, "--yes", "--why", why),
        ("recording", "class", offer.call, "none", "--why", why),
        ("caller", "erase", "13812341234", "--yes", "--reason", why),
    ):
        assert "The reason is empty. Say why" in await complaint(house, *words)
    assert file.exists()


async def test_a_manifest_that_is_lost_or_damaged_is_named_with_the_remedy(house: RunningServer):
    offer, file = await talk(house)
    book = manifest.path_of(house.folder / "recordings", offer.call)
    assert book is not None
    whole = book.read_bytes()
    for damaged in (whole[:-20], b"[]", b"{}", whole.replace(b'"checks"', b'"checkz"'), b"\xff\xfe"):
        book.write_bytes(damaged)
        told = await complaint(house, "recording", "manifest", offer.call)
        assert f"{book} is damaged" in told and "Restore it from a back-up" in told, damaged
    book.unlink()
    told = await complaint(house, "recording", "manifest", offer.call)
    assert f"The manifest of call {offer.call} is lost: 1 recording of it are filed ({offer.offer})" in told
    assert "Restore it from a back-up" in told and str(house.folder / "recordings") in told
    book.write_bytes(whole)
    sound = file.read_bytes()
    file.write_bytes(sound[:-2] + b"xx")
    status, shown, complaints = await sanxiang(house, "recording", "manifest", offer.call)
    assert status == 1 and "the sound is not what was filed" in shown
    assert f"{offer.offer}: the sound is not what was filed. Restore the file from a back-up" in complaints
    file.unlink()
    status, shown, complaints = await sanxiang(house, "recording", "manifest", offer.call, "--json")
    assert status == 1 and json.loads(shown)["call"] == offer.call, "JSON stays whole"
    assert f"{offer.offer}: the file is gone" in complaints
    file.write_bytes(sound)
    assert "complete" in await said(house, "recording", "manifest", offer.call)


async def test_a_call_that_is_over_is_told_so_by_whatever_acts_on_calls(house: RunningServer):
    offer, _ = await talk(house)
    for words in (("priority", offer.call, "1"), ("listen", offer.call, "--telephone", "1001"), ("hold", offer.call)):
        assert f"Call {offer.call} is over. `sanxiang call show {offer.call}` tells" in await complaint(
            house, "call", *words
        )


async def test_a_call_of_which_nothing_is_filed_says_so(house: RunningServer):
    offer, _ = await talk(house)
    call, book = offer.call, manifest.path_of(house.folder / "recordings", offer.call)
    assert book is not None
    book.unlink()
    async with house.store.transaction() as connection:
        await connection.execute(text("DELETE FROM recordings WHERE call = :c"), {"c": call})
    told = await complaint(house, "recording", "manifest", call)
    assert f"Nothing of call {call} is filed: nobody talked" in told
    assert "No recording of it is filed; one that is filed later is held, too." in await said(
        house, "recording", "hold", call, "--why", "x"
    )


async def test_a_held_call_says_that_its_sound_was_deleted_before(house: RunningServer):
    offer, _ = await talk(house)
    await keeping(house).delete([offer.offer], "qa", "asked")
    told = await said(house, "recording", "hold", offer.call, "--why", "lawsuit 7")
    assert "The sound of 1 recording is gone: it was deleted before. What is stored of the call is held." in told
    async with house.client("administrator") as client:
        found = await (await client.get(f"/api/calls/{offer.call}/retention")).json()
    assert (found["recordings"], found["deleted_recordings"], found["held_why"]) == (0, 1, "lawsuit 7")


async def test_without_days_the_dry_run_says_that_nothing_is_ever_deleted_by_age(house: RunningServer):
    told = await said(house, "recording", "retention", "--dry-run")
    assert "Nothing is ever deleted by its age: recordings.keep_days is not set" in told
    assert json.loads(await said(house, "recording", "retention", "--dry-run", "--json"))["deletes_by_age"] is False


async def test_before_the_first_night_verify_says_that_nothing_is_chained(house: RunningServer, tmp_path: Path):
    recordings = house.folder / "recordings"
    aside = recordings.rename(tmp_path / "aside")
    try:
        recordings.mkdir()
        told = await said(house, "recording", "verify")
        assert (
            told == "Nothing is chained yet, so nothing is verified: the first link is written at three in the night.\n"
        )
        assert json.loads(await said(house, "recording", "verify", "--json"))["links"] == 0
        (recordings / "2026" / "01" / "02").mkdir(parents=True)
        told = await complaint(house, "recording", "verify")
        assert "If there was one, somebody has taken it away" in told, "a night has passed that must have chained it"
    finally:
        for folder in (recordings / "2026" / "01" / "02", recordings / "2026" / "01", recordings / "2026", recordings):
            folder.rmdir()
        aside.rename(recordings)


async def test_every_moment_in_json_is_utc_and_tables_have_the_hotlines_clock(house: RunningServer):
    offer, _ = await talk(house)
    held, _ = await talk(house)
    await said(house, "recording", "hold", held.offer, "--why", "lawsuit 7")
    await keeping(house).delete([offer.offer], "qa", "asked")
    rows = json.loads(await said(house, "recording", "list", "--json"))
    rows += json.loads(await said(house, "recording", "held", "--json"))
    rows += json.loads(await said(house, "recording", "manifest", offer.call, "--json"))["legs"]
    rows += [json.loads(await said(house, "recording", "retention", "--dry-run", "--json"))]
    moments = [value for row in rows for name, value in row.items() if name == "at" or (name.endswith("_at") and value)]
    assert len(moments) > 6 and all(MOMENT.fullmatch(value) for value in moments), moments
    (row,) = json.loads(await said(house, "recording", "list", "--call", offer.call, "--json"))
    assert row["sound"] == "deleted: asked" and row["deleted_at"].endswith("Z")
    shown = await said(house, "recording", "list", "--call", offer.call)
    assert "AT (UTC)" in shown and "deleted 2026-11-" in shown, "no configuration was ever in force here"
    async with house.client("qa") as qa:
        legs = (await (await qa.get(f"/api/calls/{offer.call}/manifest")).json())["calls"][0]["legs"]
    assert all(
        MOMENT.fullmatch(leg[name]) for leg in legs for name in ("began_at", "ended_at", "filed_at", "deleted_at")
    )


async def test_an_older_manifest_with_the_hotlines_zone_is_told_in_utc(house: RunningServer):
    offer, _ = await talk(house)
    book = manifest.path_of(house.folder / "recordings", offer.call)
    assert book is not None
    older = json.loads(book.read_text())
    older["legs"][0]["talk_ended_at"] = "2026-11-23T03:00:00+08:00"
    book.write_text(json.dumps(older, ensure_ascii=False, indent=1))
    async with house.client("qa") as qa:
        legs = (await (await qa.get(f"/api/calls/{offer.call}/manifest")).json())["calls"][0]["legs"]
    assert legs[0]["ended_at"] == "2026-11-22T19:00:00Z"
    told = json.loads(await said(house, "recording", "manifest", offer.call, "--json"))
    assert told["legs"][0]["talk_ended_at"] == "2026-11-22T19:00:00Z"


async def test_the_tables_are_chinese_as_a_whole(house: RunningServer, tmp_path: Path):
    plain, _ = await talk(house)
    held, _ = await talk(house)
    gone, _ = await talk(house)
    line, _ = await talk(house)
    await said(house, "recording", "hold", line.call, "--why", "诉讼")
    async with house.client("qa") as qa:
        await posted(qa, f"/api/calls/{held.call}/retention/hold", reason="诉讼")
        await posted(qa, f"/api/recordings/{gone.offer}/delete", reason="客户要求")
    async with house.store.transaction() as connection:
        by_age = text(
            "UPDATE recordings SET deleted_by = 'keep_days', deleted_why = 'kept for 30 days' WHERE offer = :o"
        )
        await connection.execute(by_age, {"o": gone.offer})

    async def shown(*words: str) -> str:
        return await said(house, "recording", *words, "--language", "zh")

    listed = "".join([await shown("list", "--call", each.call) for each in (plain, held, gone)])
    assert "完整" in listed and "保留：诉讼" in listed and "：保存满 30 天" in listed
    books = await shown("manifest", plain.call) + await shown("manifest", gone.call)
    assert "完整" in books and "已删除" in books
    late = ("retention", "--dry-run", "--day", "2027-03-01")
    tables = listed + books + await shown("held") + await shown(*late)
    assert "全部" in tables and "不会按期限删除任何录音" in tables
    assert not re.search(r"\b(held|complete|deleted|general|all|CLASS|none|command line)\b", tables), tables
    assert (
        "由命令行保留" in (await sanxiang(house, "recording", "hold", line.call, "--why", "x", "--language", "zh"))[2]
    )
    _, _, complaints = await sanxiang(
        house, "recording", "export", str(tmp_path / "out"), "--call", gone.call, "--language", "zh"
    )
    assert re.search(rf"未导出：{gone.offer} 的声音文件已于 2026-11-\d\dT[\d:]+Z 到期删除：保存满 30 天", complaints)
    assert await shown("list", "--queue", "nosuch") == "没有符合条件的录音。\n"
    assert (
        "不是保存类别"
        in (await sanxiang(house, "recording", "class", plain.call, "Evidence", "--why", "x", "--language", "zh"))[2]
    )
    assert (
        "无法读取配置文件 /nowhere.toml"
        in (await sanxiang(house, "recording", "try-rules", "/nowhere.toml", "--language", "zh"))[2]
    )
    assert "按“一般”类保存" in await shown("class", plain.call, "none", "--why", "x")

"""Recordings as QA meets them: found, heard by ranges, weighed, exported, and each hearing written down."""

import csv
import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yarl

from acd.csv_table import cell
from acd.engine.commands import Offer
from acd.engine.events import AlarmRaised, CallerHungUp
from acd.web.access.audit import verify
from acd.web.api.files import NotUnderRoot, opened_under
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        await house.calls.ready("1001")
        yield house


def file_of(house: RunningServer, offer: Offer) -> Path:
    return house.folder / "recordings" / f"2026/11/22/{offer.offer}.wav"


def audited(house: RunningServer) -> list[dict[str, str]]:
    lines = (house.folder / "audit.log").read_text().splitlines()
    assert verify(house.folder / "audit.log").lines == len(lines)
    return [json.loads(line) for line in lines]


async def test_qa_finds_a_recording_by_agent_queue_number_day_text_and_state(house: RunningServer):
    offer = await house.calls.whole(caller="13812341234")
    today = house.time.now().astimezone().date()
    async with house.client("qa") as client:

        async def found(**query: str) -> list[str]:
            async with client.get("/api/recordings", params=query) as answer:
                assert answer.status == 200, await answer.text()
                return [row["offer"] for row in (await answer.json())["recordings"]]

        for query in (
            {"agent": "1001", "caller": "1234123"},
            {"queue": "orders", "text": offer.offer},
            {"text": offer.call},
            {"state": "complete", "text": offer.call},
        ):
            assert await found(**query) == [offer.offer], query
        for query in (
            {"agent": "1002"},
            {"queue": "after-sales"},
            {"caller": "999"},
            {"text": "nothing"},
            {"state": "incomplete"},
            {"day": f"{today.year - 1}-01-01"},
            {"caller": "%"},
            {"text": "' or 1=1--"},
        ):
            assert offer.offer not in await found(**query), query
        async with client.get("/api/recordings", params={"text": offer.call}) as answer:
            row = (await answer.json())["recordings"][0]
        assert row["caller"] == "138****1234"
        assert "path" not in row


async def test_one_recording_is_weighed_against_its_checksum(house: RunningServer):
    offer = await house.calls.whole()
    path = f"/api/recordings/{offer.offer}"
    async with house.client("qa") as client:
        found = await (await client.get(path)).json()
        in_full = await (await client.get(path, params={"numbers": "full"})).json()
    assert found["verdict"] == "intact"
    assert found["recording"]["caller"] == "138****1234"
    assert in_full["recording"]["caller"] == "13812341234"
    assert len(found["recording"]["sha256"]) == 64


async def test_the_sound_comes_whole_by_range_and_by_head(house: RunningServer):
    offer = await house.calls.whole()
    whole = file_of(house, offer).read_bytes()
    url = f"/api/recordings/{offer.offer}/audio"
    async with house.client("qa") as client:
        async with client.get(url) as answer:
            assert answer.status == 200
            assert answer.content_type == "audio/wav"
            assert await answer.read() == whole
            etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
        for asked, begin, end in (
            ("bytes=0-99", 0, 100),
            ("bytes=100-", 100, len(whole)),
            ("bytes=-50", len(whole) - 50, len(whole)),
            (f"bytes=10-{len(whole) + 999}", 10, len(whole)),
            (f"bytes=-{len(whole) + 999}", 0, len(whole)),
        ):
            async with client.get(url, headers={"Range": asked}) as answer:
                assert answer.status == 206, asked
                assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(whole)}"
                assert await answer.read() == whole[begin:end]
        for asked in (f"bytes={len(whole)}-", f"bytes={len(whole) + 5}-{len(whole) + 9}", "bytes=-0"):
            async with client.get(url, headers={"Range": asked}) as answer:
                problem = await answer.json()
                assert (answer.status, problem["code"]) == (416, "beyond-the-end"), asked
                assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
        many = "bytes=" + ",".join(f"{n}-{n}" for n in range(500))
        for asked in ("bytes=5-1", "seconds=1-2", "bytes=a-b", "bytes=-", many):
            async with client.get(url, headers={"Range": asked}) as answer:
                assert (answer.status, len(await answer.read())) == (200, len(whole)), asked
        for condition, status in ((etag, 206), (modified, 206), ('"other"', 200), ("yesterday", 200)):
            async with client.get(url, headers={"Range": "bytes=0-9", "If-Range": condition}) as answer:
                assert answer.status == status, condition
        async with client.head(url) as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(whole)))
            assert await answer.read() == b""
        async with client.get(url, params={"download": "true"}) as answer:
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{offer.offer}.wav"'


async def test_each_hearing_and_each_export_is_written_down(house: RunningServer):
    offer = await house.calls.whole()
    url = f"/api/recordings/{offer.offer}/audio"
    async with house.client("qa") as client:
        await (await client.get(url)).read()
        await (await client.get(url, headers={"Range": "bytes=5-9"})).read()
        await (await client.get(url, params={"download": "true"})).read()
        await (await client.get("/api/recordings.csv", params={"agent": "1001"})).read()
    lines = [line for line in audited(house) if line["who"] == "qa"]
    assert [line["action"] for line in lines] == [
        "logged in",
        "listened to",
        "listened to",
        "downloaded",
        "exported recordings",
    ]
    assert [line.get("offer") for line in lines[1:4]] == [offer.offer] * 3
    assert lines[2]["bytes"] == "5-9"
    assert lines[4]["filter"] == {"agent": "1001"}  # type: ignore[comparison-overlap]


async def test_nothing_is_played_when_it_cannot_be_written_down(house: RunningServer, monkeypatch: pytest.MonkeyPatch):
    offer = await house.calls.whole()
    async with house.client("qa") as client:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("acd.web.access.audit.os.fdatasync", full)
        async with client.get(f"/api/recordings/{offer.offer}/audio") as answer:
            assert (answer.status, (await answer.json())["code"]) == (503, "audit-away")


async def test_an_altered_file_is_not_played_and_raises_an_alarm(house: RunningServer):
    offer = await house.calls.whole()
    file = file_of(house, offer)
    sound = bytearray(file.read_bytes())
    sound[5000] ^= 1
    file.write_bytes(sound)
    async with house.client("qa") as client:
        async with client.get(f"/api/recordings/{offer.offer}/audio") as answer:
            assert (answer.status, (await answer.json())["code"]) == (409, "altered")
        async with client.get(f"/api/recordings/{offer.offer}") as answer:
            assert (await answer.json())["verdict"] == "altered"
    await eventually(lambda: any(isinstance(event, AlarmRaised) for event in house.told), "the alarm")


async def test_a_missing_file_a_link_and_a_pipe_are_refused(house: RunningServer, tmp_path: Path):
    offer = await house.calls.whole()
    file = file_of(house, offer)
    url = f"/api/recordings/{offer.offer}/audio"
    kept = tmp_path / "kept.wav"
    file.rename(kept)
    async with house.client("qa") as client:

        async def code() -> tuple[int, str]:
            async with client.get(url) as answer:
                return answer.status, (await answer.json())["code"]

        assert await code() == (404, "file-missing")
        file.symlink_to(kept)
        assert await code() == (404, "file-unreadable")
        file.unlink()
        os.mkfifo(file)
        assert await code() == (404, "file-unreadable")
        file.unlink()
        moved = file.parent.rename(tmp_path / "moved")
        kept.rename(moved / file.name)
        file.parent.symlink_to(moved)
        assert await code() == (404, "file-unreadable"), "a linked folder is not followed either"


@pytest.mark.parametrize(
    "path", ["../secret", "a/../../secret", "/etc/passwd", "", "a//b", "./a", "a\0b", "a/..", "link/x"]
)
async def test_no_path_leads_out_of_the_root(tmp_path: Path, path: str):
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "x").write_text("outside")
    (root / "link").symlink_to(tmp_path)
    with pytest.raises((NotUnderRoot, FileNotFoundError)), opened_under(root, path):
        pass


@pytest.mark.parametrize(
    "id_",
    ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "..%5c..%5c", "%00", "a" * 61, "%2fetc%2fpasswd"],
)
async def test_an_id_that_is_none_is_not_looked_for(house: RunningServer, id_: str):
    async with house.client("qa") as client:
        for tail in ("", "/audio"):
            url = yarl.URL(f"{house.url}/api/recordings/{id_}{tail}", encoded=True)
            async with client.get(url) as answer:
                assert answer.status in (400, 404)
                assert "passwd" not in await answer.text()


async def test_a_recording_that_is_not_there_is_said_so(house: RunningServer):
    call = house.calls.arrives()
    offer = await house.calls.offer(call)
    house.calls.tell(CallerHungUp(call))
    await house.calls.written(call)
    async with house.client("qa") as client:
        for id_, code in ((offer.offer, "no-recording"), ("c1-1-1-1", "unknown-recording")):
            async with client.get(f"/api/recordings/{id_}/audio") as answer:
                assert (answer.status, (await answer.json())["code"]) == (404, code)


async def test_the_table_opens_in_a_spreadsheet_and_reckons_nothing(house: RunningServer):
    offer = await house.calls.whole()
    await house.calls.filed(offer, reason="=HYPERLINK(1)", complete=False)
    await house.calls.whole(caller="02012345678")
    query = {"text": offer.call}
    async with house.client("qa") as client, client.get("/api/recordings.csv", params=query) as answer:
        body = await answer.read()
        assert answer.content_type == "text/csv"
        assert "attachment" in answer.headers["Content-Disposition"]
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row["offer"] for row in rows] == [offer.offer], "the filter of the list holds for the table"
    assert rows[0]["caller"] == "138****1234"
    assert rows[0]["reason"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_would_be_a_formula_is_made_text(text: str):
    assert cell(text) == f"'{text}"


def test_other_cells_stay_as_they_are():
    assert [cell(value) for value in ("李娜", "a=b", -1.5, None, True)] == ["李娜", "a=b", "-1.5", "", "True"]

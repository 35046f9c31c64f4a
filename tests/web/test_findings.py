"""Talks are analysed once they are settled, each once; a file that can't be read costs its sound and nothing else."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from acd.config import Config
from acd.engine.commands import Offer
from acd.store.queries import analysis
from recordings.analysis import process, worker
from recordings.analysis.worker import analyse_due, tried
from tests.support.labelled_talks import Builder, as_wav
from tests.web.support.web_server import CONFIG, RunningServer

CONFIGURED = Config.model_validate(CONFIG)
LATER = timedelta(hours=1)
BAD: dict[str, tuple[Any, str]] = {
    "cut short": (lambda whole: whole[: len(whole) // 2], "cut short"),
    "still written": (lambda whole: whole[:40] + bytes(4) + whole[44:], "still being written"),
    "empty": (lambda whole: b"", "the file is empty"),
    "foreign": (lambda whole: b"\x89PNG" + whole[4:], "no sound that is known here"),
}


def found_in(builder: Builder) -> bytes:
    """A talk with a late greeting and dead air."""
    builder.at = 5.0
    builder.say("agent", 0.0)
    builder.say("caller")
    builder.silence(13.0, counts=True)
    for side in ("caller", "agent", "caller", "agent"):
        builder.say(side, 0.5)
    made: io.BytesIO = as_wav(builder.done("A-law", 25.0))
    return made.getvalue()


SOUND = found_in(Builder(3))


async def put(house: RunningServer, offer: Offer, content: bytes) -> None:
    """This sound in the place of the recording's, filed as such."""
    row = await house.store.recording(offer.offer)
    assert row is not None
    (Path(house.folder) / "recordings" / row.path).write_bytes(content)
    async with house.store.transaction() as connection:
        await connection.execute(
            text("UPDATE recordings SET sha256 = :sum WHERE offer = :offer"),
            {"sum": hashlib.sha256(content).hexdigest(), "offer": offer.offer},
        )


def later() -> datetime:
    return datetime.now(UTC) + LATER


async def analysed(house: RunningServer, config: Config | None = None) -> worker.Round:
    root = Path(house.folder) / "recordings"
    return await analyse_due(house.store, root, config or CONFIGURED, later, 60.0)


async def asked(house: RunningServer, call: str, who: str = "qa") -> Any:
    async with house.client(who) as client, client.get(f"/api/calls/{call}/findings") as answer:
        return (await answer.json()) if answer.status == 200 else answer.status


@pytest.fixture(autouse=True)
async def ready(house: RunningServer) -> None:
    await house.calls.ready("1001")


async def test_a_talk_is_analysed_when_its_note_may_be_there_and_once(house: RunningServer) -> None:
    offer = await house.calls.whole()
    await put(house, offer, SOUND)
    root = Path(house.folder) / "recordings"
    early = lambda: datetime.now(UTC)  # noqa: E731
    assert (await analyse_due(house.store, root, CONFIGURED, early, 60.0)).done == 0
    assert (await asked(house, offer.call))["talks"][0]["state"] == "due"
    assert (await analysed(house)).done == 1
    (talk,) = (await asked(house, offer.call))["talks"]
    assert (talk["state"], talk["offer"]) == ("done", offer.offer)
    kinds = {one["kind"]: one for one in talk["findings"]}
    assert {"greeting-late", "dead-air", "no-note", "no-disposition"} <= kinds.keys()
    assert kinds["greeting-late"]["value"] == pytest.approx(5.0, abs=0.3)
    assert "13." in kinds["dead-air"]["en"] or "12." in kinds["dead-air"]["en"]
    assert kinds["dead-air"]["name_zh"] == "长时间静默"
    assert 0 < talk["agent_share"] < 1
    assert (await analysed(house)).done == 0


async def test_thresholds_are_tried_on_what_was_measured_and_nothing_is_stored(house: RunningServer) -> None:
    offer = await house.calls.whole()
    await put(house, offer, SOUND)
    await analysed(house)
    before = await asked(house, offer.call)
    mild = CONFIGURED.model_copy(
        update={"analysis": CONFIGURED.analysis.model_copy(update={"dead_air_s": 60.0, "leave_out": ["no-note"]})}
    )  # fmt: skip
    row = await house.store.recording(offer.offer)
    assert row is not None
    # The sound is not needed.
    (Path(house.folder) / "recordings" / row.path).unlink()
    talks, was, would = await tried(house.store, mild, datetime.now(UTC) - LATER)
    assert talks >= 1 and was["dead-air"] >= 1 and would["dead-air"] == 0
    assert was["greeting-late"] == would["greeting-late"] and would["no-note"] == 0
    assert await asked(house, offer.call) == before


@pytest.mark.parametrize("kind", BAD)
async def test_a_file_that_can_not_be_read_costs_its_sound_alone(house: RunningServer, kind: str) -> None:
    spoil, why = BAD[kind]
    offers = [await house.calls.whole(), await house.calls.whole()]
    await put(house, offers[0], spoil(SOUND))
    await put(house, offers[1], SOUND)
    made = await analysed(house)
    assert (made.done, made.without_sound) == (2, 1)
    (bad,) = (await asked(house, offers[0].call))["talks"]
    assert bad["state"] == "no-sound" and why in bad["why"] and bad["agent_share"] is None
    assert "no-note" in [one["kind"] for one in bad["findings"]]
    (good,) = (await asked(house, offers[1].call))["talks"]
    assert good["state"] == "done"


async def test_an_altered_or_missing_file_is_not_analysed(house: RunningServer) -> None:
    altered, gone = await house.calls.whole(), await house.calls.whole()
    for offer in (altered, gone):
        row = await house.store.recording(offer.offer)
        assert row is not None
        file = Path(house.folder) / "recordings" / row.path
        file.unlink() if offer is gone else file.write_bytes(SOUND)
    await analysed(house)
    assert (await asked(house, altered.call))["talks"][0]["why"] == "the sound is not what was filed"
    assert (await asked(house, gone.call))["talks"][0]["why"] == "the file is gone"


async def test_a_talk_that_kills_whoever_reads_it_does_not_keep_the_others(house: RunningServer) -> None:
    """Begun and not ended, as after a kill: the next round begins anew, three times at most."""
    offer = await house.calls.whole()
    await put(house, offer, SOUND)
    for number in range(1, 4):
        async with house.store.transaction() as connection:
            assert await analysis.begin(connection, offer.offer, offer.call) == number
    other = await house.calls.whole()
    await put(house, other, SOUND)
    assert (await analysed(house)).done == 2
    (talk,) = (await asked(house, offer.call))["talks"]
    assert (talk["state"], talk["findings"]) == ("failed", []) and "3 times" in talk["why"]
    assert (await asked(house, other.call))["talks"][0]["state"] == "done"


async def test_only_one_process_analyses(house: RunningServer) -> None:
    offer = await house.calls.whole()
    await put(house, offer, SOUND)
    async with house.store.transaction() as connection:
        assert await analysis.only_one(connection)
        assert (await analysed(house)).done == 0
    assert (await analysed(house)).done >= 1


async def test_the_process_is_one_of_its_own(house: RunningServer) -> None:
    """What is due is found by a real process, by the clock on the wall."""
    offer = await house.calls.whole()
    await put(house, offer, SOUND)
    async with house.store.transaction() as connection:
        for table, column in (("recordings", "filed_at"), ("calls", "ended_at")):
            await connection.execute(
                text(f"UPDATE {table} SET {column} = now() - interval '1 hour' WHERE call = :call"),
                {"call": offer.call},
            )
    job = process.Job(house.store.address, CONFIGURED, Path(house.folder) / "recordings")
    assert (await process.run(job)).done == 1
    assert (await asked(house, offer.call))["talks"][0]["state"] == "done"


async def test_who_may_hear_may_see_what_was_found(house: RunningServer) -> None:
    offer = await house.calls.whole()
    assert await asked(house, offer.call, "operator") == 403
    assert await asked(house, "c9-9-9") == 404


async def listed(house: RunningServer, who: str = "qa", **filters: str) -> Any:
    async with house.client(who) as client, client.get("/api/calls", params=filters) as answer:
        return [one["call"] for one in (await answer.json())["calls"]] if answer.status == 200 else answer.status


async def test_calls_are_found_by_what_was_found_in_them(house: RunningServer) -> None:
    with_dead_air, plain, later_on = [await house.calls.whole() for _ in range(3)]
    for offer in (with_dead_air, later_on):
        await put(house, offer, SOUND)
    await analysed(house)
    both = [later_on.call, with_dead_air.call]
    found = await listed(house, finding="dead-air")
    assert found[:2] == both and plain.call not in found
    assert await listed(house, finding="hold-long") == []
    assert plain.call in await listed(house, finding="any")  # it has no note
    async with house.store.transaction() as connection:
        await connection.execute(text("DELETE FROM findings WHERE offer = :offer"), {"offer": plain.offer})
    assert plain.call not in await listed(house, finding="any") and plain.call in await listed(house)
    # Page by page, with other filters, and in the files.
    assert await listed(house, finding="dead-air", limit="1") == both[:1]
    assert (await listed(house, finding="dead-air", limit="1", before=both[0])) == both[1:]
    assert (await listed(house, finding="dead-air", ending="abandoned in queue")) == []
    assert (await listed(house, finding="dead-air", shortest_s="50", longest_s="70"))[:2] == both
    async with house.client("qa") as client, client.get("/api/calls.csv?finding=dead-air") as answer:
        body = await answer.text()
    assert all(call in body for call in both) and plain.call not in body


async def test_who_may_not_hear_recordings_filters_by_no_finding(house: RunningServer) -> None:
    assert await listed(house, "operator", finding="dead-air") == 403
    assert await listed(house, "operator", finding="") != 403
    assert await listed(house, finding="anger") == 400

"""The manifest of a contact: legs of the call and of its callbacks, what was checked, what is missing, and who sees which."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from acd.engine.commands import Offer
from acd.store.journal.legs import LegDue
from acd.store.queries import promises
from acd.web.access.audit import rows as audit_rows
from recordings import checks, manifest
from recordings.leg import Judged, sha256_of
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer


@pytest.fixture(autouse=True)
async def ready(house: RunningServer) -> AsyncIterator[None]:
    await house.calls.ready("1001")
    yield


async def promised(house: RunningServer, call: str, in_call: str) -> None:
    async with house.store.transaction() as connection:
        await connection.execute(
            text("INSERT INTO callback_promises (promise, of_call, made_at) VALUES (:call, :in_call, now())"),
            {"call": call, "in_call": in_call},
        )


def enter(house: RunningServer, offer: Offer, *reasons: str, **more: Any) -> Judged:
    """The leg's entry beside its sound, as the filing makes it."""
    root = Path(house.folder) / "recordings"
    path = f"2026/11/22/{offer.offer}.wav"
    due = LegDue(offer.call, offer.offer, 60.0, datetime(2026, 11, 22, 3, tzinfo=UTC), offer.agent, offer.queue)
    due = replace(
        due, hold_s=7.0, consult_s=3.0, spans=({"kind": "hold", "from_s": 1.0, "to_s": 1.0, "lasted_s": 7.0},)
    )
    levels = {"caller": checks.Level(-12.0, -20.0, 0.0), "agent": checks.Level(-38.0, -45.0, 0.1)}
    leg = Judged(due, path, 2.0, sha256_of(root / path), "", reasons, datetime.now(UTC), levels=levels, **more)
    manifest.enter(root, leg, None)
    return leg


async def asked(house: RunningServer, call: str, who: str = "qa") -> Any:
    async with house.client(who) as client, client.get(f"/api/calls/{call}/manifest") as answer:
        return (await answer.json()) if answer.status == 200 else answer.status


async def test_a_callback_and_the_call_that_asked_for_it_are_one_manifest(house: RunningServer) -> None:
    first, second, other = [await house.calls.whole() for _ in range(3)]
    filed = enter(house, first, level_faults=("the agent's side is too quiet: -45 dBFS, below -40",))
    enter(house, second)
    await promised(house, second.call, first.call)
    found = await asked(house, first.call)
    assert found["call"] == first.call and found["complete"]
    assert [(one["call"], one["promised_in"], one["agents"]) for one in found["calls"]] == [
        (first.call, "", ["1001"]),
        (second.call, first.call, ["1001"]),
    ]
    (leg,) = found["calls"][0]["legs"]
    assert (leg["offer"], leg["agent"], leg["talk_s"], leg["hold_s"], leg["consult_s"]) == (
        first.offer, "1001", 60.0, 7.0, 3.0,
    )  # fmt: skip
    assert (leg["file"], leg["sha256"], leg["seconds"]) == (filed.path, filed.sha256, 2.0)
    assert leg["spans"][0]["kind"] == "hold" and leg["complete"] and leg["why"] == ""
    assert leg["began_at"] == "2026-11-22T02:58:50Z" and leg["ended_at"] == "2026-11-22T03:00:00Z"
    assert [side["speaker"] for side in leg["levels"]] == ["caller", "agent"] and leg["level_faults"]
    # Asked for by the callback it is the same contact; a call of somebody else is another.
    assert (await asked(house, second.call))["calls"] == found["calls"]
    assert [one["call"] for one in (await asked(house, other.call))["calls"]] == [other.call]


async def test_a_contact_is_not_complete_while_it_goes_on_or_when_a_file_has_gone(house: RunningServer) -> None:
    offer = await house.calls.whole()
    filed = enter(house, offer)
    assert (await asked(house, offer.call))["complete"]
    (Path(house.folder) / "recordings" / filed.path).unlink()
    found = await asked(house, offer.call)
    (leg,) = found["calls"][0]["legs"]
    assert (found["complete"], leg["complete"], leg["why"], leg["why_zh"]) == (
        False,
        False,
        "there is no file",
        "没有文件",
    )
    call = house.calls.arrives("13800000002")

    async def shown() -> Any:
        found = await asked(house, call)
        return found if found != 404 else None

    found = await eventually(shown)
    assert (found["complete"], found["calls"][0]["complete"], found["calls"][0]["ended_at"]) == (False, False, None)


async def test_a_leg_that_is_not_complete_says_why_in_both_languages(house: RunningServer) -> None:
    offer = await house.calls.whole()
    enter(house, offer, "2.0 s of sound for 60.0 s of talk")
    (leg,) = (await asked(house, offer.call))["calls"][0]["legs"]
    assert not leg["complete"] and leg["in_manifest"]
    assert (leg["why"], leg["why_zh"]) == ("2.0 s of sound for 60.0 s of talk", "声音 2.0 秒，通话 60.0 秒")
    manifest.mark_deleted(
        Path(house.folder) / "recordings", offer.call, offer.offer, datetime.now(UTC), "boss", "asked for"
    )
    (leg,) = (await asked(house, offer.call))["calls"][0]["legs"]
    assert (leg["file"], leg["deleted_by"], leg["deleted_why"]) == ("", "boss", "asked for")


async def test_a_leg_that_the_manifest_lacks_is_shown_and_not_complete(house: RunningServer) -> None:
    offer = await house.calls.whole()
    found = await asked(house, offer.call)
    (leg,) = found["calls"][0]["legs"]
    assert (leg["in_manifest"], leg["complete"], leg["why"]) == (False, False, "the manifest lacks it")
    assert leg["why_zh"] == "清单中没有此段" and not found["complete"]


async def test_a_damaged_manifest_is_no_error(house: RunningServer) -> None:
    offer = await house.calls.whole()
    enter(house, offer)
    (Path(house.folder) / "recordings" / "2026/11/22" / f"{offer.call}.json").write_text('{"call": ')
    (leg,) = (await asked(house, offer.call))["calls"][0]["legs"]
    assert leg["why"] == "the manifest lacks it"


async def test_each_opening_is_a_line_and_agents_have_none(house: RunningServer) -> None:
    first, second = await house.calls.whole(), await house.calls.whole()
    await promised(house, second.call, first.call)
    assert isinstance(await asked(house, first.call), dict)
    line = [row for row in audit_rows(Path(house.folder) / "audit.log") if row["action"] == "opened a manifest"][-1]
    assert (line["who"], line["call"], line["calls"]) == ("qa", first.call, sorted([first.call, second.call]))
    assert await asked(house, first.call, "1001") == 403 and await asked(house, first.call, "") == 401
    assert await asked(house, "c1-2-3") == 404


async def test_a_contact_is_bounded_and_a_circle_of_promises_ends(house: RunningServer) -> None:
    for number in range(60):
        await promised(house, f"p{number + 1}", f"p{number}")
    await promised(house, "p0", "p60")
    async with house.store.transaction() as connection:
        found = await promises.of_contact(connection, "p0")
    assert len(found) == promises.CONTACT and found["p1"] == "p0"
    async with house.store.transaction() as connection:
        await connection.execute(text("DELETE FROM callback_promises WHERE promise LIKE 'p%'"))

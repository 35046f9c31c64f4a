"""The running hotline calls itself: by the command, through the API, and at night; nobody is disturbed, no figure counts it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.operator import metrics
from tests.support.network import TRUNK_ADDRESS
from tests.support.returning_carrier import Habits, ReturningCarrier

NIGHT = """
[self_call]
at = "{at}"
trunks = ["carrier"]
number = "95001"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    async with FullSystem(folder, ("1001",), ring_s=1, brisk=True, carrier=True) as system:
        yield system


def returning(system: FullSystem) -> ReturningCarrier:
    return ReturningCarrier(TRUNK_ADDRESS, system.carrier_port, ("127.0.0.1", system.prepared.sip_port))


async def warnings(system: FullSystem) -> dict[str, bool]:
    """Whether each check of /health that can warn does so; all of them are up."""
    health = await system.ask("GET", "/health")
    assert health["status"] == "up", health
    return {each["name"]: each["warning"] for each in health["checks"] if each["name"] == "self-calls"}


async def doctor(system: FullSystem, *words: str) -> tuple[int, Any]:
    status, output, complaints = await system.sanxiang("doctor", "--call", *words, "--json")
    assert output, complaints
    return status, json.loads(output)


async def test_over_the_trunk_and_by_the_loop_all_is_well_and_nobody_was_disturbed(system: FullSystem):
    async with system.scene(), returning(system) as carrier:
        await system.staffed("1001", Phone(ring_s=0.3))
        before = await system.state()
        status, report = await doctor(system, "carrier")
        assert (status, report["ok"], report["faults"]) == (0, True, []), report
        assert report["arrived"]["caller"] == report["shown"] and report["sound"]["round_trip_ms"] is not None
        assert report["sound"]["out"]["mos"] > 4 and report["sound"]["back"]["mos"] > 4
        status, said, _ = await system.sanxiang("doctor", "--call")
        assert status == 0 and "sound out:" in said and "called number: arrived as 95000" in said, said
        status, loop = await doctor(system)
        assert (status, loop["ok"], loop["trunk"]) == (0, True, ""), loop
        assert len(carrier.invites) == 1
        after = await system.state()
        assert after["counts"] == before["counts"] and after["calls"] == []
        assert (await system.agent("1001"))["state"] == "idle"
        kinds = {row.kind for _, row in system.log.rows()}
        assert kinds.isdisjoint({Kind.ARRIVED, Kind.QUEUED, Kind.OFFERED, Kind.ALARM}), kinds
        kept = (await system.ask("GET", "/api/self-call"))["calls"]
        assert [each["trunk"] for each in kept] == ["", "", "carrier"]
        assert [(row["trunk"], row["ok"], row["faults"]) for row in after["self_calls"]] == [
            ("", True, []),
            ("carrier", True, []),
        ]
        assert await warnings(system) == {"self-calls": False}


async def test_what_is_wrong_is_said_with_a_remedy_and_an_exit_status(system: FullSystem):
    async with system.scene(), returning(system) as carrier:
        carrier.habits = Habits(lose_keys={"out"}, caller="02188886666")
        status, said, _ = await system.sanxiang("doctor", "--call", "carrier")
        assert status == 1 and "Keys did not arrive" in said and "came in as 02188886666" in said
        carrier.habits = Habits(lose={"back": 1.0})
        status, said, _ = await system.sanxiang("doctor", "--call", "carrier", "--language", "zh")
        assert status == 1 and "单向声音" in said and "->" in said
        carrier.habits = Habits(refuse=404)
        status, report = await doctor(system, "carrier")
        assert status == 1 and [each["code"] for each in report["faults"]] == ["no-such-number"]
        assert not [row for _, row in system.log.rows() if row.kind in (Kind.ARRIVED, Kind.ENDED)]
    _, examined, complaint = await system.sanxiang("doctor", "--json")
    assert examined, complaint
    [finding] = [each for each in json.loads(examined) if each["what"] == "call to ourselves over carrier"]
    assert not finding["ok"] and finding["remedy"] == "./sanxiang doctor --call carrier"
    # It is told wherever one looks, and the hotline is up all the same.
    assert await warnings(system) == {"self-calls": True}
    status, said, _ = await system.sanxiang("status")
    assert status == 0 and "WARN   1 with a fault" in said, said
    assert "last call to itself over carrier" in said and "The carrier does not know 95000 (SIP 404)" in said
    assert "-> Write called numbers as this carrier wants them: set dial_as" in said
    status, _, complaint = await system.sanxiang("doctor", "--call", "nowhere")
    assert status != 0 and "There are: carrier." in complaint
    status, _, complaint = await system.sanxiang("doctor", "carrier")
    assert status != 0 and "--call" in complaint


async def test_what_a_trunk_that_is_gone_had_found_is_told_no_more(system: FullSystem):
    """Else doctor names a command that can't be typed, and is never well again."""
    async with system.scene(), returning(system) as carrier:
        carrier.habits = Habits(refuse=404)
        assert (await doctor(system, "carrier"))[0] == 1
        assert "sanxiang_self_calls_failing 1.0" in await metrics(system)
        text = system.config_file.read_text("utf-8")
        system.config_file.write_text(text.replace("[trunks.carrier]", "[trunks.renamed]"), "utf-8")
        status, _, complaint = await system.sanxiang("config", "reload")
        assert status == 0, complaint
        _, examined, _ = await system.sanxiang("doctor", "--json")
        assert not [each for each in json.loads(examined) if each["what"] == "call to ourselves over carrier"]
        assert "sanxiang_self_calls_failing 0.0" in await metrics(system)
        system.config_file.write_text(text, "utf-8")
        assert (await system.sanxiang("config", "reload"))[0] == 0


async def test_at_night_it_calls_by_itself_and_an_alarm_says_what_failed(tmp_path_factory: pytest.TempPathFactory):
    local = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    more = NIGHT.format(at=local.strftime("%H:%M"))
    folder = tmp_path_factory.mktemp("night")
    async with FullSystem(folder, ("1001",), ring_s=1, brisk=True, carrier=True, more=more) as system:
        async with returning(system) as carrier:
            carrier.habits = Habits(refuse=404)
            alarm = await system.log.row(Kind.ALARM)
            assert alarm.detail["name"] == "self-call failed"
            assert "over trunk carrier" in alarm.detail["detail"] and "does not know 95001" in alarm.detail["detail"]
        kept = (await system.ask("GET", "/api/self-call"))["calls"]
        assert [each["why"] for each in kept] == ["nightly", "nightly"]

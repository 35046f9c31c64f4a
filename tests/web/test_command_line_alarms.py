"""`sanxiang alarms` as it is typed, against a house with a real engine behind its API."""

import json

import pytest

from acd.engine.events import AlarmRaised
from tests.web.support.web_server import RunningServer
from tests.web.test_command_line import floor, said, sanxiang

__all__ = ["floor"]


async def test_alarms_are_listed_seen_cleared_and_remembered(house: RunningServer):
    assert await said(house, "alarms") == "No alarm is open.\n"
    assert await said(house, "alarms", "--language", "zh") == "没有未解除的告警。\n"
    house.calls.tell(AlarmRaised("trunk-closed", "carrier|12:00"), AlarmRaised("recording silent", "c1-1: both"))
    await house.calls.settled()
    status, output, _ = await sanxiang(house, "alarms")
    assert status == 3 and "CRITICAL" in output and "Trunk closed (carrier)" in output
    assert "trunk carrier has been closed since 12:00" in output
    _, output, _ = await sanxiang(house, "alarms", "--language", "zh")
    assert "中继不可用（carrier）" in output and "录音无声" in output
    _, output, _ = await sanxiang(house, "status")
    assert "CRITICAL 1: Trunk closed (carrier) since" in output and "not seen yet" in output
    assert await said(house, "alarms", "seen", "1") == "Alarm 1 is marked as seen.\n"
    _, output, _ = await sanxiang(house, "status")
    assert "Trunk closed" in output and output.count("not seen yet") == 1
    assert await said(house, "alarms", "clear", "1") == "Alarm 1 is cleared.\n"
    output = await said(house, "alarms", "--all")
    assert "Trunk closed" in output and " raised\n" in output and "cleared by " in output
    found = json.loads(await said(house, "alarms", "--all", "--json"))
    assert [(row["number"], row["cleared_at"] is None) for row in found] == [(2, True), (1, False)]


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (("alarms", "seen", "99"), 1, "No open alarm has the number 99"),
        (("alarms", "clear", "0"), 2, "at least 1"),
        (("alarms", "clear", "-1"), 2, "-1"),
        (("alarms", "clear", "one"), 2, "Write a whole number"),
        (("alarms", "clear"), 2, "Missing argument"),
        (("alarms", "forget"), 2, "forget"),
        (("alarms", "test"), 1, "can't tell alarms outside"),
    ],
)
async def test_what_can_not_be_says_why(house: RunningServer, words: tuple[str, ...], status: int, why: str):
    found, _, complaints = await sanxiang(house, *words)
    assert found == status and why in complaints

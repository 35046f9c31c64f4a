"""Asterisk itself falls, or hangs: what it held is lost, and nothing else is; it serves again in seconds."""

import signal
from pathlib import Path

import pytest

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone, SippCaller
from tests.calls.support.faults import TroubledHouse, figures
from tests.support.waiting import eventually


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_asterisk_falls_with_waiting_ringing_and_talking_calls(tmp_path: Path, how: signal.Signals):
    async with TroubledHouse(tmp_path, brisk=True) as house:
        await house.staffed("1001", Phone(ring_s=0.2))
        await house.asks("1", "13800000001")
        talk = await house.row(Kind.CONNECTED)
        await house.staffed("1002", Phone(never_answers=True))
        for number in (2, 3):
            await house.asks("1", f"1380000000{number}")
        await house.row(Kind.RINGING, count=2)
        await house.stages("talking", "offered", "waiting")
        await eventually(lambda: _sound(house, talk.offer) > 3 * 16_000, "three seconds of sound")

        fallen = house.kill("asterisk", how)
        lost_at, _ = await house.timed_row(Kind.PBX, lambda row: row.detail["state"] == "lost", 2)
        await house.back(fallen)
        up_s = fallen.ago_s
        assert house.parts["asterisk"].starts == 2
        # Nobody tells a caller whom a crash has cut: he hears nothing and hangs up.
        for person in house.people:
            if isinstance(person, SippCaller):
                await person.stop()
        await house.row(Kind.ENDED, count=3)
        assert sorted(house.endings().values()) == sorted([Ending.ANSWERED, Ending.LOST, Ending.LOST])
        assert house.endings()[talk.call] == Ending.ANSWERED
        cut = len(house.endings())  # the one who talked is answered, and cut all the same
        ended = await house.row(Kind.TALK_ENDED)
        talked_s = (lost_at - house.time_of(Kind.CONNECTED, talk.call)).total_seconds()
        assert abs(ended.detail["talk_s"] - talked_s) < 1
        filed = await house.row(Kind.RECORDED, lambda row: row.offer == talk.offer)
        assert not filed.detail["complete"]
        assert filed.detail["reason"]
        assert filed.detail["sha256"]
        # Asterisk writes in blocks: what lies in its memory is lost with it.
        assert filed.detail["seconds"] > 2
        if how is signal.SIGSTOP:
            assert "asterisk hung" in house.alarms()

        # New calls work; the registrations have outlived it.
        await house.ask("POST", "/api/agents/1002/not-ready", {"reason": "break"})
        await house.comes_to_be("1001", "idle")
        await house.asks("1", "13800000009", stays_s=5)
        again = await house.call_of("13800000009")
        assert (await house.ending_of(again)).detail["ending"] == Ending.ANSWERED
        assert (await house.row(Kind.RECORDED, lambda row: row.call == again)).detail["complete"]
        words = {signal.SIGKILL: "killed", signal.SIGSTOP: "hung"}
        note = f"{(lost_at - fallen.at).total_seconds():.1f} s to notice; {filed.detail['reason']}"
        figures(f"Asterisk {words[how]}: waiting, ringing, talking", 1, cut, up_s, note)


def _sound(house: TroubledHouse, offer: str) -> int:
    """Bytes of the caller's side so far."""
    file = Path(house.prepared.recordings) / "live" / f"{offer}-caller.wav"
    return file.stat().st_size if file.exists() else 0

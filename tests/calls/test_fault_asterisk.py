"""Asterisk itself falls, or hangs: what it held is lost, and nothing else is; it serves again in seconds."""

import signal
from pathlib import Path

import pytest

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone, SippCaller
from tests.calls.faults.figures import report_figures
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_asterisk_falls_with_waiting_ringing_and_talking_calls(tmp_path: Path, how: signal.Signals):
    async with FullSystem(tmp_path, brisk=True) as system:
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        talk = await system.log.row(Kind.CONNECTED)
        await system.staffed("1002", Phone(never_answers=True))
        for number in (2, 3):
            await system.asks("1", f"1380000000{number}")
        await system.log.row(Kind.RINGING, count=2)
        await system.stages("talking", "offered", "waiting")
        await eventually(lambda: _sound(system, talk.offer) > 3 * 16_000, "three seconds of sound")

        fallen = system.faults.kill("asterisk", how)
        lost_at, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "lost", 2)
        await system.faults.back(fallen)
        up_s = fallen.ago_s
        assert system.parts["asterisk"].starts == 2
        # Nobody tells a caller whom a crash has cut: he hears nothing and hangs up.
        for person in system.people:
            if isinstance(person, SippCaller):
                await person.stop()
        await system.log.row(Kind.ENDED, count=3)
        assert list(system.log.endings().values()) == [Ending.LOST] * 3
        cut = len(system.log.endings())
        assert system.said("daemon").count("in step with Asterisk") == 2
        ended = await system.log.row(Kind.TALK_ENDED)
        talked_s = (lost_at - system.log.time_of(Kind.CONNECTED, talk.call)).total_seconds()
        assert abs(ended.detail["talk_s"] - talked_s) < 1
        filed = await system.log.row(Kind.RECORDED, lambda row: row.offer == talk.offer)
        assert not filed.detail["complete"]
        assert filed.detail["reason"]
        assert filed.detail["sha256"]
        # Asterisk writes in blocks: what lies in its memory is lost with it.
        assert filed.detail["seconds"] > 2
        if how is signal.SIGSTOP:
            assert "asterisk hung" in system.log.alarms()

        # New calls work; the registrations have outlived it.
        await system.ask("POST", "/api/agents/1002/not-ready", {"reason": "break"})
        await system.comes_to_be("1001", "idle")
        await system.asks("1", "13800000009", stays_s=5)
        again = await system.log.call_of("13800000009")
        assert (await system.log.ending_of(again)).detail["ending"] == Ending.ANSWERED
        assert system.recorded_whole((await system.log.row(Kind.RECORDED, lambda row: row.call == again)).detail)
        words = {signal.SIGKILL: "killed", signal.SIGSTOP: "hung"}
        note = f"{(lost_at - fallen.at).total_seconds():.1f} s to notice; {filed.detail['reason']}"
        report_figures(f"Asterisk {words[how]}: waiting, ringing, talking", 1, cut, up_s, note)


def _sound(system: FullSystem, offer: str) -> int:
    """Bytes of the caller's side so far."""
    file = Path(system.prepared.recordings) / "live" / f"{offer}-caller.wav"
    return file.stat().st_size if file.exists() else 0

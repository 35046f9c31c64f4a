"""The daemon falls while callers wait, phones ring and people talk: calls live in Asterisk, and the log remembers."""

import signal
from datetime import UTC, datetime
from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually


async def test_killed_with_callers_waiting_ringing_and_talking(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True) as system:
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        talker = await system.log.call_of("13800000001")
        await system.log.row(Kind.CONNECTED)
        slow = await system.staffed("1002", Phone(ring_s=3.5))
        await system.asks("1", "13800000002")
        rung = await system.log.call_of("13800000002")
        for number in (3, 4):
            await system.asks("1", f"1380000000{number}")
            await system.log.row(Kind.QUEUED, count=number)
        ringing = await system.log.row(Kind.RINGING, of_call(rung))
        before = await system.stages("talking", "offered", "waiting", "waiting")
        line = sorted((row["position"], call) for call, row in before.items() if row["position"])

        system.faults.hold_back("daemon")
        system.faults.kill("daemon")
        # The phone goes on ringing, its agent answers, and the dialplan joins them without us.
        await eventually(lambda: system.talks_of("1002"), "an answer without the daemon")
        system.faults.bring_back("daemon")
        await system.serving()
        after = await system.stages("talking", "talking", "waiting", "waiting")
        assert sorted((row["position"], call) for call, row in after.items() if row["position"]) == line
        for call, row in before.items():
            assert after[call]["asked_at"] == row["asked_at"]
        connected = await system.log.row(Kind.CONNECTED, of_call(rung))
        assert connected.offer == ringing.offer
        assert len(slow.invites()) == 1

        # Once more, while the only free agent talks for two seconds: his next caller must not wait for long.
        await system.staffed("1003", Phone(ring_s=0.2, talk_s=(3.0, 3.0)))
        await system.log.row(Kind.CONNECTED, lambda row: row.agent == "1003")
        killed = system.faults.kill("daemon")
        at, _ = await system.log.timed_row(Kind.OFFERED, lambda row: row.agent == "1003", 2)
        assert [row.call for row in system.log.of(Kind.OFFERED) if row.agent == "1003"] == [call for _, call in line]
        await system.log.row(Kind.TALK_ENDED, count=2)
        await system.everybody_hangs_up()
        await system.log.row(Kind.ENDED, count=4)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        system.log.none_offered_twice()
        for call in (talker, rung):
            filed = await system.log.row(Kind.RECORDED, of_call(call))
            assert system.recorded_whole(filed.detail), filed.detail
        for number in range(4):
            print((await system.log.row(Kind.RECORDED, count=number + 1)).detail)
        report_figures(
            "daemon killed: waiting, ringing, talking", 2, system.log.lost(), (at - killed.at).total_seconds()
        )


async def test_an_upgrade_touches_no_call(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True, ring_s=3) as system:
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        talk = await system.log.row(Kind.CONNECTED)
        await system.staffed("1002", Phone(never_answers=True))
        await system.asks("1", "13800000002")
        await system.asks("1", "13800000003")
        await system.log.row(Kind.RINGING, count=2)
        before = await system.stages("talking", "offered", "waiting")
        stopped = system.faults.kill("daemon", signal.SIGTERM)
        await system.faults.back(stopped)
        away_s = stopped.ago_s
        after = await system.stages("talking", "offered", "waiting")
        assert {call: row["asked_at"] for call, row in after.items()} == {
            call: row["asked_at"] for call, row in before.items()
        }
        assert {call: row["offer"] for call, row in after.items()} == {
            call: row["offer"] for call, row in before.items()
        }
        await system.staffed("1003", Phone(ring_s=0.2, talk_s=(3.0, 3.0)))
        await system.log.row(Kind.TALK_ENDED, lambda row: row.agent == "1003", 2)
        await system.everybody_hangs_up()
        filed = await system.log.row(Kind.RECORDED, of_call(talk.call))
        assert system.recorded_whole(filed.detail), filed.detail
        await system.log.row(Kind.ENDED, count=3)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        report_figures("daemon stopped for an upgrade (SIGTERM)", 1, system.log.lost(), away_s)


async def test_gone_for_good_the_house_answers_alone_and_is_taken_back(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True) as system:
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        long_talk = await system.log.row(Kind.CONNECTED)
        phone = await system.staffed("1002", Phone(ring_s=0.2, talk_s=(14.0, 14.0)))
        for number in (2, 3, 4):
            await system.asks("1", f"1380000000{number}")
            await system.log.row(Kind.QUEUED, count=number)
        short, *line = (row.call for row in system.log.of(Kind.QUEUED)[1:])
        await system.log.row(Kind.CONNECTED, of_call(short))
        before = await system.stages("talking", "talking", "waiting", "waiting")

        system.faults.hold_back("daemon")
        killed = system.faults.kill("daemon")
        await system.asks("1", "13800000005")  # who dials while nobody decides hears the same menu
        await system.asks("1", "13800000006", stays_s=5)  # and who loses patience meanwhile is not forgotten
        await eventually(lambda: system.callers_in("alone"), "the plain queue")
        fell_s = killed.ago_s
        assert fell_s > 9, "ten seconds of silence are waited for"

        async def second_talk() -> bool:
            return len(phone.invites()) == 2 and await system.talks_of("1002") == 1

        await eventually(second_talk, "an answer out of the plain queue", 60)
        answered_s = killed.ago_s
        assert await system.talks_of("1001") == 1

        system.faults.bring_back("daemon")
        await system.serving()
        after = await system.stages("talking", "talking", "waiting", "waiting")
        assert after[long_talk.call]["stage"] == "talking"
        # Each falls into the plain queue as his own round of the waiting loop ends, so any of them may be the first there.
        late = await system.log.call_of("13800000005")
        alone, *waiting = sorted((*line, late), key=lambda call: after[call]["stage"] != "talking")
        assert after[alone]["offer"] == f"{alone}-f1"
        assert (Path(system.prepared.recordings) / "live" / f"{alone}-f1-caller.wav").exists()
        assert [after[call]["position"] for call in waiting] == [1, 2]
        for call in line:
            assert after[call]["asked_at"] == before[call]["asked_at"]
        await eventually(lambda: system.callers_in("waiting"), "those who wait, in the waiting room again")

        async def left_the_queue() -> bool:
            return [row[5] for row in await system.channels()].count("Queue") == 1

        await eventually(left_the_queue, "only who talks being left in the plain queue")
        impatient = await system.log.call_of("13800000006")
        left = await system.log.ending_of(impatient)
        assert left.detail["ending"] == Ending.ABANDONED_QUEUE
        assert 1 < left.detail["wait_s"] < 6
        await system.staffed("1003", Phone(ring_s=0.2, talk_s=(3.0, 3.0)))
        for call in (*waiting, alone):
            await system.log.row(Kind.TALK_ENDED, of_call(call))
        await system.everybody_hangs_up()
        await system.log.row(Kind.ENDED, count=6)
        endings = system.log.endings()
        assert endings.pop(impatient) == Ending.ABANDONED_QUEUE
        assert set(endings.values()) == {Ending.ANSWERED}
        ended = next(row for row in system.log.of(Kind.TALK_ENDED) if row.call == short)
        assert abs(ended.detail["talk_s"] - 13.7) < 1  # over while nobody listened, and its length is known
        for call in (long_talk.call, short, alone):
            filed = await system.log.row(Kind.RECORDED, of_call(call))
            assert system.recorded_whole(filed.detail), filed.detail
        system.log.none_offered_twice()
        report_figures(
            "daemon away for good: plain queue begins",
            1,
            system.log.lost(),
            fell_s,
            f"answered after {answered_s:.1f} s",
        )


async def test_frozen_for_a_while_it_is_in_step_again(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True) as system:
        system.parts["daemon"].beats = False  # as under compose: nobody watches over it, and it wakes up by itself
        await system.staffed("1001", Phone(ring_s=0.2))
        await system.asks("1", "13800000001")
        talker = (await system.log.row(Kind.CONNECTED)).call
        rung = await system.staffed("1002", Phone(ring_s=1.0, talk_s=(3.5, 3.5)))
        for number in (2, 3, 4):
            await system.asks("1", f"1380000000{number}")
            await system.log.row(Kind.QUEUED, count=number)
        line = [row.call for row in system.log.of(Kind.QUEUED)][1:]
        await system.log.row(Kind.RINGING, of_call(line[0]))
        async with system.faults.frozen("daemon") as stopped:
            # Nobody is told anything for 15 s; the dialplan takes who waits to the agents it knows to be ready.
            await eventually(lambda: stopped.ago_s > 15)
        thawed_at = datetime.now(UTC)
        found_at, _ = await system.log.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", 2)
        thawed_s = (found_at - thawed_at).total_seconds()
        await system.well()
        await system.log.row(Kind.ENDED, of_call(line[0]))
        await system.log.row(Kind.TALK_ENDED, count=3)
        await system.everybody_hangs_up()
        await system.log.row(Kind.ENDED, count=4)
        system.log.none_offered_twice()
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        filed = await system.log.row(Kind.RECORDED, of_call(talker))
        assert system.recorded_whole(filed.detail), filed.detail
        assert len(rung.invites()) == 3
        report_figures("daemon frozen for 15 s", 1, system.log.lost(), thawed_s)

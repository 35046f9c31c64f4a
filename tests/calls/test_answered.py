"""Calls that reach somebody: at the second ring, at the next agent, when one comes free."""

from pathlib import Path

from acd.demo_actors import Phone
from acd.engine.commands import Ending, Kind
from tests.calls.house import WholeHouse, orders


async def test_a_call_is_answered_at_the_second_ring_recorded_and_filed(tmp_path: Path):
    async with WholeHouse(tmp_path) as house:
        phone = await house.staffed("1001", Phone(ring_s=6.0, talk_s=(4.0, 4.0)))
        await house.caller(orders(caller="13812341111"))
        ended = await house.row(Kind.ENDED)
        filed = await house.row(Kind.RECORDED)

        assert house.story(ended.call)[:8] == [
            *("arrived", "menu", "queued", "offered", "ringing", "answered", "connected", "talk ended"),
        ]
        assert ended.detail["ending"] == Ending.ANSWERED
        answered = await house.row(Kind.ANSWERED)
        assert answered.detail["rings"] == 2
        assert filed.detail["complete"], filed.detail
        assert 'From: "Orders 138****1111"' in phone.invites()[0]

        await house.caught_up()
        call = await house.store.call(ended.call)
        assert call is not None
        assert (call.caller, call.queue, call.agent, call.ending) == ("13812341111", "orders", "1001", "answered")
        leg = await house.store.recording(filed.offer)
        assert leg is not None
        assert leg.seconds is not None and leg.talk_s is not None
        assert abs(leg.seconds - leg.talk_s) <= 1

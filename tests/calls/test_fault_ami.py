"""The link between daemon and Asterisk is reset, or dies without a word: calls go on, and the books agree afterwards."""

from datetime import UTC, datetime
from pathlib import Path

from acd.demo_actors import Phone
from acd.engine.commands import Ending, Kind
from acd.pbx.ports import free_port
from tests.calls.trouble import Proxy, TroubledHouse, figures, of_call
from tests.pbx.house import eventually


async def test_reset_again_and_again_and_half_open(tmp_path: Path):
    async with Proxy(free_port("tcp")) as proxy:
        house = TroubledHouse(tmp_path, brisk=True)
        house.ami_proxy = proxy
        async with house:
            await house.staffed("1001", Phone(ring_s=0.2))
            await house.asks("1", "13800000001")
            talker = (await house.row(Kind.CONNECTED)).call
            slow = await house.staffed("1002", Phone(ring_s=2.5, talk_s=(2.5, 2.5)))
            for number in (2, 3):
                await house.asks("1", f"1380000000{number}")
                await house.row(Kind.QUEUED, count=number)
            rung, waits = (row.call for row in house.of(Kind.QUEUED)[1:])
            ringing = await house.row(Kind.RINGING, of_call(rung))
            asked = {call: row["asked_at"] for call, row in (await house.calls()).items()}

            # TCP RST while the phone rings, twice while they talk, and as its agent hangs up.
            back: list[float] = []

            async def reset() -> None:
                before, at = proxy.links, datetime.now(UTC)
                proxy.reset()
                await proxy.joined_again(before)
                found = await house.timed_row(Kind.PBX, lambda row: row.detail["state"] == "found", len(back) + 2)
                back.append((found[0] - at).total_seconds())

            async def has_hung_up() -> bool:
                return not await house.talks_of("1002")

            await reset()
            await reset()
            await eventually(lambda: house.talks_of("1002"), "the answer")
            await reset()
            await reset()
            await eventually(has_hung_up, "the end of the talk")
            await reset()
            connected = await house.row(Kind.CONNECTED, of_call(rung))
            assert connected.offer == ringing.offer
            assert {call: row["asked_at"] for call, row in (await house.calls()).items()}.items() <= asked.items()
            await house.row(Kind.CONNECTED, of_call(waits))
            assert [invite.count("INVITE") > 0 for invite in slow.invites()] == [True, True]
            figures("link to Asterisk reset (TCP RST)", len(back), house.lost(), max(back))

            # No FIN, no RST, nothing: noticed by our own ping.
            await house.row(Kind.TALK_ENDED, of_call(waits))
            async with proxy.half_open():
                at = datetime.now(UTC)
                lost_at, _ = await house.timed_row(Kind.PBX, lambda row: row.detail["detail"] == "no sign of life")
                await house.asks("1", "13800000004")  # he hears the menu and waits; nobody knows of him yet
                await eventually(lambda: house.callers_in("waiting"), "a caller whom the daemon cannot see")
            await house.well()
            unseen = await house.call_of("13800000004")
            await house.row(Kind.TALK_ENDED, of_call(unseen))
            await house.everybody_hangs_up()
            await house.row(Kind.ENDED, count=4)
            assert set(house.endings().values()) == {Ending.ANSWERED}
            filed = await house.row(Kind.RECORDED, of_call(talker))
            assert filed.detail["complete"], filed.detail
            house.none_offered_twice()
            figures("link to Asterisk half-open", 1, house.lost(), (lost_at - at).total_seconds(), "noticed")

"""The story server falls or hangs while callers are in the menu and in the waiting room: Asterisk executes the stories."""

from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone
from tests.calls.support.faults import TroubledHouse, figures, of_call
from tests.support.waiting import eventually


def late(caller: str, keys: str = "1") -> Caller:
    """He keys only after some thought: the server falls meanwhile."""
    return Caller("95001", caller, keys=keys, keys_after_s=4.0, stays_s=120)


async def test_killed_and_frozen_under_callers_in_menu_and_waiting_room(tmp_path: Path):
    async with TroubledHouse(tmp_path, brisk=True) as house:
        # Somebody is logged in, else callers would be told that nobody is; nobody is ready, so they wait.
        await house.staffed("1001", Phone(ring_s=0.2, talk_s=(3.0, 3.0)))
        await house.ask("POST", "/api/agents/1001/not-ready", {"reason": "break"})

        async def in_stories(served: bool) -> int:
            rows = [row for row in await house.channels() if row[5] == "AGI"]
            return sum(1 for row in rows if row[6].startswith("agi://") is served)

        # Killed: the caller in the menu goes on with the executed story, and can still key what he wants.
        await house.asks("1", "13800000001")
        waits = await house.row(Kind.QUEUED)
        await house.caller(late("13800000002"))
        await house.call_of("13800000002")
        await eventually(lambda: in_stories(True), "two served sessions")
        house.hold_back("stories")
        killed = house.kill("stories")
        await eventually(lambda: in_stories(False), "executed stories")
        on_s = killed.ago_s
        chosen = await house.row(Kind.QUEUED, count=2)
        assert chosen.queue == waits.queue == "orders"
        assert not (await house.checks())["stories"]
        house.bring_back("stories")
        await house.well("stories")
        figures("story server killed under a menu and a waiting room", 1, house.lost(), on_s, "the next prompt")

        # Frozen: it accepts and is silent; who is inside must not stay there.
        await house.caller(late("13800000003", "1,,1,,1,,1,,1"))
        menu = await house.call_of("13800000003")
        await eventually(lambda: in_stories(True), "a served session")

        async def nobody_inside() -> bool:
            return not await in_stories(True)

        async with house.frozen("stories") as stopped:
            await eventually(nobody_inside, "callers being taken out of a silent story")
            out_s = stopped.ago_s
            assert out_s < 10.5
            asked = await house.row(Kind.QUEUED, of_call(menu))
            assert asked.queue == "orders"
            # Stories or not, agents get their calls.
            await house.ask("POST", "/api/agents/1001/ready", {})
            await house.row(Kind.TALK_ENDED, of_call(waits.call))
        await house.well()
        for call in (chosen.call, menu):
            await house.row(Kind.TALK_ENDED, of_call(call))
        await house.row(Kind.ENDED, count=3)
        assert set(house.endings().values()) == {Ending.ANSWERED}
        assert [row.call for row in house.of(Kind.TALK_ENDED)] == [waits.call, chosen.call, menu]
        figures("story server frozen under a menu and two waiting", 1, house.lost(), out_s)

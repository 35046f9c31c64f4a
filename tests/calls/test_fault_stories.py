"""The story server falls or hangs while callers are in the menu and in the waiting room: Asterisk executes the stories."""

from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually


def late(caller: str, keys: str = "1") -> Caller:
    """He keys only after some thought: the server falls meanwhile."""
    return Caller("95001", caller, keys=keys, keys_after_s=4.0, stays_s=120)


async def test_killed_and_frozen_under_callers_in_menu_and_waiting_room(tmp_path: Path):
    async with FullSystem(tmp_path, brisk=True) as system:
        # Somebody is logged in, else callers would be told that nobody is; nobody is ready, so they wait.
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(3.0, 3.0)))
        await system.ask("POST", "/api/agents/1001/not-ready", {"reason": "break"})

        async def in_stories(served: bool) -> int:
            rows = [row for row in await system.channels() if row[5] == "AGI"]
            return sum(1 for row in rows if row[6].startswith("agi://") is served)

        # Killed: the caller in the menu goes on with the executed story, and can still key what he wants.
        await system.asks("1", "13800000001")
        waits = await system.log.row(Kind.QUEUED)
        await system.caller(late("13800000002"))
        await system.log.call_of("13800000002")
        await eventually(lambda: in_stories(True), "two served sessions")
        system.faults.hold_back("stories")
        killed = system.faults.kill("stories")
        await eventually(lambda: in_stories(False), "executed stories")
        on_s = killed.ago_s
        chosen = await system.log.row(Kind.QUEUED, count=2)
        assert chosen.queue == waits.queue == "orders"
        assert not (await system.checks())["stories"]
        system.faults.bring_back("stories")
        await system.well("stories")
        report_figures(
            "story server killed under a menu and a waiting room", 1, system.log.lost(), on_s, "the next prompt"
        )

        # Frozen: it accepts and is silent; who is inside must not stay there.
        await system.caller(late("13800000003", "1,,1,,1,,1,,1"))
        menu = await system.log.call_of("13800000003")
        await eventually(lambda: in_stories(True), "a served session")

        async def nobody_inside() -> bool:
            return not await in_stories(True)

        async with system.faults.frozen("stories") as stopped:
            await eventually(nobody_inside, "callers being taken out of a silent story")
            out_s = stopped.ago_s
            assert out_s < 10.5
            asked = await system.log.row(Kind.QUEUED, of_call(menu))
            assert asked.queue == "orders"
            # Stories or not, agents get their calls.
            await system.ask("POST", "/api/agents/1001/ready", {})
            await system.log.row(Kind.TALK_ENDED, of_call(waits.call))
        await system.well()
        for call in (chosen.call, menu):
            await system.log.row(Kind.TALK_ENDED, of_call(call))
        await system.log.row(Kind.ENDED, count=3)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        assert [row.call for row in system.log.of(Kind.TALK_ENDED)] == [waits.call, chosen.call, menu]
        report_figures("story server frozen under a menu and two waiting", 1, system.log.lost(), out_s)

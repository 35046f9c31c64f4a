"""What the dialplan makes of a story's word, and a caller's keys on their way to it, on a real Asterisk.

The story here is a few lines at the far end of AGI: what it hears and sets is the point, not what it says.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from acd.engine.events import (
    AgentLoggedIn,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallServed,
    CallTurnedAway,
    MenuChosen,
    MenuLeft,
)
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.waiting import eventually


class Story:
    """Serves AGI at the house's port: collects `keys` digits in `hotline`, then sets `says`."""

    def __init__(self, keys: int, **says: str) -> None:
        self.keys, self.says = keys, says
        self.first: dict[str, str] = {}
        """Set before it waits for keys."""
        self.heard = ""
        self.told: list[str] = []
        self.environment = ""
        self._server: asyncio.Server | None = None

    async def open(self, floor: LinkUnderTest, port: int) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        floor.pbx.stories(True)
        await floor.pbx.ami.act("Ping")

    def close(self) -> None:
        assert self._server
        self._server.close()

    async def offer_callback(self, ask: Callable[[str], Awaitable[str]]) -> None:
        """What the story of that name does here; nothing, unless a test says so."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        environment = (await reader.readuntil(b"\n\n")).decode()
        self.environment += environment
        story = environment.split("agi_network_script: ")[1].split("\n")[0]
        self.told.append(story)

        async def ask(command: str) -> str:
            writer.write(f"{command}\n".encode())
            return (await reader.readline()).decode()

        try:
            if story in ("hotline", "agent_login"):
                for name, value in self.first.items():
                    await ask(f'SET VARIABLE {name} "{value}"')
                for _ in range(self.keys):
                    answer = await ask("WAIT FOR DIGIT 20000")
                    self.heard += chr(int(answer.split("result=")[1].split()[0]))
                for name, value in self.says.items():
                    await ask(f'SET VARIABLE {name} "{value}"')
            elif story == "waiting_room":
                await ask("SET MUSIC ON")
                await ask("WAIT FOR DIGIT 20000")
            elif story == "callback_offer":
                await self.offer_callback(ask)
        except (ValueError, IndexError, ConnectionError):
            pass  # hung up, or redirected
        finally:
            writer.close()


async def test_keys_reach_the_story_and_its_word_reaches_the_floor(house: AsteriskFixture):
    floor = await house.linked()
    story = Story(4, QUEUE="after-sales", SKILLS="en:1,orders:2", MENU_PATH="zh/2", LANG="zh", NEXT="queue")
    story.says = {"MENU_TRAIL": "zh main:*#!7-2 below:1", "WANTED": "1002", **story.says}
    await story.open(floor, house.settings.agi_port)
    await house.agents("1001", Phone(ring_s=0.2, talk_s=(2.5, 2.5)))
    await house.caller(Caller(number="95000", keys="2*0#", keys_after_s=1.0))
    queued = await floor.until(CallQueued)
    call = queued.call
    assert story.heard == "2*0#"
    assert queued == CallQueued(call, "after-sales", (("en", 1), ("orders", 2)), "zh", "1002")
    assert floor.of(MenuChosen) == [MenuChosen(call, "zh/2", "zh main:*#!7-2 below:1")]
    await eventually(lambda: "waiting_room" in story.told)
    floor.offer(call, "1001")  # takes him out of the waiting room's AGI
    await floor.until(CallBridged)
    await floor.until(CallerHungUp)
    assert story.told == ["hotline", "waiting_room", "goodbye"]
    assert house.settings.secrets.ami_password not in story.environment
    story.close()


async def test_who_hangs_up_in_a_menu_is_noted_with_the_menu(house: AsteriskFixture):
    floor = await house.linked()
    story = Story(1)
    story.first = {"MENU_TRAIL": "zh main:!7 below:"}
    await story.open(floor, house.settings.agi_port)
    await house.caller(Caller(number="95001", stays_s=1.5))
    gone = await floor.until(CallerHungUp)
    assert floor.of(MenuLeft) == [MenuLeft(gone.call, "zh main:!7 below:")]
    story.close()


async def test_served_by_the_menu_and_turned_away(house: AsteriskFixture):
    floor = await house.linked()
    story = Story(0, MENU_PATH="en/9", NEXT="goodbye")
    await story.open(floor, house.settings.agi_port)
    await house.caller(Caller(number="95002"))
    served = await floor.until(CallServed)
    await floor.until(CallerHungUp)
    assert floor.of(CallQueued) == [] and story.told == ["hotline", "goodbye"]
    story.says = {"REASON": "closed", "NEXT": "turned-away"}
    await house.caller(Caller(number="95002"))
    away = await floor.until(CallTurnedAway)
    assert away == CallTurnedAway(floor.of(CallArrived)[1].call, "closed") and away.call != served.call
    await floor.until(CallerHungUp, count=2)
    story.close()


async def test_a_queue_that_is_none_becomes_the_first_and_a_story_that_breaks_is_made_good(house: AsteriskFixture):
    floor = await house.linked()
    story = Story(0, QUEUE="nowhere", NEXT="queue")
    await story.open(floor, house.settings.agi_port)
    await house.caller(Caller())
    assert (await floor.until(CallQueued)).queue == "billing"
    story.says = {}  # ends without a word
    await house.caller(Caller())
    assert (await floor.until(CallQueued, count=2)).queue == "billing"
    story.close()


@pytest.mark.parametrize(("login", "logged_in"), [("ok", True), ("wrong", False), ("unknown", False)])
async def test_an_agent_logs_in_with_his_pin(house: AsteriskFixture, login: str, logged_in: bool):
    floor = await house.linked()
    story = Story(4, LOGIN=login)
    await story.open(floor, house.settings.agi_port)
    phone = await house.caller(
        Caller(number="*11", caller="1001", password="password-1001", keys="123#", stays_s=20), address="127.0.0.1"
    )
    assert await phone.wait() == 0
    assert story.heard == "123#"
    await floor.pbx.ami.act("Ping")
    assert floor.of(AgentLoggedIn) == ([AgentLoggedIn("1001")] if logged_in else [])
    story.close()

"""Bad lines on a real Asterisk: what is lost, late, jittered or not heard at all is told, of the side on which it happens.

All talks of a test go on at the same time, each on lines of its own. Asterisk counts losses every five seconds, so a talk needs
some twelve of them; what is measured must lie within a range, for each packet has a fate of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from acd.engine.commands import Offer
from acd.engine.events import BridgeEnded, CallArrived, CallBridged, CallerHungUp, CallQueued
from acd.engine.line_events import LegMeasured, LineChanged, Side
from acd.engine.line_verdict import Verdict, verdict
from acd.engine.model import LineRules
from acd.engine.transfer_events import CallHeld, CallRetrieved
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Caller, Phone, SippAgents, SippCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.baresip import Baresip
from tests.support.impaired_line import ImpairedLine, Impairment
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

AGENTS = [str(number) for number in range(1001, 1009)]
NOTHING = Impairment()
LONG_S = 12.0


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    house = await AsteriskFixture.opened(tmp_path_factory.mktemp("lines"), agents=AGENTS)
    yield house
    await house.closed()


@dataclass
class Talk:
    """A caller and an agent, each on a line that a test can spoil."""

    agent: str
    caller_says: Impairment = NOTHING
    caller_hears: Impairment = NOTHING
    agent_says: Impairment = NOTHING
    agent_hears: Impairment = NOTHING
    phone: Phone = field(default_factory=lambda: Phone(ring_s=0.2))
    call: str = ""
    lines: list[ImpairedLine] = field(default_factory=list)
    caller: SippCaller | None = None
    agents: SippAgents | None = None

    @property
    def number(self) -> str:
        return f"1380000{self.agent}"

    async def staffed(self, house: AsteriskFixture, reports: bool = True) -> None:
        """Both lines are there, and the agent's telephone is registered."""
        port = house.settings.sip_port
        mine = await ImpairedLine.opened(pbx_port=port, seed=int(self.agent), reports=reports)
        theirs = await ImpairedLine.opened(
            pbx_port=port, pbx_side=TRUNK_ADDRESS, seed=int(self.agent) * 2, reports=reports
        )
        self.lines = [mine, theirs]
        house.people += self.lines  # type: ignore[arg-type]
        self.agents = SippAgents(
            house.asterisk.tool("sipp"),
            {self.agent: f"password-{self.agent}"},
            self.phone,
            host="127.0.0.1",
            pbx_port=mine.port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 8),
            folder=house.settings.run_folder / "cast" / f"agent-{self.agent}-{len(house.people)}",
        )
        house.people.append(self.agents)
        await self.agents.start()

    async def begins(self, house: AsteriskFixture, floor: LinkUnderTest) -> None:
        """Both are on the line, and in one bridge."""
        mine, theirs = self.lines
        self.caller = SippCaller(
            house.asterisk.tool("sipp"),
            Caller(caller=self.number, stays_s=240),
            host="127.0.0.1",
            pbx_port=theirs.port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 8),
            address="127.0.0.1",
            folder=house.settings.run_folder / "cast" / f"caller-{self.agent}-{len(house.people)}",
        )
        house.people.append(self.caller)
        await self.caller.start()
        self.call = (await floor.until(CallArrived, lambda event: event.caller.endswith(self.number))).call
        await floor.until(CallQueued, lambda event: event.call == self.call)
        floor.pbx.carry_out(Offer(self.agent, self.call, f"{self.call}-1", "billing", self.number))
        await floor.until(CallBridged, lambda event: event.call == self.call)
        theirs.from_party, theirs.to_party = self.caller_says, self.caller_hears
        mine.from_party, mine.to_party = self.agent_says, self.agent_hears

    async def ends(self, floor: LinkUnderTest) -> None:
        assert self.caller is not None
        await self.caller.hang_up()
        await floor.until(CallerHungUp, lambda event: event.call == self.call)

    async def leg(self, floor: LinkUnderTest, side: Side) -> LegMeasured:
        def found() -> list[LegMeasured]:
            legs = (each for each in floor.lines if isinstance(each, LegMeasured))
            return [each for each in legs if (each.call, each.side) == (self.call, side)]

        (leg,) = await eventually(found, f"the {side}'s leg of {self.agent}")
        return leg  # type: ignore[no-any-return]

    async def verdict(self, floor: LinkUnderTest, side: Side) -> Verdict:
        return verdict((await self.leg(floor, side)).figures, LineRules())

    def changes(self, floor: LinkUnderTest, side: Side) -> list[LineChanged]:
        told = (each for each in floor.lines if isinstance(each, LineChanged))
        return [each for each in told if (each.call, each.side) == (self.call, side)]


async def test_each_kind_of_bad_line_is_told_as_such_during_the_talk_and_after_it_of_its_own_side(
    house: AsteriskFixture,
):
    floor = await house.linked()
    floor.look_s = 4.0
    clean = Talk("1001")
    some_loss = Talk("1002", caller_says=Impairment(loss=0.05))
    much_loss = Talk("1003", agent_says=Impairment(loss=0.15), caller_hears=Impairment(loss=0.4))
    jitter = Talk("1004", caller_says=Impairment(delay_s=0.08, jitter_s=0.08))
    delay = Talk("1005", agent_says=Impairment(delay_s=0.2), agent_hears=Impairment(delay_s=0.2))
    deaf = Talk("1006", caller_says=Impairment(loss=1.0))
    mute = Talk("1007", agent_says=Impairment(loss=1.0))
    talks = [clean, some_loss, much_loss, jitter, delay, deaf, mute]
    for talk in talks:
        await talk.staffed(house)
    await asyncio.gather(*(talk.begins(house, floor) for talk in talks))
    await asyncio.sleep(LONG_S)
    await eventually(lambda: deaf.changes(floor, "caller") and mute.changes(floor, "agent"), "word of the silence")
    for talk in talks:
        await talk.ends(floor)

    for side in ("caller", "agent"):
        leg, found = await clean.leg(floor, side), await clean.verdict(floor, side)
        assert (found.problems, found.loss_percent, leg.figures.codec) == ((), 0.0, "alaw")
        assert found.mos > 4.2 and (found.sent_mos or 0) > 4.2
        assert leg.figures.packets > 9 * 50 and leg.figures.sent > 9 * 50
        assert leg.figures.round_trip_ms is not None and leg.figures.round_trip_ms < 100
        assert leg.party == ("trunk carrier" if side == "caller" else "agent 1001")
        assert (leg.offer, leg.agent) == (f"{clean.call}-1", "1001")
        assert clean.changes(floor, side) == []

    found = await some_loss.verdict(floor, "caller")
    assert found.problems[0] == "loss" and 3 < found.loss_percent < 9
    assert (await some_loss.verdict(floor, "agent")).problems == ()

    found = await much_loss.verdict(floor, "agent")
    assert found.problems == ("loss", "mos") and 9 < found.loss_percent < 22 and 1.8 < found.mos < 3.6
    found = await much_loss.verdict(floor, "caller")
    assert found.problems == ("sent-loss", "sent-mos") and 10 < (found.sent_loss_percent or 0) < 45

    leg, found = await jitter.leg(floor, "caller"), await jitter.verdict(floor, "caller")
    assert "jitter" in found.problems and 30 < leg.figures.jitter_ms < 80
    assert "sent-jitter" not in (await jitter.verdict(floor, "agent")).problems

    leg, found = await delay.leg(floor, "agent"), await delay.verdict(floor, "agent")
    assert found.problems[0] == "delay" and 380 < (leg.figures.round_trip_ms or 0) < 520
    assert 3.8 < found.mos < 4.3  # 220 ms one way: noticed, and not yet disturbing
    assert (await delay.verdict(floor, "caller")).problems == ()

    for talk, silent, other in ((deaf, "caller", "agent"), (mute, "agent", "caller")):
        leg, found = await talk.leg(floor, silent), await talk.verdict(floor, silent)  # type: ignore[arg-type]
        assert found.problems[0] == "one-way" and leg.figures.unheard_s > LONG_S - 5
        assert "one-way" not in (await talk.verdict(floor, other)).problems  # type: ignore[arg-type]
        assert "one-way" in talk.changes(floor, silent)[-1].problems  # type: ignore[arg-type]

    during = {
        some_loss.call: ("caller", "loss"),
        much_loss.call: ("agent", "loss"),
        jitter.call: ("caller", "jitter"),
        delay.call: ("agent", "delay"),
    }
    for talk in (some_loss, much_loss, jitter, delay):
        side, problem = during[talk.call]
        told = talk.changes(floor, side)  # type: ignore[arg-type]
        assert told and problem in told[-1].problems, (talk, told)
        assert len(told) <= 4  # a row for what is new, not one for each look
    assert floor.pbx.line_watch.looks < 2 * len(talks) * (LONG_S / 4 + 6)


async def test_a_line_that_has_recovered_is_good_again_and_a_telephone_without_reports_has_no_round_trip(
    house: AsteriskFixture,
):
    floor = await house.linked()
    floor.look_s = 3.0
    floor.line_rules = LineRules(unheard_s=3.0)
    talk = Talk("1001", agent_says=Impairment(loss=1.0))
    await talk.staffed(house, reports=False)
    await talk.begins(house, floor)
    await eventually(lambda: talk.changes(floor, "agent"), "word of the silence")
    assert talk.changes(floor, "agent")[0].problems == ("one-way",)
    talk.lines[0].from_party = NOTHING
    await eventually(lambda: talk.changes(floor, "agent")[-1].problems == (), "word of its end")
    await talk.ends(floor)
    for side in ("caller", "agent"):
        figures = (await talk.leg(floor, side)).figures
        assert (figures.sent_lost, figures.sent_jitter_ms, figures.round_trip_ms) == (None, None, None)
        assert verdict(figures, LineRules()).sent_mos is None
    figures = (await talk.leg(floor, "agent")).figures
    assert "one-way" in verdict(figures, floor.line_rules).problems


async def test_a_telephone_that_has_put_the_caller_on_hold_and_is_silent_is_not_one_way(
    house: AsteriskFixture, tmp_path: Path
):
    floor = await house.linked()
    floor.look_s, floor.line_rules = 3.0, LineRules(unheard_s=3.0)
    line = await ImpairedLine.opened(pbx_port=house.settings.sip_port)
    house.people.append(line)  # type: ignore[arg-type]
    amy = await Baresip.started(house.asterisk, "1001", "password-1001", pbx_port=line.port, folder=tmp_path / "amy")
    caller = await house.caller(Caller(caller="13811110000", stays_s=240))
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1001")
    await amy.rings()
    await amy.answer()
    await floor.until(CallBridged)
    await amy.hold()
    await floor.until(CallHeld)
    line.from_party = Impairment(loss=1.0)  # whatever the softphone sends on hold: nothing comes
    looks = floor.pbx.line_watch.looks
    await eventually(lambda: floor.pbx.line_watch.looks >= looks + 6, "three looks at both lines")
    line.from_party = NOTHING
    await amy.resume()
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)

    def legs() -> dict[str, LegMeasured]:
        return {each.side: each for each in floor.lines if isinstance(each, LegMeasured)}

    await eventually(lambda: len(legs()) == 2, "both sides")
    told = [problem for each in floor.lines if isinstance(each, LineChanged) for problem in each.problems]
    assert "one-way" not in told, floor.lines
    for leg in legs().values():
        assert "one-way" not in verdict(leg.figures, floor.line_rules).problems, leg
        assert leg.figures.seconds > 8
    await amy.stop()


async def test_each_talk_of_a_caller_has_a_leg_of_its_own_and_a_caller_who_reached_nobody_has_one_too(
    house: AsteriskFixture,
):
    floor = await house.linked()
    talk = Talk("1001", caller_says=Impairment(loss=0.3), phone=Phone(ring_s=0.2, talk_s=(6.5, 6.5)))
    await talk.staffed(house)
    await talk.begins(house, floor)
    await house.agents("1002", Phone(ring_s=0.2))
    await floor.until(BridgeEnded, lambda event: event.call == talk.call)
    before = await talk.leg(floor, "caller")
    assert (before.agent, before.offer) == ("1001", f"{talk.call}-1")
    assert 4 < before.figures.seconds < 12 and before.figures.lost > 20
    talk.lines[1].from_party = NOTHING
    floor.pbx.carry_out(Offer("1002", talk.call, f"{talk.call}-2", "billing", talk.number))
    await floor.until(CallBridged, lambda event: event.offer == f"{talk.call}-2")
    await asyncio.sleep(11)
    await talk.ends(floor)

    def second() -> list[LegMeasured]:
        return [each for each in floor.lines if isinstance(each, LegMeasured) and each.offer == f"{talk.call}-2"]

    await eventually(lambda: len(second()) == 2, "both sides of the second talk")
    caller = next(each for each in second() if each.side == "caller")
    assert caller.agent == "1002" and 9 < caller.figures.seconds < 16
    # What was lost in the first talk is not counted in the second, but for the last seconds before Asterisk's count.
    assert caller.figures.packets > 400 and caller.figures.lost < 90

    alone = await house.caller(Caller(caller="13911110000", stays_s=240))
    call = (await floor.until(CallQueued, lambda event: event.call != talk.call)).call
    await asyncio.sleep(4)
    await alone.hang_up()
    await floor.until(CallerHungUp, lambda event: event.call == call)
    (leg,) = [each for each in floor.lines if isinstance(each, LegMeasured) and each.call == call]
    assert (leg.side, leg.offer, leg.agent, leg.party) == ("caller", "", "", "trunk carrier")
    assert leg.figures.packets > 100 and verdict(leg.figures, LineRules()).problems == ()

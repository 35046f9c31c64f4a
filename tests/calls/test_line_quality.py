"""A trunk that loses speech and an agent who is not heard, in the whole product: the page, the table, the alarm, the metrics."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Kind, Log
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Caller, Phone, SippAgents, SippCaller
from tests.calls.support.full_system import FullSystem
from tests.calls.support.operator import metrics
from tests.calls.support.transfers import for_a_while
from tests.support.impaired_line import ImpairedLine, Impairment
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

QUALITY = "\n[quality]\nlook_s = 3\nunheard_s = 3\nbad_legs = 2\nof_legs = 4\n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("lines")
    async with FullSystem(folder, ("1001", "1002"), ring_s=1, brisk=True, more=QUALITY) as system:
        yield system


async def staffed_by(system: FullSystem, agent: str, line: ImpairedLine) -> None:
    """The agent's telephone, behind this line, and the agent ready."""
    phone = SippAgents(
        system.pbx.tool("sipp"),
        {agent: system.installation.secrets()["agents"][agent]["password"]},
        Phone(ring_s=0.2),
        host="127.0.0.1",
        pbx_port=line.port,
        port=free_port("udp"),
        **media_ports("127.0.0.1", 4),
        folder=system.folder_for_person(),
    )
    system.people.append(phone)
    await phone.start()
    await eventually(lambda: system.reachable(agent), f"agent {agent}'s telephone")
    await system.ready(agent)


async def asks_by(system: FullSystem, number: str, line: ImpairedLine) -> SippCaller:
    """A caller of the carrier's, behind this line, who asks for queue `orders`."""
    caller = SippCaller(
        system.pbx.tool("sipp"),
        Caller("95001", number, keys="1", keys_after_s=1.5, stays_s=240),
        host="127.0.0.1",
        pbx_port=line.port,
        port=free_port("udp"),
        **media_ports("127.0.0.1", 1),
        address="127.0.0.1",
        rate=20.0,
        folder=system.folder_for_person(),
    )
    system.people.append(caller)
    await caller.start()
    return caller


def legs(system: FullSystem, call: str) -> dict[str, Log]:
    """Side to the row of the call's leg."""
    return {str(row.detail["side"]): row for row in system.log.of(Kind.LEG_QUALITY, call) if row.offer}


async def test_a_bad_trunk_and_a_silent_agent_are_seen_in_the_talk_kept_after_it_and_alarmed_about(system: FullSystem):
    port = system.prepared.sip_port
    async with system.scene():
        trunk = await ImpairedLine.opened(pbx_port=port, pbx_side=TRUNK_ADDRESS, seed=3, reports=True)
        desk = await ImpairedLine.opened(pbx_port=port, seed=4, reports=True)
        system.people += [trunk, desk]
        await staffed_by(system, "1001", desk)
        calls = []
        for number in ("13800000001", "13800000002"):
            caller = await asks_by(system, number, trunk)
            call = await system.log.call_of(number)
            calls.append(call)
            await system.log.talk_of(call, "1001")
            trunk.from_party = Impairment(loss=0.15, delay_s=0.02)
            desk.from_party = Impairment(loss=1.0)

            async def both_bad(call: str = call) -> bool:
                line = (await system.calls())[call]["line"]
                return "loss" in line.get("caller", ()) and "one-way" in line.get("agent", ())

            await eventually(both_bad, "the bad lines on the page")
            await asyncio.sleep(4)  # until the losses of a second report of Asterisk's are in
            await caller.hang_up()
            await system.log.ending_of(call)
            await eventually(lambda call=call: len(legs(system, call)) == 2, "both sides")  # type: ignore[misc]
            trunk.from_party = desk.from_party = Impairment()

        found = legs(system, calls[0])
        assert (found["caller"].detail["party"], found["agent"].detail["party"]) == ("trunk carrier", "agent 1001")
        assert "loss" in found["caller"].detail["problems"] and 5 < found["caller"].detail["loss_percent"] < 30
        assert "one-way" in found["agent"].detail["problems"]
        told = [row.detail["side"] for row in system.log.of(Kind.LINE, calls[0]) if row.detail["problems"]]
        assert set(told) == {"caller", "agent"}

        said = {
            row.detail["detail"].partition(":")[0]
            for row in system.log.of(Kind.ALARM)
            if row.detail["name"] == "bad line"
        }
        assert said == {"trunk carrier", "agent 1001"}
        assert system.log.alarms().count("bad line") == 2

        await system.caught_up()
        for call in calls:
            rows = {row.side: row for row in await system.store.leg_quality(call=call)}
            assert rows["caller"].loss_percent == legs(system, call)["caller"].detail["loss_percent"]
            assert (rows["caller"].one_way, rows["agent"].one_way) == (False, True)
            assert rows["agent"].unheard_s >= 3 and rows["caller"].codec == "alaw"
        story = await system.ask("GET", f"/api/calls/{calls[0]}")
        assert [line["side"] for line in story["lines"]] == ["caller", "agent"]
        assert "nothing was heard from the agent" in story["lines"][1]["en"]
        assert "未收到座席的声音" in story["lines"][1]["zh"]
        listed = await system.ask("GET", "/api/lines?problem=one-way")
        assert {line["call"] for line in listed["lines"]} == set(calls)
        assert 'sanxiang_trunk_legs_bad{trunk="carrier"} 2.0' in (await metrics(system)).splitlines()


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
async def test_each_leg_of_a_transferred_call_is_filed_with_its_own_lines(system: FullSystem, warm: bool):
    """The lines are clean while the first agent talks, and lose speech of caller and receiver afterwards."""
    port, number = system.prepared.sip_port, f"1380000002{int(warm)}"
    async with system.scene():
        trunk = await ImpairedLine.opened(pbx_port=port, pbx_side=TRUNK_ADDRESS, seed=5, reports=True)
        desk = await ImpairedLine.opened(pbx_port=port, seed=6, reports=True)
        system.people += [trunk, desk]
        await system.staffed("1001", Phone(ring_s=0.2))
        caller = await asks_by(system, number, trunk)
        call = await system.log.call_of(number)
        first = await system.log.talk_of(call, "1001")
        await staffed_by(system, "1002", desk)
        await for_a_while(6.0)  # long enough for Asterisk's count of what was lost
        await system.transfers.hand_over(call, {"agent": "1002"}, warm=warm)
        if warm:
            await system.log.transfer_is(call, "consulting")
            await system.transfers.post(call, "transfer/complete")
        second = await system.log.talk_of(call, "1002")
        trunk.from_party = desk.from_party = Impairment(loss=0.15)

        async def both_bad() -> bool:
            line = (await system.calls())[call]["line"]
            return all("loss" in line.get(side, ()) for side in ("caller", "agent"))

        await eventually(both_bad, "the receiver's talk with bad lines")
        await caller.hang_up()
        await system.log.ending_of(call)
        await eventually(lambda: len(system.log.of(Kind.LEG_QUALITY, call)) == 4, "both sides of both legs")
        await system.caught_up()

        kept = {(row.offer, row.side): row for row in await system.store.leg_quality(call=call)}
        assert {place: row.party for place, row in kept.items()} == {
            (first.offer, "caller"): "trunk carrier",
            (first.offer, "agent"): "agent 1001",
            (second.offer, "caller"): "trunk carrier",
            (second.offer, "agent"): "agent 1002",
        }
        assert {row.agent for (offer, _), row in kept.items() if offer == first.offer} == {"1001"}
        assert {row.agent for (offer, _), row in kept.items() if offer == second.offer} == {"1002"}
        for side in ("caller", "agent"):
            assert kept[first.offer, side].problems == [], kept
            assert "loss" in kept[second.offer, side].problems, kept
        listed = {row.offer: row for row in await system.store.recordings(call=call, kind="talk")}
        assert (listed[first.offer].caller_problems, listed[first.offer].agent_problems) == ([], [])
        assert "loss" in (listed[second.offer].caller_problems or ())
        assert [row.offer for row in await system.store.recordings(call=call, bad_line=True)] == [second.offer]


async def test_a_good_line_raises_nothing_and_is_kept_all_the_same(system: FullSystem):
    async with system.scene():
        await system.staffed("1002", Phone(ring_s=0.2, talk_s=(5.0, 5.0)))
        await system.asks("1", "13800000009")
        call = await system.log.call_of("13800000009")
        await system.log.ending_of(call)
        await eventually(lambda: len(legs(system, call)) == 2, "both sides")
        for row in legs(system, call).values():
            assert row.detail["problems"] == [] and row.detail["mos"] > 4.0, row
            assert row.detail["sent_mos"] is None  # SIPp sends no reports
            assert 3.5 < row.detail["seconds"] < 8
        assert system.log.of(Kind.LINE, call) == []

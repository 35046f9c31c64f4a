"""Calls over trunks in the whole product: a number that is withheld, a carrier's verdict, a known caller, an unknown number, a full
house. What people are shown, and what they are not.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Caller, Phone, SippCaller
from tests.calls.support.full_system import FullSystem
from tests.calls.support.operator import metrics
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.pbx.support.raw_sip import Request, asked
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

IMS = "127.0.0.21"
AT_MOST = 4
MORE = f"""
[limits]
calls = {AT_MOST}

[trunks.ims]
addresses = ["{IMS}"]
caller_from = ["pai", "from"]
did_from = ["to", "uri"]
accounts = ["acc1"]
default_number = "+8695001"
verdict = true
when_full = "503"

[nuisance.13800002222]
why = "shouts at everybody"

[nuisance."+8613800006666"]
why = "sells insurance"
do = "turn-away"
"""
ACCOUNT = "sip:4006009500@carrier.example;user=phone"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: Any) -> AsyncIterator[FullSystem]:
    prompts = ("call-not-taken", "all-lines-busy", "too-many-calls")
    more: dict[str, Any] = {"brisk": True, "short_prompts": prompts}
    async with FullSystem(tmp_path_factory.mktemp("system"), ("1001", "1002"), ring_s=1, more=MORE, **more) as running:
        yield running


async def over_ims(system: FullSystem, headers: dict[str, str], number: str = "95001", **more: Any) -> SippCaller:
    """A caller over the trunk `ims`, as SIPp plays its carrier: the account in From and in the URI."""
    told = {"from_address": ACCOUNT, "account": "acc1"} | more
    person = SippCaller(
        system.pbx.tool("sipp"),
        Caller(number, keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=120, headers=headers, **told),
        host="127.0.0.1",
        pbx_port=system.prepared.sip_port,
        port=free_port("udp", IMS),
        **media_ports(IMS, 1),
        address=IMS,
        rate=20.0,
        folder=system.folder_for_person(),
    )
    system.people.append(person)
    await person.start()
    return person


async def test_a_withheld_number_is_known_and_shown_to_nobody(system: FullSystem):
    async with system.scene():
        phones = await system.staffed("1001", Phone(ring_s=0.3))
        identity = "<sip:+8613800002222;verstat=TN-Validation-Passed@carrier.example;user=phone>"
        await over_ims(
            system, {"P-Asserted-Identity": identity, "Privacy": "id", "P-Attestation-Indicator": "A"}, "+8695001"
        )
        arrived = await system.log.row(Kind.ARRIVED)
        said = {
            "caller": "+8613800002222",
            "dialled": "95001",
            "withheld": True,
            "trunk": "ims",
            "identity": "passed-a",
        }
        assert arrived.detail == said
        call = arrived.call
        await system.log.row(Kind.CONNECTED)
        row = (await system.calls())[call]
        assert (row["caller"], row["trunk"], row["identity"]) == ("withheld", "ims", "passed-a")
        card = await system.ask("GET", f"/api/calls/{call}/card")
        assert (card["caller"], card["number"], card["identity"]) == ("withheld", "", "passed-a")
        assert card["nuisance"] == "shouts at everybody"  # known by the number, which is not told
        await system.caught_up()
        seen = [
            str(await system.ask("GET", path))
            for path in (f"/api/calls/{call}", f"/api/calls/{call}/explain", "/api/calls?search=withheld", "/api/state")
        ]
        status, shown, complaints = await system.sanxiang("call", "show", call)
        assert status == 0, complaints
        assert all("withheld" in text for text in (*seen[:1], seen[2], seen[3])), seen
        for text in (*seen, shown, *phones.invites()):
            assert "3800002222" not in text
        assert (await system.ask("GET", "/api/calls?search=13800002222"))["calls"] == []
        await system.cli("channel request hangup all")


async def test_a_known_caller_is_let_go_and_an_unknown_number_taken_with_an_alarm(system: FullSystem):
    async with system.scene():
        await over_ims(system, {"P-Asserted-Identity": "<tel:013800006666>"})
        ended = await system.log.row(Kind.ENDED)
        assert ended.detail["ending"] == Ending.TURNED_AWAY
        codes = await asked(Request("INVITE", "13800001111", "4001230000"), system.prepared.sip_port, IMS)
        assert codes[-1] == 200
        alarm = await system.log.row(Kind.ALARM)
        assert alarm.detail["name"] == "unknown number called"
        assert alarm.detail["detail"].startswith("trunk ims: a call to 4001230000 was taken as one to 95001. ")
        assert (await system.log.row(Kind.ARRIVED, count=2)).detail["dialled"] == "95001"
        await system.cli("channel request hangup all")


async def test_a_full_house_refuses_at_the_door_says_so_and_serves_whom_it_has(system: FullSystem):
    async with system.scene():
        await system.present("1001", Phone(ring_s=0.2))
        rows = [[f"1390000000{n}"] for n in range(AT_MOST)]
        keyed = Caller(caller="[field0]", keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=120)
        await system.caller(keyed, calls=AT_MOST, rows=rows)
        await system.log.row(Kind.QUEUED, count=AT_MOST)
        answers = [
            (await asked(Request("INVITE", f"1370000000{n}"), system.prepared.sip_port, source))[-1]
            for n in range(3)
            for source in (TRUNK_ADDRESS, IMS)
        ]
        assert answers == 3 * [486, 503]
        alarm = await system.log.row(Kind.ALARM)
        assert (
            alarm.detail["name"] == "calls refused" and "the hotline was full (limits.calls)" in alarm.detail["detail"]
        )

        async def counted() -> bool:
            said = await metrics(system)
            return "sanxiang_calls_refused_house 6.0" in said and f"sanxiang_calls_limit {AT_MOST}.0" in said

        await eventually(counted, "six refused calls in the metrics")
        await system.ready("1001")
        talk = await system.log.row(Kind.CONNECTED)
        assert talk.agent == "1001"
        assert len(await system.calls()) == AT_MOST  # refused ones are no calls of ours
        await system.cli("channel request hangup all")

"""Attempts to make the hotline call somewhere outside its allow-list, by every way there is: none leaves, and an alarm says so."""

import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio

from acd.config import DAYS
from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.operator import configured
from tests.calls.support.overflow_system import TALKS, overflow_system
from tests.pbx.support.raw_sip import Request, asked
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_telephone import Telephone
from tests.support.waiting import eventually

NUMBERS = (
    "110", "119", "120", "122", "112", "911", "13900009999", "02166669999", "00447911123456", "0085298765432", "10010", "12345",
    "16812345", "12590123", "4006009500", "8008101234", "881612345678", "882161234567", "+18765551234", "95588",
)  # fmt: skip
"""None of them is a number of the configuration."""
WRITINGS = ("{}", "+{}", "0{}", "86{}", "+86{}", "0086{}", "021{}", "x{}", "{};phone-context=+86", "{}%23")
ROOMS = (
    "s",
    "i",
    "t",
    "h",
    "send-on",
    "outside",
    "x02166668888",
    "consult",
    "called-back",
    "ask-key",
    "02166668888",
    "*13",
)
"""Names of the dialplan, and the one number that the configuration has: a caller reaches none of them."""
STRANGERS = ("trunk-carrier", "1001", "sanxiang", "guest", "anonymous", "110")
ALARM_WITHIN_S = 30
MORE = """
[transfers.numbers]
"02166668888" = { zh = "总部", en = "Head office" }
"""


def writings() -> Iterator[str]:
    """Number after number in each writing, for ever."""
    for writing, number in itertools.cycle(itertools.product(WRITINGS, NUMBERS)):
        yield writing.format(number)


def digits() -> Iterator[str]:
    """The same of what a telephone can key."""
    return (number for number in writings() if number.isdigit() and len(number) <= 15)


def of_callbacks() -> Iterator[str]:
    """The same of what may not be called back: a mobile or a fixed line may."""
    mine = ("13900009999", "02166669999")
    return (number for number in digits() if not number.endswith(mine))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with overflow_system(tmp_path_factory.mktemp("system"), more=MORE) as system:
        yield system


class Attempts:
    """Each is counted; what comes back of one is looked at here, what leaves is counted by the carrier."""

    def __init__(self, system: FullSystem) -> None:
        self.system, self.made = system, 0
        self.taken: list[str] = []
        """Numbers with which the trunk's calls were taken, as calls to ours."""
        self.port = system.prepared.sip_port

    async def sip(self, request: Request, source: str) -> None:
        self.made += 1
        codes = await asked(request, self.port, source)
        assert codes[-1] >= 400, f"{request} from {source}: {codes}"

    async def by_trunk(self, number: str) -> None:
        """What isn't ours is a call to the first of our numbers, where it is digits; nothing of that call may lead out either."""
        self.made += 1
        # A caller of their own each: the calls of one number are counted.
        codes = await asked(Request("INVITE", f"137{self.made:08}", number, hangs_up=True), self.port, TRUNK_ADDRESS)
        if codes[-1] == 200:
            assert number.removeprefix("+").isdigit(), f"{number}: {codes}"
            self.taken.append(number)
        else:
            assert codes[-1] >= 400, f"{number}: {codes}"

    async def was_ours(self) -> None:
        """Every one of the trunk's attempts that was taken is a call to the hotline's first number, and an alarm names what was called."""
        assert self.taken, "no call of the trunk was taken"

        def named() -> bool:
            alarms = [row.detail for row in self.system.log.of(Kind.ALARM)]
            said = [alarm["detail"] for alarm in alarms if alarm["name"] == "unknown number called"]
            return any(f"a call to {self.taken[0]} was" in each for each in said)

        await eventually(named, f"the alarm for {self.taken[0]}", ALARM_WITHIN_S)
        await eventually(
            lambda: len(self.system.log.of(Kind.ENDED)) == len(self.taken), "the ends of the trunk's calls"
        )
        assert [row.detail["dialled"] for row in self.system.log.of(Kind.ARRIVED)] == ["95000"] * len(self.taken)

    async def by_stranger(self, name: str, number: str) -> None:
        await self.sip(Request("INVITE", name, number), "127.0.0.9")

    async def by_refer_out_of_nothing(self, number: str, source: str) -> None:
        """A REFER outside any call."""
        headers = f"Refer-To: <sip:{number}@127.0.0.1>\r\n"
        await self.sip(Request("REFER", "trunk-carrier", "95001", headers=headers), source)

    async def by_agents_telephone(self, number: str) -> None:
        password = self.system.installation.secrets()["agents"]["1002"]["password"]
        request = Request("INVITE", "1002", number, auth_user="1002", password=password)
        await self.sip(request, "127.0.0.1")

    async def by_refer_of_an_agent(self, telephone: Telephone, number: str) -> None:
        """By the telephone's own transfer key; this telephone says nothing more afterwards."""
        self.made += 1
        telephone.transfer(number)
        await telephone.was_told("SIP/2.0 202")

    async def by_api(self, call: str, number: str, warm: bool) -> None:
        self.made += 1
        body = {"to": {"number": number}, "reason": "refund", "warm": warm}

        async def answered() -> tuple[int, Any] | None:
            status, said = await self.system.request("POST", f"/api/calls/{call}/transfer", body)
            return None if status == 429 else (status, said)

        status, said = await eventually(answered)
        assert 400 <= status < 500, f"{number}: {status} {said}"

    async def by_callback(self, session: aiohttp.ClientSession, call: str, number: str) -> None:
        """What the story asks once a caller has keyed a number."""
        self.made += 1
        async with session.get(f"/ivr/callback/{call}", params={"number": number}) as answer:
            said = await answer.json()
            assert answer.status == 200 and said["possible"] is False and said["why"], (number, said)

    async def by_policy_row(self, number: str) -> None:
        """The operator's file names it, and somebody reloads."""
        self.made += 1
        file = self.system.config_file
        text = file.read_text("utf-8")
        row = f'\n[[queues.general.overflow]]\ndo = "number"\nnumber = "{number}"\nafter_s = 9\nwhy = "w"\n'
        file.write_text(text + row, "utf-8")
        status, said = await self.system.request("POST", "/api/config/reload", {})
        file.write_text(text, "utf-8")
        assert status == 400 and f"{number} reaches an emergency" in str(said), (number, status, said)


def stories(system: FullSystem) -> aiohttp.ClientSession:
    token = system.installation.ivr_token_file.read_text("ascii").strip()
    address = f"http://127.0.0.1:{system.prepared.web_port}"
    return aiohttp.ClientSession(address, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.drill
async def test_no_call_leaves_for_a_number_outside_the_allow_list(system: FullSystem, whole: bool):
    much = 5 if whole else 1
    async with system.scene():
        carrier = await system.carrier.outside(Phone(ring_s=0.3))
        amy = await system.transfers.phone("1001")
        tries = Attempts(system)
        for number in [*itertools.islice(writings(), 33 * much), *ROOMS]:
            await tries.by_trunk(number)
        await tries.was_ours()
        for name, number in itertools.islice(zip(itertools.cycle(STRANGERS), writings(), strict=False), 18 * much):
            await tries.by_stranger(name, number)
        for number, source in itertools.islice(
            zip(digits(), itertools.cycle((TRUNK_ADDRESS, "127.0.0.9")), strict=False), 6 * much
        ):
            await tries.by_refer_out_of_nothing(number, source)
        for number in itertools.islice(digits(), 10 * much):
            await tries.by_agents_telephone(number)

        caller, call = await system.transfers.talks_with("1001")
        began = datetime.now(UTC)
        for number, warm in itertools.islice(zip(digits(), itertools.cycle((False, True)), strict=False), 14 * much):
            await tries.by_api(call, number, warm)
        at, alarm = await system.log.timed_row(Kind.ALARM, lambda row: row.detail["name"] == "call out refused")
        assert alarm.call == call
        assert (at - began).total_seconds() < ALARM_WITHIN_S
        await tries.by_refer_of_an_agent(amy, "00447911123456")
        await system.ask("POST", "/api/agents/1001/not-ready", {"reason": "meal"})
        await system.transfers.goes(caller, call)

        await system.asks("1,,,,1,,2,110#", "13800000021", stays_s=40)
        tries.made += 1
        keyed = await system.log.call_of("13800000021")
        async with stories(system) as session:
            await system.log.row(Kind.OVERFLOW, lambda row: row.call == keyed)
            for number in itertools.islice(of_callbacks(), 18 * much):
                await tries.by_callback(session, keyed, number)
        refused = await system.log.row(
            Kind.CALLBACK, lambda row: row.detail.get("number") == "110" and row.call == keyed
        )
        assert (refused.detail["state"], refused.detail["reason"]) == ("refused", "emergency")
        for number in ("110", "+86119", "021120", "12012")[: 4 if whole else 2]:
            await tries.by_policy_row(number)
        await system.everybody_hangs_up()
        assert carrier.invites() == []
        assert tries.made >= (500 if whole else 100), tries.made


async def test_the_configured_number_is_the_only_one_that_an_agent_can_hand_over_to(system: FullSystem):
    async with system.scene():
        carrier = await system.carrier.outside(Phone(ring_s=0.3, talk_s=(1.0, 1.0)))
        await system.transfers.phone("1001", TALKS)
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.hand_over(call, {"number": "02166668888"})
        await system.log.row(Kind.SENT_ON)
        await caller.wait()
        assert [invite.split()[1].split(":")[1] for invite in carrier.invites()] == [f"02166668888@{TRUNK_ADDRESS}"]


async def test_a_callback_outside_its_hours_waits_and_is_made_when_they_begin(system: FullSystem):
    tomorrow = DAYS[(datetime.now(ZoneInfo("Asia/Shanghai")).weekday() + 1) % 7]
    async with system.scene():
        carrier = await system.carrier.outside(Phone(ring_s=0.3, talk_s=(1.0, 1.0)))
        await system.present("1001", TALKS)
        async with configured(system, f'\n[calls_out]\nhours = ["{tomorrow} 08:30-09:00"]\n'):
            await system.asks("1,,,,1,,,,1", "13800000031")
            call = await system.log.call_of("13800000031")
            await system.log.row(Kind.OVERFLOW, lambda row: row.call == call)
            async with stories(system) as session, session.get(f"/ivr/callback/{call}") as answer:
                said = await answer.json()
                assert (said["day"], said["hour"], said["minute"]) == ("tomorrow", 8, 30)
            await system.log.row(Kind.CALLBACK, lambda row: row.call == call and row.detail["state"] == "accepted")

            async def virtual() -> bool:
                return bool((await system.calls())[call]["virtual"])

            await eventually(virtual, "the end of the first call")
            await system.ready("1001")
            held = await system.log.row(
                Kind.CALLBACK, lambda row: row.call == call and row.detail["state"] == "held back"
            )
            assert held.detail["reason"] == "hours"
            await system.comes_to_be("1001", "idle")
            assert carrier.invites() == []
        ended = await system.log.ending_of(call)
        assert ended.detail["callback"] is True
        assert len(carrier.invites()) == 1

"""Agents come and go by dialling from their own telephone: PIN, ready, not ready and why, gone. Their times tile."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem

PHONE = Phone(ring_s=0.3, talk_s=(2.5, 2.5))


async def dials(system: FullSystem, agent: str, code: str, keys: str = "") -> None:
    """To the end: the house has said what it had to say, and hung up."""
    phone = await system.dials(agent, code, keys)
    assert await phone.wait() == 0, phone.uac.errors("caller")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with FullSystem(tmp_path_factory.mktemp("system"), ("1001", "1002"), ring_s=1, brisk=True) as system:
        yield system


async def test_an_agents_whole_shift_by_telephone(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", PHONE, ready=False)
        pin = system.installation.secrets()["agents"]["1001"]["pin"]
        wrong = "0000" if pin != "0000" else "1111"

        await dials(system, "1001", "*11", f"{wrong}#{pin}#")
        await system.comes_to_be("1001", "not ready")
        await dials(system, "1001", "*13")
        await system.comes_to_be("1001", "idle")
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.log.ending_of(call)
        assert system.log.offers(call) == [("1001", "answered")]
        await dials(system, "1001", "*141")
        await system.comes_to_be("1001", "not ready", "break")
        await dials(system, "1001", "*142")
        await system.comes_to_be("1001", "not ready", "meal")
        await dials(system, "1001", "*13")
        await system.comes_to_be("1001", "idle")
        await dials(system, "1001", "*12")
        await system.comes_to_be("1001", "logged out")

        states = [
            (row.detail["state"], row.detail["reason"]) for _, row in system.log.rows() if row.kind is Kind.AGENT_STATE
        ]
        assert states == [
            *(("not ready", ""), ("idle", ""), ("ringing", ""), ("talking", ""), ("idle", "")),
            *(("not ready", "break"), ("not ready", "meal"), ("idle", ""), ("logged out", "")),
        ]
        assert await system.times_tile("1001")


async def test_three_wrong_pins_let_nobody_in_and_shut_the_extension_and_what_is_no_code_does_nothing(
    system: FullSystem,
):
    async with system.scene():
        await system.staffed("1001", PHONE, ready=False)
        pin = system.installation.secrets()["agents"]["1001"]["pin"]
        wrong = "0000" if pin != "0000" else "1111"
        await dials(system, "1001", "*11", f"{wrong}#{wrong}#{wrong}#")
        await dials(system, "1001", "*11", f"{pin}#")
        assert (await system.agent("1001"))["state"] == "logged out"

        # A reason without a name, a code that is none, a number outside: answered 404, and nothing comes of it.
        for number in ("*149", "*16", "0085212345678"):
            phone = await system.dials("1001", number)
            assert await phone.wait() != 0
            assert "SIP/2.0 404" in phone.uac.messages("caller")
        assert not [row for _, row in system.log.rows() if row.kind is Kind.AGENT_STATE]
        refused = [line for file in system.installation.log.glob("*") for line in file.read_text("utf-8").splitlines()]
        assert not [line for line in refused if pin in line], "a PIN stands in a log"

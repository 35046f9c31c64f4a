"""Agents come and go by dialling from their own telephone: PIN, ready, not ready and why, gone. Their times tile."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from acd.engine.commands import Kind
from acd.sipp.actors import CALLER_HZ, Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.listening import softphone, tones_of
from tests.calls.support.recorded_voices import MUSIC_HZ
from tests.support.audio import tone
from tests.support.baresip import Baresip
from tests.support.waiting import eventually

SHORT = """
[transfers.extensions]
2001 = { queue = "orders" }
"""
PHONE = Phone(ring_s=0.3, talk_s=(2.5, 2.5))


async def dials(system: FullSystem, agent: str, code: str, keys: str = "") -> None:
    """To the end: the house has said what it had to say, and hung up."""
    phone = await system.dials(agent, code, keys)
    assert await phone.wait() == 0, phone.uac.errors("caller")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    for language in ("zh", "en"):
        for refusal in ("agent-wrong-code", "agent-code-refused"):
            tone(folder / "prompts" / language / f"{refusal}.wav", MUSIC_HZ, 1.2)
        tone(folder / "prompts" / language / "agent-done.wav", CALLER_HZ, 1.2)
    async with FullSystem(folder, ("1001", "1002"), ring_s=1, brisk=True, more=SHORT) as system:
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

        # A code that is none, a number outside: answered 404, and nothing comes of it.
        for number in ("*19", "0085212345678"):
            phone = await system.dials("1001", number)
            assert await phone.wait() != 0
            assert "SIP/2.0 404" in phone.uac.messages("caller")
        assert not [row for _, row in system.log.rows() if row.kind is Kind.AGENT_STATE]
        refused = [line for file in system.installation.log.glob("*") for line in file.read_text("utf-8").splitlines()]
        assert not [line for line in refused if pin in line], "a PIN stands in a log"


async def test_an_agent_leaves_one_queue_joins_it_again_and_asks_for_help_by_telephone(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", PHONE)
        await dials(system, "1001", "*1732001")
        left = await system.log.row(Kind.AGENT_QUEUE, lambda row: row.detail["state"] == "left")
        assert (left.agent, left.queue, left.detail["reason"]) == ("1001", "orders", "training")
        await dials(system, "1001", "*182001")
        joined = await system.log.row(Kind.AGENT_QUEUE, lambda row: row.detail["state"] == "joined")
        assert (joined.agent, joined.queue) == ("1001", "orders")
        await dials(system, "1001", "*16")
        assert (await system.log.row(Kind.HELP, lambda row: row.detail["state"] == "asked")).agent == "1001"


async def test_a_reason_or_queue_that_there_is_not_is_refused_by_voice_and_nothing_comes_of_it(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", PHONE)
        phone = await softphone(system, "1002", ready=False)
        for code in ("*149", "*14", "*1739999", "*1792001", "*17", "*189999", "*18", "*161"):
            before = len(phone.of("CALL_CLOSED"))
            await phone.dial(code, hold=False)
            await eventually(lambda before=before: len(phone.of("CALL_CLOSED")) > before, f"the end after {code}")  # type: ignore[misc]
        heard = [tones_of(file) for file in phone.heard()]
        assert len(heard) == 8 and all(one.get("music", 0) >= 0.7 for one in heard), heard
        assert not [row for _, row in system.log.rows() if row.kind in (Kind.AGENT_QUEUE, Kind.HELP)]
        assert not [row for _, row in system.log.rows() if row.kind is Kind.AGENT_STATE and row.agent == "1002"]


async def heard_after(phone: Baresip, *codes: str) -> list[str]:
    """Of each code, dialled to its end: what the agent heard, "done" or "refused"."""
    before = len(phone.heard())
    for code in codes:
        over = len(phone.of("CALL_CLOSED"))
        await phone.dial(code, hold=False)
        await eventually(lambda over=over: len(phone.of("CALL_CLOSED")) > over, f"the end after {code}")  # type: ignore[misc]
    heard = [tones_of(file) for file in phone.heard()[before:]]
    assert len(heard) == len(codes), heard
    assert all(max(one.values(), default=0) >= 0.9 and len(one) == 1 for one in heard), heard
    return ["refused" if "music" in one else "done" for one in heard]


async def test_a_code_that_the_engine_refuses_is_heard_to_be_refused_and_one_that_is_done_or_so_already_is_confirmed(
    system: FullSystem,
):
    async with system.scene():
        phone = await softphone(system, "1002", ready=False)
        # Ready, ready already, no wrap-up to be ended, out, and what nobody can do who is not logged in.
        codes = (
            "*13",
            "*13",
            "*15",
            "*16",
            "*16",
            "*1732001",
            "*182001",
            "*182001",
            "*12",
            "*12",
            "*141",
            "*16",
            "*1732001",
        )
        heard = dict(enumerate(await heard_after(phone, *codes)))
        assert [codes[n] for n, one in heard.items() if one == "refused"] == ["*15", *codes[10:]]
        whys = [row.detail["why"] for _, row in system.log.rows() if row.kind is Kind.IGNORED and row.agent == "1002"]
        assert "he is not in wrap-up" in whys and "not-logged-in" in whys
        await system.comes_to_be("1002", "logged out")

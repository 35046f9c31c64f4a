"""Two brands on one installation, called for real: each with its number, menu, voice, agents, caller id and figures."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfers import for_a_while
from tests.support.audio import tone
from tests.support.menu_texts import small_menu
from tests.support.waiting import eventually

ACME, BOLT = "95100", "95200"
OUTSIDE = "02166668888"
MORE = f"""
[hotline.numbers]
95001 = "zh"
[queues.acme-sales]
label = {{ zh = "极光销售", en = "Acme sales" }}
wrap_up_s = 0
[transfers.numbers]
"{OUTSIDE}" = {{ zh = "总部", en = "Head office" }}
[brands.acme]
file = "brands/acme.toml"
[brands.bolt]
name = {{ zh = "飞驰", en = "Bolt" }}
numbers = {{ {BOLT} = "zh" }}
queues = ["orders"]
"""
BRAND = """
name = { zh = "极光", en = "Acme" }
numbers = { 95100 = "zh" }
queues = ["acme-sales"]
agents = ["1001"]
own = true
greeting = { zh = "您好,极光客服。", en = "Acme, good day." }
caller_number = { carrier = "4006009511" }
"""


def files(folder: Path) -> str:
    """The brands' files and menus in this folder, and the rest of the configuration."""
    (folder / "brands").mkdir()
    for brand, key, queue in (("acme", "5", "acme-sales"), ("bolt", "1", "orders")):
        (folder / "brands" / f"{brand}-menu.toml").write_text(small_menu(key, queue, '{ end = "goodbye" }'))
        for prompt in ("recording-notice", "welcome", "menu-main"):
            tone(folder / "brands" / brand / "zh" / f"{prompt}.wav", 500, 0.3)
    own = f'menu = "{folder}/brands/{{0}}-menu.toml"\nprompts = "{folder}/brands/{{0}}"\n'
    (folder / "brands" / "acme.toml").write_text(own.format("acme") + BRAND, "utf-8")
    return MORE + own.format("bolt")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    async with FullSystem(folder, ("1001", "1002"), ring_s=1, more=files(folder), brisk=True, carrier=True) as running:
        yield running


async def voice_of(system: FullSystem, call: str) -> str:
    """The folder of prompts that this caller's channel has been given."""
    for row in await system.channels():
        said = await system.cli(f"core show channel {row[0]}")
        if f"CALL_ID={call}\n" in said and "trunk-" in row[0]:
            return next((line.partition("=")[2] for line in said.splitlines() if line.startswith("SOUNDS=")), "")
    return "no such channel"


async def test_two_brands_have_their_own_number_menu_voice_agents_caller_id_and_figures(system: FullSystem):
    outside = await system.carrier.outside(Phone(ring_s=0.2, talk_s=(1.0, 1.0)))
    await system.staffed(("1001", "1002"), Phone(ring_s=0.2, talk_s=(60.0, 60.0)))
    # Key 1 is bolt's orders; in acme's menu it leads nowhere, and 5 leads to acme's queue.
    bolts = await system.asks("1", "13800005555", number=BOLT)
    bolt = await system.log.call_of("13800005555")
    await system.log.talk_of(bolt, "1002")
    acmes = await system.asks("5", "13800006666", number=ACME)
    acme = await system.log.call_of("13800006666")
    await system.log.talk_of(acme, "1001")
    rows = {call: (row["brand"], row["queue"], row["agent"]) for call, row in (await system.calls()).items()}
    assert rows == {bolt: ("bolt", "orders", "1002"), acme: ("acme", "acme-sales", "1001")}
    sounds = system.installation.state / "sounds" / "brands"
    assert [await voice_of(system, call) for call in (acme, bolt)] == [f"{sounds}/acme", f"{sounds}/bolt"]

    # The agent of one brand is handed no call of the other; an outside number sees the brand's number.
    assert (
        await system.transfers.refused(bolt, "transfer", {"to": {"agent": "1001"}, "reason": "refund"}) == "other-brand"
    )
    await for_a_while()  # a talk of less than a second counts as no service
    await system.transfers.hand_over(acme, {"number": OUTSIDE})
    await eventually(outside.invites, "the call to the outside number")
    [invite] = outside.invites()
    assert "From: <sip:4006009511@" in invite, invite
    for caller in (acmes, bolts):
        await caller.hang_up()
    await system.nothing_left()

    found: dict[str, Any] = {}
    for brand in ("acme", "bolt", ""):
        counts = (await system.ask("GET", f"/api/kpi?brand={brand}"))["counts"]
        found[brand] = (counts["ended"], counts["answered"], counts["offers"])
    assert found == {"acme": (1, 1, 1), "bolt": (1, 1, 1), "": (2, 2, 2)}
    assert {call.call: call.brand for call in await system.store.calls()} == {acme: "acme", bolt: "bolt"}
    legs = {row.call: row.detail["brand"] for row in system.log.of(Kind.TALK_ENDED)}
    assert legs == {acme: "acme", bolt: "bolt"}

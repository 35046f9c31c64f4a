"""What a reload of the dialplan leaves behind. Asterisk sets the variables of [globals] anew and removes none that is not there any more:
so each that the dialplan reads is always there, also where its value is empty."""

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from acd.calls_out import CallsOut
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import Arrivals, Outwards, PbxAgent, PbxMedia, PbxQueue, PbxSettings, PbxTrunk
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.rendered_conf import settings_in
from tests.support.waiting import eventually

NUMBERS = ("02166668888", "+85221234567")
OUTWARDS: dict[str, Any] = {
    "outbound_proxy": "192.0.2.20",
    "from_user": "acc1",
    "from_domain": "ims.example",
    "auth_user": "acc1@ims.example",
    "realm": "ims.example",
    "number_in": "rpid",
    "caller_number": "+864006009500",
    "dial_as": "e164",
    "qualify_s": 0,
    "expires": 600,
}
PLAIN = PbxTrunk("carrier", ("192.0.2.10",))
TRUNKS: dict[str, PbxTrunk] = {
    **{
        name: replace(PLAIN, outwards=Outwards(**{"caller_number": OUTWARDS["caller_number"], name: value}))
        for name, value in OUTWARDS.items()
    },
    "takes calls only": replace(PLAIN, addresses=("192.0.2.0/24",)),
    "registers": replace(PLAIN, host="sip.example.com", username="acc1", password="secret-of-ours"),
    "outbound": replace(PLAIN, outbound="192.0.2.30:5070"),
    "tcp": replace(PLAIN, transport="tcp"),
    "arrivals": replace(PLAIN, arrivals=Arrivals(did_from=("to", "uri"), default_number="95000", accounts=("acc1",))),
    "media": replace(PLAIN, media=PbxMedia(keys="info", no_sound_s=20)),
}
SETTINGS: dict[str, dict[str, Any]] = {
    **{f"trunk: {name}": {"trunks": (trunk,)} for name, trunk in TRUNKS.items()},
    "queues": {"queues": (PbxQueue("billing", 30), PbxQueue("after-sales", 10))},
    "agents": {"agents": (PbxAgent("1001", "password-1001", "Amy", outside=NUMBERS[0]),)},
    "reasons": {"not_ready_reasons": {}, "transfer_reasons": {1: "refund"}},
    "limits": {"calls": 7, "menus": 3, "ask_key_from": 2, "calls_per_number": 0},
    "callbacks": {"calls_out": CallsOut(numbers=NUMBERS, allow=("+852",)), "ask_key": True},
    "nobody": {"agents": (), "guests": ()},
}


def globals_of(settings: PbxSettings) -> list[str]:
    text = (render(settings).parent / "extensions.conf").read_text(encoding="utf-8")
    section = text.partition("[globals]\n")[2].partition("\n#include")[0]
    return [found[1] for found in re.finditer(r"^([A-Za-z0-9_+-]+) =", section, re.M)]


def test_the_inputs_below_are_all_there_are_of_a_trunk():
    assert {each.name for each in fields(Outwards)} == set(OUTWARDS)


@pytest.mark.parametrize("change", SETTINGS.values(), ids=SETTINGS)
def test_no_global_is_there_or_not_by_its_value(tmp_path: Path, change: dict[str, Any]):
    plain = settings_in(tmp_path, trunks=(PLAIN,), calls_out=CallsOut(numbers=NUMBERS))
    names = globals_of(plain)
    assert "SHOWN_trunk-carrier" in names and f"TO_trunk-carrier_{NUMBERS[1]}" in names and "READY_billing" in names
    assert globals_of(replace(plain, **change)) == names


def test_each_global_that_the_dialplan_reads_is_rendered_or_set_by_the_daemon(tmp_path: Path):
    etc = render(settings_in(tmp_path)).parent
    read = {
        name
        for file in etc.glob("extensions*.conf")
        for name in re.findall(r"\bGLOBAL\(([A-Z_]+)", file.read_text(encoding="utf-8"))
    }
    names = globals_of(settings_in(tmp_path, trunks=(PLAIN,), calls_out=CallsOut(numbers=NUMBERS)))
    rendered = {name for each in names for name in re.findall(r"^[A-Z_]+", each)}
    # A call of the hotline to itself sets the first two for seconds, and empties them; the dialplan itself keeps the third.
    assert read - rendered == {"SELF_CALL", "SELF_UP", "STORY_OVER"}


async def test_a_queue_that_was_away_for_a_while_rings_its_agents_again_without_a_daemon(house: AsteriskFixture):
    floor = await house.linked(epoch=1)
    await house.agents("1001", Phone(ring_s=0.2))
    floor.pbx.ready({"billing": ["1001"], "after-sales": []})
    await floor.pbx.ami.act("Ping")
    was = house.settings

    async def reloaded(settings: PbxSettings) -> str:
        render(settings)
        for word in ("module reload app_queue.so", "dialplan reload"):
            await house.cli(word)
        return await house.cli("queue show")

    async def talks() -> bool:
        return any(line.startswith("PJSIP/1001-") and "!Up!" in line for line in await house.channels())

    async def served() -> None:
        caller = await house.caller(Caller(caller="13800000001"))
        await eventually(talks, "the plain queue's conversation")
        await caller.hang_up()
        await house.empty()

    try:
        await floor.leave()
        await house.cli("dialplan set global ACD_BEAT 0")  # as after ten seconds
        await served()
        assert "billing has" not in await reloaded(replace(was, queues=(PbxQueue("after-sales"),)))
        assert "billing has" in await reloaded(was)
        await served()
    finally:
        await reloaded(was)

"""A telephone that tells each key in two ways, as RFC 4733 events and as SIP INFO: codes in a call, and what is keyed after them, on a
real Asterisk that hears both."""

from pathlib import Path

import pytest

from acd.engine.commands import AskTransfer
from acd.engine.events import CallBridged, CallerHungUp, CallQueued
from acd.engine.transfer_events import TransferCoded, TransferKeyed
from acd.pbx.conf.settings import PbxMedia, PbxTrunk
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.phone_transfer_scenarios import opened
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_telephone import Telephone
from tests.support.waiting import eventually


async def doubling(house: AsteriskFixture, agent: str) -> Telephone:
    made = Telephone(
        house.asterisk.tool("sipp"),
        {agent: f"password-{agent}"},
        Phone(ring_s=0.3),
        host="127.0.0.1",
        pbx_port=house.settings.sip_port,
        port=free_port("udp"),
        rtp_port=free_rtp_range("127.0.0.1", 400)[0],
        folder=house.settings.run_folder / "cast" / f"doubling-{agent}",
    )
    made.keys_both_ways = True
    house.people.append(made)
    await made.start()

    async def seen() -> bool:
        contacts = await house.cli("pjsip show contacts")
        return any("Avail" in row for row in contacts.splitlines() if f"127.0.0.1:{made.port}" in row)

    await eventually(seen, f"the registration of {agent}")
    return made


@pytest.mark.asterisk
async def test_codes_and_what_is_keyed_after_them_are_taken_once(tmp_path: Path):
    trunks = (PbxTrunk("carrier", (TRUNK_ADDRESS,)), PbxTrunk("by-info", ("127.0.0.4",), media=PbxMedia(keys="info")))
    house = await opened(tmp_path, trunks=trunks, extensions=("4567",))
    try:
        floor = await house.linked()
        amy = await doubling(house, "1001")
        caller = await house.caller(Caller())
        call = (await floor.until(CallQueued)).call
        floor.offer(call, "1001")
        await floor.until(CallBridged)
        await amy.key("*8")
        await floor.until(TransferKeyed)
        floor.pbx.carry_out(AskTransfer(call, "1001", f"{call}-1"))
        # Target, reason, cold: a second # or 3 would be an answer to the next question. (No key comes twice: SIPp's telephone can't.)
        await amy.key(",4567#,,3,,1", gap_s=0.45)
        assert await floor.until(TransferCoded) == TransferCoded(call, "1001", "4567", "3", False)
        await floor.pbx.ami.act("Ping")
        assert [len(floor.of(kind)) for kind in (TransferKeyed, TransferCoded)] == [1, 1]
        await caller.hang_up()
        await floor.until(CallerHungUp)
    finally:
        await house.closed()

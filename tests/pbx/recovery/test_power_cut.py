"""After a power cut all telephones register again within a second: each is let in, and Asterisk is well at every look."""

import asyncio
from pathlib import Path

import pytest

from acd.pbx.install.ports import free_port
from acd.pbx.probe import Finding, Probe
from acd.sipp.actors import Phone, SippAgents
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

PHONES = 300


@pytest.mark.asterisk
async def test_300_telephones_that_register_within_a_second_are_all_let_in_and_asterisk_is_well(tmp_path: Path):
    names = [str(2000 + number) for number in range(PHONES)]
    house = await AsteriskFixture.opened(tmp_path, agents=names)
    try:
        floor = await house.linked()
        probe, looks = Probe(house.settings.sip_port, floor.pbx.ami), list[Finding]()
        row = SippAgents(
            house.asterisk.tool("sipp"),
            {name: f"password-{name}" for name in names},
            Phone(),
            host="127.0.0.1",
            pbx_port=house.settings.sip_port,
            port=free_port("udp"),
            **media_ports("127.0.0.1", 2),
            folder=tmp_path / "phones",
        )
        row.registers_per_s = PHONES
        house.people.append(row)
        await row.start()
        looks.append((await probe.look()).finding)

        async def all_in() -> bool:
            looks.append((await probe.look()).finding)
            await asyncio.sleep(0.1)
            return (await house.cli("pjsip show contacts")).count(f"@127.0.0.1:{row.port}") == PHONES

        await eventually(all_in, "300 registrations")
        assert set(looks) == {Finding.WELL}
    finally:
        await house.closed()

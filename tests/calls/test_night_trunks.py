"""The night drill's trunks on a real Asterisk: carriers that are not there, refuse or have no address, and `doctor` tells each as the drill
wants it. The other faults: tests/calls/test_night.py, tests/night."""

from pathlib import Path
from typing import Any

from acd.engine.commands import Kind
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.test_doctor import with_its_ports
from tests.calls.test_night import bad
from tests.calls.test_trunks import reloaded
from tests.night.fault import verdict
from tests.night.services import ROWS
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_carrier import SippCarrier, refused, registrar
from tests.support.waiting import eventually

SILENT, REFUSES, AWAY = "127.0.0.3", "127.0.0.4", "127.0.0.5"
PASSWORD, OUTSIDE = "P@ss#1!;x", "02166668888"
NAMED = {
    "silent": "a trunk does not answer",
    "refuses": "a trunk refuses our password",
    "away": "a trunk's registrar is away",
    "nameless": "a trunk's name can't be resolved",
}
"""Trunk to the row of the drill that it plays."""
OF_CALLS = "a trunk refuses our calls out"


async def told(system: FullSystem) -> list[dict[str, Any]]:
    """What `doctor` finds wrong; the tests' own database is named in no configuration."""
    return [row for row in await bad(system, with_its_ports(system)) if row["what"] != "database"]


async def test_each_trouble_of_a_trunk_is_told_as_in_the_drill_and_nothing_else_before_it(tmp_path: Path):
    ports = {address: free_port("udp", address) for address in (SILENT, REFUSES, AWAY)}
    secret = tmp_path / "trunk.password"
    secret.write_text(PASSWORD + "\n", "utf-8")
    account = f'username = "acc1"\npassword_file = "{secret}"\n'
    trunks = (
        f'[trunks.silent]\naddresses = ["{SILENT}"]\noutbound = "{SILENT}:{ports[SILENT]}"\nqualify_s = 2\n'
        f'[trunks.refuses]\nhost = "{REFUSES}:{ports[REFUSES]}"\n{account}'
        f'[trunks.away]\nhost = "{AWAY}:{ports[AWAY]}"\n{account}'
        f'[trunks.nameless]\nhost = "nowhere.invalid"\naddresses = ["127.0.0.6"]\n{account}'
    )
    numbers = f'[transfers.numbers]\n{OUTSIDE} = {{ zh = "总部", en = "Head office" }}\n'
    async with FullSystem(tmp_path, ("1001",), ring_s=1, brisk=True, carrier=True, more=numbers) as system:
        await system.staffed("1001", Phone(ring_s=0.2))
        was = system.config_file.read_text("utf-8")

        def carrier(address: str, port: int, registers: str = "", called: str = "") -> SippCarrier:
            made = SippCarrier(
                system.pbx.tool("sipp"), address=address, port=port, pbx_port=system.prepared.sip_port,
                folder=system.folder_for_person(), registers=registers, called=called,
            )  # fmt: skip
            system.people.append(made)
            return made

        await carrier(REFUSES, ports[REFUSES], registers=registrar("acc1", "another password")).start()
        status, said = await reloaded(system, was + trunks)
        assert status == 0, said
        found: list[dict[str, Any]] = []

        rows = {fault.name: fault for fault in ROWS}

        def wrong() -> dict[str, str]:
            """Trunk to why what is found of it is not right."""
            its_own = {
                name: [{**each, "what": "trunk carrier"} for each in found if each["what"] == f"trunk {name}"]
                for name in NAMED
            }
            return {name: why for name, row in NAMED.items() if (why := verdict(rows[row], its_own[name]))}

        async def all_told() -> bool:
            found[:] = await told(system)
            return not wrong()

        # That a registrar does not answer at all Asterisk says after 32 s (timer F); until then it may be any reason.
        try:
            await eventually(all_told, "four trunks of which each has its own trouble")
        except AssertionError:
            raise AssertionError(wrong()) from None
        assert {row["what"] for row in found[: len(NAMED)]} == {f"trunk {name}" for name in NAMED}, found

        # They are taken away; then the trunk over which callers come refuses a call out.
        status, said = await reloaded(system, was)
        assert status == 0, said

        async def well() -> bool:
            return not await told(system)

        await eventually(well, "a hotline that is well again")
        await carrier(TRUNK_ADDRESS, system.carrier_port, called=refused(403)).start()
        await system.asks("1", "13800000001", stays_s=600)
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.CONNECTED)
        await system.transfers.hand_over(call, {"number": OUTSIDE})

        async def refused_call() -> bool:
            found[:] = await told(system)
            return bool(found)

        await eventually(refused_call, "the trunk that has refused a call out")
        assert not verdict(rows[OF_CALLS], found), found

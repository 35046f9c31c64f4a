"""Trunks in the whole product: watched, alarmed, shown, changed while calls go on."""

from pathlib import Path
from typing import Any

from acd.engine.commands import Kind, Log
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.sipp_carrier import SippCarrier, registrar
from tests.support.waiting import eventually

REGISTRAR = "127.0.0.3"
PASSWORD = "P@ss#1!;x"


async def alarm(system: FullSystem, name: str) -> Log:
    return await system.log.row(Kind.ALARM, lambda row: row.detail["name"] == name)


async def trunk(system: FullSystem, name: str) -> Any:
    return next((row for row in (await system.state())["trunks"] if row["name"] == name), None)


async def reloaded(system: FullSystem, text: str) -> tuple[int, str]:
    system.config_file.write_text(text, "utf-8")
    status, said, complaints = await system.sanxiang("config", "reload")
    return status, said + complaints


async def test_a_trunk_that_does_not_register_is_told_everywhere_until_it_does_and_calls_go_on(tmp_path: Path):
    port = free_port("udp", REGISTRAR)
    secret = tmp_path / "backup.password"
    secret.write_text(PASSWORD + "\n", "utf-8")
    account = f'username = "acc1"\npassword_file = "{secret}"\n'
    async with FullSystem(tmp_path, ("1001",), ring_s=1, brisk=True) as system:
        await system.staffed("1001", Phone(ring_s=0.3))
        caller = await system.asks("1", "13800000001", stays_s=600)
        first = await system.log.call_of("13800000001")
        await system.log.row(Kind.CONNECTED)

        # A mistyped address is refused as a whole, and the trunk stays open.
        was = system.config_file.read_text("utf-8")
        status, said = await reloaded(system, was.replace('["127.0.0.2"]', '["127.0.0.2", "10.0.0.999"]'))
        assert status == 1 and "trunks.carrier.addresses (entry 2): '10.0.0.999' is neither an address" in said

        # A second trunk, while a caller talks; nobody is there to register at. The first gets a name that can't be resolved.
        name = f'addresses = ["127.0.0.2"]\nhost = "nowhere.invalid"\nqualify_s = 0\n{account}'
        second = f'[trunks.backup]\nhost = "{REGISTRAR}:{port}"\n{account}[trunks.named]\nhost = "localhost"\n{account}'
        status, said = await reloaded(system, was.replace('addresses = ["127.0.0.2"]\n', name) + second)
        assert status == 0 and "trunk backup: new" in said, said
        told = await alarm(system, "trunk-not-registered")
        assert told.detail["detail"].split("|")[0] in ("carrier", "backup", "named")
        unresolved = await alarm(system, "trunk-unresolved")
        assert unresolved.detail["detail"].startswith("carrier|") and unresolved.detail["detail"].endswith(
            "|nowhere.invalid"
        )

        async def ill() -> bool:
            row = await trunk(system, "backup")
            return row is not None and not row["well"]

        await eventually(ill, "the trouble of trunk backup")
        row = await trunk(system, "backup")
        assert row["said"] == {"zh": "未注册", "en": "NOT REGISTERED"} and row["since"]
        assert (await system.checks())["trunks"] is False, "none of the three is registered"
        status, said, _ = await system.sanxiang("trunk", "list")
        assert status == 3 and "NOT REGISTERED" in said
        status, said, _ = await system.sanxiang("doctor", "--config", str(system.config_file))
        assert status == 1 and "BAD  trunk backup: NOT REGISTERED since " in said and "password_file" in said
        assert " is taken" not in said  # by the hotline itself
        status, said, _ = await system.sanxiang("status")
        assert status == 3 and "NOT REGISTERED" in said and "trunks     DOWN" in said

        # The address of the name has come into Asterisk's files, and the typed one counts beside a name that is none.
        async def identified() -> bool:
            return "trunk-named_names/trunk-named" in await system.cli("pjsip show identifies")

        await eventually(identified, "the addresses of a name")
        await system.asks("", "13800000002", stays_s=1)
        assert await system.log.call_of("13800000002")
        assert (await system.calls())[first]["stage"] == "talking"

        carrier = SippCarrier(
            system.pbx.tool("sipp"),
            address=REGISTRAR,
            port=port,
            pbx_port=system.prepared.sip_port,
            folder=tmp_path / "registrar",
            registers=registrar("acc1", PASSWORD),
        )
        system.people.append(carrier)
        await carrier.start()
        # It would be tried again by itself, half a minute after the last time.
        await system.cli("pjsip send register trunk-backup-registration")
        well = await system.log.row(
            Kind.ALARM, lambda row: row.detail["name"] == "trunk-well" and row.detail["detail"].startswith("backup|")
        )
        assert well.detail["detail"].split("|")[2] in ("not-registered", "no-answer")

        async def healed() -> bool:
            return bool((await trunk(system, "backup"))["well"])

        await eventually(healed, "the health of trunk backup")
        assert (await trunk(system, "backup"))["said"]["en"] == "registered"
        assert (await system.checks())["trunks"], "one of three is well: callers come and go over it"
        status, said, _ = await system.sanxiang("status")
        assert status == 0 and "trunks     WARN" in said

        status, said = await reloaded(system, was)
        assert status == 0 and "trunk backup: taken away" in said, said
        assert [row["name"] for row in (await system.state())["trunks"]] == ["carrier"]
        await system.well("trunks")
        assert "trunk-backup" not in await system.cli("pjsip show endpoints")
        await caller.hang_up()

"""`doctor` beside a hotline that serves calls: its own ports are its own, whatever else is down; a database's changed password is
taken by `reload`, and no call is touched."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from acd.store.connection import address
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually


def with_its_ports(system: FullSystem) -> Path:
    """The configuration as an operator has it: with the ports that the start has chosen, written down."""
    plan, file = system.prepared, system.folder / "operators.toml"
    text = system.config_file.read_text("utf-8")
    at = f'bind = "{plan.bind}"\n'
    text = text.replace(f"{at}port = 0", f"{at}port = {plan.sip_port}", 1)
    text = text.replace("[web]\nport = 0", f"[web]\nport = {plan.web_port}", 1)
    text = text.replace("rtp_start = 10000\n", f"rtp_start = {plan.rtp_start}\n", 1)
    text = text.replace(f"rtp_end = {10000 + system.RTP_PORTS}\n", f"rtp_end = {plan.rtp_end}\n", 1)
    file.write_text(f"{text}\n[ports]\nami = {plan.ami_port}\nagi = {plan.agi_port}\n", "utf-8")
    return file


def files_in(folder: Path) -> list[Path]:
    """Those of this folder that hold text."""
    return [each for each in folder.rglob("*") if each.is_file() and each.suffix not in (".wav", ".alaw", ".sock")]


async def findings(system: FullSystem, file: Path) -> dict[str, Any]:
    _, said, complaint = await system.sanxiang("doctor", "--json", "--config", str(file))
    assert said, complaint
    return {
        f"{row['what']}: {row['found']}" if row["what"] == "daemon" else row["what"]: row for row in json.loads(said)
    }


async def test_its_own_ports_are_its_own_while_postgresql_is_away_and_the_daemon_too(tmp_path: Path):
    async with FullSystem(tmp_path, ("1001",), brisk=True) as system:
        file = with_its_ports(system)
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(60, 60)))
        await system.asks("1", "13800000001", stays_s=120)
        await system.log.row(Kind.CONNECTED)
        await asyncio.to_thread(system.database.stop)
        found = await findings(system, file)
        assert "daemon: down: store" in found, found
        process = system.parts["asterisk"].process
        assert process is not None
        assert found["sip.port"]["found"].endswith(f"held by this hotline (asterisk, process {process.pid})")
        for port in ("sip.port", "web.port", "ports.ami", "ports.agi"):
            assert found[port]["ok"], found[port]
            assert "held by this hotline" in found[port]["found"]
        system.faults.hold_back("daemon")
        system.faults.kill("daemon")
        found = await findings(system, file)
        assert found["sip.port"]["ok"]
        [away] = [row for name, row in found.items() if name.startswith("daemon: ")]
        assert not away["ok"] and "calls go on" in away["found"], away
        system.faults.bring_back("daemon")
        await asyncio.to_thread(system.database.start)
        await system.serving()
        call = await system.log.call_of("13800000001")
        assert (await system.state())["calls"][0]["call"] == call
        status, said, _ = await system.sanxiang("call", "hang-up", call, "--reason", "a test", "--yes")
        assert (status, said) == (0, f"{call}: hung up\n")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert (await system.log.row(Kind.TALK_ENDED)).detail["by"] == "operator"
        assert "in step with Asterisk" in system.said("daemon")


async def test_a_changed_password_of_the_database_is_taken_by_reload_under_a_call(tmp_path: Path):
    secret = tmp_path / "password"
    system = FullSystem(tmp_path, ("1001",), brisk=True)
    url = await asyncio.to_thread(system.database.start)
    secret.write_text(str(address(url).password))
    bare = address(url).set(drivername="postgresql")._replace(password=None).render_as_string()
    text = system.config_file.read_text("utf-8")
    system.config_file.write_text(f'{text}\n[database]\nurl = "{bare}"\npassword_file = "{secret}"\n', "utf-8")
    async with system:
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(60, 60)))
        await system.asks("1", "13800000001", stays_s=120)
        await system.log.row(Kind.CONNECTED)
        connection = await asyncpg.connect(url)
        await connection.execute("ALTER USER sanxiang PASSWORD 'quite-another-one'")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'sanxiang'"
        )
        await connection.close()

        async def refused() -> bool:
            return (await system.checks()).get("store") is False

        await eventually(refused, "the refusal of the old password")
        found = await findings(system, system.config_file)
        assert "PostgreSQL refuses this log-in" in found["database"]["found"]
        assert f"Mend {secret}, then `./sanxiang config reload`" in found["database"]["remedy"]
        secret.write_text("quite-another-one\n")
        status, said, complaint = await system.sanxiang("config", "reload")
        assert status == 0, complaint
        assert "The database's password is another one" in said
        await system.well("store", "shipper")
        system.store.log_in_as(
            str(address(url).set(password="quite-another-one").render_as_string(hide_password=False))
        )
        written = "".join(each.read_text("utf-8", "replace") for each in files_in(tmp_path / "state"))
        assert "quite-another-one" not in written
        assert str(address(url).password) not in written
        call = await system.log.call_of("13800000001")
        await eventually(lambda: system.calls(), "the call")
        assert (await system.calls())[call]["stage"] == "talking"

"""The database's password is changed by night, in the middle of a talk: the file is mended, `config reload` takes it, the talk goes on."""

import asyncio
from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg  # type: ignore[import-untyped]

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually

OTHER = "n3w p@ss/wörd"


async def test_a_changed_password_is_taken_while_a_talk_goes_on(tmp_path: Path):
    system = FullSystem(tmp_path, ("1001",), brisk=True)
    url = await asyncio.to_thread(system.database.start)
    server, file = urlsplit(url), tmp_path / "database.password"
    file.write_text(f"{server.password}\n", "utf-8")
    named = (
        f'[database]\nurl = "postgres://{server.username}@{server.hostname}:{server.port}/sanxiang?connect_timeout=2"\n'
    )
    text = system.config_file.read_text("utf-8")
    system.config_file.write_text(f'{text}\n{named}password_file = "{file}"\n', "utf-8")
    async with system:
        await system.staffed("1001", Phone(ring_s=0.1))
        caller = await system.asks("1", "13800000001", stays_s=120)
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.CONNECTED)

        connection = await asyncpg.connect(url)
        await connection.execute(f"ALTER ROLE sanxiang PASSWORD '{OTHER}'")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'sanxiang'"
        )
        await connection.close()
        await system.ask("POST", "/api/agents/1001/not-ready", {"reason": "break"})  # a row that can't be shipped
        await eventually(
            lambda: "refuses the password of sanxiang" in system.said("daemon"), "the log to tell what to type"
        )
        _, found, _ = await system.sanxiang("doctor", "--config", str(system.config_file))
        assert "BAD  database: PostgreSQL refuses the password of sanxiang" in found and "config reload" in found
        file.write_text(OTHER, "utf-8")
        status, said, complaints = await system.sanxiang("config", "reload")
        assert status == 0, complaints
        assert "read again and are used from now on" in said

        await system.stages("talking")
        await caller.hang_up()
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        mended = url.replace(f":{server.password}@", f":{quote(OTHER, safe='')}@")
        connection = await asyncpg.connect(mended)

        async def arrived() -> bool:
            return bool(await connection.fetchval("SELECT ending = 'answered' FROM calls WHERE call = $1", call))

        await eventually(arrived, "the call's row in PostgreSQL")
        await connection.close()
        kept = [each for each in system.installation.state.rglob("*") if each.suffix not in (".wav", ".alaw", ".sock")]
        written = "".join(each.read_text("utf-8", "replace") for each in kept if each.is_file())
        assert OTHER not in written and quote(OTHER, safe="") not in written
        assert OTHER not in system.said("daemon")
        assert [system.parts[part].starts for part in ("asterisk", "daemon")] == [1, 1]
        await system.store.use(mended)  # what is looked at when a scenario is over

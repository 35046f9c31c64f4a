"""A PostgreSQL as a provider has it: with TLS, rules of who is let in, few connections, a standby; and what a pooler does to sessions."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from acd.store.embedded import wheel_programs
from tests.store.support.freezable_postgres import FreezablePostgres
from tests.support.certificates import Files

PASSWORD = "p@ss/w:rd%41"
LET_IN = ("host all all 127.0.0.0/8 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256")


class RentedPostgres(FreezablePostgres):
    """`administrator` is the address of a superuser; `renter` a user without rights, with PASSWORD."""

    def up(self, hba: Sequence[str] = LET_IN, **settings: str) -> "RentedPostgres":
        """Started with these settings and rules."""
        self.settings = {"fsync": "off", **settings}
        self.administrator = self.start()
        asyncio.run(self._renter())
        self.lets_in(hba)
        return self

    async def _renter(self) -> None:
        await self.sql(
            "DO $$BEGIN CREATE ROLE renter LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END$$",
            f"ALTER ROLE renter PASSWORD '{PASSWORD}'",
        )

    def lets_in(self, hba: Sequence[str]) -> None:
        """The lines of pg_hba.conf from now on; the administrator's own way stays."""
        own = "host all sanxiang 127.0.0.1/32 scram-sha-256"
        (self.data.resolve() / "pg_hba.conf").write_text("\n".join((own, *hba, "")))
        if (pid := self.pid()) is not None:
            os.kill(pid, 1)

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    def has(self, files: Files) -> dict[str, str]:
        """The settings for this certificate, copied to where the server may read it."""
        return {
            "ssl": "on",
            "ssl_cert_file": str(self.copied(files.certificate)),
            "ssl_key_file": str(self.copied(files.key)),
        }

    def copied(self, file: Path) -> Path:
        """The file, the server's own."""
        place = self.folder / file.name
        shutil.copy(file, place)
        place.chmod(0o600)
        if self._account is not None:
            os.chown(place, self._account.pw_uid, self._account.pw_gid)
        return place

    async def sql(self, *statements: str, database: str = "") -> list[Any]:
        """As the administrator; the last one's rows."""
        connection = await asyncpg.connect(self.administrator, **({"database": database} if database else {}))
        try:
            rows: list[Any] = []
            for statement in statements:
                rows = [tuple(row) for row in await connection.fetch(statement)]
            return rows
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def database(self, name: str, more: str = "OWNER renter") -> AsyncIterator[str]:
        """The renter's own database; its address without host, port and parameters comes out: `NAME`."""
        await self.sql(f"CREATE DATABASE {name} {more}")
        try:
            yield name
        finally:
            await self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def standby_of(self, primary: "RentedPostgres") -> None:
        """A streaming standby of a running primary, started."""
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        shutil.copy(primary.folder / "password", self.folder / "password")
        password = (self.folder / "password").read_text().strip()
        place = self._place()
        place.rmdir()
        place.parent.chmod(0o777)
        done = self._run(
            [
                str(wheel_programs() / "pg_basebackup"),
                *("-h", "127.0.0.1", "-p", str(primary.port), "-U", "sanxiang", "-D", str(place)),
                *("-R", "-N", "-c", "fast", "-X", "stream"),
            ],
            password=password,
        )
        place.parent.chmod(0o711)
        assert done.returncode == 0, done.stderr.decode()
        self.settings = {"fsync": "off"}
        self.administrator = self.start()


def readable_folder() -> Path:
    """A folder that PostgreSQL's user may reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="sanxiang-rented-"))
    folder.chmod(0o777)
    return folder

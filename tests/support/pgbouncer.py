"""PgBouncer in transaction mode before a PostgreSQL: the machine's own, else one of two of Debian's, fetched as Asterisk is.

The older knows no prepared statements in this mode; the newer tells those of its clients apart.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acd.pbx.install import fetch
from acd.pbx.install.ports import free_port
from acd.progress import Silent
from acd.store.embedded import _service_account
from tests.support.waiting import eventually_blocking

_INSTEAD = "Install pgbouncer yourself, so that it is in PATH."
RELEASES = ("bookworm", "forky")


def ensure_pgbouncer(release: str) -> list[str]:
    """The beginning of its command line. Raises what fetch.find_mirror and fetch.ensure raise."""
    if path := shutil.which("pgbouncer"):
        return [path]
    wanted = fetch.Packages("pgbouncer", release, ("pgbouncer",), size_mb=150)
    folder = fetch.ensure(wanted, fetch.find_mirror("pgbouncer", _INSTEAD), "pgbouncer", Silent())
    # Debian 12 has its loader and libraries in two places, a newer one in one.
    loader, *_ = sorted(each for each in folder.glob("**/ld-linux*.so.*") if each.is_file())
    libraries = {each.parent for each in folder.glob("**/lib*.so.*") if each.parent.name.endswith("-linux-gnu")}
    return [str(loader), "--library-path", ":".join(map(str, sorted(libraries))), str(folder / "usr/sbin/pgbouncer")]


@contextmanager
def pooler(
    argv: list[str], folder: Path, server_port: int, user: str, password: str, pool_size: int = 2
) -> Iterator[int]:
    """Its port. Its sessions with the server are shared out by the transaction, so few that everybody meets another's."""
    port, account = free_port("tcp"), _service_account()
    folder.mkdir(parents=True)
    (folder / "users").write_text(f'"{user}" "{password}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"unix_socket_dir =\nauth_type = plain\nauth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = {pool_size}\n"
        f"server_round_robin = 1\nlogfile = {folder}/log\nuser = {account.pw_name}\n"
    )
    for each in (folder, *folder.iterdir()):
        shutil.chown(each, account.pw_uid, account.pw_gid)
    process = subprocess.Popen(
        [*argv, str(folder / "pgbouncer.ini")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:

        def listens() -> bool:
            assert process.poll() is None, (folder / "log").read_text() if (folder / "log").exists() else "no log"
            with socket.socket() as line:
                return line.connect_ex(("127.0.0.1", port)) == 0

        eventually_blocking(listens, "PgBouncer")
        yield port
    finally:
        process.kill()
        process.wait()

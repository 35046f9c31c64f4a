"""PostgreSQL of the tests: each cluster is a copy of one that was made once, and a database with our tables is a copy of one in it.

initdb takes 0.6 s of a processor and waits for the disk, and a run makes some hundred clusters; migrations take 0.15 s for each database. The
first process that needs the cluster makes it, in the user's cache folder, by the product's own first start; it is made anew when anything in
acd/store or PostgreSQL itself has changed. What a copy has not: a password of its own, and fsync, which would matter when the machine
loses its power. Where the first start itself is the subject: `first_start_of_the_product`.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from acd.cache import cache_folder
from acd.store.embedded import EmbeddedPostgres, wheel_programs
from acd.store.store import Store

ROOT = Path(__file__).parents[2]
WITH_TABLES = "TEMPLATE with_tables"
"""Behind CREATE DATABASE: with the tables of this version and nothing in them."""
_DATABASE = "with_tables"
_UNUSED_AFTER_S = 7 * 24 * 3600
_products_start = EmbeddedPostgres.start
_copies = True


def made_cheap() -> None:
    """For the rest of this process, but not for a cluster whose folder has a password already."""
    EmbeddedPostgres.start = _start  # type: ignore[method-assign, assignment]


@contextmanager
def first_start_of_the_product() -> Iterator[None]:
    """Meanwhile clusters are made by initdb."""
    global _copies
    _copies = False
    try:
        yield
    finally:
        _copies = True


def _start(server: EmbeddedPostgres) -> str:
    new = not (server.data / "PG_VERSION").exists() and not (server.folder / "password").exists()
    if _copies and new:
        made = _template(server._programs or wheel_programs())
        server.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        _copied(made / "data", server._place())
        shutil.copy(made / "password", server.folder / "password")
    return _products_start(server)


@cache
def _template(programs: Path) -> Path:
    """The folder with the cluster that is copied, which does not run, and its password."""
    folder = cache_folder() / "test-clusters"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder / _key(programs)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in folder.iterdir():
                if old.is_dir() and time.time() - old.stat().st_mtime > _UNUSED_AFTER_S:
                    shutil.rmtree(old)
            _make(made, programs)
        os.utime(made)
    return made


def _key(programs: Path) -> str:
    """Another one whenever a cluster would be made in another way."""
    about = hashlib.sha256(f"{programs} {(programs / 'postgres').stat().st_mtime_ns} {os.geteuid()}".encode())
    for file in (Path(__file__), *sorted((ROOT / "acd" / "store").rglob("*.py"))):
        about.update(file.read_bytes())
    return about.hexdigest()[:16]


def _make(made: Path, programs: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sanxiang-cluster-") as room:
        server = EmbeddedPostgres(Path(room) / "postgres", programs)
        address = _products_start(server)
        with ThreadPoolExecutor(1) as thread:  # the caller's may have an event loop, which runs
            thread.submit(asyncio.run, _with_tables(address)).result()
        server.stop()
        part = made.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        _copied(server.data.resolve(), part / "data")
        with (part / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("fsync = off\n")
        shutil.copy(server.folder / "password", part / "password")
        server.remove()
        part.rename(made)


async def _with_tables(address: str) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute(f"CREATE DATABASE {_DATABASE}")
    await connection.close()
    tables = await Store.open(address.rsplit("/", 1)[0] + f"/{_DATABASE}")
    await tables.migrate()
    await tables.close()


def _copied(data: Path, place: Path) -> None:
    subprocess.run(["cp", "--archive", "--reflink=auto", f"{data}/.", place], check=True)

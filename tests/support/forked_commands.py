"""Our command line in a process of its own for each command, without half a second of imports for each.

One server imports the command line once and forks itself for every command (`python -m tests.support.forked_commands`, started at the first
use in a process of pytest). Such a command has its own process, arguments, environment, folder, standard streams and exit status, and begins
in `acd.cli.app.main`, as one that is typed. What it lacks is the start of the interpreter: for that, and for what is seen of a process from
outside (its command line, a terminal, Ctrl-C), run `python -m acd.cli`.
"""

import array
import atexit
import gc
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[2]
_LENGTH, _STATUS = struct.Struct("<I"), struct.Struct("<i")
_FDS = 3
_BEFORE = (
    "aiohttp",
    "acd.config",
    "acd.web.access.accounts",
    "acd.web.access.tokens",
    "acd.store.store",
    "acd.cli.doctor",
)
"""What commands import only when they run, and most of these tests need."""


# -- in the test ------------------------------------------------------------------------------------------------------------


def run(words: Sequence[str], typed: bytes = b"", env: Mapping[str, str] = os.environ) -> tuple[int, str, str]:
    """Exit status, output and complaints of `sanxiang WORDS`, with `typed` on its standard input; started in the checkout's folder."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(_server())
        pipes = [os.pipe() for _ in range(_FDS)]
        (stdin, to_stdin), (output, stdout), (complaints, stderr) = pipes
        try:
            request = json.dumps({"words": list(words), "env": dict(env), "folder": str(ROOT)}).encode()
            fds = array.array("i", (stdin, stdout, stderr))
            server.sendmsg([_LENGTH.pack(len(request))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            server.sendall(request)
        finally:
            for fd in (stdin, stdout, stderr):
                os.close(fd)
        with ThreadPoolExecutor(_FDS) as threads:
            said = [threads.submit(_read, fd) for fd in (output, complaints)]
            threads.submit(_write, to_stdin, typed)
        status = _exactly(server, _STATUS.size)
    return _STATUS.unpack(status)[0], said[0].result().decode(), said[1].result().decode()


def _read(fd: int) -> bytes:
    with os.fdopen(fd, "rb") as file:
        return file.read()


def _write(fd: int, data: bytes) -> None:
    with os.fdopen(fd, "wb", buffering=0) as file:
        try:
            while data:
                data = data[file.write(data) :]
        except BrokenPipeError:
            pass  # a command need not read what is typed


@cache
def _server() -> str:
    """The address of this process's server, which ends with it: in a folder of the owner's alone, since it runs what it is told."""
    folder = tempfile.TemporaryDirectory(prefix="sx-")
    address = f"{folder.name}/commands"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(64)
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=listening.fileno(),
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    listening.close()

    def end() -> None:
        process.kill()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return address


# -- in the server ----------------------------------------------------------------------------------------------------------


def _exactly(connection: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        more = connection.recv(length - len(found))
        if not more:
            raise EOFError("the other side has ended")
        found += more
    return found


def serve() -> NoReturn:
    """Forks a process for each connection, which forks the command, waits for it and tells its exit status; until the tests have ended."""
    tests = os.getppid()
    listening = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those that wait for commands are waited for by nobody
    import_module("acd.cli.app").built()
    for module in _BEFORE:
        import_module(module)
    gc.freeze()
    listening.settimeout(5.0)
    while True:
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            if os.getppid() != tests:  # they were killed, and could not end this
                os._exit(0)
            continue
        connection.setblocking(True)
        if os.fork() == 0:
            listening.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _one(connection)
        connection.close()


def _one(connection: socket.socket) -> NoReturn:
    room = socket.CMSG_SPACE(_FDS * array.array("i").itemsize)
    head, told, _, _ = connection.recvmsg(_LENGTH.size, room)
    fds = array.array("i", told[0][2])
    asked = json.loads(_exactly(connection, _LENGTH.unpack(head)[0]))
    pid = os.fork()
    if pid == 0:
        connection.close()
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
            os.close(fd)
        _command(asked["words"], asked["env"], asked["folder"])
    for fd in fds:
        os.close(fd)
    _, status = os.waitpid(pid, 0)
    connection.sendall(_STATUS.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _command(words: list[str], env: dict[str, str], folder: str) -> NoReturn:
    status: object = 1
    try:
        os.environ.clear()
        os.environ.update(env)
        os.chdir(folder)
        sys.argv = [str(ROOT / "acd" / "cli" / "__main__.py"), *words]
        import_module("acd.cli.app").main()
        status = 0
    except SystemExit as end:
        status = end.code
        if isinstance(status, str):
            print(status, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                status = 120  # as Python has it where the reader has gone
        os._exit(0 if status is None else status if isinstance(status, int) else 1)


if __name__ == "__main__":
    serve()

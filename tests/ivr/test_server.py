"""The story server against strangers, slow ones and too many; and how it starts and stops."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.pbx.install.ports import free_port
from ivr.agi import VARIABLES
from ivr.settings import MENU
from tests.ivr.support.agi_callers import Callers
from tests.ivr.support.ivr_system import ROOT
from tests.ivr.test_agi import ENVIRONMENT
from tests.support.waiting import eventually, eventually_blocking

VALUES = "c1|95001|zh" + "|" * (len(VARIABLES) - 3)
"""What Asterisk says of a call, variable by variable."""


class Served:
    """A story server of its own, and sessions with it as Asterisk would hold them."""

    def __init__(self, folder: Path, sounds: Path):
        self.port = free_port("tcp")
        self.file = folder / "stories.json"
        self.write(sounds)
        self.log = folder / "log"
        self.process = self.start()
        eventually_blocking(lambda: "are served" in self.said(), "the server listens")

    def write(self, sounds: Path, **changes: object) -> None:
        values = {"backend": "http://127.0.0.1:9", "token_file": "/none", "sounds": str(sounds), "menu": str(MENU)}
        self.file.write_text(json.dumps({**values, "agi_port": self.port, **changes}))

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "ivr.server", str(self.file)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, env=environment, cwd="/", stderr=self.log.open("ab"), stdin=subprocess.DEVNULL)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def connect(self, send: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), 20)
        connection.sendall(send)
        return connection

    def goodbye(self) -> str:
        """One whole session; the answer's last command."""
        with self.connect(ENVIRONMENT) as session:
            asked = session.recv(4096).decode()
            word = re.findall(r'"([0-9a-f]{16})\|', asked)[0]
            session.sendall(f"200 result=1 ({word}|{VALUES})\n".encode())
            played = session.recv(4096).decode()
            session.sendall(b"200 result=0 endpos=8000\n")
            assert session.recv(4096) == b""
            return played

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, sounds: Path) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served"), sounds)
    yield server
    server.process.kill()
    server.process.wait()


def test_a_session(served: Served, sounds: Path):
    assert served.goodbye() == f'STREAM FILE "{sounds}/zh/goodbye" "" 0\n'
    eventually_blocking(lambda: served.threads() == 1, "no thread is left")


def test_the_daemon_asks_whether_it_is_awake(served: Served):
    before = served.said()
    with served.connect(b"agi_network: yes\nagi_network_script: ping\n\n") as connection:
        assert closed(connection)
    assert served.said() == before


def closed(connection: socket.socket) -> bool:
    with contextlib.suppress(ConnectionResetError):
        return connection.recv(10) == b""
    return True


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1000, b"\xff" * 100_000, ENVIRONMENT.replace(b"goodbye\n", b"nothing\n"),
     b"agi_network: yes\n" + b"agi_x: y\n" * 2 + b"\n", b"agi_network: yes\n\n", b"agi_a: " + b"a" * 200_000],
)  # fmt: skip
def test_garbage_is_closed_and_costs_no_thread(served: Served, garbage: bytes):
    with socket.create_connection(("127.0.0.1", served.port), 20) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(garbage)
        assert closed(connection)
    assert served.goodbye().startswith("STREAM FILE")


def test_connect_and_close_a_thousand_times(served: Served):
    before = served.descriptors()
    for _ in range(1000):
        served.connect().close()
    assert served.goodbye().startswith("STREAM FILE")
    eventually_blocking(lambda: served.descriptors() <= before, "no descriptor is left")
    eventually_blocking(lambda: served.threads() == 1, "no thread is left")


async def test_three_hundred_callers_at_once_in_one_server(tmp_path: Path, sounds: Path):
    server = Served(tmp_path, sounds)
    server.write(sounds, numbers={"95001": "zh"}, languages=["zh", "en"])
    try:
        callers = Callers(server.port, 300)
        talking = asyncio.create_task(callers.call())
        await callers.all_listen()
        assert server.threads() == 301
        await talking
        assert callers.queues == ["orders"] * 300
        await eventually(lambda: (server.threads(), server.descriptors() < 20) == (1, True), "nothing is left of them")
        assert "broke off" not in server.said() and "given up" not in server.said()
    finally:
        server.process.kill()
        server.process.wait()


def test_idle_and_slow_connections_hold_up_nobody(served: Served):
    idle = [served.connect(ENVIRONMENT[: number % 40]) for number in range(400)]
    try:
        eventually_blocking(lambda: served.threads() == 1, "strangers cost no thread")
        for number in range(20):
            assert served.goodbye().startswith("STREAM FILE")
            with contextlib.suppress(OSError):
                idle[-number - 1].send(b"a")
        assert closed(idle[0])  # the oldest made room
    finally:
        for connection in idle:
            connection.close()
    eventually_blocking(lambda: served.descriptors() < 40, "all are gone")


def test_who_never_ends_his_opening_is_shown_out(served: Served):
    with served.connect(b"agi_network: yes\n") as slow:
        assert closed(slow)


def test_a_caller_who_hangs_up_leaves_nothing(served: Served):
    for _ in range(50):
        served.connect(ENVIRONMENT).close()
    with served.connect(ENVIRONMENT) as session:
        session.recv(4096)
        session.sendall(b"HANGUP\n")
        assert closed(session)
    eventually_blocking(lambda: served.threads() == 1, "no thread is left")
    assert "broke off" not in served.said()


def test_it_stops_at_once_and_lets_go_of_its_callers(tmp_path: Path, sounds: Path):
    server = Served(tmp_path, sounds)
    with server.connect(ENVIRONMENT) as session, server.connect(b"agi_network: yes\n") as opening:
        assert session.recv(4096)
        server.process.send_signal(signal.SIGTERM)
        assert closed(session)
        assert closed(opening)
        assert server.process.wait(20) == 0
    assert server.said().splitlines()[-1].endswith("The story server has stopped.")


def test_what_it_cannot_start_with_is_said(tmp_path: Path, sounds: Path):
    server = Served(tmp_path, sounds)
    try:
        assert server.start().wait(20) == 1  # the same port a second time
        assert f"cannot listen on 127.0.0.1:{server.port}" in server.said()
        server.write(sounds, menu=str(tmp_path / "none.toml"))
        assert server.start().wait(20) == 1
        assert "none.toml: cannot be read" in server.said()
        server.write(sounds, queues=["orders"])
        assert server.start().wait(20) == 1
        assert "names the queue 'after-sales', which is not configured" in server.said()
        server.file.write_text('{"backend": 1}')
        assert server.start().wait(20) == 1
        assert "token_file, sounds, agi_port missing" in server.said()
        server.file.write_text("{")
        assert server.start().wait(20) == 1
        assert "cannot be read" in server.said()
    finally:
        server.process.kill()
        server.process.wait()


def test_missing_prompts_are_said_at_the_start_and_it_serves(tmp_path: Path):
    (tmp_path / "sounds").mkdir()
    server = Served(tmp_path, tmp_path / "sounds")
    try:
        assert "zh/goodbye.wav is missing" in server.said()
        with server.connect(ENVIRONMENT) as session:
            word = re.findall(r'"([0-9a-f]{16})\|', session.recv(4096).decode())[0]
            session.sendall(f"200 result=1 ({word}|{VALUES})\n".encode())
            assert closed(session)
        assert server.said().count("The prompt zh/goodbye is skipped") == 1
    finally:
        server.process.kill()
        server.process.wait()


def test_a_program_without_asterisk_ends_with_a_sentence(tmp_path: Path):
    for name in ("hotline", "waiting_room", "callback_offer", "goodbye", "agent_login"):
        began = time.monotonic()
        command = [sys.executable, str(ROOT / "agi_scripts" / f"{name}.py"), str(tmp_path / "none.json")]
        ran = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
        assert ran.returncode == 1
        assert f"The story {name} cannot begin".encode() in ran.stderr
        assert ran.stdout == b""
        assert time.monotonic() - began < 60

"""The command line's client of the daemon, against a server that answers as none should: whatever comes, one sentence is said."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acd.processes import api_client
from acd.processes.api_client import NotRunning, Refused
from acd.setup.installation import Installation

Answer = Callable[[socket.socket], None]


class Server:
    """Answers each connection in the way that the test has set, and keeps what was asked."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.asked: list[bytes] = []
        self.answer: Answer = saying(b"{}")
        self.over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.listening.accept()
            except OSError:
                return
            with caller:
                asked = b""
                while b"\r\n\r\n" not in asked:
                    asked += caller.recv(65536)
                head, _, body = asked.partition(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0
                )
                while len(body) < length:
                    body += caller.recv(65536)
                self.asked.append(head + b"\r\n\r\n" + body)
                try:
                    self.answer(caller)
                except OSError:
                    continue  # the client has gone

    def stop(self) -> None:
        self.over.set()
        self.listening.shutdown(socket.SHUT_RDWR)  # else the thread that waits for a connection keeps it open
        self.listening.close()


def saying(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> Answer:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return lambda caller: caller.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    if not server.over.is_set():
        server.stop()


@pytest.fixture
def house(server: Server, tmp_path: Path) -> Installation:
    house = Installation.at(tmp_path / "state")
    house.token()
    house.address_file.parent.mkdir(parents=True, exist_ok=True)
    house.address_file.write_text(json.dumps({"url": f"http://127.0.0.1:{server.listening.getsockname()[1]}"}))
    return house


def test_what_is_asked_and_answered(server: Server, house: Installation):
    server.answer = saying('{"name": "王芳"}'.encode())
    path = api_client.path("api", "agents", "a/b ü")
    assert api_client.ask(house, "POST", path, {"why": "病假"}, day="2026-11-29", queue="") == {"name": "王芳"}
    [asked] = server.asked
    head, _, body = asked.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/agents/a%2Fb%20%C3%BC?day=2026-11-29 HTTP/1.1\r\n")
    assert f"Authorization: Bearer {house.token()}".encode() in head and b"Content-Type: application/json" in head
    assert json.loads(body) == {"why": "病假"}


def test_an_answer_in_pieces_is_read_whole(server: Server, house: Installation):
    server.answer = lambda caller: caller.sendall(
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n3\r\n 1}\r\n0\r\n\r\n'
    )
    assert api_client.ask(house, "GET", "/api/state") == {"a": 1}


def test_a_file_has_its_name_and_all_its_bytes(server: Server, house: Installation):
    data = bytes(range(256)) * 20_000
    server.answer = saying(data, "200 OK", 'Content-Disposition: attachment; filename="weekly.xlsx"')
    assert api_client.fetch(house, "/api/reports/weekly") == ("weekly.xlsx", data)
    server.answer = saying(b"x")
    assert api_client.fetch(house, "/api/reports/weekly") == ("file", b"x")


def test_the_daemon_s_own_sentence_is_said_when_it_refuses(server: Server, house: Installation):
    server.answer = saying(b'{"title": "Bad request", "detail": "queue: there is none."}', "400 Bad Request")
    for asked in (lambda: api_client.ask(house, "GET", "/api/kpi"), lambda: api_client.fetch(house, "/api/kpi")):
        with pytest.raises(Refused, match=r"^queue: there is none\.$"):
            asked()
    server.answer = saying(b"[]", "500 Internal Server Error")
    with pytest.raises(Refused, match="The daemon answered 500"):
        api_client.ask(house, "GET", "/api/kpi")
    server.answer = saying(b'{"status": "bad"}', "503 Service Unavailable")
    assert api_client.ask(house, "GET", "/health") == {"status": "bad"}


@pytest.mark.parametrize(
    "answer",
    [
        lambda caller: None,
        lambda caller: caller.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
        saying(b"<html>"),
        saying(b'{"a": 1}', length=4000),
        lambda caller: caller.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
        saying(b"\xff\xfe\x00"),
    ],
    ids=["nothing", "another protocol", "no JSON", "breaks off", "breaks off in a piece", "no text"],
)
def test_a_program_that_is_no_daemon_is_no_running_hotline(server: Server, house: Installation, answer: Answer):
    server.answer = answer
    with pytest.raises(NotRunning):
        api_client.ask(house, "GET", "/api/state")


@pytest.mark.parametrize("close", [False, True])
def test_an_answer_that_does_not_end_is_not_waited_for(server: Server, house: Installation, close: bool):
    """A byte now and then keeps each wait short, and all of them together endless."""

    def trickle(caller: socket.socket) -> None:
        caller.sendall(
            b"HTTP/1.1 200 OK\r\n" + (b"Connection: close\r\n\r\n" if close else b"Content-Length: 99999\r\n\r\n")
        )
        while not server.over.wait(0.05):
            caller.sendall(b" ")

    server.answer = trickle
    with pytest.raises(NotRunning):
        api_client.ask(house, "GET", "/api/state", within_s=0.4)


def test_nobody_listens(server: Server, house: Installation):
    server.stop()
    with pytest.raises(NotRunning):
        api_client.ask(house, "GET", "/api/state", within_s=1)
    house.address_file.unlink()
    with pytest.raises(NotRunning):
        api_client.ask(house, "GET", "/api/state")

"""The stories ask the daemon: two seconds at most, and not at all when it does not answer."""

import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from ivr.backend import FAILURES, PROBE_S, Backend, Circuit
from ivr.step import LookUp
from tests.ivr.support.ivr_system import StubDaemon

ORDERS = LookUp("queue", "orders", {"language": "zh"})


@pytest.fixture
def daemon() -> Iterator[StubDaemon]:
    daemon = StubDaemon()
    yield daemon
    daemon.close()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("word-of-the-house\n")
    return tmp_path / "token"


def test_a_queue_a_call_and_a_log_in(daemon: StubDaemon, token: Path):
    backend = Backend(daemon.address, token)
    daemon.queues["orders"] = {"open": False, "staffed": 0}
    daemon.calls["c1"] = {"position": 2, "stage": "waiting"}
    daemon.pins["1001"] = "2468"
    assert backend.look_up(ORDERS) == {"open": False, "staffed": 0}
    assert backend.look_up(LookUp("call", "c1")) == {"position": 2, "stage": "waiting"}
    assert backend.look_up(LookUp("login", "1001", {"pin": "2468"})) == {"result": "ok"}
    assert backend.look_up(LookUp("login", "1001", {"pin": "1"})) == {"result": "wrong"}
    assert daemon.asked == ["/ivr/queue/orders?language=zh", "/ivr/call/c1", "/ivr/login", "/ivr/login"]


def test_a_call_that_is_not_known_is_an_answer_without_content(daemon: StubDaemon, token: Path):
    backend = Backend(daemon.address, token)
    for _ in range(FAILURES + 3):
        assert backend.look_up(LookUp("call", "c9")) == {}
    assert backend.circuit.may_ask()


@pytest.mark.parametrize("key", ["../login", "a/b", "x?y=1", "x HTTP/1.0\r\nX: y", "订单"])
def test_a_key_stays_one_part_of_the_path(daemon: StubDaemon, token: Path, key: str):
    Backend(daemon.address, token).look_up(LookUp("call", key))
    assert len(daemon.asked) == 1
    assert daemon.asked[0].count("/") == 3
    assert "?" not in daemon.asked[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage",
        b"HTTP/1.0 200 OK\r\n\r\n{",
        b"HTTP/1.0 200 OK\r\n\r\n[1]",
        b"HTTP/1.0 abc\r\n\r\n{}",
        b"HTTP/1.0 500 No\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\n\r\n" + b"[" * 10_000_000,
        b"HTTP/1.0 200 OK\r\n\r\n\xff\xfe",
        b"HTTP/1.0 200 OK\r\n\r\n" + b"[" * 60_000,
    ],
)
def test_no_answer_of_the_daemon_breaks_a_story(daemon: StubDaemon, token: Path, raw: bytes):
    daemon.raw = raw
    assert Backend(daemon.address, token).look_up(ORDERS) is None


def test_a_missing_or_wrong_token_is_no_answer(daemon: StubDaemon, token: Path, tmp_path: Path):
    assert Backend(daemon.address, tmp_path / "none").look_up(ORDERS) is None
    token.write_text("another")
    assert Backend(daemon.address, token).look_up(ORDERS) is None


def test_a_daemon_that_is_slow_is_not_waited_for(daemon: StubDaemon, token: Path):
    daemon.slow_s = 1.0
    assert Backend(daemon.address, token).look_up(LookUp("queue", "orders", within_s=0.1)) is None


def test_a_daemon_that_drips_is_given_up_as_a_whole(token: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = monotonic()
        backend = Backend(f"http://127.0.0.1:{listener.getsockname()[1]}", token)
        assert backend.look_up(LookUp("queue", "orders", within_s=30)) is None
        assert monotonic() - began < 20  # two seconds, on a machine however busy


def test_after_five_failures_nobody_asks_and_one_tries_again():
    now = [100.0]
    circuit = Circuit(lambda: now[0])
    assert [circuit.answered(False) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    assert not circuit.may_ask()
    now[0] += PROBE_S
    assert [circuit.may_ask() for _ in range(3)] == [True, False, False]  # half open: one only
    assert not circuit.answered(False)
    assert not circuit.may_ask()
    now[0] += PROBE_S
    assert circuit.may_ask()
    assert circuit.answered(True)
    assert all(circuit.may_ask() for _ in range(10))


def test_an_open_circuit_costs_the_caller_nothing_and_is_said_once(
    token: Path, capfd: pytest.CaptureFixture[str], daemon: StubDaemon
):
    now = [100.0]
    backend = Backend(daemon.address, token, lambda: now[0])
    daemon.raw = b"HTTP/1.0 503 No\r\n\r\n"
    for _ in range(50):
        assert backend.look_up(ORDERS) is None
    assert len(daemon.asked) == FAILURES
    daemon.raw = None
    now[0] += PROBE_S
    assert backend.look_up(ORDERS) is not None
    assert capfd.readouterr().err.count("\n") == 2

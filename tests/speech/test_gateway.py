"""The process that recognises speech, with a program in the place of the model: what is answered, bounded, and started again."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from acd.pbx.install.ports import free_port
from acd.speech import recogniser
from acd.speech.gateway import Gateway, Recogniser
from acd.speech.own_address import OwnAddress
from acd.speech.recogniser import Program
from acd.speech.settings import SpeechProcess
from ivr.settings import SpeechSettings
from ivr.speech.hearing import Hearing
from ivr.step import Hear, Heard, Outcome
from tests.support.waiting import eventually_blocking

PROGRAM = """
import base64, json, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    sound = base64.b64decode(asked["sound"])
    what = sound[:1]
    if what == b"s": time.sleep(30)
    if what == b"d": sys.exit(3)
    if what == b"g": print("garbage", flush=True); continue
    if what == b"m": hog = bytearray(900_000_000)
    answer = {"error": "ValueError: 订单"} if what == b"e" else {"text": f"{len(sound)} {asked['language']} {asked['hints']}", "confidence": 0.5}
    print(json.dumps(answer), flush=True)
"""


@contextmanager
def serving(listener: Recogniser, **more: Any) -> Iterator[Gateway]:
    settings = SpeechProcess(free_port("tcp"), "command", **{"sessions": 2, "seconds": 2.0, "within_s": 1.0, **more})
    gateway = Gateway(settings, listener)
    threading.Thread(target=gateway.serve_forever, args=(0.05,), daemon=True).start()
    listener.start()
    try:
        eventually_blocking(lambda: listener.state == "ready", "the recogniser is ready")
        yield gateway
    finally:
        gateway.shutdown()
        gateway.server_close()
        listener.stop()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM, "utf-8")
    with serving(Program(lambda: [sys.executable, str(file)], memory_mb=400)) as found:
        yield found


def ask(
    gateway: Gateway, sound: bytes, query: str = "language=zh&kind=choice&hints=%E8%AE%A2%E5%8D%95%0Aorders"
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.settings.port, timeout=10)
    try:
        connection.request("POST", f"/recognise?{query}", sound)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def health(gateway: Gateway) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.settings.port, timeout=10)
    connection.request("GET", "/health")
    told: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return told


def test_a_sound_is_answered_with_its_text(gateway: Gateway):
    assert ask(gateway, b"x" * 1000) == (200, {"text": "1000 zh ['订单', 'orders']", "confidence": 0.5})
    assert health(gateway) == {"state": "ready", "why": "", "starts": 1}


@pytest.mark.parametrize(
    ("sound", "query", "status"),
    [(b"", "language=zh", 413), (b"x" * 100_000, "language=zh", 413), (b"x", "language=fr", 400), (b"x", "language=zh&kind=song", 400)],
)  # fmt: skip
def test_what_is_no_request_is_refused(gateway: Gateway, sound: bytes, query: str, status: int):
    assert ask(gateway, sound, query)[0] == status


@pytest.mark.parametrize("kind", [b"s", b"d", b"g", b"m"], ids=["sleeps", "dies", "writes garbage", "wants memory"])
def test_a_recogniser_that_fails_is_started_again_and_the_caller_has_not_waited(
    gateway: Gateway, kind: bytes, capfd: pytest.CaptureFixture[str]
):
    began = time.monotonic()
    status, _ = ask(gateway, kind)
    assert status == 503
    assert time.monotonic() - began < 3
    if kind != b"m":  # that one may also say that it could not, and live
        eventually_blocking(
            lambda: health(gateway)["starts"] == 2 and health(gateway)["state"] == "ready", "it is there again"
        )
    eventually_blocking(lambda: ask(gateway, b"x")[0] == 200, "it answers")
    said = capfd.readouterr().err
    assert said.count("speech is not recognised") == 1
    assert said.count("speech is recognised again") == 1


def test_what_a_recogniser_says_of_an_error_is_told_by_its_kind_alone(
    gateway: Gateway, capfd: pytest.CaptureFixture[str]
):
    assert ask(gateway, b"e") == (503, {"error": "The recogniser could not (ValueError)."})
    assert "订单" not in capfd.readouterr().err


def test_more_than_are_allowed_are_refused_at_once(gateway: Gateway):
    slow = [threading.Thread(target=ask, args=(gateway, b"s")) for _ in range(2)]
    for each in slow:
        each.start()
    time.sleep(0.2)
    began = time.monotonic()
    assert ask(gateway, b"x") == (503, {"error": "as many are listened to as are allowed"})
    assert time.monotonic() - began < 0.5
    for each in slow:
        each.join(10)


def test_a_program_that_is_not_there_is_told_and_tried_again_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recogniser, "LOADS_WITHIN_S", 1.0)
    program = Program(lambda: ["/nowhere/recogniser"], memory_mb=400)
    program.start()
    eventually_blocking(lambda: program.why, "it is told")
    assert "No such file" in program.why
    with pytest.raises(recogniser.NoAnswer, match="is not there"):
        program.ask(b"x", "zh", "choice", (), 1.0)
    program.stop()


class Ear:
    """A line on which this is said."""

    def __init__(self, sound: bytes = b"x" * 320, outcome: Outcome = "speech", key: str = ""):
        self.told = outcome, key, sound
        self.listened = 0

    def listen(self, first_s: float, most_s: float) -> tuple[Outcome, str, bytes]:
        self.listened += 1
        return self.told


CHOICE = Hear("choice", ("订单",))


def test_the_story_server_gets_its_text_over_loopback(gateway: Gateway):
    hearing = Hearing(SpeechSettings(f"127.0.0.1:{gateway.settings.port}"))
    assert hearing.listen(Ear(), CHOICE, "zh", 5) == ("", Heard("320 zh ['订单']", 0.5))
    assert hearing.listen(Ear(b"", "key", "3"), CHOICE, "zh", 5) == ("3", None)
    assert hearing.listen(Ear(b"", "silence"), CHOICE, "zh", 5) == ("", None)
    assert hearing.listen(Ear(b"", "failed"), CHOICE, "zh", 5) is None


def test_a_process_that_is_not_there_costs_no_caller_a_word_after_the_fifth(capfd: pytest.CaptureFixture[str]):
    now = 0.0
    hearing, ear = Hearing(SpeechSettings(f"127.0.0.1:{free_port('tcp')}"), lambda: now), Ear()
    for _ in range(5):
        assert hearing.takes(CHOICE)
        assert hearing.listen(ear, CHOICE, "zh", 5) is None
    assert not any(hearing.takes(CHOICE) for _ in range(20))  # and callers are not told that they may speak
    now = 6.0
    assert hearing.takes(CHOICE)
    assert not hearing.takes(CHOICE)
    assert capfd.readouterr().err.count("Speech is not recognised") == 1


def test_one_caller_more_than_are_listened_to_has_keys_at_once():
    hearing = Hearing(SpeechSettings("127.0.0.1:1", sessions=1))
    others: list[object] = []

    class Busy(Ear):
        def listen(self, first_s: float, most_s: float) -> tuple[Outcome, str, bytes]:
            other = Ear()
            others.append(hearing.listen(other, CHOICE, "zh", 5))
            assert not other.listened
            return "key", "2", b""

    assert hearing.listen(Busy(), CHOICE, "zh", 5) == ("2", None)
    assert others == [None]
    assert hearing.listen(Ear(b"", "key", "1"), CHOICE, "zh", 5) == ("1", None)  # the place is free again


def test_numbers_are_heard_only_where_they_may_be_said():
    hearing = Hearing(SpeechSettings("127.0.0.1:1", numbers=False))
    assert hearing.takes(CHOICE)
    assert not hearing.takes(Hear("number"))


@contextmanager
def own_recogniser(answer: bytes, status: int = 200) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    asked: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/asr?model=large", asked
    server.shutdown()
    server.server_close()


def test_a_recogniser_of_the_operators_own_is_asked_over_http():
    with (
        own_recogniser('{"text": "订单", "confidence": 0.9}'.encode()) as (address, asked),
        serving(OwnAddress(address)) as gateway,
    ):
        assert ask(gateway, b"\1\2" * 100) == (200, {"text": "订单", "confidence": 0.9})
    ((path, body),) = asked
    assert path.startswith("/asr?model=large&language=zh&kind=choice&hints=")
    assert body[:4] == b"RIFF"
    assert body.endswith(b"\1\2" * 100)


@pytest.mark.parametrize(
    ("answer", "status"), [(b"{}", 200), (b"[", 200), (b"x" * 100_000, 200), (b'{"text": "a"}', 500)]
)
def test_an_answer_of_another_kind_is_none(answer: bytes, status: int):
    with own_recogniser(answer, status) as (address, _), serving(OwnAddress(address)) as gateway:
        assert ask(gateway, b"\1\2" * 100)[0] == 503

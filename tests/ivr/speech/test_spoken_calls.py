"""Callers who speak, on a real Asterisk: the sound by RTP, out of the call by AudioSocket, and into the recogniser and the right queue.

The callers' words are Kokoro's (Apache-2.0), as files in `said/`. What recognises them is the packaged model where it is installed, which a
run of the tests does not fetch by itself (0.5 GB): `python -c "from acd.voices.environment import ensure_recogniser as e; e()"` does.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.pbx.install.ports import free_port
from acd.speech.settings import SpeechProcess
from acd.voices.environment import is_whole, recogniser_home
from tests.ivr.conftest import Callers
from tests.ivr.support.ivr_system import ROOT, IvrSystem
from tests.ivr.support.rtp_caller import Caller
from tests.ivr.test_calls import ended, plays
from tests.support.waiting import eventually_blocking

SAID = Path(__file__).parent / "said"
MENU = """
start = "main"
speech = true
notice = "please-wait"
person = "general"
[languages.zh]
choose = "choose-language"
[closed]
say = "closed"
[unstaffed]
say = "unstaffed"
[menus.main]
play = "welcome"
tries = 2
wait_s = 8
keys = [ { key = "1", queue = "orders" }, { key = "2", queue = "after-sales" }, { key = "3", queue = "complaints" } ]
failure = { queue = "general" }
"""
LABELS = {"orders": {"zh": "订单查询"}, "after-sales": {"zh": "售后服务"}, "complaints": {"zh": "投诉建议"}}


@contextmanager
def speaking(house: IvrSystem, folder: Path, port: int) -> Iterator[None]:
    """The house with a menu that listens, and asks at this port."""
    menu = folder / "menu.toml"
    menu.write_text(MENU, "utf-8")
    speech = {
        "address": f"127.0.0.1:{port}",
        "sessions": 4,
        "seconds": 6,
        "within_s": 60,
        "numbers": True,
        "labels": LABELS,
    }
    house.write_settings(menu=str(menu), speech=speech)
    try:
        yield
    finally:
        house.write_settings()


@pytest.fixture
def recogniser(tmp_path: Path) -> Iterator[int]:
    """The port of a process that recognises speech."""
    if not is_whole(recogniser_home()):
        pytest.skip("the recogniser's packages are not installed (see the head of this file)")
    settings = SpeechProcess(free_port("tcp"), "whisper", within_s=60)
    file = tmp_path / "speech.json"
    file.write_text(json.dumps(asdict(settings)), "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "acd.speech", str(file)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )

    def ready() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return bool(json.loads(connection.getresponse().read())["state"] == "ready")
        except OSError:
            return False
        finally:
            connection.close()

    try:
        eventually_blocking(ready, "the recogniser has loaded its model", 90)
        yield settings.port
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def asked(house: IvrSystem, caller: Caller) -> None:
    """The caller has been told that they may speak."""
    file = house.sounds / "zh/speech-say-choice.wav"
    eventually_blocking(lambda: plays(caller, file), "the caller is asked", 60)
    begun, heard = plays(caller, file)[-1], soundfile.info(file).duration
    eventually_blocking(lambda: len(caller.ear.heard) * 0.02 >= begun + heard, "to its end", 20)


def test_a_caller_says_after_sales_and_comes_to_after_sales(
    recogniser: int, house: IvrSystem, dial: Callers, tmp_path: Path
):
    mark = len(house.messages())
    with speaking(house, tmp_path, recogniser):
        caller = dial("95001")
        asked(house, caller)
        caller.ear.say((soundfile.read(SAID / "after-sales.wav")[0] * 32767).astype(np.int16))
        assert caller.wait() == 0
    assert ended(house, "95001", mark).startswith("next=queue queue=after-sales skills= lang=zh path=zh/2")
    assert "speech: choice sure, key 2" in house.stories_log()
    assert "售后" not in house.stories_log()


def test_a_recogniser_that_is_away_leaves_keys_and_one_ends_the_listening_at_once(
    house: IvrSystem, dial: Callers, tmp_path: Path
):
    mark = len(house.messages())
    with speaking(house, tmp_path, free_port("tcp")):
        caller = dial("95001")
        asked(house, caller)
        caller.ear.say((soundfile.read(SAID / "after-sales.wav")[0] * 32767).astype(np.int16))
        tap = house.sounds / "tones/listening.wav"
        eventually_blocking(lambda: plays(caller, tap), "the menu waits for a key", 30)
        caller.ear.key("7")  # leads nowhere: the menu again
        again = house.sounds / "zh/speech-say-choice.wav"
        eventually_blocking(lambda: len(plays(caller, again)) == 2, "the caller is asked again", 30)
        asked(house, caller)
        caller.ear.key("3")
        assert caller.wait() == 0
    assert ended(house, "95001", mark).startswith("next=queue queue=complaints skills= lang=zh path=zh/3")

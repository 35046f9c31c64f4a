"""A caller speaks, in a whole hotline: the process that the supervisor keeps, the modules that Asterisk loads, and a daemon that notices none of it."""

import os
import signal
import sys
from pathlib import Path

import pytest
import soundfile

from acd.engine.commands import Kind
from ivr.settings import MENU
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.transfer_system import transfer_system
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

SAID = Path(__file__).parents[1] / "ivr" / "speech" / "said" / "after-sales.wav"
DOUBLE = """
import base64, json, sys
for line in sys.stdin:
    long = len(base64.b64decode(json.loads(line)["sound"])) / 16000
    print(json.dumps({"text": "售后服务" if long > 0.6 else ""}), flush=True)
"""


async def test_a_caller_says_a_choice_and_keys_go_on_when_the_recogniser_is_killed(tmp_path: Path):
    program, menu = tmp_path / "double.py", tmp_path / "menu.toml"
    program.write_text(DOUBLE, "utf-8")
    listens = MENU.read_text("utf-8").replace(
        'queue = "after-sales",', 'queue = "after-sales", phrases = ["售后服务"],'
    )
    menu.write_text(f"speech = true\n{listens}", "utf-8")
    speech = f'[speech]\nengine = "command"\ncommand = ["{sys.executable}", "{program}"]\n'
    whole = transfer_system(tmp_path, more=speech)
    whole.config_file.write_text(f'[hotline]\nmenu = "{menu}"\n\n' + whole.config_file.read_text("utf-8"), "utf-8")
    async with whole as system, system.scene():
        await system.transfers.phone("1001")
        line = await ManualCaller("13800001111", system.prepared.sip_port, "95001", address="127.0.0.2").open()
        line.invite()
        await line.is_answered()
        call = await system.log.call_of("13800001111")
        words = a_law(SAID)
        line.say(words)
        line.say(bytes([0xD5]) * 16000)
        line.say(words)  # the first may have met the prompts, during which nobody listens
        chosen = await system.log.row(Kind.MENU, lambda row: row.call == call)
        assert chosen.detail["path"] == "zh/2"
        await system.log.talk_of(call, "1001")
        line.bye()
        await system.log.ending_of(call)
        line.close()

        pid = int((system.installation.run / "speech.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        line = await ManualCaller("13800001112", system.prepared.sip_port, "95001", address="127.0.0.2").open()
        line.invite()
        await line.is_answered()
        call = await system.log.call_of("13800001112")
        line.key("1")
        chosen = await system.log.row(Kind.MENU, lambda row: row.call == call)
        assert chosen.detail["path"] == "zh/1"
        await eventually(
            lambda: int((system.installation.run / "speech.pid").read_text()) != pid, "the process serves", 30
        )
        line.bye()
        line.close()
    for log in ("stories.log", "speech.log"):
        assert "售后" not in (system.installation.log / log).read_text("utf-8")
    assert "speech: choice sure, key 2" in (system.installation.log / "stories.log").read_text("utf-8")


def a_law(file: Path) -> bytes:
    """The A-law of a WAV file, without its head."""
    info = soundfile.info(file)
    assert (info.samplerate, info.subtype) == (8000, "ALAW")
    return file.read_bytes()[-info.frames :]

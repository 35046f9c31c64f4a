"""The process as the supervisor keeps it: started where it is configured, started again, and gone with it; the file it reads; what doctor says."""

import asyncio
import http.client
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from acd.config import BadConfiguration, load
from acd.config.diff import differences
from acd.pbx.install.ports import free_port
from acd.processes.supervisor import Supervisor
from acd.processes.takeover import LeftOver, taken_over
from acd.processes.up import kept_children
from acd.setup.installation import Installation
from acd.setup.prepare import write_story_files
from acd.setup.start_plan import StartPlan
from acd.speech.findings import speech_finding
from ivr.settings import read_settings
from tests.support.waiting import eventually

CONFIG = """
[queues.orders]
label = {{ zh = "订单查询", en = "Orders" }}
[queues.after-sales]
label = {{ zh = "售后", en = "After-sales" }}
[queues.complaints]
label = {{ zh = "投诉", en = "Complaints" }}
[queues.general]
label = {{ zh = "人工", en = "General" }}
[speech]
{}
"""
DOUBLE = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"text": "订单"}), flush=True)
"""


def written(folder: Path, speech: str) -> Path:
    file = folder / "sanxiang.toml"
    file.write_text(CONFIG.format(speech), "utf-8")
    return file


def prepared(folder: Path, speech: str, port: int) -> tuple[Installation, StartPlan]:
    config = load(written(folder, speech))
    installation = Installation.at(folder / "state")
    plan = StartPlan(
        config_file="", database_url="", asterisk=["/bin/false"], moddir="", datadir="", sounds=str(folder), page="", bind="127.0.0.1",
        sip_port=5060, ami_port=5038, agi_port=4573, rtp_start=10000, rtp_end=10400, web_host="127.0.0.1", web_port=8080,
        recordings="", guests={}, speech_port=port,
    )  # fmt: skip
    write_story_files(installation, config, plan)
    return installation, plan


def command(folder: Path) -> str:
    program = folder / "double.py"
    program.write_text(DOUBLE, "utf-8")
    return f'engine = "command"\ncommand = ["{sys.executable}", "{program}"]'


def asked(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("POST", "/recognise?language=zh", b"\1\2" * 400)
        return str(json.loads(connection.getresponse().read()).get("text", ""))
    except OSError:
        return ""
    finally:
        connection.close()


@pytest.mark.slow
async def test_the_supervisor_keeps_it_and_doctor_knows_how_it_does(tmp_path: Path):
    port, speech = free_port("tcp"), command(tmp_path)
    installation, plan = prepared(tmp_path, speech, port)
    config = load(tmp_path / "sanxiang.toml")
    part = next(child for child in kept_children(installation, plan, tmp_path, outlive=True) if child.name == "speech")
    assert not part.outlives
    supervisor = Supervisor([part])
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: asked(port) == "订单", "the process serves", 60)
    assert (told := speech_finding(config, port)) is not None
    assert (told.ok, told.found) == (True, "callers may speak (command)")
    assert part.process
    first = part.process.pid
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: part.starts == 2 and asked(port) == "订单", "the process serves", 60)
    supervisor.stop()
    await running
    assert (told := speech_finding(config, port)) is not None
    assert not told.ok
    assert "does not answer" in told.found
    assert "订单" not in part.log_file.read_text("utf-8")


def test_without_the_table_there_is_no_process_and_no_word_of_it(tmp_path: Path):
    installation, plan = prepared(tmp_path, 'engine = "off"', 0)
    assert [child.name for child in kept_children(installation, plan, tmp_path)] == ["asterisk", "stories", "daemon"]
    assert read_settings(installation.run / "stories.json").speech is None
    assert not (installation.run / "speech.json").exists()
    assert speech_finding(load(tmp_path / "sanxiang.toml"), 0) is None


def test_stories_are_told_where_to_ask_and_what_queues_are_called(tmp_path: Path):
    installation, _ = prepared(tmp_path, f"{command(tmp_path)}\nsessions = 7\nnumbers = false", 4444)
    speech = read_settings(installation.run / "stories.json").speech
    assert speech is not None
    assert (speech.address, speech.sessions, speech.numbers) == ("127.0.0.1:4444", 7, False)
    assert speech.labels["orders"] == {"zh": "订单查询", "en": "Orders"}


def test_switched_on_by_a_reload_it_waits_for_a_start(tmp_path: Path):
    config = load(written(tmp_path, command(tmp_path)))
    (tmp_path / "before").mkdir()
    before = load(written(tmp_path / "before", 'engine = "off"'))
    assert all(each.at_a_start for each in differences(before, config))
    assert (told := speech_finding(config, 0)) is not None
    assert not told.ok


def test_one_that_a_killed_supervisor_had_is_started_anew(tmp_path: Path):
    installation, plan = prepared(tmp_path, command(tmp_path), 4444)
    kept = kept_children(installation, plan, tmp_path, outlive=True)
    taken_over(LeftOver(), kept)
    assert all(child.process is None for child in kept)


@pytest.mark.parametrize(
    ("speech", "sentence"),
    [
        ('engine = "command"', 'engine = "command" needs the program'),
        ('engine = "http"', 'engine = "http" needs address'),
        ('engine = "http"\naddress = "ftp://x"', 'must be as "http://127.0.0.1:9000/recognise"'),
        ('engine = "http"\naddress = "http://user:secret@x/"', "without a user or password"),
        ('engine = "command"\ncommand = ["a\\nb"]', "holds a line break or NUL"),
        ("sessions = 0", "speech.sessions"),
        ("within_s = 60", "speech.within_s"),
        ('engine = "vosk"', "speech.engine"),
    ],
)
def test_a_mistake_in_the_table_is_told(tmp_path: Path, speech: str, sentence: str):
    with pytest.raises(BadConfiguration) as error:
        load(written(tmp_path, speech))
    assert len(error.value.mistakes) == 1
    assert sentence in error.value.mistakes[0]
    assert "secret" not in error.value.mistakes[0]

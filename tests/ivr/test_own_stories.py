"""Stories of the house's own: what they may do, and that none takes another's call with it."""

import os
import resource
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

import pytest

from ivr import own_stories
from ivr.hotline import hotline
from ivr.menu_file import read_menus
from ivr.own_stories import stories_in, story_mistakes
from ivr.prompts import prompt_names
from ivr.step import Call, Goodbye, GoToQueue
from tests.ivr.support.conversation import Conversation
from tests.support.menu_texts import menu_without_lookups

pytestmark = pytest.mark.slow  # each starts a process
QUEUES = ("orders", "after-sales", "complaints", "general")
PARCEL = """
import json

WHERE = {"1234": 3}

def story(call):
    print("nobody reads this")
    for _ in range(2):
        number = yield ask("menu-main", digits=4, end="#")
        if number in WHERE:
            yield say("position", WHERE[number], "position-end")
            yield say_digits(number)
            return "served"
    return "person" if call.language == "zh" else "back"
"""


def talk(folder: Path, story: str, keys: dict[str, str], **more: Any) -> Conversation:
    """A caller who presses 1 for this story."""
    stories = folder / "stories"
    stories.mkdir(exist_ok=True)
    (stories / "parcel.py").write_text(story, encoding="utf-8")
    menu = folder / "menu.toml"
    text = menu_without_lookups().replace('{ key = "1", queue', '{ key = "1", story = "parcel", queue')
    menu.write_text(
        text.replace('play = "menu-main"', 'play = "welcome"').replace('welcome = "welcome"\n', ""), encoding="utf-8"
    )
    menus = read_menus(menu, QUEUES, prompt_names(), stories=stories_in(stories))
    return Conversation(
        hotline(Call("c1", "95001"), menus, {"95001": "zh"}, ("zh", "en"), stories=str(stories)), keys, **more
    )


def test_a_story_asks_says_and_serves(tmp_path: Path):
    said = talk(tmp_path, PARCEL, {"zh/welcome": "1", "zh/menu-main": "1", "wait": "234"})
    assert said.spoken[2:] == [
        *("zh/menu-main", "zh/position", "zh/number-3", "zh/position-end"),
        *("zh/number-1", "zh/number-2", "zh/number-3", "zh/number-4"),
    ]
    assert said.ending == Goodbye("zh/1")


def test_a_story_hands_over_to_a_person(tmp_path: Path):
    assert talk(tmp_path, PARCEL, {"zh/welcome": "1", "zh/menu-main": "9"}).ending == GoToQueue("orders", (), "zh/1")


def test_a_story_runs_in_a_server_with_thousands_of_connections(tmp_path: Path):
    """select.select refuses descriptors above 1,023, so every own story broke off in a server that had so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    null = os.open(os.devnull, os.O_RDONLY)
    taken = [null, *(os.dup(null) for _ in range(1100))]
    try:
        said = talk(tmp_path, PARCEL, {"zh/welcome": "1", "zh/menu-main": "1", "wait": "234"})
    finally:
        for one in taken:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert max(taken) > 1023
    assert said.ending == Goodbye("zh/1")


HOW = {
    "raises": "def story(call):\n    raise ValueError('4711 4711')\n    yield",
    "raises at once": "1 / 0",
    "is no Python": "def story(call:",
    "has no story": "x = 1",
    "is no generator": "def story(call):\n    return 'served'",
    "ends with a wrong word": "def story(call):\n    yield say('position')\n    return 'done'",
    "ends without a word": "def story(call):\n    yield say('position')",
    "wants something else": "def story(call):\n    yield {'do': 'hangup'}",
    "yields no step": "def story(call):\n    yield 7",
    "yields what is no JSON": "def story(call):\n    yield object()",
    "plays a path": "def story(call):\n    yield say('../../etc/passwd')",
    "plays a command": "def story(call):\n    yield say('position\\nHANGUP')",
    "asks for a thousand digits": "def story(call):\n    yield ask('position', digits=1000)",
    "waits for ever": "def story(call):\n    yield ask('position', wait_s=1e9)",
    "exits": "import os\ndef story(call):\n    os._exit(0)\n    yield",
    "takes all memory": "def story(call):\n    x = bytearray(10**12)\n    yield",
    "says very much": "def story(call):\n    yield say(*['position'] * 100000)",
    "never ends": "def story(call):\n    while True:\n        yield say_digits('1')",
    "opens many files": "def story(call):\n    kept = [open('/dev/null') for _ in range(1000)]\n    yield",
    "writes a large file": "def story(call):\n    open('big', 'wb').write(b'x' * 10**7)\n    yield",
}


@pytest.mark.parametrize("story", HOW.values(), ids=HOW)
def test_a_story_that_breaks_costs_its_caller_nothing_but_a_person(
    tmp_path: Path, story: str, capfd: pytest.CaptureFixture[str]
):
    assert talk(tmp_path, story, {"zh/welcome": "1"}).ending == GoToQueue("orders", (), "zh/1")
    log = capfd.readouterr().err
    assert "The story parcel broke off" in log
    assert "4711" not in log


@pytest.mark.parametrize("how", ["time.sleep(1000)", "while True: pass"])
def test_a_story_that_sleeps_or_loops_is_ended(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(own_stories, "STEP_WITHIN_S", 1.0)
    began = monotonic()
    story = f"import time\ndef story(call):\n    yield say('position')\n    {how}\n"
    assert talk(tmp_path, story, {"zh/welcome": "1"}).ending == GoToQueue("orders", (), "zh/1")
    assert 1.0 <= monotonic() - began < 30


def test_a_caller_who_hangs_up_ends_the_process(tmp_path: Path):
    mark = tmp_path / "mark"
    story = (
        "import os\ndef story(call):\n"
        f"    open({str(mark)!r}, 'w').write(str(os.getpid()))\n"
        "    while True:\n        yield say('position')\n"
    )
    assert talk(tmp_path, story, {"zh/welcome": "1"}, hangs_up_after=12).hung_up
    assert not Path(f"/proc/{mark.read_text()}").exists()


def test_no_more_than_so_many_run_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(own_stories, "_running", BoundedSemaphore(1))
    assert own_stories._running.acquire(blocking=False)
    assert talk(tmp_path, PARCEL, {"zh/welcome": "1", "zh/menu-main": "1"}).ending == GoToQueue("orders", (), "zh/1")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("parcel.py", "def story(call)\n    pass", "parcel.py:1: expected ':'"),
        ("parcel.py", "\n\ndef tale(call): pass", "parcel.py:1: has no function `story`"),
        ("Parcel.py", "", "a story's name has lower-case letters"),
        ("parcel.py", "x = '" + "a" * 300_000 + "'", "at most 256000 are read"),
    ],
)
def test_a_file_that_can_be_no_story_is_told(tmp_path: Path, name: str, text: str, sentence: str):
    (tmp_path / name).write_text(text)
    assert [sentence in mistake for mistake in story_mistakes(tmp_path)] == [True]


def test_a_folder_that_is_none_is_told(tmp_path: Path):
    assert "is not a folder" in next(story_mistakes(tmp_path / "none"))
    assert list(story_mistakes(None)) == []
    assert stories_in(tmp_path / "none") == []

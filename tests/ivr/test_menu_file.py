"""A menu file with faults is refused with a sentence for each of them, all at once."""

from pathlib import Path

import pytest

from ivr.menu_file import MenuError, read_menus
from ivr.prompts import prompt_names
from ivr.settings import MENU

GOOD = MENU.read_text(encoding="utf-8")
QUEUES = ("orders", "after-sales", "complaints", "general")
SUB = """
[menus.sub]
play = "menu-main"
keys = [ { key = "1", %s } ]
failure = { %s }
"""


def faults(folder: Path, text: str) -> list[str]:
    file = folder / "menu.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MenuError) as caught:
        read_menus(file, QUEUES, prompt_names())
    assert all(fault.startswith(f"{file}: ") for fault in caught.value.faults)
    return [fault.removeprefix(f"{file}: ") for fault in caught.value.faults]


CORPUS = [
    ("to a menu that is not there", 'queue = "orders", ', 'menu = "nowhere", ', "leads to the menu 'nowhere'"),
    ("to a queue that is not there", 'queue = "orders", ', 'queue = "ordres", ', "Queues: orders, after-sales"),
    ("two entries on one key", 'key = "2"', 'key = "1"', "the key 1 is already taken"),
    ("no telephone key", 'key = "2"', 'key = "12"', "is no key of a telephone"),
    ("a key that is a number", 'key = "2"', "key = 2", "is no key of a telephone"),
    ("an unknown prompt", 'play = "menu-main"', 'play = "menu-mian"', "the prompt 'menu-mian' has no text"),
    ("a prompt that is none", 'play = "menu-main"', "play = 7", "must be a prompt's name"),
    ("a menu without words", 'play = "menu-main"', "", "the caller would hear nothing"),
    ("an unknown field", "wait_s = 5", "wait = 5", "'wait' is not known here. Known:"),
    ("a negative time", "wait_s = 5", "wait_s = -5", "must be a number from 1 to 60"),
    ("no tries", "tries = 3", "tries = 0", "must be a number from 1 to 9"),
    ("tries in words", "tries = 3", 'tries = "three"', "must be a number from 1 to 9"),
    ("two ways at once", 'queue = "orders", ', 'queue = "orders", end = "goodbye", ', "needs exactly one of"),
    ("no way at all", 'queue = "orders", ', "", "names nothing; needs exactly one of"),
    ("an unknown end", 'end = "repeat", ', 'end = "again", ', "One of goodbye, repeat, back"),
    ("a failure in circles", 'failure = { queue = "general",', 'failure = { end = "repeat",', "goes in circles"),
    ("a menu that is its own sub-menu", 'queue = "orders", ', 'menu = "main", ', "circle: main > main"),
    ("no start", 'start = "main"', 'start = "mian"', "names the menu 'mian', which is not there"),
    ("an unknown language", 'queue = "orders", ', 'queue = "orders", language = "de", ', "not among the file's"),
    ("a skill's level", "skills = { en = 1 }", "skills = { en = 10 }", "a whole number from 1 to 9"),
    ("skills as a list", "skills = { en = 1 }", 'skills = ["en"]', "must be a table as"),
    ("an unknown remedy", '"closed"\nthen = "goodbye"', '"closed"\nthen = "hang up"', "One of wait, goodbye, ask"),
    ("nothing to ask with", 'ask = "wait-or-leave"', "", "unstaffed.ask: is missing"),
    ("an unknown table", "[closed]", "[opened]", "'opened' is not known here"),
    ("no notice", 'notice = "recording-notice"', "", "notice: is missing"),
    ("a name twice", "tries = 3", "tries = 3\ntries = 4", "is not TOML"),
    ("not TOML at all", "[menus.main]", "[menus.main", "is not TOML"),
]


@pytest.mark.parametrize(("was", "now", "sentence"), [row[1:] for row in CORPUS], ids=[row[0] for row in CORPUS])
def test_a_fault_is_refused_with_a_sentence(tmp_path: Path, was: str, now: str, sentence: str):
    assert was in GOOD
    assert any(sentence in fault for fault in faults(tmp_path, GOOD.replace(was, now, 1)))


def test_all_faults_are_said_at_once(tmp_path: Path):
    text = GOOD.replace('queue = "orders", ', 'menu = "nowhere", ').replace("tries = 3", "tries = 0")
    text = text.replace('key = "3"', 'key = "1"').replace('say = "closed"', 'say = "closde"')
    found = faults(tmp_path, text)
    assert len(found) == 4
    assert [fault.partition(":")[0] for fault in found] == [
        "menus.main.keys[1]",
        "menus.main.keys[3]",
        "menus.main.tries",
        "closed.say",
    ]


def test_a_ring_of_menus_is_said_with_its_way_round(tmp_path: Path):
    ring = GOOD.replace('queue = "orders", ', 'menu = "sub", ') + SUB % ('menu = "main"', 'queue = "general"')
    assert faults(tmp_path, ring) == ['menus.main: goes in a circle: main > sub > main. To go up, use end = "back".']
    failing = GOOD.replace('queue = "orders", ', 'menu = "sub", ') + SUB % ('end = "back"', 'menu = "main"')
    assert "circle" in faults(tmp_path, failing)[0]


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path):
    with pytest.raises(MenuError, match="cannot be read"):
        read_menus(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes("start = 'M\xfcnchen'".encode("latin-1"))
    with pytest.raises(MenuError, match="UTF-8"):
        read_menus(tmp_path / "latin.toml")


def test_an_empty_file_names_all_that_it_lacks(tmp_path: Path):
    assert len(faults(tmp_path, "")) >= 6


def test_the_shipped_menu_is_without_fault():
    assert read_menus(MENU, QUEUES, prompt_names()).start == "main"

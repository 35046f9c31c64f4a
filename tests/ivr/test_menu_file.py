"""A menu file with faults is refused with a sentence for each of them, all at once, with file and line."""

import re
from pathlib import Path

import pytest

from ivr.facts import facts_of
from ivr.menu_file import MenuError, read_menus
from ivr.menus.source import joined, lines_of, parts_of, text_of
from ivr.prompts import prompt_names
from ivr.settings import MENU
from tests.support.menu_texts import menu_without_lookups

GOOD = menu_without_lookups()
"""The packaged menu with one meaning for each key."""
QUEUES = ("orders", "after-sales", "complaints", "general")
SUB = """
[menus.sub]
play = "menu-main"
keys = [ { key = "1", %s } ]
failure = { %s }
"""


def faults(folder: Path, text: str, line: str = "") -> list[str]:
    """The faults without their file and line. `line`: text that must stand in the line of the first."""
    file = folder / "menu.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MenuError) as caught:
        read_menus(file, QUEUES, prompt_names(), stories=("parcel",))
    found = [re.fullmatch(rf"{re.escape(str(file))}(?::(\d+))?: (.*)", fault) for fault in caught.value.faults]
    assert all(found), caught.value.faults
    if line:
        lines = [int(each[1] or 1) for each in found if each]
        assert any(line in text.splitlines()[at - 1] for at in lines), (line, caught.value.faults)
    return [each[2] for each in found if each]


ORDERS = 'queue = "orders", '
START = 'start = "main"'
CORPUS = [
    # what is wrong, what stood there, what stands there now, part of the sentence, part of the line that it names
    ("to a menu that is not there", ORDERS, 'menu = "nowhere", ', "leads to the menu 'nowhere'", "nowhere"),
    ("to a queue that is not there", ORDERS, 'queue = "ordres", ', "Queues: orders, after-sales", "ordres"),
    ("two entries on one key", 'key = "2"', 'key = "1"', "the key 1 is already taken", "after-sales"),
    ("no telephone key", 'key = "2"', 'key = "12"', "is no key of a telephone", '"12"'),
    ("a key that is a number", 'key = "2"', "key = 2", "is no key of a telephone", "key = 2"),
    ("an empty key", 'key = "2"', 'key = ""', "is no key of a telephone", 'key = ""'),
    ("no key at all", '{ key = "2", queue', "{ queue", "is no key of a telephone", "after-sales"),
    ("an unknown prompt", 'play = "menu-main"', 'play = "menu-mian"', "the prompt 'menu-mian' has no words", "mian"),
    ("a prompt that is none", 'play = "menu-main"', "play = 7", "must be a prompt's name", "play = 7"),
    ("a list with a number", 'play = "menu-main"', 'play = ["menu-main", 7]', "must be a prompt's name", "7]"),
    ("a menu without words", 'play = "menu-main"', "", "the caller would hear nothing", "[menus.main]"),
    ("an empty list of prompts", 'play = "menu-main"', "play = []", "the caller would hear nothing", "play = []"),
    ("an unknown field", "wait_s = 5", "wait = 5", "'wait' is not known here. Known:", "wait = 5"),
    ("an unknown field of a key", ORDERS, 'queue = "orders", skill = "x", ', "'skill' is not known here", "skill"),
    ("a negative time", "wait_s = 5", "wait_s = -5", "must be a number from 1 to 60", "-5"),
    ("a time without end", "wait_s = 5", "wait_s = inf", "must be a number from 1 to 60", "inf"),
    ("no tries", "tries = 3", "tries = 0", "must be a number from 1 to 9", "tries = 0"),
    ("tries in words", "tries = 3", 'tries = "three"', "must be a number from 1 to 9", "three"),
    ("tries as a truth", "tries = 3", "tries = true", "must be a number from 1 to 9", "tries = true"),
    ("two ways at once", ORDERS, 'queue = "orders", end = "goodbye", ', "needs exactly one of", "goodbye"),
    ("a menu beside a queue", ORDERS, 'queue = "orders", menu = "main", ', "needs exactly one of", "orders"),
    ("no way at all", ORDERS, "", "names nothing; needs exactly one of", "order query"),
    ("an unknown end", ORDERS, 'end = "again", ', "One of goodbye, repeat, back", "again"),
    ("an unknown service", ORDERS, 'service = "weather", queue = "orders", ', "the service 'weather'", "weather"),
    ("an unknown story", ORDERS, 'story = "parcels", queue = "orders", ', "the story 'parcels'", "parcels"),
    ("a story that is a list", ORDERS, 'story = ["parcel"], queue = "orders", ', "the story ['parcel']", "parcel"),
    ("an owner without a queue", ORDERS, 'end = "goodbye", owner = true, ', "beside a queue", "owner"),
    ("an owner in words", ORDERS, 'queue = "orders", owner = "yes", ', "must be true or false", "owner"),
    ("a failure in circles", 'failure = { queue = "general",', 'failure = { end = "repeat",', "goes in circles", "failure"),
    ("a failure that goes back", 'failure = { queue = "general",', 'failure = { end = "back",', "goes in circles", "failure"),
    ("no failure", 'failure = { queue = "general",', 'otherwise = { queue = "general",', "'failure' is missing", "[menus.main]"),
    ("a menu that is its own sub-menu", ORDERS, 'menu = "main", ', "circle: main > main", "[menus.main]"),
    ("no start", START, 'start = "mian"', "names the menu 'mian', which is not there", "mian"),
    ("a start that is a number", START, "start = 1", "names the menu 1, which is not there", "start = 1"),
    ("a start of no rows", START, 'start = ["main"]', "must be a menu's name, or rows", "start"),
    ("a start for some callers", START, 'start = [{ menu = "main", when = { known = true } }]', "without a menu", "start"),
    ("a start behind one for all", START, 'start = [{ menu = "main" }, { menu = "main" }]', "is never reached", "start"),
    ("an unknown language", ORDERS, 'queue = "orders", language = "de", ', "not among the file's", "de"),
    ("a skill's level", "skills = { en = 1 }", "skills = { en = 10 }", "a whole number from 1 to 9", "en = 10"),
    ("skills as a list", "skills = { en = 1 }", 'skills = ["en"]', "must be a table as", '["en"]'),
    ("an unknown remedy", '"closed"\nthen = "offer"', '"closed"\nthen = "hang up"', "One of wait, goodbye, ask, offer", "hang up"),
    ("an offer to the unstaffed", 'then = "ask"\n\n', 'then = "offer"\n\n', "One of wait, goodbye, ask.", "offer"),
    ("an offer of something else", '["message", "callback"]', '["message", "fax"]', "a list of message, callback", "fax"),
    ("an offer of nothing", 'offer = ["message", "callback"]', "", "belong together", "[closed]"),
    ("nothing to ask with", 'ask = "wait-or-leave"', "", "unstaffed.ask: is missing", "[unstaffed]"),
    ("an unknown table", "[closed]", "[opened]", "'opened' is not known here", "[opened]"),
    ("no notice", 'notice = "recording-notice"', "", "notice: is missing", ""),
    ("a name twice", "tries = 3", "tries = 3\ntries = 4", "is not TOML", ""),
    ("not TOML at all", "[menus.main]", "[menus.main", "is not TOML", "[menus.main"),
    ("a text without its end", START, 'start = "main', "is not TOML", 'start = "main'),
    ("a menu that is no table", "[menus.main]", "[menus]\nmain = 1\n[menus.other]", "'main' must be a table", "main = 1"),
    ("keys as a table", "keys = [", "keys = { a = 1 }\nother = [", "must be a list as", "keys"),
    ("keys that are words", "keys = [", 'keys = ["1"]\nother = [', "must be a list as", "keys"),
    ("no keys", "keys = [", "keys = []\nother = [", "a menu needs at least one key", "keys"),
    ("0 leads to a goodbye", 'key = "0", queue = "general"', 'key = "0", end = "goodbye"', "takes 0 away", "goodbye"),
    ("0 leads back", 'key = "0", queue = "general"', 'key = "0", end = "back"', "takes 0 away", "back"),
    ("0 for some callers", 'key = "0", queue', 'key = "0", when = { known = true }, queue', "takes 0 away", '"0"'),
    ("another person's key that is none", "tries = 3", 'tries = 3\nperson = "8"', "the key 8 leads to a person", "person"),
    ("a person that is a queue", "tries = 3", 'tries = 3\nperson = "general"', "must be the key that leads", "person"),
    ("a person nowhere", 'person = "general"', 'person = "genral"', "names the queue 'genral'", "genral"),
    ("a person that is a number", 'person = "general"', "person = 0", "must be the queue behind 0", "person = 0"),
    ("an emergency key that is 0", 'key = "9", say', 'key = "0", say', "not 0, * or #", "emergency"),
    ("an emergency queue nowhere", 'key = "9", say', 'key = "9", queue = "fire", say', "names the queue 'fire'", "fire"),
    ("an emergency that is a key", 'emergency = { key = "9", say = "menu-emergency" }', 'emergency = "9"', "must be a table", "9"),
    ("an unknown condition", ORDERS, 'when = { rich = true }, queue = "orders", ', "'rich' is not known here", "rich"),
    ("a condition of nothing", ORDERS, 'when = {}, queue = "orders", ', "must be a table as { class", "when"),
    ("a condition in words", ORDERS, 'when = { known = "yes" }, queue = "orders", ', "must be true or false", "yes"),
    ("a class that is a number", ORDERS, 'when = { class = 1 }, queue = "orders", ', "a word, or a list of words", "class"),
    ("words for nobody else", 'play = "menu-main"', 'play = [{ say = "menu-main", when = { known = true } }]', "hear nothing", "play"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("was", "now", "sentence", "line"), [row[1:] for row in CORPUS], ids=[row[0] for row in CORPUS]
)
def test_a_fault_is_refused_with_a_sentence_and_its_line(tmp_path: Path, was: str, now: str, sentence: str, line: str):
    assert was in GOOD
    found = faults(tmp_path, GOOD.replace(was, now, 1), line)
    assert any(sentence in fault for fault in found), found


def test_there_are_sixty_of_them():
    assert len(CORPUS) >= 60
    assert len({row[0] for row in CORPUS}) == len(CORPUS)


def test_all_faults_are_said_at_once(tmp_path: Path):
    text = GOOD.replace('queue = "orders", ', 'menu = "nowhere", ').replace("tries = 3", "tries = 0")
    text = text.replace('key = "3"', 'key = "1"').replace('say = "closed"', 'say = "closde"')
    found = faults(tmp_path, text)
    assert [fault.partition(":")[0] for fault in found] == [
        "menus.main.keys[1].menu",
        "menus.main.keys[3]",
        "menus.main.tries",
        "closed.say",
    ]


def test_a_ring_of_menus_is_said_with_its_way_round(tmp_path: Path):
    ring = GOOD.replace('queue = "orders", ', 'menu = "sub", ') + SUB % ('menu = "main"', 'queue = "general"')
    assert faults(tmp_path, ring) == ['menus.main: goes in a circle: main > sub > main. To go up, use end = "back".']
    failing = GOOD.replace('queue = "orders", ', 'menu = "sub", ') + SUB % ('end = "back"', 'menu = "main"')
    assert "circle" in faults(tmp_path, failing)[0]


def test_the_packaged_menu_answers_orders_by_itself_where_they_can_be_looked_up():
    one, other = read_menus(MENU, QUEUES).menus["main"].keys["1"]
    assert (one.service, one.queue, other.service, other.queue) == ("order", "orders", "", "orders")
    for told, holds in (
        ({"lookups": ["orders"]}, True),
        ({"lookups": ["tickets"]}, False),
        ({"lookups": "orders"}, False),
        (None, False),
    ):
        assert one.when.holds(facts_of(told)) == holds, told
    assert other.when.always


def test_one_key_may_lead_different_callers_to_different_places(tmp_path: Path):
    gold = '{ key = "1", queue = "general", when = { class = "gold" } },\n  { key = "1", queue = "orders",'
    file = tmp_path / "menu.toml"
    file.write_text(GOOD.replace('{ key = "1", queue = "orders",', gold), encoding="utf-8")
    assert [target.queue for target in read_menus(file, QUEUES).menus["main"].keys["1"]] == ["general", "orders"]
    twice = gold.replace(', when = { class = "gold" }', "")
    assert "the key 1 is already taken" in faults(tmp_path, GOOD.replace('{ key = "1", queue = "orders",', twice))[0]


def test_a_menu_may_take_0_away_where_another_key_leads_to_a_person(tmp_path: Path):
    file = tmp_path / "menu.toml"
    text = GOOD.replace('key = "0", queue = "general"', 'key = "8", queue = "general"')
    text = text.replace("tries = 3", 'tries = 3\nperson = "8"').replace(
        '{ key = "3"', '{ key = "0", end = "repeat" },\n  { key = "3"'
    )
    file.write_text(text, encoding="utf-8")
    assert read_menus(file, QUEUES).menus["main"].person == "8"


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path):
    with pytest.raises(MenuError, match="cannot be read"):
        read_menus(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes("start = 'M\xfcnchen'".encode("latin-1"))
    with pytest.raises(MenuError, match="UTF-8"):
        read_menus(tmp_path / "latin.toml")


def test_an_empty_file_names_all_that_it_lacks(tmp_path: Path):
    assert len(faults(tmp_path, "")) >= 6


def test_a_file_nested_without_end_is_refused(tmp_path: Path):
    assert faults(tmp_path, "start = " + "[" * 100_000)


def test_the_shipped_menu_is_without_fault():
    assert read_menus(MENU, QUEUES, prompt_names()).start == "main"


# --- a folder, one file a menu ---

SUB_FILE = """# The second menu.
play = "menu-main"
keys = [ { key = "1", queue = "after-sales" } ]

[failure]
queue = "general"
"""


def folder_of(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "menus"
    folder.mkdir()
    (folder / "hotline.toml").write_text(GOOD.replace('queue = "after-sales", ', 'menu = "sub", '), encoding="utf-8")
    for name, text in {"sub": SUB_FILE, **files}.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_folder_is_one_menu_a_file(tmp_path: Path):
    folder = folder_of(tmp_path)
    (folder / "notes.txt").write_text("not ours")
    menus = read_menus(folder, QUEUES, prompt_names())
    assert list(menus.menus) == ["main", "sub"]
    assert menus.menus["sub"].failure.queue == "general"


def test_a_folder_is_kept_as_one_text_that_reads_the_same(tmp_path: Path):
    folder = folder_of(tmp_path)
    kept = tmp_path / "000007.menu.toml"
    kept.write_text(text_of(folder), encoding="utf-8")
    assert read_menus(kept) == read_menus(folder)
    assert parts_of(kept.read_text(encoding="utf-8")) == {
        file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()
    }


@pytest.mark.parametrize("text", ["", "a", "#:menus {", '#:menus {"a.toml": 3}\n', "ü\n", 'x = "#:menus {}"\n'])
def test_any_text_survives_being_bundled(text: str):
    parts = {"hotline.toml": text, "b.toml": GOOD, "c.toml": ""}
    assert parts_of(joined(parts)) == parts


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('queue = "after-sales"', 'queue = "after"', "sub.toml:3: menus.sub.keys[1].queue: names the queue 'after'"),
        ("[failure]", "[failrue]", "sub.toml:5: menus.sub: 'failrue' is not known here"),
        ("keys = [", "keys = ", "sub.toml:3: is not TOML"),
        ('play = "menu-main"', "", "sub.toml:1: menus.sub.play: is missing"),
    ],
)
def test_a_fault_in_a_folder_names_the_file_and_the_line_in_it(tmp_path: Path, was: str, now: str, sentence: str):
    folder = folder_of(tmp_path, sub=SUB_FILE.replace(was, now))
    with pytest.raises(MenuError) as caught:
        read_menus(folder, QUEUES, prompt_names())
    assert any(fault.startswith(f"{folder}/{sentence}") for fault in caught.value.faults), caught.value.faults


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"main": SUB_FILE}, "the menu 'main' stands in hotline.toml too"),
        ({"a b": SUB_FILE}, "a menu's file is named after the menu"),
    ],
)
def test_a_folders_own_faults(tmp_path: Path, files: dict[str, str], sentence: str):
    with pytest.raises(MenuError, match=re.escape(sentence)):
        read_menus(folder_of(tmp_path, **files), QUEUES)


def test_a_folder_without_a_head_is_refused(tmp_path: Path):
    folder = folder_of(tmp_path)
    (folder / "hotline.toml").unlink()
    with pytest.raises(MenuError, match=r"has no hotline\.toml"):
        read_menus(folder)


def test_every_value_has_its_line():
    text = """a = 1
[t]
b = [ 1,
  { c = "x]", d = [
    { e = 2 } ] },   # a comment ]
  { c = '''
lines''' } ]
[[t.rows]]
f = \"\"\"two
lines\"\"\"
[[t.rows]]
g.h = "escaped \\" quote"
"i j" = 1979-05-27T07:32:00Z
"""
    assert lines_of(text) == {
        "a": 1, "t": 2, "t.b": 3, "t.b[1]": 3, "t.b[2]": 4, "t.b[2].c": 4, "t.b[2].d": 4, "t.b[2].d[1]": 5,
        "t.b[2].d[1].e": 5, "t.b[3]": 6, "t.b[3].c": 6, "t.rows": 8, "t.rows[1]": 8, "t.rows[1].f": 9, "t.rows[2]": 11, "t.rows[2].g.h": 12, "t.rows[2].i j": 13,
    }  # fmt: skip

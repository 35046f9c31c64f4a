"""Menus looked at, drawn, typed; and ten thousand callers who press anything in menus of any shape."""

import random
from pathlib import Path
from typing import Any

import pytest

from acd.words.menus import drawing_words
from ivr import services
from ivr.facts import Condition, Facts
from ivr.hotline import hotline
from ivr.menu import EmergencyKey, Menu, Menus, Sentence, Target, When
from ivr.menu_file import read_menus
from ivr.menus.inspect import WORDS, as_dot, as_mermaid, as_text, findings, missing_prompts
from ivr.menus.source import read_source
from ivr.menus.tryout import try_out
from ivr.prompts import languages, read_texts
from ivr.settings import MENU
from ivr.step import Call, Goodbye, GoToQueue, LookUp, Part, Play, TurnAway
from tests.ivr.support.conversation import Conversation
from tests.support.menu_texts import menu_without_lookups

GOOD = menu_without_lookups()
KNOWN = {code: read_texts(code).prompts for code in languages()}
MORE = """
[menus.lonely]
play = "menu-main"
keys = [ { key = "1", end = "goodbye" } ]
failure = { end = "goodbye" }

[menus.dead]
play = ["menu-main", "no-such-words"]
when = { class = "gold" }
person = false
keys = [ { key = "1", end = "repeat" }, { key = "0", end = "back" } ]
failure = { queue = "general" }
"""


def menus_of(folder: Path, more: str = MORE, lead: str = "menu") -> Menus:
    file = folder / "menu.toml"
    text = GOOD.replace('{ key = "1", queue = "orders"', '{ key = "1", menu = "dead", when = { class = "silver" }')
    file.write_text(text + more, encoding="utf-8")
    return read_menus(file)


def test_findings_of_a_menu_that_may_be_meant_otherwise(tmp_path: Path):
    menus = menus_of(tmp_path)
    said = list(findings(menus, classes=("gold",)))
    assert [sentence.partition(":")[0] for sentence in said] == [
        "menus.main, key 1", "menus.main, key 1", "menus.lonely", "menus.dead.person",
    ]  # fmt: skip
    assert "no customer is of class silver" in said[0]
    assert "never hold both" in said[1]
    assert "no caller hears it" in said[2]
    assert list(missing_prompts(menus, KNOWN)) == [
        "menus.dead.play: the prompt 'no-such-words' has no words in zh and en; its callers hear nothing there."
    ]


def test_a_class_that_is_not_configured_is_told_wherever_a_condition_names_it(tmp_path: Path):
    rows = '[{ menu = "dead", when = { class = "platin" } }, { menu = "main" }]'
    file = tmp_path / "menu.toml"
    text = GOOD.replace('start = "main"', f"start = {rows}").replace(
        'play = "menu-main"', 'play = [{ say = "welcome", when = { class = "siver" } }, "menu-main"]'
    )
    file.write_text(text + MORE, encoding="utf-8")
    menus = read_menus(file)
    assert [each.partition(": ")[0] for each in findings(menus, ("lonely",), classes=()) if "no customer" in each] == [
        "start", "menus.main.play", "menus.dead.when",
    ]  # fmt: skip
    assert not [
        each for each in findings(menus, ("lonely",), classes=("gold", "siver", "platin")) if "no customer" in each
    ]
    assert not [each for each in findings(menus, ("lonely",)) if "no customer" in each], "nobody knows the classes"


def test_a_finding_is_told_with_the_file_and_the_line_of_its_key(tmp_path: Path):
    (tmp_path / "hotline.toml").write_text(GOOD, encoding="utf-8")
    keys = '[\n  { key = "1", end = "goodbye" },\n  { key = "2", end = "back" },\n]'
    (tmp_path / "lonely.toml").write_text(
        f'play = "menu-main"\nkeys = {keys}\nfailure = {{ end = "goodbye" }}\n', encoding="utf-8"
    )
    source = read_source(tmp_path)
    assert source.of_finding("menus.lonely, key 2: x") == f"{tmp_path / 'lonely.toml'}:4"
    assert source.of_finding("menus.lonely, key 9: x") == f"{tmp_path / 'lonely.toml'}:1"
    assert source.of_finding("menus.lonely.failure: x") == f"{tmp_path / 'lonely.toml'}:6"
    assert source.of_finding("start: x").startswith(f"{tmp_path / 'hotline.toml'}:")


def test_a_drawing_is_in_the_language_of_its_words_and_names_no_emergency_queue_that_is_not_there(tmp_path: Path):
    menus = menus_of(tmp_path)
    drawn = as_text(menus, drawing_words("zh", WORDS), emergency=False)
    assert "队列 general" in drawn and "等级 = silver" in drawn and "紧急" not in drawn
    assert "queue" not in drawn and "not reach" not in drawn
    assert "emergency queue" in as_text(menus) and "emergency queue" not in as_text(menus, emergency=False)


def test_a_silent_caller_who_is_let_go_and_a_dead_end_are_told(tmp_path: Path):
    menus = menus_of(tmp_path)
    assert any("is a dead end" in said for said in findings(menus, also=("lonely",)))
    assert any("presses no key is let go" in said for said in findings(menus, also=("lonely",)))


def test_the_packaged_menu_has_nothing_to_be_told_of():
    menus = read_menus(MENU)
    assert [*findings(menus), *missing_prompts(menus, KNOWN)] == []


def test_drawings_name_every_menu_and_goal(tmp_path: Path):
    menus = menus_of(tmp_path)
    for drawing in (as_text(menus), as_mermaid(menus), as_dot(menus)):
        assert all(
            word in drawing for word in ("main", "dead", "lonely", "after-sales", "complaints", "class = silver")
        )


def typed(keys: list[str], **answers: Any) -> tuple[list[str], Any, dict[str, str]]:
    heard: list[str] = []

    def ask(question: str) -> str:
        if not keys:
            raise EOFError
        return keys.pop(0)

    def look_up(step: LookUp) -> dict[str, Any] | None:
        found: dict[str, Any] | None = answers.get(step.what)
        return found

    texts = {code: read_texts(code).all() for code in languages()}
    ending, variables = try_out(
        hotline(Call("try", "x"), read_menus(MENU), {"x": "en"}, ("zh", "en")), texts, look_up, heard.append, ask
    )
    return heard, ending, variables


def test_a_call_is_typed():
    heard, ending, variables = typed(["7", "", "2"])
    assert heard[-1].startswith("[en] To ask about an order, press 1.")
    assert "[en] Sorry, that key is not in use." in heard
    assert "[en] Sorry, we did not receive your choice." in heard
    assert ending == GoToQueue("after-sales", (("en", 1),), "en/2")
    assert variables["MENU_TRAIL"] == "en main:!7-2"


def test_a_typed_call_may_be_hung_up_and_meets_a_closed_queue():
    assert typed([])[1] is None
    heard, ending, _ = typed(["1", "1"], queue={"open": False})
    assert "[en] To leave a message, press 1." in heard
    assert ending == GoToQueue("orders", (("en", 1),), "en/1", wish="message")


# --- ten thousand callers ---


def a_condition(dice: random.Random) -> Condition:
    return dice.choice([Condition()] * 4 + [Condition(known=True), Condition(classes=("gold",)), Condition(open=False)])


def some_menus(dice: random.Random) -> Menus:
    """Menus of any shape that `menu_file` would take: keys lead down, up by `back`, to queues, services and goodbyes."""
    names = [f"m{number}" for number in range(dice.randint(1, 7))]

    def target(number: int, *, failure: bool = False) -> Target:
        kinds = ["queue", "goodbye", "service", *(["menu"] * 3 if number + 1 < len(names) else [])]
        kind = dice.choice(kinds if failure else [*kinds, "repeat", "back"])
        when = Condition() if failure else a_condition(dice)
        match kind:
            case "queue":
                return Target(queue=dice.choice(["a", "b"]), owner=dice.random() < 0.2, when=when)
            case "menu":
                return Target(menu=dice.choice(names[number + 1 :]), when=when, language=dice.choice(["", "", "en"]))
            case "service":
                return Target(service="any", queue=dice.choice(["", "b"]), when=when)
        return Target(end=kind, when=when, say=("goodbye",) * dice.randint(0, 1))  # type: ignore[arg-type]

    found = {
        name: Menu(
            name=name,
            play=("p", Sentence(("q",), a_condition(dice))),
            keys={
                key: tuple(target(number) for _ in range(dice.randint(1, 2))) for key in dice.sample("0123456789*#", dice.randint(1, 6))
            },
            failure=target(number, failure=True),
            tries=dice.randint(1, 4),
            when=Condition() if number == 0 else a_condition(dice),
            person=dice.choice(["0", "0", ""]),
        )
        for number, name in enumerate(names)
    }  # fmt: skip
    closed = When(("closed",), dice.choice(["wait", "goodbye", "ask", "offer"]), ("ask",), ("message", "callback"))
    return Menus(
        start=names[0], notice=("n",), welcome=("w",), menus=found, languages={"zh": (), "en": (("en", 1),)},
        language_prompts={"zh": "c", "en": "c"}, closed=closed, unstaffed=When(("u",), "ask", ("ask",)),
        person=Target(queue="a"), emergency=dice.choice([None, EmergencyKey()]),
    )  # fmt: skip


PROMPTS = (
    "zh/p",
    "en/p",
    "zh/w",
    "zh/n",
    "zh/c",
    "en/c",
    "zh/closed",
    "en/closed",
    "zh/ask",
    "en/ask",
    "zh/served",
    "listening",
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_every_caller_of_2500_ends_in_a_queue_an_answer_or_a_goodbye(seed: int, monkeypatch: pytest.MonkeyPatch):
    """Four times 2,500: any keys, in menus of any shape, with anything known of the caller and any answer of the daemon."""
    dice = random.Random(seed)

    def serve(call: Call, facts: Facts) -> Part[services.ServiceEnd]:
        yield Play("served")
        return dice.choice(["served", "person", "back"])

    monkeypatch.setitem(services.SERVICES, "any", serve)
    ends = {"queue": 0, "goodbye": 0, "let go": 0}
    for number in range(2500):
        if number % 5 == 0:
            menus = some_menus(dice)
        keys = {prompt: "".join(dice.choices("0123456789*#ABCD......", k=dice.randint(0, 60))) for prompt in PROMPTS}
        customer = dice.choice([None, {"class": "gold", "language": "en"}, {"name": "x"}])
        answers = {
            ("caller", "unknown"): dice.choice(
                [None, {"customer": customer, "open": dice.random() < 0.8, "complaint": {"ticket": "t"}}]
            ),
            **{
                ("queue", name): dice.choice([None, {"open": False}, {"open": True, "staffed": 0}, {"staffed": 1}])
                for name in "ab"
            },
        }
        numbers = {"x": dice.choice(["zh", "en", "ask"])}
        talk = Conversation(hotline(Call("c", "x"), menus, numbers, emergency=dice.choice(["", "e"])), keys, answers)
        match talk.ending:
            case GoToQueue(queue):
                assert queue in ("a", "b", "e")
                ends["queue"] += 1
            case TurnAway():
                ends["let go"] += 1
            case Goodbye():
                ends["goodbye"] += 1
            case other:
                pytest.fail(f"seed {seed}, caller {number}: {other!r}")
        assert len(talk.heard) < 3000
        assert talk.variables["NEXT"] in ("queue", "goodbye", "turned-away")
    assert all(count > 50 for count in ends.values()), ends

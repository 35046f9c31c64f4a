"""The hotline as conversations with callers of whom something is known, and of the keys that are there in every menu."""

from pathlib import Path
from typing import Any

import pytest

from ivr import services
from ivr.facts import Condition, Facts, facts_of
from ivr.hotline import hotline
from ivr.menu import Menus
from ivr.menu_file import read_menus
from ivr.prompts import prompt_names
from ivr.services import ServiceEnd
from ivr.settings import MENU, Straight
from ivr.step import Call, Goodbye, GoToQueue, Part, Play, TurnAway
from tests.ivr.support.conversation import Conversation
from tests.support.menu_texts import menu_without_lookups

QUEUES = ("orders", "after-sales", "complaints", "general", "emergency")
NUMBERS = {"95001": "zh", "95002": "en", "95000": "ask", "95009": "zh"}
MENUS = read_menus(MENU, QUEUES, prompt_names())
WANG = ("caller", "13800001111")
GOLD: dict[str, Any] = {
    "customer": {"name": "Wang", "class": "gold", "language": "en"},
    "complaint": None,
    "faults": [],
}
COMPLAINT: dict[str, Any] = {"customer": {"name": "Wang"}, "complaint": {"ticket": "T7", "owner": "1002"}, "faults": []}


def menus_of(folder: Path, was: str, now: str, more: str = "") -> Menus:
    """The packaged menu with a change."""
    text = menu_without_lookups()
    assert was in text
    file = folder / "menu.toml"
    file.write_text(text.replace(was, now, 1) + more, encoding="utf-8")
    return read_menus(file, QUEUES, prompt_names())


def call(dialled: str, keys: dict[str, str], menus: Menus = MENUS, known: Any = None, **more: Any) -> Conversation:
    story = hotline(Call("c1", dialled, caller="13800001111"), menus, NUMBERS, ("zh", "en"), **more)
    return Conversation(story, keys, {WANG: known})


def test_who_calls_is_asked_once_and_within_a_second():
    talk = call("95001", {"zh/menu-main": "1"})
    asked = [(step.key, step.parameters, step.within_s) for step in talk.asked if step.what == "caller"]
    assert asked == [("13800001111", {"dialled": "95001", "call": "c1"}, 1.0)]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"customer": None},
        {"customer": "Wang"},
        {"customer": []},
        {"faults": "all"},
        {"complaint": 7},
        [],
        "x",
        3,
    ],
)
def test_an_answer_without_sense_is_nothing_known(answer: Any):
    assert facts_of(answer) == Facts()


def test_an_answer_is_taken_in_bounds():
    facts = facts_of(
        {"customer": {"name": "x\r\n" * 1000, "class": 7, "language": None}, "faults": [{"id": "f1"}] * 1000}
    )
    assert facts.known
    assert facts.name == ("x" * 1000)[:80]
    assert facts.customer_class == "7"
    assert len(facts.faults) == 20


def test_the_language_of_the_record_spares_the_question():
    talk = call("95000", {"en/menu-main": "2"}, known=GOLD)
    assert talk.spoken == ["en/recording-notice", "en/welcome", "en/menu-main"]
    assert talk.ending == GoToQueue("after-sales", (("en", 1),), "en/2")


def test_the_number_goes_before_the_record():
    assert call("95001", {"zh/menu-main": "1"}, known=GOLD).spoken[-1] == "zh/menu-main"


def test_an_open_complaint_goes_to_its_owner_and_another_matter_does_not():
    assert call("95001", {"zh/menu-main": "3"}, known=COMPLAINT).ending == GoToQueue("complaints", (), "zh/3", "1002")
    assert call("95001", {"zh/menu-main": "3"}, known=COMPLAINT).variables["WANTED"] == "1002"
    assert call("95001", {"zh/menu-main": "1"}, known=COMPLAINT).ending == GoToQueue("orders", (), "zh/1")
    assert call("95001", {"zh/menu-main": "3"}).ending == GoToQueue("complaints", (), "zh/3")


def test_an_open_complaint_goes_to_its_own_queue():
    known = {**COMPLAINT, "complaint": {"ticket": "T7", "owner": "1002", "queue": "after-sales"}}
    assert call("95001", {"zh/menu-main": "3"}, known=known).ending == GoToQueue("after-sales", (), "zh/3", "1002")


@pytest.mark.parametrize(
    ("condition", "facts", "holds"),
    [
        (Condition(), Facts(), True),
        (Condition(known=True), Facts(), False),
        (Condition(known=False), Facts(), True),
        (Condition(classes=("gold", "vip")), Facts(customer_class="vip"), True),
        (Condition(classes=("gold",)), Facts(), False),
        (Condition(languages=("en",)), Facts(language="en"), True),
        (Condition(areas=("021",)), Facts(area="010"), False),
        (Condition(complaint=True), Facts(complaint_ticket="T1"), True),
        (Condition(fault=True), Facts(faults=({"id": "f"},)), True),
        (Condition(fault=False), Facts(faults=({"id": "f"},)), False),
        (Condition(open=False), Facts(open=False), True),
        (Condition(verified=True, known=True), Facts(known=True), False),
    ],
)
def test_conditions(condition: Condition, facts: Facts, holds: bool):
    assert condition.holds(facts) is holds


def test_a_key_leads_gold_customers_elsewhere(tmp_path: Path):
    gold = '{ key = "1", queue = "general", when = { class = "gold" } }, { key = "1", queue = "orders",'
    menus = menus_of(tmp_path, '{ key = "1", queue = "orders",', gold)
    assert call("95002", {"en/menu-main": "1"}, menus, GOLD).ending == GoToQueue("general", (("en", 1),), "en/1")
    assert call("95002", {"en/menu-main": "1"}, menus).ending == GoToQueue("orders", (("en", 1),), "en/1")


def test_a_key_for_some_is_no_key_for_others(tmp_path: Path):
    menus = menus_of(
        tmp_path, '{ key = "1", queue = "orders",', '{ key = "1", when = { known = true }, queue = "orders",'
    )
    talk = call("95001", {"zh/menu-main": "12"}, menus)
    assert talk.spoken[-2:] == ["zh/invalid-key", "zh/menu-main"]
    assert talk.ending == GoToQueue("after-sales", (), "zh/2")


@pytest.mark.parametrize(
    ("key", "lookup", "sentence", "queue"),
    [
        ("4", "deliveries", "menu-delivery", "orders"),
        ("5", "balances", "menu-balance", "general"),
        ("6", "tickets", "menu-ticket", "complaints"),
    ],
)
def test_the_packaged_menu_offers_what_can_be_looked_up_and_nothing_else(
    key: str, lookup: str, sentence: str, queue: str
):
    with_it = call("95001", {"zh/menu-main": "", f"zh/{sentence}": key}, known={"lookups": [lookup]})
    assert with_it.spoken[2:4] == ["zh/menu-main", f"zh/{sentence}"]
    assert [name for name in with_it.spoken if name.startswith("zh/menu-")] == ["zh/menu-main", f"zh/{sentence}"]
    assert isinstance(with_it.ending, GoToQueue) and with_it.ending.queue == queue
    without = call("95001", {"zh/menu-main": key + "0"})
    assert f"zh/{sentence}" not in without.spoken and "zh/invalid-key" in without.spoken
    assert without.ending == GoToQueue("general", (), "zh/0")


def test_a_sentence_for_some(tmp_path: Path):
    play = 'play = [{ say = "unstaffed", when = { fault = true } }, "menu-main"]'
    menus = menus_of(tmp_path, 'play = "menu-main"', play)
    fault = {"faults": [{"id": "f1", "area": "021"}]}
    assert call("95001", {"zh/menu-main": "1"}, menus, fault).spoken[-2:] == ["zh/unstaffed", "zh/menu-main"]
    assert "zh/unstaffed" not in call("95001", {"zh/menu-main": "1"}, menus).spoken


SUB = """
[menus.vip]
play = "welcome"
when = { class = "gold" }
keys = [ { key = "1", queue = "general" } ]
failure = { queue = "general" }
"""


def test_a_menu_for_some_callers_to_begin_with(tmp_path: Path):
    start = 'start = [{ menu = "vip", when = { class = "gold" } }, { menu = "main" }]'
    menus = menus_of(tmp_path, 'start = "main"', start, SUB)
    assert call("95002", {"en/welcome": ".1"}, menus, GOLD).ending == GoToQueue("general", (("en", 1),), "en/1")
    assert call("95002", {"en/menu-main": "1"}, menus).ending == GoToQueue("orders", (("en", 1),), "en/1")


def test_a_menu_that_is_for_others_is_not_entered(tmp_path: Path):
    menus = menus_of(tmp_path, '{ key = "1", queue = "orders",', '{ key = "1", menu = "vip",', SUB)
    assert "zh/invalid-key" in call("95001", {"zh/menu-main": "1"}, menus).spoken
    assert call("95001", {"zh/menu-main": "1", "zh/welcome": ".1"}, menus, GOLD).ending == GoToQueue(
        "general", (), "zh/1/1"
    )


# --- keys that are there everywhere ---


@pytest.mark.parametrize("at", ["zh/choose-language", "en/choose-language"])
def test_0_is_a_person_at_the_question_for_the_language(at: str):
    talk = call("95000", {at: "0"})
    assert talk.ending == GoToQueue("general", (), "zh/0")
    assert "zh/menu-main" not in talk.heard


def test_0_keyed_during_the_notice_is_a_person():
    assert call("95000", {"zh/recording-notice": "0"}).ending == GoToQueue("general", (), "zh/0")


BELOW = """
[menus.below]
play = "please-wait"
invalid = "invalid-key"
keys = [ { key = "1", queue = "after-sales" } ]
failure = { end = "goodbye" }
"""


@pytest.fixture
def deep(tmp_path: Path) -> Menus:
    """A menu below the first that offers nothing but 1."""
    return menus_of(tmp_path, '{ key = "2", queue = "after-sales", ', '{ key = "2", menu = "below", ', BELOW)


def test_0_is_a_person_in_a_menu_that_does_not_say_so(deep: Menus):
    assert call("95001", {"zh/menu-main": "2", "zh/please-wait": "0"}, deep).ending == GoToQueue(
        "general", (), "zh/2/0"
    )


def test_star_goes_back_and_hash_says_it_again(deep: Menus):
    talk = call("95001", {"zh/menu-main": "23", "zh/please-wait": "#*"}, deep)
    assert talk.spoken[2:] == ["zh/menu-main", "zh/please-wait", "zh/please-wait", "zh/menu-main"]
    assert talk.ending == GoToQueue("complaints", (), "zh/3")
    assert talk.variables["MENU_TRAIL"] == "zh main:2 below:#* main:3"


def test_going_up_and_down_for_ever_ends_with_a_person(deep: Menus):
    talk = call("95001", {"zh/menu-main": "2" * 500, "zh/please-wait": "*" * 500}, deep)
    assert talk.ending == GoToQueue("general", (), "zh/-")
    assert len(talk.heard) < 60
    assert len(talk.variables["MENU_TRAIL"]) < 500


def test_9_is_the_emergency_queue_where_there_is_one(deep: Menus):
    talk = call("95001", {"zh/menu-main": ".9"}, emergency="emergency")
    assert "zh/menu-emergency" in talk.spoken
    assert talk.ending == GoToQueue("emergency", (), "zh/9")
    below = call("95001", {"zh/menu-main": "2", "zh/please-wait": "9"}, deep, emergency="emergency")
    assert below.ending == GoToQueue("emergency", (), "zh/2/9")
    without = call("95001", {"zh/menu-main": "91"})
    assert "zh/menu-emergency" not in without.spoken
    assert "zh/invalid-key" in without.spoken


# --- numbers that lead straight to a place ---


def test_a_number_leads_straight_to_a_queue_after_the_notice():
    talk = call("95009", {}, straight=Straight(queue="emergency"))
    assert talk.spoken == ["zh/recording-notice"]
    assert talk.ending == GoToQueue("emergency", (), "zh/")


def test_a_number_leads_straight_to_a_menu(deep: Menus):
    talk = call("95001", {"zh/please-wait": "1"}, deep, straight=Straight(menu="below"))
    assert talk.ending == GoToQueue("after-sales", (), "zh/1")


def test_a_number_that_leads_to_a_menu_that_is_gone_leads_to_the_first():
    assert call("95001", {"zh/menu-main": "1"}, straight=Straight(menu="gone")).ending == GoToQueue(
        "orders", (), "zh/1"
    )


# --- services ---


@pytest.fixture
def weather(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A menu whose 1 is a service, the ends that it will have, and whom it was asked for."""
    told: dict[str, Any] = {"ends": [], "asked": []}

    def serve(call: Call, facts: Facts) -> Part[ServiceEnd]:
        told["asked"].append((call.caller, facts.name))
        yield Play("position")
        end: ServiceEnd = told["ends"].pop(0)
        return end

    monkeypatch.setitem(services.SERVICES, "weather", serve)
    told["menus"] = menus_of(
        tmp_path, '{ key = "1", queue = "orders", ', '{ key = "1", service = "weather", queue = "orders", '
    )
    return told


@pytest.mark.parametrize(("end", "ending"), [("served", Goodbye("zh/1")), ("person", GoToQueue("orders", (), "zh/1"))])
def test_a_service_ends_in_a_goodbye_or_with_a_person(weather: dict[str, Any], end: str, ending: object):
    weather["ends"] = [end]
    assert call("95001", {"zh/menu-main": "1"}, weather["menus"], COMPLAINT).ending == ending
    assert weather["asked"] == [("13800001111", "Wang")]


def test_a_service_leads_back_to_its_menu(weather: dict[str, Any]):
    weather["ends"] = ["back", "back", "served"]
    talk = call("95001", {"zh/menu-main": "1112"}, weather["menus"])
    assert talk.spoken.count("zh/position") == 3
    assert talk.ending == Goodbye("zh/1")


def test_a_service_that_always_leads_back_ends_with_a_person(weather: dict[str, Any]):
    weather["ends"] = ["back"] * 100
    assert call("95001", {"zh/menu-main": "1" * 100}, weather["menus"]).ending == GoToQueue("general", (), "zh/-")


# --- closed ---


@pytest.mark.parametrize(("key", "wish"), [("1", "message"), ("2", "callback")])
def test_a_caller_of_a_closed_queue_leaves_a_message_or_is_called_back(key: str, wish: Any):
    story = hotline(Call("c1", "95001"), MENUS, NUMBERS, ("zh", "en"))
    talk = Conversation(story, {"zh/menu-main": "1", "zh/closed-callback": key}, {("queue", "orders"): {"open": False}})
    assert talk.ending == GoToQueue("orders", (), "zh/1", wish=wish)
    assert talk.variables["WISH"] == wish


@pytest.mark.parametrize("key", ["3", "0", "*", "."])
def test_any_other_key_ends_the_call(key: str):
    story = hotline(Call("c1", "95001"), MENUS, NUMBERS, ("zh", "en"))
    talk = Conversation(story, {"zh/menu-main": "1", "zh/closed": key}, {("queue", "orders"): {"open": False}})
    assert talk.ending == TurnAway("closed", "zh/1")


@pytest.mark.parametrize(
    ("told", "language", "said"),
    [
        ({"day": "tomorrow", "hour": 8, "minute": 0}, "zh", ["opens-tomorrow", "number-8", "opens-oclock"]),
        ({"day": "today", "hour": 2, "minute": 0}, "zh", ["opens-today", "callback-two", "opens-oclock"]),
        (
            {"day": "mon", "hour": 8, "minute": 10},
            "zh",
            ["opens-mon", "number-8", "opens-past", "number-10", "opens-past-end"],
        ),
        ({"day": "mon", "hour": 8, "minute": 30}, "en", ["opens-mon", "number-8", "number-30"]),
        ({"day": "never", "hour": 8, "minute": 0}, "zh", []),
        ({"day": "mon", "hour": 24, "minute": 0}, "zh", []),
        ({"day": "mon", "hour": True, "minute": 0}, "zh", []),
        ({"day": "mon"}, "zh", []),
    ],
)
def test_when_it_opens_is_said_in_the_callers_language(told: dict[str, Any], language: str, said: list[str]):
    story = hotline(Call("c1", "x", language=language), MENUS, {}, ("zh", "en"))
    answer = {("queue", "orders"): {"open": False, **told}}
    talk = Conversation(story, {f"{language}/menu-main": "1"}, answer)
    heard = talk.spoken[talk.spoken.index(f"{language}/closed") + 1 :]
    assert [name.partition("/")[2] for name in heard] == [*said, "closed-message", "closed-callback"]


def test_an_operators_own_words_go_before_the_usual_ones():
    story = hotline(Call("c1", "95001"), MENUS, NUMBERS, ("zh", "en"))
    talk = Conversation(story, {"zh/menu-main": "1"}, {("queue", "orders"): {"open": False, "say": "today-12"}})
    assert "zh/today-12" in talk.spoken
    assert "zh/closed" not in talk.spoken

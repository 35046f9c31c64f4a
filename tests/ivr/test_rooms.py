"""The waiting room, the goodbye and an agent's log-in as conversations."""

from itertools import pairwise

from ivr.agent_login import agent_login
from ivr.goodbye import goodbye
from ivr.step import Call, Done
from ivr.waiting_room import waiting_room
from tests.ivr.support.conversation import Conversation

HERE = ("call", "c1")


def wait(positions: list[int | None], said: str = "", keys: dict[str, str] | None = None) -> Conversation:
    """One stay; the daemon answers these positions and then the last one for ever."""
    answers = [{"position": position, "stage": "waiting"} for position in positions + positions[-1:] * 40]
    return Conversation(waiting_room(Call("c1", said=said)), keys, {HERE: answers}, "zh")


def places(talk: Conversation) -> list[str]:
    """What was said of positions."""
    return [name for name in talk.spoken if "number" in name]


def test_who_comes_in_is_told_that_he_waits_and_where():
    talk = wait([3])
    assert talk.spoken == ["zh/please-wait", "zh/position", "zh/number-3", "zh/position-end"]
    assert talk.ending == Done()
    assert talk.music_is_on
    assert 30 <= talk.now - 1000 <= 31
    assert "NEXT" not in talk.variables


def test_the_next_stay_does_not_begin_anew():
    first = wait([3])
    again = wait([3], said=first.variables["POSITION_SAID"].replace("@1001", "@995"))
    assert "zh/please-wait" not in again.heard
    assert again.said_at[0][0] >= 995 + 30  # every 30 s, counted over the stays


def test_a_better_place_is_said_but_not_every_second():
    talk = wait([5, 4, 4, 3, 3, 2, 2, 1])
    assert places(talk)[0] == "zh/number-5"
    assert places(talk)[-1] == "zh/number-1"
    at = [when for when, name in talk.said_at if name == "zh/position"]
    assert all(later - earlier >= 10 for earlier, later in pairwise(at))


def test_a_place_that_changed_in_the_last_stay_is_said_at_once_in_this_one():
    talk = wait([1], said="2@980.0")
    assert talk.said_at[0] == (1000.0, "zh/position")
    assert places(talk)[0] == "zh/number-1"


def test_without_a_position_there_is_music_only():
    talk = wait([None], said="0@999.0")
    assert talk.heard == []
    assert talk.music_is_on


def test_a_silent_daemon_ends_the_stay_with_the_music_on():
    talk = Conversation(waiting_room(Call("c1", said="2@999.0")), answers={})
    assert talk.ending == Done()
    assert talk.music_is_on
    assert talk.now - 1000 <= 1
    later = Conversation(waiting_room(Call("c1", said="2@999.0")), answers={HERE: [{"position": 2}, {"position": 2}]})
    assert 6 <= later.now - 1000 <= 7.5


def test_keys_cut_the_prompts_short_and_a_hail_of_them_does_not_end_the_wait():
    talk = wait([3], keys={"zh/please-wait": "5", "zh/position": "7", "wait": "123456789*0#ABCD" * 10})
    assert talk.spoken == ["zh/please-wait", "zh/position", "zh/callback-not-now", "zh/message-not-now"]
    assert talk.now - 1000 >= 30
    assert "WISH" not in talk.variables


def test_what_stands_on_the_channel_need_not_be_ours():
    for said in ("x", "1", "@", "3@x", "99999999@1"):
        assert wait([3], said=said).ending == Done()


def test_positions_that_are_none_are_not_said():
    answers = [{"position": position} for position in (0, -1, 10000, "3", 2.5, True)]
    talk = Conversation(waiting_room(Call("c1", said="0@999.0")), answers={HERE: answers})
    assert talk.heard == []


def test_english_numbers():
    answers = {HERE: [{"position": 142}] * 12}
    talk = Conversation(waiting_room(Call("c1", said="0@999.0")), answers=answers, language="en")
    parts = [name.removeprefix("en/number-") for name in talk.heard if "number-" in name]
    assert parts == ["1", "100", "and", "40", "2"]


def test_goodbye():
    talk = Conversation(goodbye(Call("c1")), {"zh/goodbye": "1"})
    assert talk.heard == ["zh/goodbye"]
    assert talk.ending == Done()


def log_in(keys: dict[str, str], results: list[str]) -> Conversation:
    answers = {("login", "1001"): [{"result": result} for result in results]}
    return Conversation(agent_login(Call("c1", agent="1001")), keys, answers)


def test_an_agent_logs_in():
    talk = log_in({"zh/agent-enter-pin": "2", "wait": "468#"}, ["ok"])
    assert talk.variables == {"LOGIN": "ok"}
    assert talk.asked[0].parameters == {"pin": "2468"}
    assert "2468" not in repr(talk.asked[0])
    assert talk.heard[-1] == "zh/agent-logged-in"


def test_three_wrong_pins():
    talk = log_in({"zh/agent-enter-pin": "111", "wait": "#####"}, ["wrong"] * 3)
    assert talk.variables == {"LOGIN": "wrong"}
    assert len(talk.asked) == 3
    assert talk.spoken.count("zh/agent-wrong-pin") == 3


def test_the_third_try_may_be_right():
    assert log_in({"zh/agent-enter-pin": "123", "wait": "###"}, ["wrong", "wrong", "ok"]).variables == {"LOGIN": "ok"}


def test_locked_and_unknown_end_it():
    assert log_in({"zh/agent-enter-pin": "1", "wait": "#"}, ["locked"]).variables == {"LOGIN": "locked"}
    assert log_in({"zh/agent-enter-pin": "1", "wait": "#"}, ["unknown"]).variables == {"LOGIN": "unknown"}


def test_a_silent_daemon_is_said_to_the_agent():
    talk = log_in({"zh/agent-enter-pin": "1", "wait": "#"}, [])
    assert talk.variables == {"LOGIN": "unknown"}
    assert talk.heard[-1] == "zh/agent-not-now"


def test_no_pin_at_all_asks_nobody():
    talk = log_in({}, [])
    assert talk.variables == {"LOGIN": "wrong"}
    assert talk.asked == []


def test_a_pin_without_end_is_capped():
    talk = log_in({"zh/agent-enter-pin": "1", "wait": "2" * 100}, ["wrong"] * 3)
    assert all(len(step.parameters["pin"]) <= 12 for step in talk.asked)

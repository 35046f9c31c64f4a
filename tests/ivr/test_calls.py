"""Real calls through a real Asterisk: what is set on the channel, and what the caller hears."""

import signal
import socket
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.ivr.conftest import Callers
from tests.ivr.support.ivr_system import IvrSystem, redirect
from tests.ivr.support.rtp_caller import Caller
from tests.support.waiting import eventually_blocking


def heard_s(caller: Caller) -> float:
    return len(caller.ear.heard) * 0.02


def after(caller: Caller, seconds: float) -> None:
    eventually_blocking(lambda: heard_s(caller) >= seconds, f"{seconds} s are heard", 60)


def ended(house: IvrSystem, number: str, after_mark: int, story: str = "hotline") -> str:
    """The dialplan's line on the call to this number after the story."""
    lines = eventually_blocking(
        lambda: [line for line in house.told(f"RESULT {story}", after_mark) if line.startswith(f"c{number}-")],
        f"{number} is through {story}",
    )
    return str(lines[-1]).partition(" ")[2]


def plays(caller: Caller, file: Path) -> list[float]:
    """The seconds at which this prompt begins in what the caller heard (normalised cross-correlation above 0.8)."""
    with wave.open(str(file)) as sound:
        wanted: NDArray[np.float64] = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    wanted = wanted[: 8000 * 2]
    heard = np.append(caller.ear.sound().astype(float), np.zeros(2400))  # its last packets may not come any more
    if len(heard) < len(wanted):
        return []
    size = 1 << (len(heard) + len(wanted)).bit_length()
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[
        : len(heard) - len(wanted) + 1
    ]
    sums = np.concatenate(([0.0], np.cumsum(heard**2)))
    energy = sums[len(wanted) :] - sums[: -len(wanted)]
    likeness = match / (np.sqrt(energy * (wanted**2).sum()) + 1e-9)
    found: list[float] = []
    for at in np.flatnonzero(likeness > 0.8):
        if not found or at / 8000 - found[-1] > 0.5:
            found.append(float(at) / 8000)
    return found


@pytest.mark.parametrize("way", ["950", "960"], ids=["served", "executed"])
@pytest.mark.parametrize(
    ("number", "key", "told"),
    [
        ("01", "1", "queue=orders skills= lang=zh path=zh/1"),
        ("01", "0", "queue=general skills= lang=zh path=zh/0"),
        ("02", "2", "queue=after-sales skills=en:1 lang=en path=en/2"),
    ],
)
def test_a_key_leads_to_its_queue(house: IvrSystem, dial: Callers, way: str, number: str, key: str, told: str):
    mark = len(house.messages())
    caller = dial(way + number)
    after(caller, 1.5)
    caller.ear.key(key)
    assert caller.wait() == 0
    assert ended(house, way + number, mark).startswith(f"next=queue {told}")
    language = "en" if number == "02" else "zh"
    notice = plays(caller, house.sounds / language / "recording-notice.wav")
    assert len(notice) == 1
    assert notice[0] < 0.5  # said first, and though a key came in its middle, whole
    with wave.open(str(house.sounds / language / "recording-notice.wav")) as sound:
        assert heard_s(caller) > sound.getnframes() / 8000 - 0.5
    assert caller.ear.dead_air_s() < 2
    assert not plays(caller, house.sounds / language / "menu-main.wav")


def test_who_presses_nothing_hears_all_and_gets_a_person(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    caller = dial("95001")
    assert caller.wait(120) == 0
    assert ended(house, "95001", mark).startswith("next=queue queue=general skills= lang=zh path=zh/-")
    zh = house.sounds / "zh"
    order = [plays(caller, zh / f"{name}.wav") for name in ("recording-notice", "welcome", "menu-main", "no-key")]
    assert [len(times) for times in order] == [1, 1, 3, 2]
    assert order[0][0] < order[1][0] < order[2][0] < order[3][0] < order[2][1]
    assert caller.ear.dead_air_s() < 2
    loud = caller.ear.loudness()
    assert np.median(loud[loud > 20]) > 500


def test_the_language_is_chosen_by_the_first_key(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    caller = dial("95000")
    eventually_blocking(
        lambda: plays(caller, house.sounds / "en/choose-language.wav"), "the choice is heard in both languages", 60
    )
    caller.ear.key("2")
    eventually_blocking(lambda: plays(caller, house.sounds / "en/welcome.wav"), "the welcome in English", 60)
    caller.ear.key("3")
    assert caller.wait() == 0
    assert ended(house, "95000", mark).startswith("next=queue queue=complaints skills=en:1 lang=en path=en/3")
    zh, en = (plays(caller, house.sounds / code / "recording-notice.wav") for code in ("zh", "en"))
    assert len(zh) == len(en) == 1
    assert zh[0] < en[0]


def test_sixty_keys_of_garbage_reach_a_person(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    caller = dial("95001")
    after(caller, 1)
    caller.ear.key("*#ABCD" * 10, gap_s=0.05)
    assert caller.wait(120) == 0
    assert ended(house, "95001", mark).startswith("next=queue queue=general skills= lang=zh path=zh/-")


def test_one_press_is_one_key(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    house.daemon.pins["1001"] = "112233"
    caller = dial("97004")
    after(caller, 1)
    caller.ear.key("112233#")
    assert caller.wait() == 0
    assert "login=ok" in ended(house, "97004", mark, "agent_login")
    assert len(plays(caller, house.sounds / "zh/agent-logged-in.wav")) == 1
    assert "112233" not in house.stories_log() + house.messages()


def test_an_agent_with_a_wrong_pin_and_as_a_program(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    house.daemon.pins["1001"] = "2468"
    caller = dial("97014")
    eventually_blocking(lambda: plays(caller, house.sounds / "zh/agent-enter-pin.wav"), "the PIN is asked for", 60)
    for _ in range(3):
        caller.ear.key("13579#")
    assert caller.wait() == 0
    assert "login=wrong" in ended(house, "97014", mark, "agent_login")
    assert house.daemon.asked.count("/ivr/login") == 3
    assert "13579" not in house.stories_log() + house.messages() + (house.folder / "asterisk.err").read_text()


@pytest.mark.parametrize("number", ["97006", "97016"], ids=["served", "executed"])
def test_a_callback_is_offered_taken_and_confirmed(house: IvrSystem, dial: Callers, number: str):
    mark = len(house.messages())
    en = house.sounds / "en"
    caller = dial(number)
    eventually_blocking(lambda: plays(caller, en / "callback-keep-place.wav"), "it is offered", 60)
    caller.ear.key("1")
    eventually_blocking(lambda: plays(caller, en / "callback-confirm.wav"), "he is asked", 60)
    caller.ear.key("1")
    assert caller.wait() == 0
    assert "callback=13800001111 agi=SUCCESS" in ended(house, number, mark, "callback_offer")
    assert [
        len(plays(caller, en / f"{name}.wav")) for name in ("callback-within", "number-90", "callback-minutes")
    ] == [
        1,
        1,
        1,
    ]
    asked_at = plays(caller, en / "callback-confirm.wav")[0]  # and again, with his number, if he keys late
    assert len([at for at in plays(caller, en / "number-8.wav") if at < asked_at]) == 1
    assert caller.ear.dead_air_s() <= 1


def test_closed_hours_are_said(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    house.daemon.queues["orders"] = {"open": False, "staffed": 0}
    caller = dial("95002")
    after(caller, 1)
    caller.ear.key("1")
    assert caller.wait() == 0
    result = ended(house, "95002", mark)
    assert result.startswith("next=turned-away queue= skills= lang=en path=en/1")
    assert "reason=closed" in result
    assert len(plays(caller, house.sounds / "en/closed.wav")) == 1


def test_a_daemon_that_is_slow_makes_no_dead_air(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    house.daemon.slow_s = 5
    caller = dial("95001")
    after(caller, 1)
    caller.ear.key("1")
    assert caller.wait() == 0
    assert ended(house, "95001", mark).startswith("next=queue queue=orders")
    assert caller.ear.dead_air_s() <= 2


def test_the_waiting_room_served_and_executed(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    house.daemon.calls["*"] = {"position": 12, "stage": "waiting"}
    callers = {number: dial(number) for number in ("97001", "97011")}
    for caller in callers.values():
        after(caller, 8)
    house.daemon.calls["*"] = {"position": 3, "stage": "waiting"}
    zh = house.sounds / "zh"
    for number, caller in callers.items():
        assert caller.wait(60) == 0
        said = ended(house, number, mark, "waiting_room")
        assert "next= " in said
        assert "said=3@" in said
        assert [len(plays(caller, zh / f"{name}.wav")) for name in ("please-wait", "position-end")] == [1, 2]
        assert 28 < heard_s(caller) < 36
        assert caller.ear.dead_air_s() <= 1
        assert plays(caller, house.sounds / "music/hold.wav")  # the music, from its beginning


def test_the_waiting_room_with_a_silent_daemon_is_left_at_once(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    house.daemon.raw = b""
    caller = dial("97002")
    assert caller.wait() == 0
    assert "said=0@" in ended(house, "97002", mark, "waiting_room")
    assert heard_s(caller) < 8


def test_the_goodbye(house: IvrSystem, dial: Callers):
    caller = dial("97003")
    assert caller.wait() == 0
    assert len(plays(caller, house.sounds / "zh/goodbye.wav")) == 1


def test_a_hang_up_at_each_moment_leaves_nothing(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    callers = [dial(number, leave_after_s=0.05 + 0.9 * turn) for turn in range(8) for number in ("95001", "95000")]
    house.daemon.calls["*"] = {"position": 1}
    callers += [dial("97001", leave_after_s=0.3 + 0.7 * turn) for turn in range(6)]
    callers += [dial("96001", leave_after_s=0.1 + 1.1 * turn) for turn in range(4)]
    for caller in callers:
        assert caller.wait(120) == 0
    eventually_blocking(lambda: len(house.told("GONE", mark)) == len(callers), "every call is over in the dialplan")
    eventually_blocking(lambda: house.sessions() == 0, "no session is left in the story server")
    eventually_blocking(lambda: not house.programs(), "no program is left")
    eventually_blocking(lambda: "0 active channels" in house.command("core show channels count"), "no channel is left")
    assert "broke off" not in house.stories_log()
    assert "Traceback" not in house.stories_log() + (house.folder / "asterisk.err").read_text()


def test_a_story_that_nobody_knows_leaves_the_call_to_the_dialplan(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    assert dial("97005").wait() == 0
    assert ended(house, "97005", mark, "no_such_story").startswith("next= ")


def test_a_server_killed_under_its_callers_leaves_them_to_the_dialplan(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    house.daemon.calls["*"] = {"position": None}
    caller, waiting = dial("95001"), dial("97001")
    after(caller, 1)
    eventually_blocking(lambda: plays(waiting, house.sounds / "music/hold.wav"), "the music plays", 60)
    assert house.stories
    house.stories.kill()
    assert caller.wait() == 0
    assert waiting.wait() == 0
    assert ended(house, "95001", mark).startswith("next= ")
    assert ended(house, "97001", mark, "waiting_room").startswith("next= ")
    house.stories.wait()
    refused = dial("95002")  # and now nobody listens at all
    assert refused.wait() == 0
    assert ended(house, "95002", mark).startswith("next= ")
    house.start_stories()


def test_a_frozen_server_is_left_by_a_redirect(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    caller = dial("95001")
    after(caller, 1)
    assert house.stories
    house.stories.send_signal(signal.SIGSTOP)
    try:
        late = dial("95002")  # the kernel takes his connection, and nobody answers
        begun = eventually_blocking(lambda: (told := house.told("BEGIN", mark))[1:] and told, "both are in the story")
        for line in begun:
            redirect(house.ami_port, line.split()[1], "rescued")
        assert caller.wait() == 0
        assert late.wait() == 0
        assert len(house.told("RESCUED", mark)) == 2
        for one in (caller, late):
            assert len(plays(one, house.sounds / "zh/please-hold.wav")) == 1
    finally:
        house.stories.send_signal(signal.SIGCONT)
    eventually_blocking(lambda: house.sessions() == 0, "the server wakes up and lets go of both")


def test_strangers_at_the_port_do_not_slow_a_call(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    idle = [socket.create_connection(("127.0.0.1", house.agi_port)) for _ in range(200)]
    try:
        caller = dial("95001")
        after(caller, 1)
        for _ in range(300):
            socket.create_connection(("127.0.0.1", house.agi_port)).close()
        caller.ear.key("2")
        assert caller.wait() == 0
        assert ended(house, "95001", mark).startswith("next=queue queue=after-sales")
        assert caller.ear.dead_air_s() < 2
    finally:
        for connection in idle:
            connection.close()


def test_a_prompt_that_is_gone_or_garbage_is_skipped_on_a_live_call(house: IvrSystem, dial: Callers):
    mark = len(house.messages())
    welcome, notice = house.sounds / "en/welcome.wav", house.sounds / "en/recording-notice.wav"
    kept = {file: file.read_bytes() for file in (welcome, notice)}
    try:
        welcome.unlink()
        notice.write_bytes(b"")
        caller = dial("95002")
        eventually_blocking(
            lambda: plays(caller, house.sounds / "en/menu-main.wav"), "the menu is heard all the same", 60
        )
        caller.ear.key("1")
        assert caller.wait() == 0
        assert ended(house, "95002", mark).startswith("next=queue queue=orders")
        assert plays(caller, house.sounds / "en/menu-main.wav")[0] < 1
        assert house.stories_log().count("The prompt en/welcome is skipped") == 1
    finally:
        for file, content in kept.items():
            file.write_bytes(content)

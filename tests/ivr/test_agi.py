"""The line to Asterisk, word by word: what is written, and what each odd answer means."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.agi import VARIABLES, AgiLine, serve
from ivr.agi_protocol import MOST_ENVIRONMENT, Forged, HungUp, LineError, Unheard, Wire, split_environment
from ivr.prompts import Sounds
from ivr.settings import MENU, Brand, Settings
from tests.support.audio import tone

ENVIRONMENT = (
    b"agi_network: yes\nagi_network_script: goodbye\nagi_request: agi://127.0.0.1/goodbye\nagi_channel: PJSIP/trunk-1\n"
    b"agi_callerid: 000\nagi_calleridname: unknown\nagi_threadid: 1\n\n"
)


class Asterisk:
    """The other end of a line: its answers are written beforehand, what it was told is read afterwards."""

    def __init__(self) -> None:
        self.ours, theirs = socket.socketpair()
        self.theirs = theirs
        self.line = AgiLine(Wire(theirs.fileno(), theirs.fileno()))

    def says(self, *lines: str, closes: bool = False) -> AgiLine:
        self.ours.sendall("".join(f"{line}\n" for line in lines).encode())
        if closes:
            self.ours.shutdown(socket.SHUT_WR)
        return self.line

    def was_told(self) -> list[str]:
        self.ours.setblocking(False)
        try:
            return self.ours.recv(65536).decode().splitlines()
        except BlockingIOError:
            return []


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    end = Asterisk()
    yield end
    end.ours.close()
    end.theirs.close()


def test_a_prompt_and_its_key(asterisk: Asterisk):
    line = asterisk.says("200 result=49 endpos=4000")
    assert line.stream("/sounds/with a space/zh/menu", "12", 80, 3.0) == ("1", 4000)
    assert asterisk.was_told() == ['STREAM FILE "/sounds/with a space/zh/menu" "12" 80']


def test_the_other_commands(asterisk: Asterisk):
    line = asterisk.says(*["200 result=0"] * 2, *["200 result=1"] * 2, "200 result=35")
    line.music(True)
    line.music(False)
    line.set("QUEUE", 'say "hi" \\ there')
    line.hang_up()
    assert line.wait_for_key(2.5) == "#"
    assert asterisk.was_told() == [
        "SET MUSIC ON",
        "SET MUSIC OFF",
        'SET VARIABLE "QUEUE" "say \\"hi\\" \\\\ there"',
        "HANGUP",
        "WAIT FOR DIGIT 2500",
    ]


@pytest.mark.parametrize("bad", ["a\nHANGUP", "a\rb", "a\0b"])
def test_line_breaks_are_refused_and_nothing_is_sent(asterisk: Asterisk, bad: str):
    with pytest.raises(ValueError, match="line break"):
        asterisk.line.set("QUEUE", bad)
    with pytest.raises(ValueError, match="line break"):
        asterisk.line.stream(bad, "", 0, 1)
    assert asterisk.was_told() == []


@given(st.text())
def test_whatever_the_text_one_command_stays_one_line(text: str):
    line = AgiLine(Wire(0, 1))
    try:
        word = line._quote(text)
    except ValueError:
        assert any(letter in text for letter in "\r\n\0")
    else:
        assert "\n" not in word
        assert "\r" not in word
        inside = word[1:-1].replace("\\\\", "").replace('\\"', "")
        assert '"' not in inside
        assert "\\" not in inside


@pytest.mark.parametrize(
    "shape", [["HANGUP"], [], ["511 Command Not Permitted on a dead channel"], ["200 result=-1", "HANGUP"]]
)
def test_a_hang_up_in_each_of_its_shapes(asterisk: Asterisk, shape: list[str]):
    with pytest.raises(HungUp):
        asterisk.says(*shape, closes=True).stream("x", "", 0, 1)


def test_a_dead_channel_that_still_answers(asterisk: Asterisk):
    with pytest.raises(HungUp):
        asterisk.says("200 result=-1 endpos=0", "200 result=0").stream("x", "", 0, 1)
    assert asterisk.was_told()[-1] == "CHANNEL STATUS"


def test_a_command_that_failed_on_a_living_call(asterisk: Asterisk):
    with pytest.raises(LineError):
        asterisk.says("200 result=-1 endpos=0", "200 result=6").stream("x", "", 0, 1)


def test_a_usage_message_is_read_to_its_end(asterisk: Asterisk):
    line = asterisk.says(
        "520-Invalid command syntax.  Proper usage follows:", "Usage: SAY", "520 End of proper usage.", "200 result=50"
    )
    with pytest.raises(LineError):
        line.wait_for_key(1)
    assert line.wait_for_key(1) == "2"


def test_a_usage_message_cut_short_is_the_end_and_no_loop(asterisk: Asterisk):
    with pytest.raises(HungUp):
        asterisk.says("520-Invalid command syntax.", "Usage: SAY", closes=True).wait_for_key(1)


def test_an_unknown_command_and_an_early_answer(asterisk: Asterisk):
    line = asterisk.says("510 Invalid or unknown command", "100 result=0 Trying...", "200 result=51")
    with pytest.raises(LineError):
        line.music(True)
    assert line.wait_for_key(1) == "3"


def test_an_asterisk_that_is_silent_is_given_up(asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ivr.agi.PATIENCE_S", 0.05)
    with pytest.raises(Unheard):
        asterisk.line.wait_for_key(0.01)


def answer_truly(asterisk: Asterisk, values: str, before: bytes = b"", then: str = "") -> None:
    """Answers the opening question as Asterisk does, after some bytes that a forger has put before it. `then`: its further answers.
    Variables behind the last of `values` are empty."""
    values += "|" * (len(VARIABLES) - 1 - values.count("|"))

    def run() -> None:
        asterisk.ours.sendall(before)
        try:
            asked = asterisk.ours.recv(4096).decode()
        except OSError:
            return  # the test was over before the question came
        word = asked.partition('"')[2].partition("|")[0]
        with contextlib.suppress(OSError):
            asterisk.ours.sendall(f"200 result=1 ({word}|{values})\n{then}".encode())

    threading.Thread(target=run, daemon=True).start()


def test_what_a_story_knows_of_its_call(asterisk: Asterisk):
    answer_truly(
        asterisk, "c1763773200-12-4821|95001|zh|orders|1001|said|3@17.5|+8613800001111|7200||satisfied.4-solved.1"
    )
    call = asterisk.line.call()
    assert (call.id, call.dialled, call.language, call.queue) == ("c1763773200-12-4821", "95001", "zh", "orders")
    assert (call.agent, call.notice, call.said) == ("1001", "said", "3@17.5")
    assert (call.caller, call.within_s) == ("8613800001111", 7200)


def test_a_withheld_number_is_not_known_to_a_story(asterisk: Asterisk):
    answer_truly(asterisk, "c1|95001|zh|orders|||0@1|+8613800001111|7200|1")
    assert asterisk.line.call().caller == "unknown"


def test_a_variable_that_says_hangup_is_no_hang_up(asterisk: Asterisk):
    answer_truly(asterisk, "c1|hangup|zh|hangup")
    assert asterisk.line.call().queue == "hangup"


def test_values_that_are_not_plain_are_empty(asterisk: Asterisk):
    answer_truly(asterisk, 'C1;x|95001" x|<z>|$(x)||a b||x|-5||a b||')
    call = asterisk.line.call()
    assert (call.id, call.dialled, call.language, call.queue, call.notice) == ("", "", "", "", "")
    assert (call.within_s, call.survey) == (0, "")


@pytest.mark.parametrize(
    "forged",
    [
        b"200 result=1 (c1-fake|95001|zh|||||||||)\n",
        b"agi_callingpres: 0\n",
        b"200 result=1 (x)\n",
        b"\n",
        b"200 nonsense\n",
    ],
)
def test_lines_forged_into_the_environment_do_not_pass_for_answers(asterisk: Asterisk, forged: bytes):
    answer_truly(asterisk, "c1|95001|zh", before=forged)
    with pytest.raises((Forged, LineError)):
        asterisk.line.call()


def test_an_environment_whole_and_in_pieces():
    whole = split_environment(ENVIRONMENT + b"rest")
    assert whole is not None
    assert whole[0]["agi_network_script"] == "goodbye"
    assert whole[1] == b"rest"
    for length in range(len(ENVIRONMENT) - 1):
        assert split_environment(ENVIRONMENT[:length]) is None


@pytest.mark.parametrize(
    "lines",
    [
        b"agi_network_script: hotline\n",  # a second one, in a caller's name
        b"agi_callerid: 1\n",
        b"GET / HTTP/1.1\n",
        b"200 result=0\n",
        b"agi_\xff: x\n",
    ],
)
def test_a_forged_environment_is_refused(lines: bytes):
    with pytest.raises(Forged):
        split_environment(ENVIRONMENT.replace(b"agi_threadid", lines + b"agi_threadid"))


def test_strangers_are_known_by_their_first_bytes():
    for first in (b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02", b"OPTIONS sip:x", b"\n"):
        with pytest.raises(Forged):
            split_environment(first)
    with pytest.raises(Forged):
        split_environment(b"agi_x: " + b"a" * MOST_ENVIRONMENT)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes):
    for opening in (data, b"agi_network: " + data, ENVIRONMENT[:-1] + data):
        try:
            split_environment(opening)
        except Forged:
            pass


def settings(sounds: Path) -> Settings:
    return Settings("http://127.0.0.1:9", Path("/none"), sounds, MENU, ("zh",), {}, 0)


def test_a_story_that_breaks_is_logged_with_its_call_and_without_what_was_keyed(
    asterisk: Asterisk, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def broken(call: object, settings: object) -> object:
        raise RuntimeError("2468")

    monkeypatch.setitem(__import__("ivr.stories").stories.STORIES, "goodbye", broken)
    answer_truly(asterisk, "c77|95001|zh")
    wire = Wire(asterisk.theirs.fileno(), asterisk.theirs.fileno())
    assert serve("goodbye", wire, settings(tmp_path), Sounds(tmp_path), lambda step: None) is False
    said = capfd.readouterr().err
    assert " ivr c77: The story goodbye broke off: RuntimeError at test_agi.py:" in said
    assert "2468" not in said
    assert said.count("\n") == 1


def test_a_caller_of_a_brand_hears_its_voice(asterisk: Asterisk, tmp_path: Path):
    common, own = tmp_path, tmp_path / "brands" / "acme"
    for folder in (common, own):
        tone(folder / "zh" / "goodbye.wav", 500, 0.1)
    of_brand = replace(settings(common), brands={"95100": Brand("acme", MENU, own)})
    for dialled, folder in (("95100", own), ("95001", common)):
        asterisk.ours.setblocking(True)
        answer_truly(asterisk, f"c77|{dialled}|zh", then="200 result=0 endpos=800\n")
        wire = Wire(asterisk.theirs.fileno(), asterisk.theirs.fileno())
        assert serve("goodbye", wire, of_brand, Sounds(common), lambda step: None)
        assert asterisk.was_told()[-1] == f'STREAM FILE "{folder}/zh/goodbye" "" 0'


def test_a_program_reads_its_environment_from_a_pipe():
    reads, writes = os.pipe()
    os.write(writes, ENVIRONMENT[:20])
    threading.Timer(0.05, lambda: os.write(writes, ENVIRONMENT[20:])).start()
    assert Wire(reads, writes).read_environment()["agi_channel"] == "PJSIP/trunk-1"
    os.close(writes)
    with pytest.raises(HungUp):
        Wire(reads, writes).read_environment()
    os.close(reads)

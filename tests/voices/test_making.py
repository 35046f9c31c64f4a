"""The better voice at work: its packages, its process, and the files that it puts in the place of espeak-ng's."""

import os
import sys
from pathlib import Path

import pytest

from acd.config import Config, check
from acd.pbx.install.runtime import ensure_pbx
from acd.setup import speaking, spoken_names, voice_maker
from acd.setup.installation import Installation
from acd.setup.prompt_list import prompt_list
from acd.setup.speaking import put_in_place, unspoken, wanted
from acd.setup.voice_maker import VoiceState, make_missing, start_maker
from acd.voices import environment
from acd.voices.catalogue import VARIABLE
from acd.voices.dialogue import CantBeSpoken, Worker, WorkerFailed
from acd.voices.environment import ExtraNotToBeHad, WrongBytes, check_bytes, ensure_voice
from acd.voices.making import Wanted, missing, speak
from acd.voices.sound import measured, read

LABEL = {"zh": "技术支持", "en": "Technical support"}
BETTER = {"zh": "kokoro-1.0-int8/zm_yunjian/1", "en": "hibari-0.2.1/1"}


def house(**changes: object) -> Config:
    return check({"queues": {"support": {"label": LABEL}}, "agents": {"1234": {"name": "小李"}}, **changes})


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, and the better voice allowed."""
    monkeypatch.delenv(VARIABLE)
    folder = tmp_path / "prompt-cache"
    folder.mkdir()
    for module in (speaking, voice_maker, spoken_names):
        monkeypatch.setattr(module, "prompt_cache", lambda sounds: folder)
    monkeypatch.setattr("acd.setup.brand_prompts.prompt_cache", lambda sounds: folder)
    monkeypatch.setattr("acd.setup.prompt_list.prompt_cache", lambda sounds: folder)
    return folder


def test_what_a_configuration_names_is_wanted_and_nothing_twice(cache: Path, tmp_path: Path):
    every = list(wanted(house()))
    said = {(each.language, each.name) for each in every}
    assert {("zh", "welcome"), ("en", "number-20"), ("zh", "queue-support"), ("zh", "agent-1234")} <= said
    assert ("zh", "position-20-position-end") in said
    left = unspoken(house(), tmp_path / "sounds")
    lacking = {each.name for each in left}
    assert "queue-support" in lacking
    assert not lacking & {"welcome", "goodbye", "number-1"}, "the fixed prompts come with Sanxiang"
    assert len({each.file(BETTER, cache) for each in left}) == len(left)
    assert unspoken(house(voice={"engine": "espeak"}), tmp_path / "sounds") == []


@pytest.mark.asterisk
@pytest.mark.slow
def test_without_the_packages_espeak_ng_speaks_and_it_is_said_why(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ensure_pbx()

    def refuse(progress: object) -> None:
        raise ExtraNotToBeHad(what="the voice", said="no route to host", otherwise="espeak-ng goes on speaking.")

    monkeypatch.setattr(voice_maker, "ensure_voice", refuse)
    states: list[VoiceState] = []
    sounds = tmp_path / "sounds"
    state = make_missing(house(), sounds, told=states.append)
    assert [each.state for each in states] == ["fetching", "failed"]
    assert state.left > 0 and "no route to host" in state.sentence
    spoken_by = {each.name: each.source for each in prompt_list(house(), sounds) if each.language == "zh"}
    assert spoken_by["welcome"] == "zm_yunjian"  # shipped
    assert spoken_by["queue-support"] == "espeak-ng"
    assert spoken_by["callback-within-37-callback-minutes"] == "parts"


@pytest.mark.voice
@pytest.mark.asterisk
@pytest.mark.slow
def test_the_better_voice_takes_the_place_of_espeak_ng(cache: Path, tmp_path: Path):
    """Two texts, then nobody wants it any more: what was made is in place, the rest stays as it was."""
    espeak, sounds = ensure_pbx().tool("espeak-ng"), tmp_path / "sounds"
    put_in_place(house(), espeak, sounds)
    left = unspoken(house(), sounds)
    before = {each.name: (sounds / each.language / f"{each.name}.wav").read_bytes() for each in left[:2]}
    wishes = iter((True, True, False))
    state = make_missing(house(), sounds, lives=lambda: next(wishes))
    assert (state.state, state.left) == ("done", len(left) - 2)
    for each in left[:2]:
        made = each.file(BETTER, cache)
        file = sounds / each.language / f"{each.name}.wav"
        assert made is not None and made.exists() and file.read_bytes() != before[each.name]
        found = measured(read(file).samples, 8000)
        assert -22 < found.level_dbfs < -18 and 0.3 < found.seconds < 30 and found.clipped == 0
    spoken_by = {(each.language, each.name): each.source for each in prompt_list(house(), sounds)}
    assert spoken_by[left[2].language, left[2].name] == "espeak-ng"


@pytest.mark.voice
@pytest.mark.slow
def test_both_languages_are_spoken_and_a_text_without_words_is_refused(tmp_path: Path):
    with Worker.speaker(ensure_voice()) as worker:
        mixed = worker.ask(voice="zm_yunjian", language="zh", text="您好,Tom。请按1。", to=str(tmp_path / "a.wav"))
        assert "tˈɑm" in mixed["signs"] and "i→" in mixed["signs"]
        again = worker.ask(voice="zm_yunjian", language="zh", text="重听。", to=str(tmp_path / "b.wav"))
        assert again["signs"].startswith("ꭧʰʊ↗ŋ"), "chóng, not zhòng"
        with pytest.raises(CantBeSpoken, match="nothing in it"):
            worker.ask(voice="zm_yunjian", language="zh", text="。。", to=str(tmp_path / "c.wav"))
        menu = Wanted("en", "menu", "For orders, press 1. For complaints, press 2.")
        made = speak(worker, menu, BETTER, tmp_path)
    found = measured(read(made).samples, 8000)
    assert 0.3 < found.longest_pause_s < 0.6, "two entries are set apart"
    assert missing([menu], BETTER, tmp_path) == []


# --- its process ---


def worker(program: str) -> Worker:
    return Worker("speaker", [sys.executable, "-c", program])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('no memory')", "has ended.*no memory"),
        ("import os; input(); os.kill(os.getpid(), 9)", "has ended"),
        ("import time; input(); time.sleep(60)", "did not answer within 1 s"),
        ("input(); print('x' * 3_000_000, end='', flush=True); input()", "has ended"),
    ],
)
def test_a_process_that_fails_is_told_and_ended(program: str, words: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("acd.voices.dialogue.ANSWERS_WITHIN_S", 1.0)
    with worker(program) as asked, pytest.raises(WorkerFailed, match=words):
        for _ in range(3):
            asked.ask(text="x")
    assert asked._process.returncode is not None


def test_nothing_is_started_where_espeak_ng_alone_speaks(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    assert start_maker(installation, house(), tmp_path / "sounds") == 0
    assert not (installation.log / "voice.log").exists()


# --- its packages ---


def test_other_bytes_than_the_authors_are_refused(tmp_path: Path):
    model = tmp_path / "model.onnx"
    model.write_bytes(b"something else")
    with pytest.raises(WrongBytes, match=r"begins with .*, not with 6e742170d309"):
        check_bytes(model, "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb", tmp_path)


@pytest.mark.slow
def test_packages_that_cant_be_fetched_are_one_sentence_and_leave_no_half_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # what pip says where no registry can be reached
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with pytest.raises(ExtraNotToBeHad, match="espeak-ng goes on speaking"):
        ensure_voice()
    assert not environment.is_whole(environment.voice_home())


@pytest.mark.voice
@pytest.mark.slow
def test_an_environment_that_is_whole_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch):
    ensure_voice()
    monkeypatch.setattr(environment, "_install", lambda *_: pytest.fail("installed again"))
    assert ensure_voice().model.stat().st_size > 80_000_000

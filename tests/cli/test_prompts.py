"""`sanxiang prompt …` as an operator types it, with a folder of recordings and texts of the operator's own."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.setup.installation import Installation
from acd.setup.voice_maker import VoiceState
from ivr.prompts import languages
from tests.cli.command_line import Said, typed
from tests.support.audio import tone
from tests.support.prompts import whole_prompts

OUR = '[prompts]\nour-address = "{}"\n'


class House:
    """An installation whose prompts are tones, and an operator's folder."""

    def __init__(self, folder: Path) -> None:
        self.installation = Installation.at(folder / "state")
        self.sounds = self.installation.state / "sounds"
        whole_prompts(self.sounds)
        self.own = folder / "own"
        self.own.mkdir()
        self.config = folder / "sanxiang.toml"
        self.write(f'[hotline]\nprompts = "{self.own}"\n')

    def write(self, text: str) -> None:
        self.config.write_text(f'{text}[queues.orders]\nlabel = {{ zh = "订单", en = "Orders" }}\n', "utf-8")

    def says(self, *words: str) -> Said:
        where = ["--config", str(self.config), "--state", str(self.installation.state)]
        return typed("prompt", words[0], *words[1:], *where)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def recording(file: Path, level: float = 0.1, rate: int = 44100) -> Path:
    at = np.arange(rate) / rate
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, level * np.sin(2 * np.pi * 440 * at), rate)
    return file


def test_the_list_says_who_speaks_each_prompt(house: House):
    tone(house.own / "zh" / "welcome.wav", 500, 0.3)
    (house.own / "zh.toml").write_text(OUR.format("科技路1号"), "utf-8")
    said = json.loads(house.says("list", "--json").screen)
    by = {(each["language"], each["name"]): each for each in said["prompts"]}
    assert by["zh", "welcome"]["source"] == "recording"
    assert by["en", "welcome"]["source"] == "espeak-ng"
    assert (by["zh", "our-address"]["source"], by["zh", "our-address"]["text"]) == ("missing", "科技路1号")
    assert by["zh", "position-3-position-end"]["source"] == "parts"
    assert said["voice"] is None
    assert {
        each["language"] for each in json.loads(house.says("list", "--json", "--spoken", "en").screen)["prompts"]
    } == {"en"}


def test_how_far_the_better_voice_is_stands_below_the_list(house: House):
    for state, words in (
        (VoiceState("making", 7), "at work: 7 texts to go"),
        (VoiceState("failed", 1, "No network."), "espeak-ng speaks 1 text: No network."),
        (VoiceState("done"), "has spoken all texts"),
    ):
        state.keep(house.installation)
        assert words in house.says("list", "--spoken", "en").screen


def test_a_recording_is_taken_and_what_was_done_is_said(house: House, tmp_path: Path):
    said = house.says("import", str(recording(tmp_path / "studio.mp3")), "welcome")
    assert said.status == 0, said
    assert str(house.own / "zh" / "welcome.wav") in said.screen.replace("\n", "")
    assert "44100 Hz -> WAV, 8000 Hz" in said.screen and "dBFS" in said.screen and "config reload" in said.screen
    assert "No prompt of ours" not in said.screen
    assert "No prompt of ours" in house.says("import", str(recording(tmp_path / "x.wav")), "no-such-prompt").screen


def test_a_studios_folder_is_taken_file_by_file_and_what_is_refused_is_said(house: House, tmp_path: Path):
    for language in languages():
        recording(tmp_path / "studio" / language / "welcome.wav")
    recording(tmp_path / "studio" / "en" / "goodbye.wav", level=0)
    said = house.says("import", str(tmp_path / "studio"), "--json")
    rows = json.loads(said.screen)
    assert said.status == 1
    assert [(row["language"], row["name"]) for row in rows["taken"]] == [("en", "welcome"), ("zh", "welcome")]
    assert len(rows["refused"]) == 1 and "goodbye.wav was not taken. It is silent." in rows["refused"][0]
    assert not (house.own / "en" / "goodbye.wav").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("import", "{x}", "../welcome"), "is no name of a prompt"),
        (("import", "{none}", "welcome"), "can't be taken"),
        (("import", "{empty}"), "has no recordings"),
        (("play", "no-such-prompt"), "There is no prompt 'no-such-prompt'"),
        (("play", "our-address"), "is not there yet"),
    ],
)
def test_what_cant_be_done_is_one_sentence(house: House, tmp_path: Path, words: tuple[str, ...], sentence: str):
    (house.own / "zh.toml").write_text(OUR.format("科技路1号"), "utf-8")
    (tmp_path / "empty").mkdir()
    places = {"{x}": recording(tmp_path / "x.wav"), "{none}": tmp_path / "none.wav", "{empty}": tmp_path / "empty"}
    said = house.says(*(str(places.get(word, word)) for word in words))
    assert said.status == 1 and sentence in said.screen


def test_without_a_folder_nothing_is_taken(house: House, tmp_path: Path):
    house.write("")
    assert (
        "names no folder for recordings" in house.says("import", str(recording(tmp_path / "x.wav")), "welcome").screen
    )


def test_broken_texts_are_told_by_every_command(house: House):
    (house.own / "en.toml").write_text("[prompts\n", "utf-8")
    for words in (("list",), ("script",), ("play", "welcome"), ("check",)):
        said = house.says(*words)
        assert said.status == 1 and "en.toml is not TOML" in said.screen.replace("\n", " ")


def test_a_sound_is_found_written_and_joined(house: House, tmp_path: Path):
    assert house.says("play", "welcome").screen.strip() == str(house.sounds / "zh" / "welcome.wav")
    one, every = tmp_path / "one.wav", tmp_path / "all.wav"
    assert house.says("play", "welcome", "--to", str(one)).status == 0
    assert house.says("play", "all", "--to", str(every)).status == 0
    assert 0 < soundfile.info(one).frames < soundfile.info(every).frames / 50


def test_a_studio_gets_every_text_once(house: House, tmp_path: Path):
    assert house.says("script", "--csv", str(tmp_path / "s.csv")).status == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "s.csv").read_text("utf-8-sig"))))
    files = [row["file"] for row in rows]
    assert {"zh/welcome.wav", "en/number-20.wav", "zh/queue-orders.wav"} <= set(files)
    assert len(files) == len(set(files)) and all(row["text"] for row in rows)


def test_the_check_names_what_a_caller_would_notice(house: House):
    (house.sounds / "zh" / "goodbye.wav").unlink()
    recording(house.sounds / "en" / "goodbye.wav", level=0.9, rate=8000)
    said = house.says("check", "--json")
    faults = json.loads(said.screen)["faults"]
    assert said.status == 1
    assert any("zh/goodbye.wav is missing" in fault for fault in faults)
    assert any(fault.startswith("en/goodbye: It is too loud") for fault in faults)
    one = json.loads(house.says("check", "--json", "--only", "welcome").screen)
    assert one["checked"] == 2

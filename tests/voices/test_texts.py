"""From a text to what is spoken, and from what was heard back to how wrong it is."""

import json
from pathlib import Path

import pytest

from acd.config.voice import ENGLISH, MANDARIN, VoiceTable
from acd.voices import shipped
from acd.voices.catalogue import VARIABLE, VOICES, better_voices, full_name, short_name
from acd.voices.making import Wanted, is_common, missing, prompts, sentences
from acd.voices.reading_back import MOST_CER, Heard, error_rate, is_sentence, variants, words
from acd.voices.workers.mandarin import count, in_characters
from ivr.prompts import judge, languages, number_parts, read_texts
from tests.support.audio import tone


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("请按1", "请按一"),
        ("15分钟", "十五分钟"),
        ("95000", "九五零零零"),
        ("0755", "零七五五"),
        ("3.5元", "三点五元"),
        ("105", "一百零五"),
        ("\uff11\uff12位", "十二位"),
        ("没有数字", "没有数字"),
        ("0", "零"),
        ("2026年", "二千零二十六年"),
    ],
)
def test_numbers_in_a_mandarin_text_become_characters(text: str, said: str):
    assert in_characters(text) == said


def test_the_voice_counts_as_the_prompts_do():
    numbers = read_texts("zh").numbers
    for number in range(10000):
        assert count(number) == "".join(numbers[part] for part in number_parts(number, "zh"))


@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [("abcd", "abcd", 0), ("abcd", "abed", 0.25), ("abcd", "", 1), ("abcd", "abcdef", 0.5), ("", "", 0), ("", "x", 1)],
)
def test_the_error_rate_is_the_share_of_changes(said: str, heard: str, rate: float):
    assert error_rate(said, heard) == rate


def test_numbers_count_as_right_in_either_writing():
    assert set(variants("请按12。", "zh")) == {"请按十二", "请按一二"}
    assert words("It's 45 o'clock.") == ["its", "forty", "five", "oclock"]
    assert variants("Press 1.", "en") == ["pressone"]


def test_a_sentence_is_well_by_its_characters_or_by_its_sounds():
    order = Wanted("zh", "menu", "查询订单请按1")
    assert Heard(order, "查询定单请按一", 0.3, 0.0, 1.0).well
    assert not Heard(order, "…", MOST_CER + 0.01, MOST_CER + 0.01, 1.0).well
    assert is_sentence(order) and not is_sentence(Wanted("zh", "number-1", "一"))
    assert is_sentence(Wanted("en", "x", "Please hold the line.")) and not is_sentence(Wanted("en", "x", "Orders."))


# --- which voice ---


def test_every_voice_that_may_be_named_has_its_bytes_pinned(monkeypatch: pytest.MonkeyPatch):
    assert {*MANDARIN, *ENGLISH} - {"hibari"} == VOICES.keys()
    assert all(len(sha256) == 64 for sha256 in VOICES.values())
    monkeypatch.delenv(VARIABLE)
    for voice in (*MANDARIN, *ENGLISH):
        assert short_name(full_name(voice)) == voice
    assert better_voices(VoiceTable()).keys() == {"zh", "en"}
    assert better_voices(VoiceTable(engine="espeak")) == {}
    monkeypatch.setenv(VARIABLE, "espeak")
    assert better_voices(VoiceTable()) == {}


def test_each_text_is_wanted_once_and_not_where_a_person_has_recorded_it(tmp_path: Path):
    better = {"zh": "a", "en": "b"}
    tone(tmp_path / "own" / "zh" / "welcome.wav", 500, 0.2)
    every = list(prompts(tmp_path / "own"))
    assert ("zh", "welcome") not in {(each.language, each.name) for each in every}
    assert ("en", "welcome") in {(each.language, each.name) for each in every}
    twice = [*every, *every, Wanted("zh", "more", every[0].text)]
    assert len(missing(twice, better, tmp_path)) == len(missing(every, better, tmp_path))
    made = every[0].file(better, tmp_path)
    assert made is not None
    tone(made, 500, 0.2)
    assert every[0] not in missing(every, better, tmp_path)
    assert missing(every, {}, tmp_path) == []


# --- what is shipped ---


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = tmp_path_factory.mktemp("unpacked")
    assert shipped.unpack([*prompts(), *sentences()], _OURS, cache) > 200
    return cache


_OURS = {"zh": full_name(VoiceTable().zh), "en": full_name(VoiceTable().en)}


def test_what_is_shipped_can_be_played_and_is_listed(unpacked: Path):
    index = json.loads((shipped.FOLDER / "index.json").read_text("utf-8"))
    assert {f"{file.parent.name}/{file.stem}" for file in shipped.FOLDER.glob("*/*.ogg")} == index.keys()
    for file in unpacked.iterdir():
        assert judge(file)[0] == ""
    size = sum(file.stat().st_size for file in shipped.FOLDER.rglob("*.ogg"))
    assert size < 8_000_000


@pytest.mark.parametrize("language", languages())
def test_what_callers_hear_at_every_call_is_shipped(language: str):
    """`python -m acd.voices.shipped` makes them anew after a text was changed; see docs/contributing/recipes.md."""
    every_call = {
        "recording-notice",
        "choose-language",
        "welcome",
        "please-wait",
        "position",
        "position-end",
        "goodbye",
    }
    lacking = {each.name for each in shipped.unshipped(prompts(), _OURS) if each.language == language}
    assert not lacking & every_call


def test_a_text_that_was_changed_is_not_taken_from_what_is_shipped(tmp_path: Path):
    changed = [Wanted("zh", "welcome", "另一句话。")]
    assert shipped.unpack(changed, _OURS, tmp_path) == 0
    assert shipped.unshipped(changed, _OURS) == changed
    assert shipped.unpack(prompts(), {"zh": full_name("zf_xiaoyi")}, tmp_path) == 0  # nor that of another voice


def test_a_broken_file_of_what_is_shipped_is_left_out(tmp_path: Path):
    welcome = next(each for each in prompts() if each.name == "welcome")
    made = welcome.file(_OURS, tmp_path / "cache")
    assert made is not None
    tone(made, 500, 1.0)
    folder = tmp_path / "shipped"
    assert shipped.pack([welcome], _OURS, tmp_path / "cache", folder)[0] == 1
    made.unlink()
    assert shipped.unpack([welcome], _OURS, tmp_path / "cache", folder) == 1 and made.exists()
    made.unlink()
    (folder / "zh" / "welcome.ogg").write_bytes(b"OggS")
    assert shipped.unpack([welcome], _OURS, tmp_path / "cache", folder) == 0
    (folder / "index.json").write_text("[", "utf-8")
    assert shipped.unpack([welcome], _OURS, tmp_path / "cache", folder) == 0


def test_packing_removes_what_is_no_longer_said(tmp_path: Path):
    one, other = Wanted("zh", "one", "一句"), Wanted("en", "other", "a sentence")
    for each in (one, other):
        made = each.file(_OURS, tmp_path)
        assert made is not None
        tone(made, 500, 0.5)
    assert shipped.pack([one, other], _OURS, tmp_path, tmp_path / "s")[0] == 2
    assert shipped.pack([one], _OURS, tmp_path, tmp_path / "s")[0] == 1
    assert [file.name for file in (tmp_path / "s").rglob("*.ogg")] == ["one.ogg"]


def test_the_usual_sentences_are_shipped_and_the_rare_ones_are_not():
    named = {each.name: is_common(each) for each in sentences()}
    assert named["position-17-position-end"] and named["callback-within-30-callback-minutes"]
    assert not named["callback-within-37-callback-minutes"]

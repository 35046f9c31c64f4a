"""Whole sentences for the usual numbers, and an operator's own texts."""

from pathlib import Path

import pytest

from ivr.callback_offer import promise
from ivr.expected_wait import said
from ivr.prompts import LONGEST, TextsError, check, languages, prompt_names, read_texts
from ivr.sentences import WHOLE, sentence_name, whole_sentences
from ivr.step import Done, Play, Spoken, Story
from ivr.voice import NARROW, Speaker, better_file, joined_wav, make, spoken
from tests.ivr.support.conversation import Conversation
from tests.support.audio import tone


def says(*parts: Spoken) -> Story:
    yield Play(parts)
    return Done()


@pytest.mark.parametrize("language", languages())
def test_every_part_of_a_sentence_has_a_text(language: str):
    texts = read_texts(language)
    assert {part for parts, _ in WHOLE for part in parts if part != "#"} <= texts.prompts.keys()
    found = whole_sentences(texts)
    spans = [each.partition("-") for _, usual in WHOLE for each in usual]
    assert len(found) == sum(int(last) - int(first) + 1 if last else 1 for first, _, last in spans)
    assert all(found.values())


def test_sentences_are_spoken_as_one():
    zh, en = whole_sentences(read_texts("zh")), whole_sentences(read_texts("en"))
    assert zh["position-16-position-end"].translate(NARROW) == "您现在排在第十六位,请您耐心等待。"
    assert en["position-16-position-end"].startswith("You are now caller number sixteen in the queue.")
    assert zh["callback-within-callback-two-callback-hours"] == "我们可以在两小时之内给您回电。"
    assert en["callback-within-45-callback-minutes"] == "We can call you back within forty five minutes."


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("wait", [(1, 2), (2, 3), (2, 2), (0, 2), (0, 10), (5, 5), (10, 15), (20, 40)])
def test_a_usual_expected_wait_is_a_whole_sentence(wait: tuple[int, int], language: str):
    assert sentence_name(said(wait, language)) in whole_sentences(read_texts(language))


@pytest.mark.parametrize("seconds", [60, 120, 600, 1800, 3600, 7200, 14400, 86400])
def test_what_is_usually_promised_is_a_whole_sentence(seconds: int):
    assert sentence_name(promise(seconds)) in whole_sentences(read_texts("zh"))


@pytest.mark.parametrize(
    ("parts", "heard"),
    [
        (("position", 3, "position-end"), ["position-3-position-end"]),
        (("position", 21, "position-end"), ["position", "number-2", "number-10", "number-1", "position-end"]),
        (("welcome", "position", 3, "position-end", "goodbye"), ["welcome", "position-3-position-end", "goodbye"]),
        (("a", "callback-two", "b"), ["a-callback-two-b"]),
        (("a", "b"), ["a", "b"]),  # there is no number in it: two prompts are two prompts
        ((3,), ["number-3"]),
    ],
)
def test_a_file_with_the_whole_sentence_is_played_in_the_place_of_its_parts(
    parts: tuple[Spoken, ...], heard: list[str]
):
    whole = ("zh/position-3-position-end", "zh/a-callback-two-b", "zh/a-b")
    assert Conversation(says(*parts), whole=whole).heard == [f"zh/{name}" for name in heard]


def test_a_better_voices_file_is_taken_where_there_is_one(tmp_path: Path):
    """And espeak-ng is not asked: the program that is named here does not exist."""
    zh, cache = read_texts("zh"), tmp_path / "cache"
    ready = better_file("kokoro", "zh", "welcome", zh.prompts["welcome"], cache)
    tone(ready, 500, 0.5)
    nobody = Speaker(["/no/such/program"], {"zh": "kokoro"})
    assert spoken(nobody, zh, "welcome", zh.prompts["welcome"], cache) == ready
    assert better_file("other", "zh", "welcome", zh.prompts["welcome"], cache) != ready
    assert better_file("kokoro", "zh", "whisper-x", zh.prompts["welcome"], cache) != ready  # another pause around it


def test_a_whole_sentence_is_placed_only_where_a_better_voice_has_made_it(tmp_path: Path):
    texts, cache = tmp_path / "texts", tmp_path / "cache"
    texts.mkdir()
    (texts / "zh.toml").write_text(
        'voice = "cmn"\n[prompts]\nposition = "第"\nposition-end = "位"\n[numbers]\nnumber-1 = "一"\n', "utf-8"
    )
    for name, text in (("position", "第"), ("position-end", "位"), ("number-1", "一")):
        tone(better_file("kokoro", "zh", name, text, cache), 500, 0.2)
    speaker = Speaker(["/no/such/program"], {"zh": "kokoro"})
    make(speaker, tmp_path / "out", cache, None, None, texts)
    assert not (tmp_path / "out/zh/position-1-position-end.wav").exists()
    tone(better_file("kokoro", "zh", "position-1-position-end", "第一位", cache), 500, 0.4)
    make(speaker, tmp_path / "out", cache, None, None, texts)
    assert (tmp_path / "out/zh/position-1-position-end.wav").exists()
    assert check(tmp_path / "out", texts) == []


def test_several_prompts_are_joined_into_one_file(tmp_path: Path):
    files = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for file in files:
        tone(file, 500, 0.5)
    whole = joined_wav(files, pause_s=0.25)
    assert len(whole) == 44 + 2 * round(1.5 * 8000)
    assert whole[:4] == b"RIFF"


# --- an operator's own texts ---


def own(folder: Path, zh: str, en: str = "[prompts]\n") -> Path:
    (folder / "zh.toml").write_text(zh, "utf-8")
    (folder / "en.toml").write_text(en, "utf-8")
    return folder


def test_an_operators_texts_come_on_top_and_win(tmp_path: Path):
    own(
        tmp_path, '[prompts]\nwelcome = "欢迎"\nour-address = "科技路1号"\n', '[prompts]\nour-address = "1 Keji Road"\n'
    )
    zh = read_texts("zh", own=tmp_path)
    assert (zh.prompts["welcome"], zh.prompts["our-address"]) == ("欢迎", "科技路1号")
    assert read_texts("en", own=tmp_path).prompts["welcome"] == read_texts("en").prompts["welcome"]
    assert "our-address" in prompt_names(own=[tmp_path]) - prompt_names()


def test_a_menu_may_name_what_both_languages_have_as_text_or_file(tmp_path: Path):
    own(tmp_path, '[prompts]\nonly-zh = "一"\nboth = "一"\n')
    tone(tmp_path / "en" / "both.wav", 500, 0.2)
    for language in languages():
        tone(tmp_path / language / "recorded.wav", 500, 0.2)
    assert prompt_names(own=[tmp_path]) - prompt_names() == {"both", "recorded"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[prompts\n", "is not TOML"),
        (b"\xff\xfe", "is not UTF-8 (byte 0)"),
        ('welcome = "x"\n', "'welcome' is not known here"),
        ('prompts = "x"\n', "prompts is no table"),
        ('[prompts]\n"../x" = "x"\n', "'../x' is no name of a prompt"),
        ('[prompts]\n"Welcome" = "x"\n', "'Welcome' is no name of a prompt"),
        (f'[prompts]\n{"a" * 61} = "x"\n', "is no name of a prompt"),
        ("[prompts]\nx = 1\n", "x is no text of one line"),
        ('[prompts]\nx = ""\n', "x is no text of one line"),
        ('[prompts]\nx = "a\\nb"\n', "x is no text of one line"),
        ('[prompts]\nx = "a\\u0000"\n', "x is no text of one line"),
        (f'[prompts]\nx = "{"a" * (LONGEST + 1)}"\n', "x is no text of one line"),
    ],
)
def test_a_broken_file_of_texts_is_told_with_its_place(tmp_path: Path, text: str | bytes, sentence: str):
    (tmp_path / "zh.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TextsError, match=r"zh\.toml") as told:
        read_texts("zh", own=tmp_path)
    assert sentence in str(told.value)

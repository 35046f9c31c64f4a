"""What is said in Chinese has the punctuation of Chinese: on the command line, on the page, in what callers hear and in sentences."""

import pytest

from ivr.prompts import read_texts
from ivr.voice import PAUSES
from tests.full_width import FULL, HAN, files, found, mended


def test_no_chinese_text_has_half_width_punctuation():
    wrong = found()
    assert not wrong, "\n".join(map(str, wrong)) + "\n`python -m tests.full_width --write` mends these"


def test_the_texts_are_looked_at():
    names = {str(file) for file in files()}
    for part in (
        "acd/words/zh.py",
        "acd/words/commands/errors.py",
        "console/src/words/zh.ts",
        "ivr/prompts/zh.toml",
        "docs/cards/agent.zh.md",
    ):
        assert any(name.endswith(part) for name in names), part


def test_what_callers_hear_has_full_width_marks_whatever_file_it_stands_in():
    for name, text in read_texts("zh").prompts.items():
        assert not any(mark in text for mark in FULL), name


def test_each_mark_is_a_pause_where_a_prompt_is_spoken():
    """espeak-ng speaks straight over a full-width mark (docs/findings.md): a menu would be one word."""
    heard = "\n".join(read_texts("zh").prompts.values()).translate(PAUSES)
    assert "，" in "".join(read_texts("zh").prompts.values())
    assert not any(mark in heard for mark in "，；：！？、"), heard
    assert "您好，请按1；再见！".translate(PAUSES) == "您好, 请按1. 再见. "


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("没有账号 {0}:请添加", "没有账号 {0}：请添加"),
        ("没有选项 {0}(可用的:{1})", "没有选项 {0}（可用的：{1}）"),
        ("{0}:{1:t},因此未做任何改动。{2}", "{0}：{1:t}，因此未做任何改动。{2}"),
        ("CPU(2 核)占用 12%", "CPU（2 核）占用 12%"),
        ("于 02:10:00(UTC)被强制终止(15 分钟内 3 次)", "于 02:10:00（UTC）被强制终止（15 分钟内 3 次）"),
        ("`sanxiang backup a,b`,请重试!", "`sanxiang backup a,b`，请重试！"),
        ("告警: 中继", "告警：中继"),
        ("您是否想写 {0}?", "您是否想写 {0}？"),
        ("{0:t} ({1})", "{0:t} ({1})"),
        ("f() 调用,见 https://x.example/a,b", "f() 调用，见 https://x.example/a,b"),
        ("skills：请写 orders:5。", "skills：请写 orders:5。"),
        ("nothing, no (Chinese): here!", "nothing, no (Chinese): here!"),
        (
            "an English sentence, quoting (one word: 订单), stays as it is",
            "an English sentence, quoting (one word: 订单), stays as it is",
        ),
    ],
)
def test_a_mark_beside_chinese_is_full_width_and_others_stay(text: str, is_: str):
    assert mended(text) == is_ and mended(is_) == is_


@pytest.mark.parametrize("mark", FULL)
def test_each_mark_behind_a_chinese_character_is_refused(mark: str):
    assert mended(f"来电{mark}座席") != f"来电{mark}座席" or mark in "()"
    assert mended(f"来电({mark})座席") == f"来电（{FULL[mark] if mark not in '()' else mark}）座席" or mark in "()"
    assert HAN

"""What a recogniser writes, against what is expected: tables of what is taken, asked back and not understood."""

import pytest

from ivr.speech.digits import digits_of
from ivr.speech.matching import alike, match
from ivr.speech.pinyin import distance, readings, syllables

MENU = {
    "1": ["订单查询", "查询订单", "订单", "order status", "orders"],
    "2": ["售后服务", "退货", "after-sales", "returns"],
    "3": ["投诉建议", "投诉", "complaints"],
    "0": ["人工服务", "转人工", "an agent", "operator"],
}


@pytest.mark.parametrize(
    ("text", "key", "certainty"),
    [
        ("订单。", "1", "sure"),
        ("定單", "1", "sure"),  # other characters of the same sound, traditional ones
        ("我想查一下我的订单", "1", "sure"),
        ("兽后服务", "2", "sure"),
        ("推货", "2", "sure"),  # tui huo: only the end of one syllable is near
        ("投宿", "3", "sure"),
        ("头数", "3", "sure"),
        ("人公服务", "0", "sure"),
        ("轮工服务", "0", "sure"),
        ("我不要投诉", "3", "unsure"),
        ("订单还是退货", "1", "unsure"),
        ("I don't want an agent", "0", "unsure"),
        ("Order status, please.", "1", "sure"),
        ("今天天气不错", "", "none"),
        ("谢谢观看", "", "none"),
        ("thank you for watching", "", "none"),
        ("", "", "none"),
        ("。。。!?", "", "none"),
        ("嗯", "", "none"),
    ],
)
def test_what_is_taken_for_what(text: str, key: str, certainty: str):
    found = match(text, MENU)
    assert (found.key, found.certainty) == (key, certainty)


def test_a_text_without_end_is_looked_at_for_a_moment_only():
    assert match("哈" * 100_000 + "订单", MENU).certainty == "none"


def test_without_phrases_nothing_is_meant():
    assert match("订单", {}).certainty == match("订单", {"1": []}).certainty == "none"


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("订单", "定单", True), ("投诉", "投宿", True), ("退货", "退款", False), ("订单", "订单查询", True), ("orders", "order", True),
     ("售后", "收货", True), ("人工服务", "售后服务", False), ("agent", "orders", False)],
)  # fmt: skip
def test_phrases_that_sound_alike(one: str, other: str, near: bool):
    assert alike(one, other) is alike(other, one) is near


def test_each_character_has_its_syllables():
    assert readings()["重"] == {"zhong", "chong", "tong"} or {"zhong", "chong"} <= readings()["重"]
    assert [sorted(each)[0] for each in syllables("按1键,ok")] == ["an", "yi", "jian"]
    near, far = distance(frozenset({"shi"}), frozenset({"si"})), distance(frozenset({"shi"}), frozenset({"ba"}))
    assert 0 < near < 0.2
    assert far == 1


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("20261103", "20261103"),
        ("2026 1103。", "20261103"),
        ("二零二六幺幺零三", "20261103"),
        ("我的订单号是幺二三四五六七八", "12345678"),
        ("一两三四", "1234"),
        ("〇〇一二", "0012"),
        ("一二三是五", "12345"),  # 是 for 四, within digits
        ("是的谢谢", ""),
        ("我要人工", ""),
        ("one two oh four", "1204"),
        ("My order is one two double three nine.", "12339"),
        ("twenty twenty six, eleven oh three", "20261103"),
        ("triple one two", "1112"),
        ("one two for five", "1245"),
        ("I want to go for it", ""),
        ("12", ""),
        ("1" * 500, ""),
        ("第一次打电话", ""),
    ],
)
def test_a_number_that_was_said(text: str, digits: str):
    assert digits_of(text) == digits

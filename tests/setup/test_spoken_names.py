"""What is spoken from the configuration: which words, and that they become sound; spoken by the real voice."""

import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acd.cache import cache_folder
from acd.config import Config, check
from acd.daemon.ring_presentation import present
from acd.engine.commands import Consult, Kind, Log, Offer
from acd.pbx.install.runtime import ensure_pbx
from acd.setup.spoken_names import as_spoken, speak_labels, texts_of
from acd.store.context_card import fold
from ivr.prompts import judge, read_texts
from ivr.voice import spoken
from tests.support.audio import tone

SUPPORT = {"zh": "技术支持", "en": "Technical support"}


def config(**changes: Any) -> Config:
    return check(
        {
            "queues": {
                "orders": {"label": {"zh": "订单查询", "en": "Orders"}, "skills": {"orders": 2}},
                "support": {"label": SUPPORT, "skills": {"support": 1}},
            },
            "agents": {
                "1234": {"name": "小李", "skills": {"support": 3}},
                "1001": {"name": "Tom", "skills": {"orders": 3, "support": 1}, "queues": ["support", "orders"]},
                "1002": {"name": "客服 1002", "skills": {"orders": 2, "support": 1}},
                "207": {"skills": {"orders": 1}},
            },
            "transfers": {"reasons": {1: {"zh": "技术支持", "en": "technical support"}}},
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("agent", "zh", "en"),
    [
        ("1234", "技术支持 小李 工号 一 二 三 四 为您服务。", "Technical support staff number one two three four"),
        ("1001", "技术支持 Tom 工号 一 零 零 一 为您服务。", "Technical support Tom staff number one zero zero one"),
        ("1002", "订单查询 客服 工号 一 零 零 二 为您服务。", "Orders staff number one zero zero two"),
        ("207", "工号 二 零 七 为您服务。", "staff number two zero seven"),
    ],
)
def test_an_agent_is_announced_by_queue_name_and_number_digit_by_digit(agent: str, zh: str, en: str):
    for language, said in (("zh", zh), ("en", en)):
        numbers = read_texts(language).numbers
        parts = texts_of(config(), language)[f"agent-{agent}"]
        assert " ".join(numbers.get(part, part) for part in parts) == said


def test_queues_and_reasons_have_prompts_of_their_own():
    zh, en = texts_of(config(), "zh"), texts_of(config(), "en")
    assert set(zh) == set(en)
    assert (zh["queue-orders"], en["queue-orders"]) == (("订单查询",), ("Orders",))
    assert (zh["whisper-support"], "whisper-orders" in zh) == (("技术支持",), False)  # that one is packaged
    assert (zh["reason-technical-support"], en["reason-by-telephone"]) == (("技术支持",), ("by telephone",))


def test_whatever_is_whispered_of_a_transfer_can_be_heard():
    """Every prompt that a ring may ask for is packaged, or spoken from the configuration."""
    house = check({"queues": {"orders": {"label": SUPPORT}}, "agents": {"1001": {}, "1002": {}}})
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    names = set[str]()
    for reason in house.transfers.named():
        for level in ("none", "full"):
            card = fold(None, at, Log(Kind.ARRIVED, "c1-1", detail={"caller": "138"}))
            card = fold(card, at, Log(Kind.CARD, "c1-1", "1001", detail={"what": "verified", "level": level}))
            said = {"state": "asked", "number": 1, "to": "1002", "reason": reason}
            card = fold(card, at, Log(Kind.TRANSFER, "c1-1", "1001", detail=said))
            offer = Offer("1002", "c1-1", "c1-1-2", "orders", "138")
            consult = Consult("c1-1", "1001", "c1-1-1", "1002", "c1-1-2", "orders", "138")
            names.update(*(present(each, house, card, has_page=False).whisper for each in (offer, consult)))
    for language in ("zh", "en"):
        assert names <= set(read_texts(language).all()) | set(texts_of(house, language))
    assert len(names) > 9


def seconds(file: Path) -> float:
    with wave.open(str(file)) as sound:
        return float(sound.getnframes() / sound.getframerate())


@pytest.mark.asterisk
def test_all_of_it_becomes_sound_and_only_what_is_new_is_spoken_again(tmp_path: Path):
    espeak = ensure_pbx().tool("espeak-ng")
    assert speak_labels(espeak, config(), tmp_path) == []
    for language in ("zh", "en"):
        for name in texts_of(config(), language):
            fault, lasts = judge(tmp_path / language / f"{name}.wav")
            assert fault == ""
            assert (2 if name == "agent-1234" else 0.2) < lasts < 8, name
    # The number stands in it digit by digit, as the voice says each of them elsewhere.
    zh = read_texts("zh")
    two = spoken(espeak, zh, "number-2", zh.numbers["number-2"], cache_folder() / "prompts").read_bytes()[44:]
    assert two in (tmp_path / "zh" / "agent-1234.wav").read_bytes()
    assert seconds(tmp_path / "zh" / "agent-1234.wav") > seconds(tmp_path / "zh" / "agent-207.wav")

    before = {file: file.stat().st_mtime_ns for file in tmp_path.glob("*/*.wav")}
    more = config(agents={"1234": {"name": "小王", "skills": {"support": 3}}, "1003": {"skills": {"orders": 2}}})
    assert not as_spoken(config(), more)
    assert speak_labels(espeak, more, tmp_path, config()) == []
    touched = {file for file in tmp_path.glob("*/*.wav") if file.stat().st_mtime_ns != before.get(file)}
    assert touched == {
        tmp_path / "zh" / "agent-1234.wav",
        *(tmp_path / each / "agent-1003.wav" for each in ("zh", "en")),
    }
    assert as_spoken(config(), config(rings={"rings": 2}))


@pytest.mark.asterisk
def test_the_operators_own_recordings_win(tmp_path: Path):
    own, sounds = tmp_path / "own", tmp_path / "sounds"
    tone(own / "zh" / "agent-1234.wav", 440, 0.5)
    tone(own / "zh" / "number-2.wav", 900, 0.3)
    house = config(hotline={"prompts": str(own)})
    assert speak_labels(ensure_pbx().tool("espeak-ng"), house, sounds) == []
    assert not (sounds / "zh" / "agent-1234.wav").exists()  # his own is put there with the other prompts
    with wave.open(str(own / "zh" / "number-2.wav")) as digit:
        samples = np.frombuffer(digit.readframes(digit.getnframes()), "<i2")
    assert samples.tobytes() in (sounds / "zh" / "agent-207.wav").read_bytes()


@pytest.mark.asterisk
def test_what_can_not_be_spoken_is_said_and_the_rest_is_spoken(tmp_path: Path):
    house = config(transfers={"reasons": {1: {"zh": " ", "en": "refund"}}})
    (fault,) = speak_labels(ensure_pbx().tool("espeak-ng"), house, tmp_path)
    assert "zh/reason-refund" in fault
    assert (tmp_path / "en" / "reason-refund.wav").exists()


@pytest.mark.asterisk
def test_names_are_spoken_where_the_shared_cache_can_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As in a container, whose root is read-only: nobody, not even root, makes a file in this folder."""
    cache = tmp_path / "cache" / "sanxiang"
    cache.mkdir(parents=True)
    (cache / "prompts").symlink_to("/proc/self/fdinfo")
    espeak = ensure_pbx().tool("espeak-ng")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sounds = tmp_path / "state" / "sounds"
    assert speak_labels(espeak, config(), sounds) == []
    assert judge(sounds / "zh" / "agent-1234.wav")[0] == ""

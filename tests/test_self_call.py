"""What a call of the hotline to itself has shown, judged and said in words; and when the nightly one is due."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from acd.config import BadConfiguration, load
from acd.daemon.self_calls import is_due
from acd.self_call import Arrival, Code, Direction, Facts, Line, Sound, as_json, faults, heard, same_number
from acd.words.self_call import fault_in_words, heading, known_codes, measured

GOOD_WAY = Direction(True, -18.0, 0.0, 0.0, 1.0, 4.4)
GOOD = Facts(
    "carrier",
    "95001",
    "95001",
    answered=True,
    arrived=Arrival("95001", "95001"),
    keys_out="1234",
    keys_back="5678",
    heard_out="1234",
    heard_back="5678",
    sound=Sound(GOOD_WAY, GOOD_WAY, 60.0),
    complete=True,
    took_s=8.0,
)
SILENT = Direction()
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"refused": "limit"}, ["refused"]),
    ({"answered": False, "cause": 19}, ["no-answer"]),
    ({"answered": False, "cause": 17, "sip": "SIP 486"}, ["busy"]),
    ({"answered": False, "cause": 1, "sip": "SIP 404"}, ["no-such-number"]),
    ({"answered": False, "cause": 21, "sip": "SIP 403"}, ["rejected"]),
    ({"answered": False, "cause": 0}, ["trunk-away"]),
    ({"answered": False, "cause": 42, "sip": "SIP 503"}, ["trunk-away"]),
    ({"arrived": None}, ["nothing-came-in"]),
    ({"heard_out": ""}, ["keys-out"]),
    ({"heard_out": "12"}, ["keys-out"]),
    ({"heard_out": None, "heard_back": None}, ["keys-out", "keys-back"]),
    ({"heard_back": "11223"}, ["keys-back"]),
    ({"sound": Sound(SILENT, SILENT)}, ["sound-both"]),
    ({"sound": Sound(GOOD_WAY, SILENT)}, ["sound-back"]),
    ({"sound": Sound(SILENT, GOOD_WAY), "complete": False}, ["sound-out"]),
    ({"sound": Sound(replace(GOOD_WAY, lost_db=14.0, level_dbov=-32.0), GOOD_WAY, 60.0)}, ["quiet-out"]),
    ({"sound": Sound(GOOD_WAY, replace(GOOD_WAY, loss_percent=7.5), 60.0)}, ["loss-back"]),
    ({"sound": Sound(GOOD_WAY, replace(GOOD_WAY, loss_percent=30.0)), "complete": False}, ["cut"]),
    ({"sound": Sound(GOOD_WAY, GOOD_WAY, 600.0)}, ["delay"]),
    ({"arrived": Arrival("02188886666", "95001", asserted="95001")}, ["number-other"]),
    ({"arrived": Arrival("unknown", "95001")}, ["number-missing"]),
    ({"arrived": Arrival("95001", "95001", withheld=True)}, ["number-missing"]),
    ({"trunk": "", "arrived": Arrival("unknown", "95001")}, []),
    ({"recording": "12.0 s of sound for 6.0 s of call"}, ["recording"]),
]


@pytest.mark.parametrize(("change", "codes"), WRONG, ids=str)
def test_what_is_wrong_is_told_by_name_and_in_both_languages(change: dict[str, Any], codes: list[str]):
    facts = replace(GOOD, **change)
    found = faults(facts)
    assert [each.code for each in found] == codes
    report = as_json(facts, found)
    assert report["ok"] is (not codes)
    for language in ("zh", "en"):
        text = [heading(report, language), *measured(report, language)]
        for each in report["faults"]:
            text += fault_in_words(each, language)
        assert all(line and "{" not in line and "None" not in line for line in text), text
        zh = any("\u4e00" <= letter <= "\u9fff" for letter in "".join(text))
        assert zh is (language == "zh")


def test_lost_keys_are_no_lost_sound():
    lines = {"in": Line(500, 50, 2.0), "out": Line(500, 50, 2.0)}
    assert GOOD.sound is not None
    found = heard(replace(GOOD, heard_out=""), GOOD.sound, lines)
    assert [each.code for each in faults(found)] == ["keys-out", "loss-back"]
    assert found.sound is not None and found.sound.out.loss_percent == 0 and found.sound.back.loss_percent == 9.1


@pytest.mark.parametrize(
    ("code", "words"),
    [(401, "password"), (403, "from_user"), (488, "codecs"), (402, "no credit"), (603, "Ask the carrier why")],
)
def test_a_refusal_is_told_with_what_that_answer_means(code: int, words: str):
    [fault] = faults(replace(GOOD, answered=False, cause=21, sip=f"SIP {code}"))
    [report] = as_json(replace(GOOD), (fault,))["faults"]
    assert words in fault_in_words(report, "en")[1]


def test_every_code_has_its_words():
    assert known_codes() == set(get_args(Code))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("95001", "95001", True),
        ("02188886666", "+862188886666", True),
        ("008602188886666", "+862188886666", True),
        ("95002", "95001", False),
        ("unknown", "95001", False),
        ("", "95001", False),
    ],
)
def test_a_number_is_the_same_in_another_writing(one: str, other: str, same: bool):
    assert same_number(one, other, "CN") is same


ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("at", "hour", "minute", "done", "due"),
    [
        ("03:30", 3, 29, None, False),
        ("03:30", 3, 30, None, True),
        ("03:30", 3, 59, date(2026, 5, 1), True),
        ("03:30", 4, 1, None, False),
        ("03:30", 3, 31, date(2026, 5, 2), False),
        ("", 3, 30, None, False),
        ("23:50", 0, 5, None, False),
    ],
)
def test_the_nightly_call_is_due_once_and_not_late(at: str, hour: int, minute: int, done: date | None, due: bool):
    assert is_due(at, datetime(2026, 5, 2, hour, minute, tzinfo=ZONE), done) is due


GOOD_FILE = """
[trunks.carrier]
addresses = ["192.0.2.10"]
[trunks.in-only]
addresses = ["192.0.2.0/24"]
[queues.general]
label = { zh = "人工", en = "General" }
[agents.1001]
skills = { zh = 5, en = 5 }
"""


def test_the_table_of_an_operator_is_taken(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(GOOD_FILE + '[self_call]\nat = "03:30"\ntrunks = ["carrier"]\nnumber = "95001"\n', encoding="utf-8")
    assert load(file).self_call.trunks == ["carrier"]
    file.write_text(GOOD_FILE, encoding="utf-8")
    assert load(file).self_call.at == ""


@pytest.mark.parametrize(
    ("table", "place", "words"),
    [
        ('at = "3:30"', "self_call.at", "03:30"),
        ('at = "24:00"', "self_call.at", "no time of day"),
        ("at = 330", "self_call.at", ""),
        ('trunks = ["nowhere"]', "self_call.trunks", "carrier, in-only"),
        ('trunks = ["in-only"]', "self_call.trunks", "outbound"),
        ('trunks = ["carrier", "carrier"]', "self_call.trunks", "twice"),
        ('number = "13900009999"', "self_call.number", "none of hotline.numbers"),
        ('number = "x"', "self_call.number", ""),
        ('nightly = "03:30"', "self_call.nightly", ""),
    ],
)
def test_a_wrong_value_is_told_with_place_and_remedy(table: str, place: str, words: str, tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(f"{GOOD_FILE}[self_call]\n{table}\n", encoding="utf-8")
    with pytest.raises(BadConfiguration) as refused:
        load(file)
    [mistake] = refused.value.mistakes
    assert mistake.startswith(place) and words in mistake, mistake

"""The book of callers who hung up while nobody listened, as the dialplan writes it."""

from pathlib import Path

from acd.engine.pbx_report import MissedHangup, Talk
from acd.engine.surveys.events import SurveyAnswered
from acd.pbx.recovery import missed_hangups
from acd.telephone_numbers import Numbering

ANSWERED = (
    "c100-4-1111|13800001111|95001|orders|en:1,orders:2|zh|1000.500|queue|c100-4-1111-1|1002|1004500|1009000||||1010000"
)
IN_THE_TALK = "c100-6-2222|13800002222|95001|orders|||1001.000|queue|c100-6-2222-f1|1003|1005000|||||1012000"
IN_THE_MENU = "c100-8-3333|unknown|95000|||||||||||||1003000"
SERVED = "c100-9-4444|+8613800004444|95001|||zh||goodbye||||||||1013000"
TAKES_A_CALLBACK = "c100-10-5555|13800005555|95001|orders||zh|1010.000|queue|||||02155555555|||1014000"
LEFT_A_MESSAGE = "c100-11-6666|13800006666|95001|orders||zh|1010.000|queue|||||||56044|1015000"
WAS_SENT_ON = "c100-12-7777|13800007777|95001|orders||zh|1010.000|queue||||||1||1016000"


def as_asterisk_writes(line: str) -> str:
    return f'"{{""extra"":""{line}""}}"'


def written(folder: Path, *lines: str) -> Path:
    book = folder / "gone.txt"
    book.write_text("".join(f"{as_asterisk_writes(line)}\n" for line in lines), encoding="utf-8")
    return book


def test_each_way_of_hanging_up_is_read(tmp_path: Path):
    book = written(tmp_path, ANSWERED, IN_THE_TALK, IN_THE_MENU, SERVED)
    skills = (("en", 1), ("orders", 2))
    assert missed_hangups.missed_since(book, 1000, 1020) == (
        MissedHangup("c100-8-3333", 17.0, dialled="95000"),
        MissedHangup(
            *("c100-4-1111", 10.0, "+8613800001111", "95001", "orders", skills, "zh", 19.5, False),
            written="13800001111",
            talk=Talk("1002", "c100-4-1111-1", 15.5, 11.0),
        ),
        MissedHangup(
            *("c100-6-2222", 8.0, "+8613800002222", "95001", "orders", (), "", 19.0, False),
            written="13800002222",
            talk=Talk("1003", "c100-6-2222-f1", 15.0),
        ),
        MissedHangup(
            "c100-9-4444", 7.0, "+8613800004444", "95001", language="zh", served=True, written="+8613800004444"
        ),
    )


def test_a_line_of_a_former_version_says_nothing_of_a_withheld_number(tmp_path: Path):
    book = written(tmp_path, SERVED, f"{IN_THE_TALK}|", f"{ANSWERED}|1")
    assert [call.withheld for call in missed_hangups.missed_since(book, 0, 1020)] == [True, False, False]


def test_numbers_are_read_by_the_hotlines_country_and_stand_ins(tmp_path: Path):
    book = written(tmp_path, SERVED.replace("+8613800004444", "030901820"), IN_THE_TALK)
    numbering = Numbering.of("DE", ["13800002222"])
    told = [(call.caller, call.written) for call in missed_hangups.missed_since(book, 0, 1020, numbering)]
    assert told == [("unknown", "13800002222"), ("+4930901820", "030901820")]


def test_where_a_policy_sent_them_is_read(tmp_path: Path):
    book = written(tmp_path, TAKES_A_CALLBACK, LEFT_A_MESSAGE, WAS_SENT_ON)
    told = [(call.callback, call.message_s, call.sent_on) for call in missed_hangups.missed_since(book, 1000, 1020)]
    assert told == [("+862155555555", 0.0, False), ("", 3.5, False), ("", 0.0, True)]


def test_who_was_heard_to_hang_up_is_not_told_again(tmp_path: Path):
    book = written(tmp_path, IN_THE_MENU, SERVED)
    assert [call.call for call in missed_hangups.missed_since(book, 1010, 1020)] == ["c100-9-4444"]


def test_lines_that_are_torn_or_not_of_the_dialplans_making_are_passed_over(tmp_path: Path):
    book = written(tmp_path, ANSWERED[:40], "", "x|" * 30, IN_THE_MENU.replace("1003000", "soon"), SERVED)
    assert [call.call for call in missed_hangups.missed_since(book, 0, 1020)] == ["c100-9-4444"]
    assert missed_hangups.missed_since(tmp_path / "missing.txt", 0, 1020) == ()


def test_a_book_that_has_grown_is_put_aside_and_still_read(tmp_path: Path):
    book = written(tmp_path, SERVED)
    missed_hangups.keep_small(book)
    assert book.exists()
    book.write_text(f"{as_asterisk_writes(SERVED)}\n{' ' * missed_hangups.LARGEST}\n", encoding="utf-8")
    missed_hangups.keep_small(book)
    assert not book.exists()
    book.write_text(f"{as_asterisk_writes(IN_THE_MENU)}\n", encoding="utf-8")
    assert [call.call for call in missed_hangups.missed_since(book, 0, 1020)] == ["c100-8-3333", "c100-9-4444"]


def test_the_answers_of_a_survey_are_read_and_what_is_none_is_passed_over(tmp_path: Path):
    answered = f"{ANSWERED}||satisfied.2-solved.2-recommend.0-callback.1"
    lines = [
        answered,
        answered.replace("satisfied.2", "satisfied.x"),
        answered.replace("c100-4", "c100-5").rpartition("|")[0] + "|",
    ]
    (first, second, third) = missed_hangups.missed_since(written(tmp_path, *lines), 1000, 1020)
    assert first.survey == SurveyAnswered("c100-4-1111", 2, "no", 0, callback=True)
    assert second.survey is None and third.survey is None

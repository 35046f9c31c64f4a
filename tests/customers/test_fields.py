"""What may stand in a customer's record: written as people and systems write it, each mistake with its field and the remedy."""

from typing import Any

import pytest

from acd.customers.fields import FieldRules, read
from acd.telephone_numbers import Numbering

RULES = FieldRules(Numbering.of("CN", ("95000", "075512345678")), ("gold", "silver"), ("1001", "1002"))


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("13800001111", ("+8613800001111",)),
        ("013800001111 ; +86 138 0000 1111", ("+8613800001111",)),
        ("138-0000-1111、010 8888 6666", ("+8613800001111", "+861088886666")),
        (["13800001111", "+44 20 7946 0018"], ("+8613800001111", "+442079460018")),
        ("", ()),
        ("95588", ("95588",)),
    ],
)
def test_numbers_are_kept_in_one_form_whatever_their_writing(written: Any, numbers: tuple[str, ...]):
    assert read({"numbers": written}, RULES) == ({"numbers": numbers}, [])


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ({"language": "中文", "do_not_call": "是"}, {"language": "zh", "do_not_call": True}),
        ({"language": "English", "do_not_call": "no"}, {"language": "en", "do_not_call": False}),
        ({"do_not_call": True, "class": "gold"}, {"do_not_call": True, "customer_class": "gold"}),
        ({"name": "  张三 ", "complaint_owner": "1001"}, {"name": "张三", "complaint_owner": "1001"}),
        ({"id": 4711, "name": None}, {"id": "4711"}),
        ({"id": "K-7@crm.example_1:x"}, {"id": "K-7@crm.example_1:x"}),
    ],
)
def test_words_are_read_as_people_write_them(cells: dict[str, Any], values: dict[str, Any]):
    assert read(cells, RULES) == (values, [])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("numbers", "1.38E+10", "what a spreadsheet made of a number"),
        ("numbers", "1380000111", "no whole telephone number"),
        ("numbers", "138 0000 1111 ext 5", "no whole telephone number"),
        ("numbers", "+86138", "no whole telephone number"),
        ("numbers", "95000", "stands for nobody"),
        ("numbers", "0755-12345678", "stands for nobody"),
        ("numbers", "00000000", "telephone number"),
        ("numbers", {"a": 1}, "Write a list of texts"),
        ("numbers", ";".join(f"138{n:08d}" for n in range(21)), "20 at most"),
        ("class", "glod", 'did you mean "gold"'),
        ("language", "klingon", "Write zh or en"),
        ("complaint_owner", "1003", "there is no agent"),
        ("do_not_call", "perhaps", "Write yes or no"),
        ("name", "Zhang\r\nX-Header: 1", "control character"),
        ("name", "Zhang\x00", "control character"),
        ("name", "\u202eflipped", "control character"),
        ("name", "x" * 81, "Shorten it"),
        ("area", ["Beijing"], "this is no text"),
        ("name", True, "this is no text"),
        ("id", "a b", "is no id"),
        ("id", "../x", "is no id"),
        ("id", "客户", "is no id"),
        ("id", "import", "is no id"),
        ("id", "x" * 65, "Shorten it"),
    ],
)
def test_what_can_t_be_is_told_with_its_field_and_the_rest_is_read(field: str, value: Any, said: str):
    values, (mistake,) = read({field: value, "last_order": "B-1"}, RULES)
    assert values == {"last_order": "B-1"}
    assert mistake.field == field and said in mistake.why and mistake.why.endswith(".")
    assert len(mistake.why) < 260


def test_a_hotline_without_classes_says_where_they_are_made():
    _, (mistake,) = read({"class": "gold"}, FieldRules(Numbering(), (), ()))
    assert "Add [classes.gold]" in mistake.why

"""How ids and numbers are written: good and bad ones, and the story server's own copy."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from acd import identifiers
from acd.csv_table import cell
from acd.identifiers import (
    is_call_id,
    is_caller_number,
    is_dialable,
    is_extension,
    is_name,
    is_number,
    made_password,
    optional,
    whole,
)
from ivr import agi

ROOT = Path(__file__).parents[1]
Judge = Callable[[str], bool]


def of(pattern: str) -> Judge:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


JUDGES: dict[str, tuple[Judge, str]] = {
    "call id": (is_call_id, identifiers.CALL_ID),
    "offer id": (of(identifiers.OFFER_ID), identifiers.OFFER_ID),
    "call in a file's name": (of(identifiers.CALL_IN_FILE_NAME), identifiers.CALL_IN_FILE_NAME),
    "leg id": (of(identifiers.LEG_ID), identifiers.LEG_ID),
    "extension": (is_extension, identifiers.EXTENSION),
    "extension asked for": (of(identifiers.EXTENSION_ASKED_FOR), identifiers.EXTENSION_ASKED_FOR),
    "name": (is_name, identifiers.NAME),
    "keyed number": (of(identifiers.KEYED_NUMBER), identifiers.KEYED_NUMBER),
    "number": (is_number, identifiers.NUMBER),
    "caller's number": (is_caller_number, identifiers.CALLER_NUMBER),
    "dialable number": (is_dialable, identifiers.DIALABLE),
    "reason": (of(identifiers.REASON), identifiers.REASON),
}
GOOD: dict[str, list[str]] = {
    "call id": ["c1760000000-42-1234", "c", "-", "1", "a" * 40],
    "offer id": ["c1760000000-42-1234-1", "c1760000000-42-1234-k2", "a" * 60],
    "call in a file's name": ["c1760000000-42-1234", "0", "a" + "-" * 39],
    "leg id": ["c1760000000-42-1234-1", "c1-f1", "c1-k2", "c1-m1", "a" * 40 + "-k999999"],
    "extension": ["10", "1001", "000000", "999999"],
    "extension asked for": ["1", "1001", "999999"],
    "name": ["a", "after-sales", "q2", "a" * 31, "a--"],
    "keyed number": ["1", "95000", "1" * 20],
    "number": ["1", "+1", "95000", "+8613812341234", "+" + "1" * 20],
    "caller's number": ["12", "+12", "13812341234", "+8613812341234", "1" * 20, "+" + "1" * 20],
    "dialable number": ["110", "+110", "1" * 15, "+" + "1" * 15],
    "reason": ["a", "meal", "ring no answer", "call-back", "a" * 31],
}
BAD: dict[str, list[str]] = {
    "call id": ["C1", "c_1", "c.1", "c/1", "../c1", "c1 ", "é", "a" * 41],
    "offer id": ["C1-1", "c1_1", "c1/1", "a" * 61],
    "call in a file's name": ["-c1", "-", ".c1", "c/1", "a" * 41],
    "leg id": ["c1", "c1-", "c1-0", "c1-01", "c1-x1", "-c1-1", "c1-1000000", "c1-k", "../c1-1", "a" * 41 + "-1"],
    "extension": ["1", "1234567", "+10", "10a", "-10", "1 0"],
    "extension asked for": ["1234567", "+1", "a"],
    "name": ["A", "1a", "-a", "a_b", "a b", "a.b", "é", "a" * 32],
    "keyed number": ["+1", "*1", "1#", "1" * 21],
    "number": ["+", "++1", "1+", "00 1", "unknown", "anonymous", "+" + "1" * 21],
    "caller's number": ["1", "+1", "++12", "1+2", "unknown", "1" * 21, "+" + "1" * 21],
    "dialable number": ["12", "+12", "1" * 16, "+" + "1" * 16, "1*2", "unknown"],
    "reason": ["Meal", " meal", "-meal", "meal1", "meal_1", "a" * 32],
}
NEVER = ["", " ", "\n", "\x00", "１００１", "١٢٣٤", "²³", "Ⅻ"]
"""Nothing; and digits that are none to Asterisk, though `str.isdigit` or `\\d` take them."""
ENDS = ["\n", "\r\n", "\x00", " ", "\u2028", "\nx"]
"""What some ways of matching overlook at the end of a text."""


@pytest.mark.parametrize("kind", JUDGES)
def test_good_ones(kind: str):
    judge, _ = JUDGES[kind]
    assert [text for text in GOOD[kind] if not judge(text)] == []


@pytest.mark.parametrize("kind", JUDGES)
def test_bad_ones(kind: str):
    judge, _ = JUDGES[kind]
    bad = [
        *BAD[kind],
        *NEVER,
        *(good + end for good in GOOD[kind][:2] for end in ENDS if (kind, end) != ("reason", " ")),
    ]
    assert [text for text in bad if judge(text)] == []


@pytest.mark.parametrize("kind", JUDGES)
def test_pydantic_judges_alike(kind: str):
    """Its `$` is the end of the text; Python's also matches before a last newline."""
    judge, pattern = JUDGES[kind]
    written = TypeAdapter(Annotated[str, Field(pattern=whole(pattern))])
    empty_too = TypeAdapter(Annotated[str, Field(pattern=optional(pattern))])

    def taken(adapter: TypeAdapter[str], text: str) -> bool:
        try:
            adapter.validate_python(text)
        except ValidationError:
            return False
        return True

    texts = [*GOOD[kind], *BAD[kind], *NEVER, *(good + end for good in GOOD[kind] for end in ENDS)]
    assert [text for text in texts if taken(written, text) is not judge(text)] == []
    assert [text for text in texts if taken(empty_too, text) is not (judge(text) or not text)] == []


def test_a_longer_kind_takes_all_of_the_shorter():
    """What one part has taken, the next must not refuse: an offer of any call, a number that a call can be sent to."""
    for narrow, wide in (
        ("call in a file's name", "call id"), ("call id", "offer id"), ("extension", "extension asked for"),
        ("extension", "keyed number"), ("caller's number", "number"), ("dialable number", "number"), ("keyed number", "number"),
    ):  # fmt: skip
        judge, _ = JUDGES[wide]
        assert [text for text in GOOD[narrow] if not judge(text)] == [], (narrow, wide)


def test_the_story_servers_copy_is_the_same():
    """ivr may not import acd."""
    assert agi.CALL_ID.pattern == identifiers.CALL_ID


def test_no_other_module_writes_the_grammar_down():
    """A copy would differ one day."""
    grammar = [identifiers.CALL_ID, identifiers.EXTENSION, identifiers.NAME, identifiers.NUMBER, identifiers.DIALABLE]
    copies = [
        f"{file.relative_to(ROOT)}: {pattern}"
        for folder in ("acd", "recordings")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in file.parts and file.name != "identifiers.py"
        for pattern in [*grammar, identifiers.CALL_IN_FILE_NAME, identifiers.REASON]
        if pattern in file.read_text(encoding="utf-8")
    ]
    assert copies == []


def test_a_made_password_is_the_same_text_in_a_list_on_a_screen_and_in_a_shell():
    """Once one in sixty-four began with a dash: a list put an apostrophe before it, with which nobody could log in."""
    made = [made_password() for _ in range(2000)]
    assert {character for password in made for character in password} == set(identifiers.PASSWORD_CHARACTERS)
    assert identifiers.PASSWORD_CHARACTERS.isalnum() and not {*"0O1Il"} & {*identifiers.PASSWORD_CHARACTERS}
    assert [password for password in made if cell(password) != password or len(password) != 16] == []
    assert len(set(made)) == len(made)

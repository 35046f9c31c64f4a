"""What may stand in a customer's record: each value read as people and systems write it, each mistake with its field and the remedy."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acd.config import Config
from acd.config.messages import near
from acd.identifiers import is_caller_number
from acd.store.customers.record import MOST_NUMBERS
from acd.telephone_numbers import SHORT, UNKNOWN, Numbering

ID = r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}"
"""A customer's id: it stands in paths of the API and in logs."""
_ID = re.compile(ID)
RESERVED = ("import", "list", "export")
"""Words that stand in the place of an id in paths of the API."""
SHORTEST_E164 = 8
"""Characters with the plus: no country has shorter numbers."""
LONGEST = {"name": 80, "last_order": 80, "area": 80, "consent": 200, "complaint_ticket": 40}
"""Characters of the texts."""
YES = frozenset(("1", "yes", "y", "true", "t", "x", "是", "有", "勿扰", "真"))
NO = frozenset(("", "0", "no", "n", "false", "f", "否", "无", "假"))
_LANGUAGES = {
    **dict.fromkeys(("zh", "zh-cn", "zh_cn", "cn", "chinese", "中文", "汉语", "普通话"), "zh"),
    **dict.fromkeys(("en", "en-us", "en-gb", "en_us", "english", "英文", "英语"), "en"),
}
_BETWEEN = re.compile(r"[,;|/、，；\n\t]+")
_EXPONENT = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
FIELDS = (
    "id", "name", "numbers", "class", "language", "last_order", "area", "do_not_call", "consent", "complaint_ticket",
    "complaint_owner", "brands",
)  # fmt: skip
"""As people and the API write them."""
ATTRIBUTE = {"class": "customer_class"}
"""Field to its name in Customer, where that differs."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A value that can't be."""

    field: str
    why: str
    """What is wrong, and the remedy: two sentences."""


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What the configuration knows of records."""

    numbering: Numbering
    classes: Collection[str]
    agents: Collection[str]
    brands: Collection[str] = ()

    @classmethod
    def of(cls, config: Config) -> "FieldRules":
        """By the configuration in force."""
        return cls(config.numbering, tuple(config.classes), tuple(config.agents), tuple(config.brands))


def read(cells: Mapping[str, Any], rules: FieldRules) -> tuple[dict[str, Any], list[Mistake]]:
    """(the values by the names of Customer's attributes, the mistakes). Only the fields that `cells` has are read; numbers may be a list
    or one text; of a field with a mistake there is no value."""
    values: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for field in FIELDS:
        if field not in cells or cells[field] is None:
            continue
        try:
            values[ATTRIBUTE.get(field, field)] = _value(field, cells[field], rules)
        except ValueError as why:
            mistakes.append(Mistake(field, str(why)))
    return values, mistakes


def _value(field: str, told: Any, rules: FieldRules) -> Any:
    if field == "numbers":
        return _numbers(told, rules.numbering)
    if field == "brands":
        return _brands(told, rules.brands)
    if field == "do_not_call":
        return _truth(told)
    if not isinstance(told, str | int) or isinstance(told, bool):
        raise ValueError("this is no text. Write it in quotes.")
    text = _text(str(told), LONGEST.get(field, 64))
    match field:
        case "id":
            return _id(text)
        case "class":
            return _class(text, rules.classes)
        case "language":
            return _language(text)
        case "complaint_owner":
            return _agent(text, rules.agents)
    return text


def _text(told: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", told).strip()
    if not text.isprintable():
        raise ValueError("it holds a line break or another control character. Write it in one line.")
    if len(text) > longest:
        raise ValueError(f"it has {len(text)} characters, and {longest} is the most. Shorten it.")
    return text


def _id(text: str) -> str:
    if text and (text in RESERVED or not _ID.fullmatch(text)):
        raise ValueError(
            f"{_shown(text)} is no id. Write letters without accents, digits and . _ : @ -, a letter or digit first, 64 characters at most."
        )
    return text


def _class(text: str, classes: Collection[str]) -> str:
    if text and text not in classes:
        remedy = f"Classes: {', '.join(classes)}." if classes else f"Add [classes.{text}] to the configuration first."
        raise ValueError(f"there is no class {_shown(text)}{near(text, classes)}. {remedy}")
    return text


def _language(text: str) -> str:
    if not text:
        return ""
    known = _LANGUAGES.get(text.lower())
    if known is None:
        raise ValueError(f"{_shown(text)} is no language of the hotline. Write zh or en.")
    return known


def _agent(text: str, agents: Collection[str]) -> str:
    if text and text not in agents:
        raise ValueError(
            f"there is no agent {_shown(text)}{near(text, agents)}. Write the extension of one, or nothing."
        )
    return text


def _brands(told: Any, brands: Collection[str]) -> tuple[str, ...]:
    if isinstance(told, str):
        told = _BETWEEN.split(told)
    if not isinstance(told, Sequence) or not all(isinstance(each, str) for each in told):
        raise ValueError("these are no brands. Write a list of texts.")
    found = sorted({each.strip() for each in told if each.strip()})
    for each in found:
        if each not in brands:
            there = f"Brands: {', '.join(brands)}." if brands else "This hotline has no brands: leave it empty."
            raise ValueError(f"there is no brand {_shown(each)}{near(each, brands)}. {there}")
    return tuple(found)


def _truth(told: Any) -> bool:
    if isinstance(told, bool):
        return told
    word = str(told).strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError(f"{_shown(str(told))} is neither yes nor no. Write yes or no.")


def _numbers(told: Any, numbering: Numbering) -> tuple[str, ...]:
    if isinstance(told, str):
        told = [each for each in _BETWEEN.split(told) if each.strip()]
    if not isinstance(told, Sequence) or not all(isinstance(each, str) for each in told):
        raise ValueError("these are no numbers. Write a list of texts.")
    found = tuple(dict.fromkeys(_number(each.strip(), numbering) for each in told))
    if len(found) > MOST_NUMBERS:
        raise ValueError(
            f"there are {len(found)} numbers, and one customer has {MOST_NUMBERS} at most. Take some away."
        )
    return found


def _number(written: str, numbering: Numbering) -> str:
    if _EXPONENT.fullmatch(written):
        raise ValueError(
            f"{_shown(written)} is what a spreadsheet made of a number, and its last digits are lost. Format the column as text and export again."
        )
    number = numbering.number(written)
    # A short number is written as it is; behind a country code it is the beginning of a whole one.
    whole = len(number) >= SHORTEST_E164 if number.startswith("+") else 3 <= len(number) <= SHORT and number == written
    if not is_caller_number(number) or not whole:
        raise ValueError(
            f"{_shown(written)} is no whole telephone number. Write all its digits, with the country code, as +8613800001111."
        )
    if numbering.caller(number) == UNKNOWN:
        raise ValueError(
            f"{_shown(written)} stands for nobody: it is one of our own numbers, or among hotline.stand_ins. Take it away."
        )
    return number


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")

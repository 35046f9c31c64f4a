"""A mistake in the configuration as a sentence: the place, what is wrong with it, and what to write instead."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from acd.config.numbers import TABLES
from acd.config.types import WRITTEN

_LISTS = (
    "overflow",
    "addresses",
    "hours",
    "queues",
    "agents",
    "never_dial",
    "stand_ins",
    "kinds",
    "allow",
    "caller_from",
    "did_from",
    "accounts",
    "escalation",
    "codecs",
    "local_networks",
    "trusted_proxies",
    "hand_over_to",
    "instead_of",
    "roles",
    "scopes",
    "algorithms",
    "what",
    "formats",
    "hours",
    "mail",
    "on_call",
    "questions",
    "shifts",
)
"""Keys whose values are lists; a number after any other is a key of a table."""
_WRITE = {
    "int": "Write a whole number without quotes",
    "float": "Write a number without quotes",
    "bool": "Write true or false without quotes",
    "string": "Write a text in quotes",
    "list": "Write a list in [ ]",
    "dict": "Write a table in { }",
    "model": "Write a table in { }",
    "path": "Write a path in quotes",
    "finite": "Write a number",
}
"""How a type of pydantic's begins, to the remedy."""


def near(word: str, known: Iterable[Any]) -> str:
    """` (did you mean "x"?)` where one of `known` looks like it, or nothing."""
    close = difflib.get_close_matches(word, [str(k) for k in known], n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def place_of(loc: tuple[Any, ...]) -> str:
    """Where in the file, as `queues.orders.overflow (row 2).after_s`; entries of lists are counted from one."""
    place = ""
    for part in loc:
        if part == "[key]":
            continue
        if part == TABLES:
            part = "numbers"  # where the operator has written it
        if isinstance(part, int) and place.rpartition(".")[2] in _LISTS:
            place += f" ({'row' if place.endswith(('.overflow', '.escalation')) else 'entry'} {part + 1})"
        else:
            place += f".{part}" if place else str(part)
    return place or "file"


LONGEST = 100
"""Characters of a wrong value that are said again."""


def shown(value: object) -> str:
    """The value as it is said again: not more of it than a line."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def sentence(mistake: Any, root: type[BaseModel]) -> str:
    """One of pydantic's mistakes in a configuration that is checked as `root`; a long value is not said again whole."""
    text, given = _sentence(mistake, root), mistake.get("input")
    for long in (repr(given), str(given)):
        if len(long) > LONGEST:
            text = text.replace(long, f"{long[:LONGEST]}…")
    return text


def _sentence(mistake: Any, root: type[BaseModel]) -> str:
    place, given = place_of(mistake["loc"]), mistake.get("input")
    match mistake["type"]:
        case "extra_forbidden":
            known = _fields_at(root, mistake["loc"][:-1])
            return (
                f"{place}: unknown key{near(str(mistake['loc'][-1]), known)}. Known here: {', '.join(sorted(known))}."
            )
        case "missing":
            return f"{place}: is missing. Add it."
        case "too_short" if not given:
            return f"{place}: is empty. Write at least one entry, or leave the key out."
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            if isinstance(given, bool):
                return f"{place}: {str(given).lower()} can't stand here. Write a number without quotes."
            return f"{place}: {given!r} is out of range. It must be {between(mistake['ctx'])}."
        case "string_pattern_mismatch":
            pattern = mistake["ctx"]["pattern"]
            written = WRITTEN.get(pattern, "it as the example configuration shows")
            return f"{place}: {given!r} is not written as expected. Write {written}."
        case "string_too_long" | "string_too_short" | "too_long" | "too_short":
            bound = _size(mistake)
            return f"{place}: {given!r} must have {bound}." if len(str(given)) < 100 else f"{place}: must have {bound}."
        case "literal_error":
            said = near(
                str(given), [word.strip(" '") for word in mistake["ctx"]["expected"].replace(" or ", ",").split(",")]
            )
            return f"{place}: {given!r} is not one of {mistake['ctx']['expected']}{said}."
        case "value_error":
            return f"{place}: {mistake['ctx']['error']}."
        case kind:
            remedy = next((words for begin, words in _WRITE.items() if kind.startswith(begin)), "Write another value")
            return f"{place}: {given!r} can't stand here. {remedy}."


def between(bounds: Mapping[str, Any]) -> str:
    """The bound that a number has missed, in words: "at least 1". `bounds`: as pydantic names them."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return " and ".join(f"{words[name]} {bound:g}" for name, bound in bounds.items() if name in words)


def _size(mistake: Any) -> str:
    """How many characters or entries it may have."""
    unit = "character" if mistake["type"].startswith("string") else "entry"
    most, least = mistake["ctx"].get("max_length"), mistake["ctx"].get("min_length")
    number, words = (most, "at most") if most is not None else (least, "at least")
    return f"{words} {number} {unit if number == 1 else {'entry': 'entries'}.get(unit, unit + 's')}"


def _fields_at(root: type[BaseModel], loc: tuple[Any, ...]) -> set[str]:
    """The field names of the part that stands at `loc`."""
    part: Any = root
    for step in loc:
        field = part.model_fields.get(str(step))
        if field is None:
            continue  # the name of an entry in a table, such as [queues.NAME], or the number of a row
        part = _model_in(field.annotation)
        if part is None:
            return set()
    return set(part.model_fields)


def _model_in(annotation: Any) -> Any:
    """The model that an annotation such as dict[str, Queue] holds, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner)) is not None), None)

"""What is wrong with a query or a body, in a sentence of ours: pydantic's own words and its patterns are for programmers."""

from typing import Any

from acd.config.messages import between, near
from acd.config.types import WRITTEN
from acd.identifiers import CALL_ID, EXTENSION_ASKED_FOR, OFFER_ID, optional

_WRITTEN = {
    **WRITTEN,
    optional(CALL_ID): "a call's id, as c1760000000-1",
    optional(OFFER_ID): "an offer's id, as c1760000000-1-1",
    optional(EXTENSION_ASKED_FOR): "an extension, as 1001",
    r"^((trunk|agent) [A-Za-z0-9-]+|other)?$": "trunk NAME, agent 1001 or other",
    r"^([0-9]{4}-W[0-9]{2})?$": "a week, as 2026-W48",
    r"^[0-9]*$": "digits",
    r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)?$": "a time of day with two digits for the hour, as 14:00, at the latest 24:00",
    r"^[0-9*#A-D]*$": "what a telephone can key: digits, * and #",
}
_KINDS = {
    "int": "Write a whole number",
    "float": "Write a number",
    "finite": "Write a number",
    "bool": "Write true or false",
    "string": "Write a text",
    "list": "Write a list",
    "tuple": "Write a list",
    "set": "Write a list",
    "dict": "Write an object",
    "model": "Write an object",
    "date_": "Write a day, as 2026-11-29",
    "datetime": "Write a time with its zone, as 2026-11-29T17:30:00+08:00",
    "time": "Write a time of day, as 17:30",
}
"""How a type of pydantic's begins, to the remedy; the first that fits."""
_SECRET = ("password", "pin", "token")
"""Fields whose value is not said again."""
_SHOWN = 60
"""Characters of a wrong value that are said again."""


def sentence(mistake: Any, name: str, where: str) -> str:
    """One of pydantic's mistakes. `name`: of the field; `where`: "query" or "body"."""
    given = mistake.get("input")
    shown = "what it holds" if name.rpartition(".")[2] in _SECRET else _shown(given)
    match mistake["type"]:
        case "extra_forbidden":
            return f"{name} is not known in this {where}. Leave it out."
        case "missing":
            return f"{name} is missing in this {where}. Add it."
        case "value_error" | "assertion_error":
            return _ended(f"{name}: {mistake['ctx']['error']}")
        case "string_pattern_mismatch":
            written = _WRITTEN.get(mistake["ctx"]["pattern"], "it as the API's document (/api) says")
            return f"{name}: {shown} is not written as expected. Write {written}."
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return f"{name}: {shown} is out of range. It must be {between(mistake['ctx'])}."
        case "string_too_short" | "too_short" if not given:
            return f"{name} is empty. Write at least {mistake['ctx'].get('min_length', 1)}."
        case "string_too_long" | "too_long" | "string_too_short" | "too_short" | "bytes_too_long":
            unit = "characters" if "string" in mistake["type"] else "entries"
            most, least = mistake["ctx"].get("max_length"), mistake["ctx"].get("min_length")
            bound = f"at most {most}" if most is not None else f"at least {least}"
            return f"{name} has {len(given) if hasattr(given, '__len__') else 'other'} {unit}. Write {bound}."
        case "literal_error" | "enum":
            known = [word.strip(" '") for word in mistake["ctx"]["expected"].replace(" or ", ",").split(",")]
            named = ", ".join(word for word in known if word)
            return f"{name}: {shown} is not one of {named}{near(str(given), known)}."
        case kind:
            remedy = next((words for begin, words in _KINDS.items() if kind.startswith(begin)), "Write another value")
            return f"{name}: {shown} can't stand here. {remedy}."


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."

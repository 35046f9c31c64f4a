"""The differences between two configurations, a sentence each, and which of them take effect only at a start."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from acd.config.alarms import Threshold
from acd.config.numbers import TABLES
from acd.config.queues import Row
from acd.config.schema import Config
from acd.config.transfers import Escalation

AT_A_START = (
    "sip",
    "web",
    "ports",
    "pbx",
    "recordings.folder",
    "recordings.min_free_mb",
    "hotline.timezone",
    "speech",
)
"""Places that take effect only at a start: sockets, where and by whose midnight sound is filed."""
_TABLES = {
    "queues": "queue",
    "agents": "agent",
    "trunks": "trunk",
    "teams": "team",
    "brands": "brand",
    "reports": "report",
    "lookups": "look-up",
}


@dataclass(frozen=True, slots=True)
class Difference:
    place: str
    """As in the file: `queues.orders.wrap_up_s`."""
    said: str
    """One sentence."""

    @property
    def alone(self) -> str:
        """The sentence behind the place, which names the subject already: "port 5082 -> 5083."."""
        part = self.place.partition(".")[0]
        return self.said.removeprefix(f"{part}: ").removeprefix(f"{part}, ")

    @property
    def at_a_start(self) -> bool:
        return any(self.place == begin or self.place.startswith(f"{begin}.") for begin in AT_A_START)


def differences(
    was: Config, will_be: Config, *, other_menu: bool = False, other_menus_of: Iterable[str] = ()
) -> list[Difference]:
    """In the order of the file; empty when the two say the same. `other_menu`: the text of the operator's own menu is
    another; `other_menus_of`: those of these brands' own."""
    said = "menu: its text is another; calls that arrive from then on hear it."
    menus = [Difference("hotline.menu", said)] if other_menu else []
    menus += [Difference(f"brands.{name}.menu", f"brand {name}, {said}") for name in other_menus_of]
    return [*_differences(was, will_be), *menus]


def _differences(was: Config, will_be: Config) -> Iterator[Difference]:
    for part in Config.model_fields:
        old, new = getattr(was, part), getattr(will_be, part)
        if part in _TABLES:
            yield from _table(part, _TABLES[part], old, new)
        elif isinstance(old, BaseModel):
            yield from _fields(part, part, old, new)
        else:
            yield from _entries(part, part, old, new)


def _table(part: str, noun: str, old: Mapping[str, BaseModel], new: Mapping[str, BaseModel]) -> Iterator[Difference]:
    for name in old:
        if name not in new:
            yield Difference(f"{part}.{name}", f"{noun} {name}: taken away ({_shown(old[name])}).")
    for name in new:
        if name not in old:
            yield Difference(f"{part}.{name}", f"{noun} {name}: new ({_shown(new[name])}).")
        else:
            yield from _fields(f"{part}.{name}", f"{noun} {name}", old[name], new[name])


def _fields(place: str, subject: str, old: BaseModel, new: BaseModel) -> Iterator[Difference]:
    for field in type(old).model_fields:
        one, other = getattr(old, field), getattr(new, field)
        if one == other:
            continue
        if field in ("overflow", "escalation", "thresholds", "on_call"):
            yield from _rows(f"{place}.{field}", f"{subject}, {field}", one, other)
        elif isinstance(one, Mapping):
            name = "numbers" if field == TABLES else field
            yield from _entries(f"{place}.{name}", f"{subject}, {name}", one, other)
        else:
            yield Difference(f"{place}.{field}", f"{subject}: {field} {_shown(one)} -> {_shown(other)}.")


def _entries(place: str, subject: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[Difference]:
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            yield Difference(f"{place}.{key}", f"{subject}: {key} taken away (was {_shown(old[key])}).")
        elif key not in old:
            yield Difference(f"{place}.{key}", f"{subject}: {key} new ({_shown(new[key])}).")
        elif old[key] != new[key]:
            yield Difference(f"{place}.{key}", f"{subject}: {key} {_shown(old[key])} -> {_shown(new[key])}.")


def _rows(
    place: str,
    subject: str,
    old: Sequence[Row | Escalation | Threshold],
    new: Sequence[Row | Escalation | Threshold],
) -> Iterator[Difference]:
    for number, row in enumerate(old, 1):
        if row not in new:
            yield Difference(f"{place}.{number}", f"{subject}: row {number} taken away ({row.said()}; {row.why}).")
    for number, row in enumerate(new, 1):
        if row not in old:
            yield Difference(f"{place}.{number}", f"{subject}: row {number} new ({row.said()}; {row.why}).")
    if [row for row in old if row in new] != [row for row in new if row in old]:
        yield Difference(place, f"{subject}: the rows stand in another order.")


def _shown(value: Any) -> str:
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case Row() | Escalation() | Threshold():
            return value.said()
        case BaseModel():
            told = {field: getattr(value, field) for field in type(value).model_fields}
            default = {field: info.default for field, info in type(value).model_fields.items()}
            return ", ".join(f"{f} {_shown(v)}" for f, v in told.items() if v != default[f]) or "as by default"
        case Mapping():
            return " ".join(f"{key} {_shown(entry)}" for key, entry in value.items()) or "nothing"
        case list() | tuple():
            return ", ".join(map(_shown, value)) or "nothing"
        case _:
            return str(value)

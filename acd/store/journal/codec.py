"""Events and log rows as JSON and back. The form is stable: the class's name under "type", then its fields.

A field that the reader does not know is passed over and one that is missing takes its default, so that neighbouring
versions read each other's spools.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from acd.engine.commands import Kind, Log
from acd.engine.events import Event
from acd.store.errors import NotAnEvent

Reader = Callable[[Any], Any]

_EVENTS: dict[str, type[Any]] = {each.__name__: each for each in get_args(Event)}


def _plain(value: Any) -> Any:
    """What the JSON writer does not know by itself."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _tame(value: Any) -> Any:
    """The same value with whatever JSON cannot hold said in words: a log row is never refused for its contents."""
    if isinstance(value, Enum):
        return _tame(value.value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | bool | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): _tame(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_tame(each) for each in value]
    try:
        return _tame(_plain(value))
    except TypeError:
        return repr(value)


def to_json(value: Any) -> str:
    """Compact JSON on one line; what JSON cannot hold (NaN, a foreign object) becomes null or its repr."""
    try:
        return _write(value)
    except (TypeError, ValueError):
        return _write(_tame(value))


def event_form(event: Event) -> dict[str, Any]:
    """The event as it is written to the journal."""
    kind: Any = type(event)
    form: dict[str, Any] = {"type": kind.__name__}
    for name in _names(kind):
        form[name] = getattr(event, name)
    return form


def log_form(log: Log) -> dict[str, Any]:
    """Empty fields are left out: most rows name only some."""
    form: dict[str, Any] = {"kind": log.kind}
    if log.call:
        form["call"] = log.call
    if log.agent:
        form["agent"] = log.agent
    if log.offer:
        form["offer"] = log.offer
    if log.queue:
        form["queue"] = log.queue
    if log.detail:
        form["detail"] = log.detail
    return form


def event_from(form: Mapping[str, Any]) -> Event:
    """The event; NotAnEvent when its class is unknown or a field without default is missing."""
    name = form.get("type")
    kind: Any = _EVENTS.get(str(name))
    if kind is None:
        raise NotAnEvent(f"{name!r}")
    event: Event = _maker(kind)(form)
    return event


def log_from(form: Mapping[str, Any]) -> Log:
    """The row; NotAnEvent when its kind is unknown."""
    try:
        kind = Kind(form["kind"])
    except (KeyError, ValueError) as reason:
        raise NotAnEvent(f"log row {form.get('kind')!r}") from reason
    return Log(
        kind,
        call=form.get("call", ""),
        agent=form.get("agent", ""),
        offer=form.get("offer", ""),
        queue=form.get("queue", ""),
        detail=form.get("detail", {}),
    )


@cache
def _maker(kind: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
    """How one dataclass is made from its JSON."""
    hints = get_type_hints(kind)
    readers = {each.name: _reader(hints[each.name]) for each in fields(kind)}
    needed = [
        each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING and each.init
    ]

    def make(form: Mapping[str, Any]) -> Any:
        for name in needed:
            if name not in form:
                raise NotAnEvent(f"{kind.__name__} without {name}")
        return kind(**{name: read(form[name]) for name, read in readers.items() if name in form})

    return make


def _reader(hint: Any) -> Reader:
    origin = get_origin(hint)
    arguments = get_args(hint)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            each = _reader(arguments[0])
            return lambda value: tuple(each(one) for one in value)
        readers = [_reader(one) for one in arguments]
        return lambda value: tuple(read(one) for read, one in zip(readers, value, strict=True))
    if origin in (Union, UnionType) and type(None) in arguments and len(arguments) == 2:
        inner = _reader(next(one for one in arguments if one is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is Literal:
        return lambda value: value
    if is_dataclass(hint):
        nested: Any = hint
        return cast(Reader, _maker(nested))
    if isinstance(hint, type):
        if hint is datetime:
            return datetime.fromisoformat
        if hint is timedelta:
            return lambda value: timedelta(seconds=value)
        if hint is float:
            return float
        if issubclass(hint, Enum):
            return hint
    return lambda value: value

"""The book of a call's recordings: every leg with its agent, its span of sound, its checksum and what was checked.

One JSON file per call, beside the sound of its first leg. Later legs are added to it; a leg that is filed again
replaces itself. There is one leg per desk; a consult, in which the caller was not to be heard, is a leg of its own and
no desk's, and so is a message.
"""

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acd.errors import SanxiangError
from acd.store.journal.legs import kind_of
from recordings import names
from recordings.leg import Judged, length_fault


def path_of(root: Path, call: str, days: int | None = None) -> Path | None:
    """The call's manifest, looked for in the newest `days` folders, or in all; None when there is none. NotAnId."""
    name = f"{names.call_id(call)}.json"
    for day in itertools.islice(_days(root), days):
        if (day / name).is_file():
            return day / name
    return None


class ManifestDamaged(SanxiangError):
    """The manifest {file} is damaged: it can't be read, or is none. Restore it from a back-up of the recordings folder, then hold it against
    the chain: `sanxiang recording verify`."""


def opened(root: Path, call: str) -> dict[str, Any] | None:
    """The manifest; None: there is no such file. Raises ManifestDamaged, NotAnId."""
    path = path_of(root, call)
    if path is None:
        return None
    book = _load(path, call)
    if not book["legs"] or not all(_is_leg(each) for each in book["legs"]):
        raise ManifestDamaged(file=path)
    return book


def _is_leg(entry: Any) -> bool:
    """Whether this is a leg as `enter` writes it."""
    needed = {"offer", "agent", "to_s", "file", "sha256", "checks"}
    return isinstance(entry, dict) and needed <= entry.keys() and isinstance(entry["checks"].get("reasons"), list)


def read(root: Path, call: str) -> dict[str, Any]:
    """The manifest; one without legs when nothing is filed, or the file is damaged. NotAnId."""
    path = path_of(root, call)
    return _load(path, call) if path else _new(call)


def enter(root: Path, judged: Judged, known: Path | None) -> Path:
    """Enters the leg into its call's manifest and gives back where that lies. OSError.

    `known`: where the caller saw it last, to spare the search.
    """
    call = names.call_id(judged.due.call)
    # A call does not last longer than three days; a new one would else be looked for in every day there ever was.
    path = known or path_of(root, call, days=3)
    if path is None:
        path = root / names.day_folder(judged.due.ended_at) / f"{call}.json"
    book = _load(path, call)
    entry = _entry(judged)
    book["legs"] = [each for each in book["legs"] if each["offer"] != judged.due.offer] + [entry]
    book["legs"].sort(key=_order)
    _sum_up(book)
    _write(path, book)
    return path


def intact(text: str, book: dict[str, Any]) -> bool:
    """Whether this text of a manifest is to the last character as it is written here, and its head sums up its legs."""
    summed = {**_new(book["call"]), "legs": book["legs"]}
    _sum_up(summed)
    return summed == book and _text(book) == text


def _sum_up(book: dict[str, Any]) -> None:
    desks = (each["agent"] for each in book["legs"] if each["agent"] and not names.is_consult(each["offer"]))
    book["agents"] = list(dict.fromkeys(desks))
    book["complete"] = all(each["complete"] for each in book["legs"])


Sign = Callable[[Mapping[str, Any]], str]
"""Signs what is said of a deletion."""


def mark_deleted(root: Path, call: str, offer: str, at: datetime, by: str, why: str, sign: Sign | None = None) -> None:
    """Says in the call's manifest that the sound of this leg was deleted; the leg stays, with its checksum. `sign`: signs that. Silent where
    there is no manifest, or no such leg in it. NotAnId, OSError."""
    path = path_of(root, call)
    book = _load(path, call) if path is not None else _new(call)
    entry = leg_in(book, offer)
    if path is not None and entry is not None:
        deleted = {"at": at.isoformat(), "by": by, "why": why}
        if sign is not None:
            deleted["signature"] = sign(trace(call, offer, entry["sha256"], deleted))
        entry["deleted"] = deleted
        _write(path, book)


def _write(path: Path, book: dict[str, Any]) -> None:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    aside = path.with_suffix(".json.new")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    try:
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            opened.write(_text(book))
            opened.flush()
            os.fsync(opened.fileno())
        aside.rename(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def _text(book: dict[str, Any]) -> str:
    return json.dumps(book, ensure_ascii=False, indent=1)


def trace(call: str, offer: str, sha256: str, deleted: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed of a deletion."""
    return {"call": call, "offer": offer, "sha256": sha256} | {name: deleted.get(name) for name in ("at", "by", "why")}


def leg_in(book: dict[str, Any], offer: str) -> dict[str, Any] | None:
    return next((each for each in book["legs"] if each["offer"] == offer), None)


def _entry(judged: Judged) -> dict[str, Any]:
    due = judged.due
    began_at = due.began_at or due.ended_at - timedelta(seconds=judged.seconds)
    kind = kind_of(due.offer)
    return {
        "offer": due.offer,
        "kind": kind,
        "agent": due.agent,
        **({"first": due.first, "receiver": due.agent} if kind == "consult" else {}),
        "queue": due.queue,
        **({"brand": due.brand} if due.brand else {}),
        "talk_s": due.talk_s,
        "hold_s": due.hold_s,
        "consult_s": due.consult_s,
        "talk_began_at": began_at.astimezone(UTC).isoformat(),
        "talk_ended_at": due.ended_at.astimezone(UTC).isoformat(),
        "file": judged.path,
        "from_s": 0.0,
        "to_s": round(judged.seconds, 3),
        # Where caller and agent were not alone with each other, in seconds of the file.
        "spans": [dict(each) for each in due.spans],
        "sha256": judged.sha256,
        "complete": judged.complete,
        "checks": {
            "length_ok": not length_fault(due, judged.seconds),
            "silent": judged.silent,
            "reasons": list(judged.reasons),
            "levels": {name: asdict(level) for name, level in judged.levels.items()},
            "level_faults": list(judged.level_faults),
        },
        "filed_at": judged.filed_at.astimezone(UTC).isoformat(),
    }


def _new(call: str) -> dict[str, Any]:
    return {"call": call, "agents": [], "complete": False, "legs": []}


def _load(path: Path, call: str) -> dict[str, Any]:
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _new(call)
    whole = isinstance(book, dict) and book.get("call") == call and isinstance(book.get("legs"), list)
    return book if whole else _new(call)


def day_folders(root: Path) -> list[str]:
    """The day folders there are, as 2026/11/22, the oldest first."""
    return sorted(each.relative_to(root).as_posix() for each in _days(root))


def _days(root: Path) -> Iterator[Path]:
    for year in _newest_first(root, 4):
        for month in _newest_first(year, 2):
            yield from _newest_first(month, 2)


def _newest_first(folder: Path, digits: int) -> list[Path]:
    try:
        found = [each for each in folder.iterdir() if len(each.name) == digits and each.name.isdigit()]
    except OSError:
        return []
    return sorted(found, reverse=True)


def _order(entry: dict[str, Any]) -> tuple[datetime, int]:
    """As the talks began; the plain queue's (f1, f2 …), a consult (k2) and a message (m1) have numbers of their own, so
    time comes first."""
    began_at = entry.get("talk_began_at")
    if began_at:
        began = datetime.fromisoformat(began_at)
    else:  # Filed before legs had it.
        lasted_s = entry["to_s"] if entry["talk_s"] is None else entry["talk_s"]
        began = datetime.fromisoformat(entry["talk_ended_at"]) - timedelta(seconds=lasted_s)
    number = entry["offer"].rpartition("-")[2]
    return began, int(number.lstrip("fkm"))

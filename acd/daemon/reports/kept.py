"""Which reports were made, and what became of their mail: `<state>/reports.json`, written before and after each step.

Of each configured report: since when it is known, and the last day of the newest span that was made. Of each made one: its files,
and its mail: "none", "waiting", "sending", "sent", "unknown" (the daemon ended while it was being sent, so it is not sent again),
"given up".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from acd.files import write_private
from acd.reports.spans import Span

log = structlog.get_logger(__name__)

KEPT = 200
"""Made reports that are listed, the newest. The files of older ones in the state folder are removed; those in folders of the
operator's stay."""
FORMAT = 1
MailState = Literal["none", "waiting", "sending", "sent", "unknown", "given up"]


@dataclass(frozen=True, slots=True)
class MadeReport:
    number: int
    name: str
    first: date
    last: date
    made_at: datetime
    why: Literal["due", "asked"]
    folder: str
    files: tuple[str, ...]
    mail: MailState = "none"
    summary: str = ""
    """The main figures in words, for the mail."""

    @property
    def span(self) -> Span:
        return Span(self.first, self.last)


@dataclass(slots=True)
class Progress:
    since: datetime
    """What was due before is not made."""
    done: date | None = None
    """The last day of the newest span that was made."""


@dataclass(slots=True)
class Kept:
    """The file's content."""

    file: Path
    progress: dict[str, Progress] = field(default_factory=dict)
    made: list[MadeReport] = field(default_factory=list)
    """The newest last."""
    number: int = 0

    @classmethod
    def read(cls, file: Path) -> "Kept":
        """What the file says. One that can't be read is left out, and said: reports begin anew, and none is made for the past."""
        kept = cls(file)
        try:
            form = json.loads(file.read_text(encoding="utf-8"))
            if form["format"] != FORMAT:
                raise ValueError(f"format {form['format']!r}; this version reads {FORMAT}")
            kept.number = int(form["number"])
            kept.progress = {str(name): _progress(row) for name, row in form["reports"].items()}
            kept.made = [_made(row) for row in form["made"]]
        except FileNotFoundError:
            return kept
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("the list of made reports can't be read; it begins anew", file=str(file), why=str(error))
            return cls(file)
        return kept

    def text(self) -> str:
        """What the file is to say now."""
        form = {
            "format": FORMAT,
            "number": self.number,
            "reports": {name: asdict(one) for name, one in self.progress.items()},
            "made": [asdict(one) for one in self.made],
        }
        return json.dumps(form, ensure_ascii=False, default=_written)

    def save(self, text: str = "") -> None:
        """Puts `text`, or what the file is to say now, on the disk, whole. Blocks. Raises OSError."""
        write_private(self.file, text or self.text())

    def known(self, names: Sequence[str], now: datetime) -> bool:
        """These reports are configured now: new ones begin now, those that are gone are forgotten. Whether anything is other."""
        before = list(self.progress)
        self.progress = {name: self.progress.get(name) or Progress(now) for name in names}
        return before != list(self.progress)

    def interrupted(self) -> list[MadeReport]:
        """The former daemon's that were being mailed when it ended; they are "unknown" from now on."""
        found = [one for one in self.made if one.mail == "sending"]
        self.change(lambda one: replace(one, mail="unknown"), found)
        return found

    def add(self, made: MadeReport) -> tuple[MadeReport, list[MadeReport]]:
        """The report with its number, and those that are no longer listed."""
        self.number += 1
        numbered = replace(made, number=self.number)
        self.made.append(numbered)
        gone, self.made = self.made[:-KEPT], self.made[-KEPT:]
        return numbered, gone

    def set_mail(self, number: int, mail: MailState) -> None:
        """What became of its mail."""
        self.change(lambda one: replace(one, mail=mail), [one for one in self.made if one.number == number])

    def change(self, how: Callable[[MadeReport], MadeReport], which: Sequence[MadeReport]) -> None:
        """Puts another in the place of each of these."""
        numbers = {one.number for one in which}
        self.made = [how(one) if one.number in numbers else one for one in self.made]

    def of(self, number: int) -> MadeReport | None:
        """The made report of this number."""
        return next((one for one in self.made if one.number == number), None)


def _progress(row: Mapping[str, Any]) -> Progress:
    done = row["done"]
    return Progress(datetime.fromisoformat(row["since"]), date.fromisoformat(done) if done else None)


def _made(row: Mapping[str, Any]) -> MadeReport:
    return MadeReport(
        **{
            **row,
            "first": date.fromisoformat(row["first"]),
            "last": date.fromisoformat(row["last"]),
            "made_at": datetime.fromisoformat(row["made_at"]),
            "files": tuple(map(str, row["files"])),
        }
    )


def _written(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()

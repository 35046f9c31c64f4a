"""What is told outside of an alarm, and what each way outward has to offer."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from acd.alarms.rows import heading
from acd.config.alarms import AlarmsTable

What = Literal["raised", "worse", "repeated", "unseen", "cleared", "test"]
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "raised": "alarm",
        "worse": "worse",
        "repeated": "still",
        "unseen": "seen by nobody",
        "cleared": "over",
        "test": "test",
    },
    "zh": {
        "raised": "告警",
        "worse": "告警升级",
        "repeated": "告警持续",
        "unseen": "告警无人确认",
        "cleared": "告警解除",
        "test": "测试",
    },
}
_SEVERITY = {"en": {"critical": "CRITICAL ", "warning": ""}, "zh": {"critical": "严重", "warning": ""}}


class NotSent(Exception):
    """Why it could not be sent: a sentence without any secret. `for_good`: it is not tried again."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of one alarm. The same notice has the same id however often it is sent."""

    what: What
    at: datetime
    hotline: str
    row: Mapping[str, Any]
    """The alarm (acd/alarms/rows.py)."""
    on_call: tuple[str, ...] = ()
    """Names of the rows of [[alarms.on_call]] by which it is told."""
    to: tuple[str, ...] = ()
    """Addresses of theirs, in the place of `alarms.mail.to`."""
    id: str = field(default_factory=lambda: f"msg_{secrets.token_hex(12)}")

    def as_json(self) -> str:
        """For programs: the type of the event, its time, the hotline, the alarm."""
        data = {"hotline": self.hotline, "on_call": list(self.on_call), "alarm": self.row}
        form = {"type": f"alarm.{self.what}", "timestamp": self.at.isoformat(), "data": data}
        return json.dumps(form, ensure_ascii=False)

    def subject(self, language: str) -> str:
        """One line for a person."""
        grade = _SEVERITY[language][str(self.row["severity"])] if self.what != "cleared" else ""
        return one_line(
            f"[{self.hotline}] {grade}{_WORDS[language][self.what]}{'：' if language == 'zh' else ': '}{heading(self.row, language)}"
        )

    def text(self, language: str) -> str:
        """Some lines for a person: what is wrong and what to do, since when, how often."""
        row = self.row
        if language == "zh":
            lines = [row["said"]["zh"], "", f"编号 {row['number']}，自 {row['raised_at']} 起，共 {row['times']} 次"]
            lines += (
                [f"解除：{row['cleared_at']}"]
                if row["cleared_at"]
                else ["确认：sanxiang alarms seen " + str(row["number"])]
            )
        else:
            lines = [row["said"]["en"], "", f"Number {row['number']}, since {row['raised_at']}, {row['times']} times"]
            lines += (
                [f"Over: {row['cleared_at']}"]
                if row["cleared_at"]
                else [f"To take it: sanxiang alarms seen {row['number']}"]
            )
        return "\n".join(map(str, lines)) + "\n"


class Way(Protocol):
    """A way outward."""

    name: str

    def configured(self, table: AlarmsTable) -> bool:
        """Whether the configuration has it."""

    async def send(self, notice: Notice, table: AlarmsTable) -> None:
        """Raises NotSent."""


def one_line(text: str) -> str:
    """Without line breaks and other control characters, at most 200 characters."""
    return "".join(each if each.isprintable() else " " for each in text)[:200]

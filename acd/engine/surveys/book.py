"""The surveys that are open, and when each caller was asked last. Bounded in time and in number."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from acd.identifiers import is_number

MOST_OPEN = 20_000
"""Surveys that are open at a time; beyond it the oldest are closed unanswered."""
MOST_ASKED = 100_000
"""Callers of whom is remembered when they were asked; beyond it those who were asked longest ago are forgotten."""

Way = Literal["talk", "webhook", "call"]
"""talk: at the end of the call itself; webhook: by a link that the company has sent; call: by a call back."""
_TIMES = ("asked_at", "until")


@dataclass(slots=True)
class Survey:
    """One caller who is asked about one call."""

    call: str
    way: Way
    asked_at: datetime
    until: datetime
    """Answers are taken until then."""
    caller: str = "unknown"
    dialled: str = ""
    withheld: bool = False
    language: str = ""
    queue: str = ""
    brand: str = ""
    agent: str = ""
    """The last of the call's agents."""
    questions: tuple[str, ...] = ()
    low: int = 0
    low_queue: str = ""
    satisfied: int = 0
    solved: str = ""
    recommend: int = -1
    callback: bool = False
    word_s: float = 0.0
    answered: bool = False
    """By a link: it counts once."""
    sent: bool = False
    """The invitation is out, or was given up."""
    begun: bool = False
    """In a call back: the customer has agreed, and is asked."""
    told_low: bool = False
    followed: bool = False
    """The callback by a supervisor is in its queue."""


class SurveyBook:
    """What is remembered of surveys."""

    def __init__(self) -> None:
        self.open: OrderedDict[str, Survey] = OrderedDict()
        self._asked: OrderedDict[str, datetime] = OrderedDict()

    def begin(self, survey: Survey, every: timedelta) -> None:
        """The survey is open. `every`: how long a caller is left alone then."""
        self.forget(survey.asked_at)
        self.open[survey.call] = survey
        while len(self.open) > MOST_OPEN:
            self.open.popitem(last=False)
        if every and is_number(survey.caller):
            self._asked.pop(survey.caller, None)
            self._asked[survey.caller] = survey.asked_at
            while len(self._asked) > MOST_ASKED:
                self._asked.popitem(last=False)

    def asked_since(self, caller: str, since: datetime) -> bool:
        """Whether this caller was asked after `since`."""
        at = self._asked.get(caller)
        return at is not None and at > since

    def forget(self, now: datetime) -> None:
        """Close those whose time is over; they were opened in the order of their times but for the ways."""
        for name in [name for name, one in self.open.items() if one.until <= now] if self._is_due(now) else ():
            del self.open[name]

    def _is_due(self, now: datetime) -> bool:
        """Whether the oldest one is over. The others are looked at only then, so that a full book costs no call anything."""
        return bool(self.open) and next(iter(self.open.values())).until <= now

    def unsent(self) -> list[Survey]:
        """Invitations that the company's sender has not taken yet, the oldest first."""
        return [each for each in self.open.values() if each.way == "webhook" and not each.sent]

    def rename(self, number_of: Callable[[str], str]) -> None:
        """Put everything under the number that `number_of` makes of the caller's; whoever has none by it is forgotten."""
        asked, self._asked = self._asked, OrderedDict()
        for caller, at in asked.items():
            if is_number(number := number_of(caller)):
                self._asked.pop(number, None)
                self._asked[number] = at
        for survey in self.open.values():
            survey.caller = number_of(survey.caller)

    def kept(self) -> dict[str, Any]:
        """All of it, JSON-able, for the checkpoint."""
        rows = [
            asdict(each) | {name: getattr(each, name).isoformat() for name in _TIMES} for each in self.open.values()
        ]
        return {"open": rows, "asked": [[caller, at.isoformat()] for caller, at in self._asked.items()]}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `kept` gave; a former version has kept nothing."""
        known = {field.name for field in fields(Survey)}
        for row in kept.get("open", ()):
            named = {name: value for name, value in row.items() if name in known}
            times = {name: datetime.fromisoformat(row[name]) for name in _TIMES}
            self.open[row["call"]] = Survey(**(named | times | {"questions": tuple(row["questions"])}))
        for caller, at in kept.get("asked", ()):
            self._asked[caller] = datetime.fromisoformat(at)

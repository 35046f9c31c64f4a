"""Events of the survey after a talk. See events.py."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SurveyBegan:
    """The caller, whom the agent has left, is asked the questions of the survey now; or the customer who is called back for it."""

    call: str
    """The call; or that of the story which asks about it (rules.CALLED)."""


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """What the caller has answered until now; what was told before may stand in it again."""

    call: str
    satisfied: int = 0
    """1 to 5; 0: not answered."""
    solved: Literal["", "yes", "no"] = ""
    recommend: int = -1
    """0 to 9; -1: not answered."""
    callback: bool = False
    """After a low mark: the caller wants to be called back by a supervisor."""


@dataclass(frozen=True, slots=True)
class SurveyWordLeft:
    """The caller has said something after the questions; it was recorded."""

    call: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SurveySent:
    """The company's sender of messages has taken the invitation of a caller who had hung up first; or it was given up."""

    call: str
    why: str = ""
    """Why it was given up; empty: it was taken."""


SurveyEvent = SurveyBegan | SurveyAnswered | SurveyWordLeft | SurveySent

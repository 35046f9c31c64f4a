"""The table [survey], and what queues and brands have of their own in it."""

from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from acd.config.types import PRINTABLE, FilePath, Name, Part, Share

T = TypeVar("T", bound=str)
Question = Literal["satisfied", "solved", "recommend", "word"]
QUESTIONS: tuple[Question, ...] = ("satisfied", "solved", "recommend", "word")
WhenLeft = Literal["", "webhook", "call"]
Questions = Annotated[list[Question], Field(max_length=4)]


class SurveyWebhook(Part):
    """The company's own sender of messages: it is told of callers who hung up before the survey, and sends them a link."""

    url: Annotated[str, Field(max_length=2000, pattern=PRINTABLE)]
    secret_file: FilePath
    """Holds `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks). Answers that come back are signed with it, too."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        if not host or parts.scheme not in ("https", "http") or parts.username or parts.password:
            raise ValueError(
                "this is no address of the web. Write it as https://messages.example.com/survey, without a password"
            )
        return url


class OwnSurvey(Part):
    """What a queue or a brand has of its own; what is left out is that of [survey]."""

    on: bool | None = None
    questions: Questions | None = None
    sample: Share | None = None
    low: Annotated[int, Field(ge=0, le=4)] | None = None
    low_queue: Name | None = None
    when_left: WhenLeft | None = None

    @field_validator("questions")
    @classmethod
    def _once(cls, names: list[Question] | None) -> list[Question] | None:
        return names if names is None else once(names)


class SurveyTable(Part):
    on: bool = False
    """Whether callers are asked at all; a queue or a brand may say otherwise for its calls."""
    questions: Questions = ["satisfied", "solved"]
    """satisfied: 1 to 5; solved: yes or no; recommend: 0 to 9; word: a few words, recorded. They are asked in this order."""
    sample: Share = 1
    """The share of the calls after which is asked."""
    every_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """The same number is not asked again sooner; 0: after each call."""
    languages: Annotated[list[Literal["zh", "en"]], Field(min_length=1, max_length=2)] = ["zh", "en"]
    """Only callers who are spoken to in one of these are asked."""
    low: Annotated[int, Field(ge=0, le=4)] = 2
    """A mark up to this is low: it raises an alarm, and offers a callback where there is `low_queue`. 0: no mark is."""
    low_queue: Name | None = None
    """The queue of the supervisors who call back after a low mark; left out: no callback is offered."""
    when_left: WhenLeft = ""
    """How callers are asked who hang up first; "webhook": the company's own sender is told, and sends them a link; "call": they are called
    back."""
    link_hours: Annotated[int, Field(ge=1, le=720)] = 72
    """So long an answer by that link is taken; a call back that can't be made within it is not made."""
    call_after_min: Annotated[float, Field(ge=0.05, le=1440)] = 10
    """Minutes from the hang-up to the call back."""
    call_retry_min: Annotated[list[Annotated[float, Field(ge=5, le=10_080)]], Field(max_length=3)] = []
    """Minutes from a try at which nobody answered to the next one; []: one try is all."""
    webhook: SurveyWebhook | None = None
    queues: Annotated[dict[Name, OwnSurvey], Field(max_length=1000)] = Field(default={})
    brands: Annotated[dict[Name, OwnSurvey], Field(max_length=200)] = Field(default={})

    @field_validator("questions", "languages")
    @classmethod
    def _once(cls, names: list[str]) -> list[str]:
        return once(names)

    @property
    def any_on(self) -> bool:
        """Whether some callers are asked."""
        return any(self.of(queue, brand).on for queue in ("", *self.queues) for brand in ("", *self.brands))

    def of(self, queue: str, brand: str) -> "SurveyTable":
        """What holds for a call of this queue and brand: the queue's own, else the brand's, else the table's, as a whole each."""
        own = self.queues.get(queue) or self.brands.get(brand)
        return self if own is None else self.model_copy(update=own.model_dump(exclude_none=True))


def once(names: list[T]) -> list[T]:
    """The same; ValueError where one stands twice."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{', '.join(twice)} stands twice. Keep one")
    return names

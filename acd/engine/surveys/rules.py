"""The survey of a queue as the configuration has it: what is asked, whom, how often, and what a low mark means."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Question = Literal["satisfied", "solved", "recommend", "word"]
"""satisfied: 1 to 5; solved: yes or no; recommend: 0 to 9; word: a few words, recorded."""
WhenLeft = Literal["", "webhook", "call"]
"""How a caller is asked who has hung up first: not at all; by a message of the company's own sender; by a call back."""
CALLED = "survey-"
"""The story call that asks about a call has this before the call's id."""


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """The survey of one queue, of one brand's calls, or of all others."""

    queue: str = ""
    brand: str = ""
    """With neither queue nor brand it is for all that have no plan of their own."""
    questions: tuple[Question, ...] = ()
    """In this order; none: nobody is asked."""
    sample: float = 1.0
    """The share of the calls after which is asked, from 0 to 1."""
    every: timedelta = timedelta(days=30)
    """The same caller is not asked again sooner; 0: after each call."""
    languages: tuple[str, ...] = ()
    """Only callers who are spoken to in one of these; empty: all."""
    low: int = 2
    """A mark up to this is low: an alarm, and the offer of a callback by a supervisor. 0: none is."""
    low_queue: str = ""
    """Whose agents call back after a low mark; empty: nobody offers that."""
    when_left: WhenLeft = ""
    answer_within: timedelta = timedelta(hours=72)
    """So long a link is open that was sent to the caller; a call back is made within it, or not at all."""
    call_after: timedelta = timedelta(minutes=10)
    """From the hang-up to the call back."""
    call_pauses_s: tuple[float, ...] = ()
    """How long after a try at which nobody answered the next one comes; as many further tries as there are pauses."""


def plan_for(plans: Iterable[SurveyPlan], queue: str, brand: str) -> SurveyPlan | None:
    """The plan of this queue; else that of the brand; else that of all others; None: nobody is asked."""
    found: dict[str, SurveyPlan] = {}
    for plan in plans:
        if plan.queue and plan.queue == queue:
            found["queue"] = plan
        elif plan.brand and not plan.queue and plan.brand == brand:
            found["brand"] = plan
        elif not plan.queue and not plan.brand:
            found["all"] = plan
    best = found.get("queue") or found.get("brand") or found.get("all")
    return best if best is not None and best.questions else None

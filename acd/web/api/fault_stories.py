"""What the stories tell and ask of faults: a caller hears one, registers a number, hears the news. For the story server of this machine."""

from typing import Annotated, Any, Literal

from pydantic import Field

from acd.calls_out import canonical_of
from acd.engine.customer_events import NumberBarred
from acd.engine.faults.events import FaultHeard, FaultRegistered
from acd.faults.words import prompt_of
from acd.identifiers import CALL_ID, whole
from acd.store.errors import DatabaseAway
from acd.telephone_numbers import keyed
from acd.web.api.ivr import _from_here
from acd.web.server.api_model import ApiModel
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.routes import Asked, Route, Strict

Number = Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]


class FaultStep(Strict):
    """What a caller did in the announcement."""

    call: Annotated[str, Field(pattern=whole(CALL_ID))]
    fault: Number
    did: Literal["heard", "told", "judge", "register"]
    """heard: it begins; told: to its end; judge: may this number be registered; register: it is confirmed."""
    number: Annotated[str, Field(max_length=20, pattern=r"^[0-9]*$")] = ""
    language: Annotated[str, Field(max_length=8)] = ""


class FaultStepAnswer(ApiModel):
    """Whether it may be, and how the number is dialled."""

    possible: bool
    why: str = ""
    """The code of the refusal, as "already"."""
    number: str = ""


class NewsAnswer(ApiModel):
    """What is said in the call with the news; empty: the general sentence."""

    say_zh: str = ""
    say_en: str = ""
    queue: str = ""
    """Where a customer waits who wants a person; empty: where 0 leads."""


async def step(asked: Asked) -> FaultStepAnswer:
    """Counts who hears a fault, and registers numbers. A number that is refused is told to the engine when it was confirmed."""
    _from_here(asked)
    body = asked.body
    if body.did in ("heard", "told"):
        asked.context.tell(FaultHeard(body.call, body.fault, body.did == "told"))
        return FaultStepAnswer(possible=True)
    rules = asked.context.config.calls_out_rules()
    number = canonical_of(rules, body.number)
    if not number:
        return FaultStepAnswer(possible=False, why="no-number")
    event = FaultRegistered(body.call, body.fault, number, "en" if body.language == "en" else "zh")
    refused = asked.context.refusal(event)
    why = refused.code if refused is not None else await _barred(asked, number)
    if body.did == "register" and (not why or why == "already"):
        await asked.request.app[ENGINE_GATEWAY].tell(event)
    return FaultStepAnswer(possible=not why, why=why, number="" if why else keyed(number, rules.country))


async def _barred(asked: Asked, number: str) -> str:
    """ "do-not-call" where the records know a customer of this number who does not want to be called; the engine is told so, too."""
    if asked.context.customers is None:
        return ""
    try:
        barred = number in await asked.context.customers.barred([number])
    except DatabaseAway:
        return ""  # asked again before it is called
    if barred:
        asked.context.tell(NumberBarred(number))
    return "do-not-call" if barred else ""


async def news(asked: Asked) -> NewsAnswer:
    """What a customer hears who is called: an unknown fault has the general words."""
    _from_here(asked)
    number = asked.word("fault")
    row: dict[str, Any] = next((row for row in asked.context.faults() if row["fault"] == number), {})
    said = {f"say_{code}": prompt_of(str(row.get(f"news_{code}", ""))) for code in ("zh", "en")}
    spoken = {name: prompt for name, prompt in said.items() if asked.context.fault_spoken(name[-2:], prompt)}
    return NewsAnswer(**spoken, queue=str(row["plan"]["queue"]) if row else "")


ROUTES = [
    Route("POST", "/ivr/fault", step, "stories", "A caller hears of a fault, or registers", FaultStepAnswer, body=FaultStep, free=True),
    Route("GET", "/ivr/fault-news/{fault:[0-9]{1,9}}", news, "stories", "What is said when a fault is mended", NewsAnswer, free=True),
]  # fmt: skip

"""Faults: declared, changed, cleared, and how they stand. Callers hear of them from the next call on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from acd.config.brands import brand_of_number
from acd.config.faults import LONGEST_WORDS, MOST_NAMED, WORDS, FaultClass, Keys
from acd.engine.commands import Kind, Log
from acd.engine.faults.events import FaultChanged, FaultCleared, FaultDeclared, FaultScope, FaultWords
from acd.faults.areas import known_areas
from acd.faults.concerned import alike
from acd.faults.plans import plan_of
from acd.faults.shown import name_of, suggestions
from acd.faults.words import prompt_of
from acd.identifiers import NAME, NUMBER, optional, whole
from acd.store.errors import DatabaseAway
from acd.web.access.auth import DOOR
from acd.web.access.roles import may
from acd.web.server.api_model import ApiModel
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.lookups import near_names, queue_row
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from acd.web.server.text_validation import validated_text

Spoken = Annotated[str, Field(max_length=LONGEST_WORDS, pattern=WORDS)]
Area = Annotated[str, Field(min_length=1, max_length=80, pattern=WORDS)]
QueueName = Annotated[str, Field(pattern=whole(NAME))]
OurNumber = Annotated[str, Field(pattern=whole(NUMBER))]


class FaultBody(Strict):
    """A fault as a person declares it. What is left empty is that of its class, where it has one."""

    fault_class: Annotated[str, Field(pattern=optional(NAME))] = ""
    """A name of [faults.classes]."""
    zh: Spoken = ""
    """What callers hear."""
    en: Spoken = ""
    other_zh: Spoken = ""
    """Where else callers can look or ask."""
    other_en: Spoken = ""
    areas: Annotated[list[Area], Field(max_length=MOST_NAMED)] = []
    """Areas of customers' records."""
    unknown_area: bool = False
    """Callers whose area nobody knows are concerned, too."""
    numbers: Annotated[list[OurNumber], Field(max_length=MOST_NAMED)] = []
    """Numbers of ours."""
    brand: Annotated[str, Field(pattern=optional(NAME))] = ""
    queues: Annotated[list[QueueName], Field(max_length=MOST_NAMED)] = []
    """Callers hear it when they are about to wait there; with no queue and no key: at the beginning."""
    keys: Annotated[list[Keys], Field(max_length=MOST_NAMED)] = []
    """Keys of the menu, as "2" or "2/1"."""
    everybody: bool = False
    """Every caller is concerned; to be said where nothing else says whom it concerns."""
    expected: AwareDatetime | None = None
    """When it should be mended: callers hear it."""
    note: Annotated[str, Field(max_length=500, pattern=WORDS)] = ""
    """For the record."""
    alarm: Annotated[int, Field(ge=0, le=999_999_999)] = 0
    """The number of the open alarm that has shown it; 0: a person has noticed it."""


class ClearBody(Strict):
    """It is mended."""

    zh: Spoken = ""
    """The news; empty: the general sentence."""
    en: Spoken = ""
    quietly: bool = False
    """Nobody is called: it was declared by mistake."""


class Plan(ApiModel):
    """What its class says is done."""

    register_: bool = Field(serialization_alias="register", validation_alias="register")
    queue: str
    priority: int
    at_a_time: int
    pauses_s: list[float]


class FaultRow(ApiModel):
    """A fault. Counts are of calls, each counted once."""

    fault: str
    """Its number."""
    open: bool
    fault_class: str = Field(validation_alias="class", serialization_alias="class")
    zh: str
    en: str
    other_zh: str
    other_en: str
    areas: list[str]
    unknown_area: bool
    numbers: list[str]
    brand: str
    queues: list[str]
    keys: list[str]
    plan: Plan
    note: str
    declared_at: AwareDatetime
    declared_by: str
    expected: AwareDatetime | None
    alarm: str
    """The alarm that has shown it."""
    detected: AwareDatetime | None
    """When that alarm was raised."""
    cleared_at: AwareDatetime | None
    cleared_by: str
    quietly: bool
    news_zh: str
    news_en: str
    concerned: int
    """Began to hear it."""
    deflected: int
    """Heard it, or registered, and asked for no person."""
    left: int
    """Hung up before its end."""
    gone_on: int
    """Asked for a person after it."""
    twice: int
    """Wanted to register a number that was registered."""
    here: int
    """Are in it now."""
    registered: int
    """Numbers."""
    told: int
    not_reached: int
    refused: int
    """May not be called any more."""
    to_tell: int
    calling: int
    """Calls with the news that are up now."""
    held: list[str]
    """Why calls wait, as "hours"."""


class Suggestion(ApiModel):
    """An open alarm that a fault would explain."""

    number: int
    alarm: str
    kind: str
    subject: str
    raised_at: AwareDatetime


class ClassRow(ApiModel):
    """A class of the configuration."""

    name: str
    zh: str
    en: str


class FaultsAnswer(ApiModel):
    """The faults, the latest first."""

    faults: list[FaultRow]
    suggestions: list[Suggestion]
    classes: list[ClassRow]


class Which(Strict):
    """Which faults."""

    all: bool = False
    """Also those that are over."""


class Declared(ApiModel):
    """What was declared, or changed."""

    fault: str
    warnings: list[str]
    """A sentence for each language in which the words could not be spoken, and for whatever else should be looked at."""


class ClearedAnswer(ApiModel):
    """It is over."""

    fault: str
    to_tell: int
    """Numbers that are called now."""
    warnings: list[str]


class FaultCaller(ApiModel):
    """Who wants to be told."""

    number: str
    """Masked for who may not see numbers in full."""
    language: str
    at: AwareDatetime
    news: Literal["waiting", "told", "not reached", "refused", "withdrawn"]
    why: str
    tries: int
    told_at: AwareDatetime | None


class FaultCallers(ApiModel):
    """In the order in which they registered."""

    callers: list[FaultCaller]


async def faults(asked: Asked) -> FaultsAnswer:
    """The open faults; with `all=true` those that are over too; and open alarms that would be explained by one."""
    context = asked.context
    seen = [row for row in context.faults() if _holds(asked, row)]
    rows = seen if asked.query.all else [row for row in seen if row["open"]]
    alarms = context.alarms.open() if context.alarms is not None and asked.scope.whole else []
    classes = [
        {"name": name, "zh": each.name.zh if each.name else name, "en": each.name.en if each.name else name}
        for name, each in context.config.faults.classes.items()
    ]
    return FaultsAnswer.model_validate(
        {"faults": rows, "suggestions": suggestions(alarms, context.faults()), "classes": classes}
    )


async def one(asked: Asked) -> FaultRow:
    """One fault, open or over."""
    return FaultRow.model_validate(_row(asked))


async def callers(asked: Asked) -> FaultCallers:
    """Who wants to be told of it, and what came of it."""
    row = _row(asked)
    config, in_full = asked.context.config, may(asked.who.roles, "numbers-in-full")
    rows = asked.context.fault_callers(str(row["fault"]))
    return FaultCallers.model_validate(
        {"callers": [each | {"number": shown_caller(config, each["number"], in_full=in_full)} for each in rows]}
    )


async def declare(asked: Asked) -> Declared:
    """Declares a fault: it is spoken, and callers hear it from now on."""
    words, scope, warnings = await _checked(asked)
    body = asked.body
    known = _class(asked)
    alarm = _alarm(asked)
    event = FaultDeclared(
        words,
        scope,
        plan_of(known),
        body.fault_class,
        body.expected,
        asked.who.name,
        "" if alarm is None else name_of(alarm),
        None if alarm is None else datetime.fromisoformat(str(alarm["raised_at"])),
        body.note,
    )
    _refuse(asked, event)
    warnings += await _speak(asked, words)
    await _note(asked, "FaultDeclared", zh=words.zh, en=words.en)
    found = [
        str(command.detail["fault"])
        for command in await asked.request.app[ENGINE_GATEWAY].tell(event)
        if isinstance(command, Log) and command.kind is Kind.FAULT
    ]
    if not found:  # somebody else was a moment earlier
        _refuse(asked, event)
        raise Problem(409, "not-declared", "The fault was not declared. See which are open, and try again.")
    return Declared(fault=found[0], warnings=warnings)


async def change(asked: Asked) -> Declared:
    """Says anew what callers hear, whom it concerns, and when it should be mended; the body is whole."""
    row = _row(asked)
    words, scope, warnings = await _checked(asked)
    event = FaultChanged(str(row["fault"]), words, scope, asked.body.expected, asked.body.note, asked.who.name)
    _refuse(asked, event)
    warnings += await _speak(asked, words)
    await _note(asked, "FaultChanged", fault=row["fault"], zh=words.zh, en=words.en)
    await asked.request.app[ENGINE_GATEWAY].tell(event)
    return Declared(fault=str(row["fault"]), warnings=warnings)


async def clear(asked: Asked) -> ClearedAnswer:
    """It is mended: callers hear of it no more, and everybody registered is called with the news. This can't be taken back."""
    row, body = _row(asked), asked.body
    words = {name: validated_text(getattr(body, name), name).strip() for name in ("zh", "en")}
    event = FaultCleared(str(row["fault"]), words["zh"], words["en"], asked.who.name, body.quietly)
    _refuse(asked, event)
    warnings = await _speak(asked, FaultWords(words["zh"], words["en"]))
    await _note(asked, "FaultCleared", fault=row["fault"], quietly=body.quietly)
    await asked.request.app[ENGINE_GATEWAY].tell(event)
    return ClearedAnswer(fault=str(row["fault"]), to_tell=0 if body.quietly else row["registered"], warnings=warnings)


def _class(asked: Asked) -> FaultClass:
    name, known = asked.body.fault_class, asked.context.config.faults.classes
    if name and name not in known:
        near = near_names(name, known) or sorted(known)
        detail = f"There is no class {name}. Classes stand in [faults.classes]: {', '.join(near) or 'none'}."
        raise Problem(400, "unknown-class", detail, field="fault_class", allowed=near or None)
    return known[name] if name else FaultClass()


async def _checked(asked: Asked) -> tuple[FaultWords, FaultScope, list[str]]:
    """The words and the scope of the body, with its class's in the place of what is empty, and warnings. Raises Problem."""
    body, config, known = asked.body, asked.context.config, _class(asked)
    said = {
        name: validated_text(getattr(body, name), name).strip() or getattr(known, name)
        for name in ("zh", "en", "other_zh", "other_en")
    }
    words = FaultWords(**said)
    validated_text(body.note, "note")
    if not words.zh and not words.en:
        detail = "Nothing is said to callers. Write what is broken, in Chinese (zh), in English (en), or in both."
        raise Problem(400, "no-words", detail, field="zh")
    nothing = not (body.areas or body.queues or body.numbers or body.keys or body.brand)
    named = known if nothing and not body.everybody else body
    scope = FaultScope(
        tuple(dict.fromkeys(area.strip() for area in named.areas)),
        body.unknown_area,
        tuple(dict.fromkeys(named.numbers)),
        body.brand,
        tuple(dict.fromkeys(named.queues)),
        tuple(dict.fromkeys(named.keys)),
    )
    if not body.everybody and not (scope.areas or scope.numbers or scope.brand or scope.queues or scope.keys):
        detail = (
            "It concerns nobody. Name areas, queues, numbers or keys of the menu, or say that it concerns everybody."
        )
        raise Problem(400, "no-scope", detail, field="areas")
    for queue in scope.queues:
        queue_row(asked, queue, status=400, field="queues")
    for number in scope.numbers:
        if number not in config.numbers:
            detail = f"{number} is none of our numbers. Numbers: {', '.join(config.numbers)}."
            raise Problem(400, "unknown-number", detail, field="numbers", allowed=list(config.numbers))
    if scope.brand and (scope.brand not in config.brands or not asked.scope.has_brand(scope.brand)):
        raise Problem(400, "unknown-brand", f"There is no brand {scope.brand}.", field="brand")
    _refuse_past(asked)
    if not _holds(asked, {"brand": scope.brand, "numbers": scope.numbers, "queues": scope.queues}):
        detail = "This concerns callers who are not yours alone. Name your brand, or queues that are yours."
        raise Problem(403, "not-yours-alone", detail)
    warnings = await _areas_known(asked, scope)
    for name, language in (("zh", "Chinese"), ("en", "English")):
        if not said[name]:
            warnings.append(f"Nothing is said in {language}: its callers hear the general sentence.")
    return words, scope, warnings


def _refuse_past(asked: Asked) -> None:
    expected, now = asked.body.expected, asked.context.now()
    if expected is not None and expected <= now:
        here = now.astimezone(ZoneInfo(asked.context.config.hotline.timezone))
        raise Problem(
            400, "expected-past", f"That is past: it is {here:%Y-%m-%d %H:%M} at the hotline.", field="expected"
        )
    if expected is not None and expected > now + timedelta(days=30):
        raise Problem(
            400, "expected-far", "That is more than 30 days ahead. Leave it out, and change it later.", field="expected"
        )


async def _areas_known(asked: Asked, scope: FaultScope) -> list[str]:
    """A warning for areas that no record has. Raises Problem (400) where the records are all there is."""
    context = asked.context
    if not scope.areas or context.customers is None:
        return []
    try:
        async with context.store.transaction() as connection:
            known = await known_areas(connection)
    except DatabaseAway:
        return ["The database does not answer: whether customers have these areas was not looked at."]
    unknown = [area for area in scope.areas if not alike(area, known)]
    if not unknown:
        return []
    near = near_names(unknown[0], known) or known[:10]
    words = f"No customer's record has the area {unknown[0]}. There are: {', '.join(near) or 'none'}."
    if context.config.customers.http is not None or context.config.customers.view is not None or scope.unknown_area:
        return [words]
    raise Problem(400, "unknown-area", words, field="areas", allowed=near or None)


def _alarm(asked: Asked) -> Mapping[str, Any] | None:
    number, book = asked.body.alarm, asked.context.alarms
    if not number:
        return None
    found = [row for row in (book.open() if book is not None else []) if row["number"] == number]
    if not found or not asked.scope.whole:
        raise Problem(400, "unknown-alarm", f"No open alarm has the number {number}.", field="alarm")
    return found[0]


def _refuse(asked: Asked, event: FaultDeclared | FaultChanged | FaultCleared) -> None:
    if (refused := asked.context.refusal(event)) is not None:
        raise Problem(409, refused.code, refused.sentence, words=refused.words or None)


async def _speak(asked: Asked, words: FaultWords) -> list[str]:
    if asked.context.speak_faults is None:
        return []
    said = (("zh", words.zh), ("en", words.en), ("zh", words.other_zh), ("en", words.other_en))
    return list(await asked.context.speak_faults([(code, prompt_of(text), text) for code, text in said if text]))


async def _note(asked: Asked, what: str, **more: object) -> None:
    await asked.request.app[DOOR].audit.note(asked.who.name, what, **more)


def _row(asked: Asked) -> Mapping[str, Any]:
    number = asked.word("fault")
    for row in asked.context.faults():
        if row["fault"] == number and _holds(asked, row):
            return row
    raise Problem(404, "unknown-fault", f"There is no fault {number}. `sanxiang fault list` shows those there are.")


def _holds(asked: Asked, row: Mapping[str, Any]) -> bool:
    """Whether the fault concerns nobody but callers of this part of the hotline."""
    scope = asked.scope
    if scope.whole:
        return True
    if scope.of_teams is not None and not (row["queues"] and all(map(scope.has_queue, row["queues"]))):
        return False
    if scope.of_brands is None:
        return True
    brands = asked.context.config.brands
    by_number = {brand_of_number(brands, number) for number in row["numbers"]}
    return (
        (bool(row["brand"]) and scope.has_brand(row["brand"]))
        or (bool(by_number) and all(map(scope.has_brand, by_number)))
        or (bool(row["queues"]) and all(map(scope.has_queue_alone, row["queues"])))
    )


_PATH = r"/api/faults/{fault:[0-9]{1,9}}"
_REFUSED = {
    400: "no-words, no-scope, unknown-class, unknown-area, unknown-queue, unknown-number, unknown-brand, unknown-alarm, expected-past",
    409: "declared-already: the same fault is open (words.fault is its number); too-many-faults; cleared-already",
}
ROUTES = [
    Route("GET", "/api/faults", faults, "faults-see", "Open faults; with `all` also those that are over", FaultsAnswer, Which),
    Route("POST", "/api/faults", declare, "faults-act", "Declare a fault", Declared, body=FaultBody, status=201, refusals=_REFUSED),
    Route("GET", _PATH, one, "faults-see", "How a fault stands", FaultRow, refusals={404: "unknown-fault"}),
    Route("GET", f"{_PATH}/callers", callers, "faults-see", "Who wants to be told of it", FaultCallers, refusals={404: "unknown-fault"}),
    Route("POST", f"{_PATH}/change", change, "faults-act", "Say anew what callers hear, and whom it concerns", Declared, body=FaultBody,
          refusals=_REFUSED | {404: "unknown-fault"}),
    Route("POST", f"{_PATH}/clear", clear, "faults-act", "It is mended: everybody registered is called", ClearedAnswer, body=ClearBody,
          refusals={404: "unknown-fault", 409: "cleared-already"}),
]  # fmt: skip

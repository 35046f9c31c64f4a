"""The menus in force, drawn, and what callers do in them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from acd.identifiers import NAME, optional
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.api.config import Outcome, outcome
from acd.web.server.api_model import ApiModel
from acd.web.server.context import MenuDesk
from acd.web.server.days import span, today
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

MOST_LETTERS = 200_000
"""Of one menu file."""
LONGEST_DAYS = 366


class BrandQuery(Strict):
    """Whose menus."""

    brand: Annotated[str, Field(pattern=optional(NAME))] = ""
    """Empty: those of numbers without a brand."""


class MenusQuery(BrandQuery):
    """Whose menus, and in which words they are drawn."""

    language: Literal["zh", "en"] = "en"
    """Of `tree`, `goal`, `failure` and `warnings`."""


class KeyOfMenu(ApiModel):
    """One key of a menu."""

    key: str
    goal: str
    """Where it leads, and for whom, as "queue orders [class = gold]"."""
    why: str


class OneMenu(ApiModel):
    """One menu."""

    name: str
    play: str
    """The prompts, with blanks between them."""
    keys: list[KeyOfMenu]
    failure: str


class MenusAnswer(ApiModel):
    """The menus in force."""

    brand: str
    file: str
    own: bool
    """They are the operator's, and may be changed; else the packaged ones."""
    files: dict[str, str]
    """Name of each file to its text."""
    tree: str
    mermaid: str
    warnings: list[str]
    menus: list[OneMenu]


class MenuTryBody(Strict):
    """A call that is typed."""

    brand: Annotated[str, Field(pattern=optional(NAME))] = ""
    files: Annotated[dict[str, Annotated[str, Field(max_length=MOST_LETTERS)]], Field(max_length=200)] = {}
    """Changed files, by name; the others are as in force."""
    language: Literal["zh", "en", "ask"] = "zh"
    """Of the dialled number."""
    words: Literal["zh", "en"] = "en"
    """The language of `faults`."""
    keys: Annotated[str, Field(max_length=60, pattern=r"^[0-9A-D*# ]*$")] = ""
    """Pressed one after the other; a blank is silence."""
    begin: Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """The menu to begin with; empty: the first."""
    customer_class: Annotated[str, Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """The caller is a customer of this class; empty: nobody known."""


class MenuTryAnswer(ApiModel):
    """What came of it."""

    faults: list[str]
    """Why the menus can't be used, each with file and line; then nothing was played."""
    heard: list[str]
    """As "[en] To ask about an order …"; a key as "> 1"."""
    goal: str
    """As "queue orders"; empty: the keys were over before."""
    trail: str


class MenuPublishBody(Strict):
    """Files that take the place of those in force."""

    brand: Annotated[str, Field(pattern=optional(NAME))] = ""
    files: Annotated[dict[str, Annotated[str, Field(max_length=MOST_LETTERS)]], Field(min_length=1, max_length=200)]
    """By name; of a folder an empty text takes the file away."""


class FiguresQuery(Strict):
    """The span."""

    day: date | None = None
    """On the hotline's clock; today when left out."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class FiguresOfMenu(ApiModel):
    """What callers did in one menu."""

    menu: str
    visits: int
    keys: dict[str, int]
    """Key to how often it led somewhere."""
    wrong: dict[str, int]
    """Key that leads nowhere to how often it was pressed."""
    silent: int
    """Times that nothing was pressed in time."""
    gave_up: int
    """Visits that ended without a choice."""
    left: int
    """Callers who hung up in it."""


class MenuFiguresAnswer(ApiModel):
    """Each menu that callers were in, most visits first."""

    since: datetime
    until: datetime
    menus: list[FiguresOfMenu]


async def menus(asked: Asked) -> MenusAnswer:
    """The menus in force with their files, drawn as a tree and for Mermaid."""
    found = _told(asked, asked.query.brand, asked.query.language)
    return MenusAnswer.model_validate({**found, "warnings": _in_words(found["warnings"], asked.query.language)})


async def try_(asked: Asked) -> MenuTryAnswer:
    """A call that is typed instead of dialled, in the menus in force or with changed files. Changes nothing."""
    body = asked.body
    _told(asked, body.brand)
    files = dict(body.files)
    found = await _desk(asked).tried(body.brand, files, body.language, body.keys, body.begin, body.customer_class)
    return MenuTryAnswer.model_validate({**found, "faults": _in_words(found["faults"], body.words)})


async def publish(asked: Asked) -> Outcome:
    """Takes changed files into force, whole or not at all, and writes them; callers who are in a menu keep theirs. POST
    /api/config/back takes them back."""
    _told(asked, asked.body.brand)
    await asked.request.app[DOOR].audit.note(asked.who.name, "configuration menus", files=", ".join(asked.body.files))
    return await outcome(asked, _desk(asked).publish(asked.body.brand, dict(asked.body.files), asked.who.name), "menus")


def _in_words(sentences: list[str], language: Literal["zh", "en"]) -> list[str]:
    """What is wrong with menus, as the command line says it in this language."""
    if language == "en":
        return sentences
    from acd.words.commands.lookup import chinese  # large tables, for whoever reads Chinese

    return [chinese(each) for each in sentences]


def _desk(asked: Asked) -> MenuDesk:
    desk = asked.context.menus
    if desk is None:
        raise Problem(409, "not-taken", "This server runs without a hotline around it.")
    return desk


def _told(asked: Asked, brand: str, language: Literal["zh", "en"] = "en") -> dict[str, Any]:
    try:
        return _desk(asked).told(brand, language)
    except KeyError:
        there = ", ".join(asked.context.config.brands) or "none"
        raise Problem(
            404, "unknown-brand", f"There is no brand {brand or 'without a name'} here. Brands: {there}."
        ) from None


async def figures(asked: Asked) -> MenuFiguresAnswer:
    """Where callers go, leave and press wrong, by menu (docs/definitions.md)."""
    query = asked.query
    since, until = span(asked.context, query.day or today(asked.context))
    since, until = query.since or since, query.until or until
    if until <= since:
        raise Problem(400, "bad-request", "until must be later than since.", field="until")
    if (until - since).days > LONGEST_DAYS:
        raise Problem(
            400, "narrow-the-period", f"At most {LONGEST_DAYS} days at once. Narrow the period.", field="since"
        )
    async with from_store(asked.context):
        found = await asked.context.store.menu_figures(since, until, asked.scope.brands)
    rows = [
        FiguresOfMenu.model_validate({name: getattr(each, name) for name in FiguresOfMenu.model_fields})
        for each in found
    ]
    return MenuFiguresAnswer(since=since, until=until, menus=rows)


ROUTES = [
    Route(
        "GET", "/api/menus", menus, "installation-see", "The menus in force, drawn", MenusAnswer, MenusQuery,
        refusals={404: "unknown-brand", 409: "not-taken"},
    ),
    Route(
        "POST", "/api/menus/try", try_, "installation-act", "A call that is typed instead of dialled", MenuTryAnswer, body=MenuTryBody,
        refusals={404: "unknown-brand", 409: "not-taken"},
    ),
    Route(
        "POST", "/api/menus/publish", publish, "installation-act", "Take changed menus into force", Outcome, body=MenuPublishBody,
        refusals={400: "bad-configuration", 404: "unknown-brand", 409: "not-taken"},
    ),
    Route(
        "GET", "/api/menus/figures", figures, "figures-see", "Where callers go, leave and press wrong, by menu", MenuFiguresAnswer,
        FiguresQuery,
    ),
]  # fmt: skip

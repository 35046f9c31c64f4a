"""`sanxiang menu …`: the menus checked, drawn, tried by typing, and what callers do in them."""

import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import typer

from acd.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigFile,
    State,
    installation_at,
    known_day,
    print_json,
    say,
    show_table,
)
from acd.cli.language import current
from acd.cli.spans import First, Last, instants, typed_span
from acd.cli.times import clock_of
from acd.config import BadConfiguration, Config, load
from acd.config.brands import brand_of_queue
from acd.config.lookups import known_lookups
from acd.engine.model import has_skills, takes
from acd.errors import SanxiangError
from acd.processes import api_client
from acd.setup.brand_prompts import MenuInUse, emergency_queues, heard_texts, known_prompts, menus_in_use, own_stories
from acd.speech.settings import labels_of
from acd.words.menus import drawing_words
from ivr.hotline import hotline, merge
from ivr.menu import Menus
from ivr.menu_file import MenuError, read_menus
from ivr.menus.inspect import WORDS, as_dot, as_mermaid, as_text, findings, missing_prompts
from ivr.menus.source import read_source
from ivr.menus.tryout import try_out
from ivr.own_stories import story_mistakes
from ivr.own_stories.spoken_names import prompts_named
from ivr.prompts import languages
from ivr.settings import Straight
from ivr.speech.inspect import speech_findings
from ivr.step import ALL_KEYS, Call, GoToQueue, LookUp, TurnAway

menu_app = typer.Typer(help="Menus: check, list, draw, try by typing, figures.", no_args_is_help=True)
Brand = Annotated[str, typer.Option("--brand", help="The menu of this brand; else the hotline's.")]


class NoSuchMenu(SanxiangError):
    """There is no {what}. {there}"""


@menu_app.command("check")
def menu_check(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Every mistake in the menus with file and line, and what may be one: menus nobody reaches, words that a language lacks, queues that
    nobody staffs. Changes nothing."""
    checked = load(config)
    mistakes: list[str] = []
    warnings: list[str] = []
    for used in menus_in_use(checked):
        try:
            menus = _read(checked, used)
        except MenuError as error:
            mistakes += [fault for fault in error.faults if fault not in mistakes]
            continue
        found = (
            *findings(menus, _straight(checked, used), checked.classes, known_lookups(checked.lookups)),
            *speech_findings(menus, labels_of(checked)),
            *missing_prompts(menus, known_prompts(checked, used.brand)),
        )
        source = read_source(used.file)
        warnings += [f"{source.of_finding(each)}: {each}" for each in (*found, *_unstaffed(checked, used, menus))]
    mistakes += [each.removeprefix("hotline.stories: ") for each in story_mistakes(checked.hotline.stories)]
    warnings += _silent_stories(checked)
    if as_json:
        print_json({"ok": not mistakes, "mistakes": mistakes, "warnings": warnings})
    else:
        for each in mistakes:
            say(each)
        for each in warnings:
            say(f"warning: {each}")
        if not mistakes:
            say("The menus can be used." if warnings else "The menus are well.")
    if mistakes:
        raise typer.Exit(1)


@menu_app.command("list")
def menu_list(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """The menus that callers hear: whose they are, and where they stand."""
    checked = load(config)
    rows: list[dict[str, Any]] = []
    for used in menus_in_use(checked):
        menus = _menus(checked, used)
        source = read_source(used.file)
        for name, menu in menus.menus.items():
            first = "yes" if name in (menus.start, *(each for _, each in menus.starts)) else ""
            rows.append(
                {
                    "menu": name,
                    "brand": used.brand,
                    "first": first,
                    "keys": "".join(menu.keys),
                    "file": source.where(f"menus.{name}"),
                }
            )
    if as_json:
        print_json(rows)
    else:
        show_table(rows, {"menu": "MENU", "brand": "BRAND", "first": "FIRST", "keys": "KEYS", "file": "FILE"})


@menu_app.command("draw")
def menu_draw(
    how: Annotated[
        Literal["text", "mermaid", "dot"], typer.Option("--as", help="A tree, or for Mermaid or Graphviz.")
    ] = "text",
    brand: Brand = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """The menus as a picture."""
    checked = load(config)
    used = _of_brand(checked, brand)
    menus = _menus(checked, used)
    if how == "text":
        words = drawing_words(current(), WORDS)
        typer.echo(as_text(menus, words, emergency=used.brand in emergency_queues(checked)))
    else:
        draw: dict[str, Callable[[Menus], str]] = {"mermaid": as_mermaid, "dot": as_dot}
        typer.echo(draw[how](menus))


@menu_app.command("try")
def menu_try(
    name: Annotated[
        str, typer.Argument(metavar="[MENU]", help="The menu to begin with; else the first.", show_default=False)
    ] = "",
    language: Annotated[
        Literal["zh", "en", "ask"], typer.Option("--in", help="The language of the dialled number.")
    ] = "zh",
    keys: Annotated[
        str,
        typer.Option(help="Pressed one after the other at each question, a blank is silence; else they are asked for."),
    ] = "",
    known: Annotated[str, typer.Option("--class", help="The caller is a customer of this class.")] = "",
    closed: Annotated[bool, typer.Option("--closed", help="Every queue is outside its hours.")] = False,
    unstaffed: Annotated[bool, typer.Option("--unstaffed", help="No agent is logged in.")] = False,
    brand: Brand = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """A call that is typed instead of dialled: what a caller hears, and where the keys lead; in menus that listen, words too. Nothing needs
    to run."""
    checked = load(config)
    used = _of_brand(checked, brand)
    menus = _menus(checked, used)
    if name and name not in menus.menus:
        raise NoSuchMenu(what=f"menu {name}", there=f"Menus: {', '.join(menus.menus)}.")
    if strange := sorted(set(keys.upper()) - set(ALL_KEYS) - {" "}):
        raise typer.BadParameter(
            f"{strange[0]!r} is no key of a telephone. Write 0 to 9, *, # and A to D one after the other; a blank is silence.",
            param_hint="--keys",
        )
    if known and known not in checked.classes:
        raise NoSuchMenu(what=f"class {known}", there=f"Classes: {', '.join(checked.classes) or 'none'}.")
    texts = heard_texts(checked, used.brand)
    story = hotline(
        Call("try", "try", caller="unknown"), menus, {"try": language}, tuple(languages()),
        straight=Straight(menu=name), emergency=emergency_queues(checked).get(used.brand, ""),
        stories=str(checked.hotline.stories or ""), labels=labels_of(checked),
    )  # fmt: skip

    def answers(step: LookUp) -> dict[str, Any] | None:
        if step.what == "caller":
            return {"customer": {"class": known} if known else None, "lookups": list(checked.lookups)}
        if step.what == "queue":
            return {"open": not closed, "staffed": 0 if unstaffed else 1}
        say(f"    (A typed call looks nothing up: {step.key or step.what}.)")
        return None

    typed = iter(keys)

    def ask(question: str) -> str:
        if keys:
            try:
                key = next(typed)
            except StopIteration:
                raise EOFError from None
            say(f"{question}{key}")
            return key.strip()
        sys.stdout.write(question)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.strip()

    ending, variables = try_out(story, texts, answers, say, ask)
    match ending:
        case None:
            say("The caller has hung up.")
        case GoToQueue(queue, skills, _, agent, wish):
            if needed := ", ".join(f"{skill} {level}" for skill, level in skills):
                say(f"The caller waits in queue {queue}; needed beside its own skills: {needed}.")
            else:
                say(f"The caller waits in queue {queue}.")
            if agent:
                say(f"Agent {agent} is asked first: the complaint is theirs.")
            if wish:
                say(
                    "The caller leaves a message."
                    if wish == "message"
                    else "The caller is called back when it is open."
                )
        case TurnAway(reason, _):
            say(f"The caller is let go, told why: {reason}.")
        case _:
            say("The caller is served, and hears the goodbye.")
    say(f"    {variables.get('MENU_TRAIL', '')}")


@menu_app.command("figures")
def menu_figures(
    day: Annotated[str, typer.Option(help="2026-11-22, on the hotline's clock; today when left out.")] = "",
    first: First = "",
    last: Last = "",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Where callers go, leave and press wrong, by menu."""
    installation = installation_at(state)
    clock = clock_of(installation)
    span = typed_span(clock, day=day, first=first, last=last)
    edges: dict[str, Any] = {"day": known_day(day)} if span is None else instants(span, clock)
    found = api_client.ask(installation, "GET", "/api/menus/figures", **edges)
    if as_json:
        print_json(found)
        return
    rows = [{**row, "keys": _keys(row["keys"]), "wrong": _keys(row["wrong"])} for row in found["menus"]]
    columns = {
        "menu": "MENU",
        "visits": "VISITS",
        "keys": "KEYS",
        "wrong": "WRONG KEYS",
        "silent": "SILENT",
        "gave_up": "NO CHOICE",
    }
    show_table(rows, {**columns, "left": "HUNG UP"})


def _keys(counts: dict[str, int]) -> str:
    return "  ".join(f"{key}: {count}" for key, count in sorted(counts.items(), key=lambda each: -each[1]))


def _read(config: Config, used: MenuInUse) -> Menus:
    known = known_prompts(config, used.brand)
    every = frozenset.intersection(*(frozenset(names) for names in known.values()))
    return read_menus(used.file, list(config.queues), every, stories=own_stories(config))


def _menus(config: Config, used: MenuInUse) -> Menus:
    """The menus. Raises BadConfiguration with their faults."""
    try:
        return _read(config, used)
    except MenuError as error:
        raise BadConfiguration(used.file, error.faults) from None


def _of_brand(config: Config, brand: str) -> MenuInUse:
    there = {used.brand: used for used in menus_in_use(config)}
    if not brand:
        return there.get("") or next(iter(there.values()))
    if brand not in there:
        raise NoSuchMenu(what=f"brand {brand}", there=f"Brands: {', '.join(config.brands) or 'none'}.")
    return there[brand]


def _straight(config: Config, used: MenuInUse) -> list[str]:
    """The menus to which numbers of this brand lead."""
    part = config.brands[used.brand] if used.brand else config.hotline
    return [table.menu for table in part.number_tables.values() if table.menu is not None]


def _silent_stories(config: Config) -> Iterator[str]:
    """Prompts that the house's own stories name and a language lacks, with file and line."""
    known = known_prompts(config, "")
    for file, line, prompt in prompts_named(config.hotline.stories):
        lacking = " and ".join(language for language, names in known.items() if prompt not in names)
        if lacking:
            yield f"{file}:{line}: the prompt {prompt!r} has no words in {lacking}; its callers hear nothing there."


def _unstaffed(config: Config, used: MenuInUse, menus: Menus) -> Iterator[str]:
    """Keys behind which no agent of the configuration is: nobody has the skills in one of the languages."""
    for menu in menus.menus.values():
        ways = [(f"key {key}", target) for key, targets in menu.keys.items() for target in targets]
        for key, target in [*ways, ("failure", menu.failure)]:
            queue = config.queues.get(target.queue)
            if queue is None:
                continue
            for language, skills in menus.languages.items():
                needed = merge(merge(tuple(queue.skills.items()), skills), target.skills)
                owner = brand_of_queue(config.brands, target.queue)
                keeps = owner and config.brands[owner].own
                able = [
                    agent for agent, profile in config.agents.items()
                    if takes(profile, target.queue) and has_skills(profile.skills, needed)
                    and (not keeps or agent in config.brands[owner].agents)
                ]  # fmt: skip
                if not able:
                    lacks = ", ".join(f"{skill} {level}" for skill, level in needed) or "it"
                    yield f"menus.{menu.name}, {key}: no agent can take {target.queue} in {language} (nobody has {lacks})."

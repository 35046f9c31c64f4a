"""The file of a floor: a day of callers and agents made of numbers, and the rules they are to meet. Checked whole.

A mistake is refused as one in the operator's configuration is: every place, reason and remedy at once.
docs/floor.example.toml is such a file, with a word on everything that can stand in it.
"""

import itertools
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from acd import config
from acd.config import for_engine
from acd.config.messages import near, sentence
from acd.config.types import AgentId, Name, Part, SkillLevels
from acd.simulation.distributions import Distribution, Empirical, Exponential, Fixed, Lognormal, Uniform
from acd.simulation.floor import Floor
from acd.simulation.people import Arrivals, Habits, Shift, Span

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
"""Every simulated day is this one: a Monday, of no other meaning."""
FIRST_AGENT = 1001
KINDS = {
    "fixed": ("s",),
    "exponential": ("mean_s",),
    "lognormal": ("mean_s", "cv"),
    "uniform": ("from_s", "to_s"),
    "empirical": ("values_s",),
}
"""A distribution to what it needs."""


def _minutes(value: Any) -> timedelta:
    text = str(value)
    hours, _, minutes = text.partition(":")
    if len(text) != 5 or not (hours + minutes).isdigit() or int(minutes) > 59 or int(hours) * 60 + int(minutes) > 1440:
        raise ValueError(f'{value!r} is no time of day. Write it as "08:30"')
    return timedelta(minutes=int(hours) * 60 + int(minutes))


def _distribution(value: Any) -> Distribution:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = {"distribution": "fixed", "s": value}
    if not isinstance(value, dict):
        raise ValueError(
            f'{value!r} is no duration. Write seconds, or a table as {{ distribution = "exponential", … }}'
        )
    kind = value.get("distribution")
    if kind not in KINDS:
        said = near(str(kind), KINDS)
        raise ValueError(f"distribution = {kind!r} is not one of {', '.join(KINDS)}{said}")
    given, needed = set(value) - {"distribution"}, KINDS[kind]
    if given != set(needed):
        raise ValueError(f"{kind} needs {' and '.join(needed)}, and has {', '.join(sorted(given)) or 'nothing'}")
    numbers = list(value["values_s"]) if kind == "empirical" and isinstance(value["values_s"], list) else []
    numbers = numbers if kind == "empirical" else [value[name] for name in needed]
    if not numbers or not all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n < 1e7 for n in numbers):
        raise ValueError(f"{' and '.join(needed)} of {kind} must be seconds, none of them negative")
    if kind == "uniform" and numbers[0] > numbers[1]:
        raise ValueError(f"from_s = {numbers[0]:g} is above to_s = {numbers[1]:g}. Exchange them")
    if kind in ("exponential", "lognormal") and min(numbers) <= 0:
        raise ValueError(f"{' and '.join(needed)} of {kind} must be above 0")
    match kind:
        case "fixed":
            return Fixed(float(numbers[0]))
        case "exponential":
            return Exponential(float(numbers[0]))
        case "lognormal":
            return Lognormal(float(numbers[0]), float(numbers[1]))
        case "uniform":
            return Uniform(float(numbers[0]), float(numbers[1]))
    return Empirical(tuple(float(number) for number in numbers))


class BadFloor(config.BadConfiguration):
    """Mend the lines above and try again. docs/floor.example.toml shows all that can stand in such a file."""


Time = Annotated[Any, BeforeValidator(_minutes)]
Durations = Annotated[Any, BeforeValidator(_distribution)]
Chance = Annotated[float, Field(ge=0, le=1)]


class DayPart(Part):
    """The day: its bounds and the length of an interval."""

    begins: Time = timedelta(hours=8)
    ends: Time = timedelta(hours=20)
    interval_min: Annotated[int, Field(ge=1, le=1440)] = 30


class SpanPart(Part):
    """How many calls arrive in a part of the day."""

    begins: Time
    ends: Time
    calls: Annotated[float, Field(ge=0, le=1_000_000)]
    """Expected from `begins` to `ends`, at an even chance."""


class ArrivalsPart(Part):
    """What comes to one queue."""

    spans: list[SpanPart]
    talk: Durations = Lognormal(150, 0.8)
    wrap_up: Durations = Exponential(20)
    """What agents need; the queue's wrap_up_s ends it at the latest."""
    patience: Durations = Exponential(120)
    answer: Durations = Lognormal(4, 0.6)
    """From the first ring to the agent's picking up; after three rings the call is somebody else's."""
    skills: SkillLevels = Field(default={})
    """Required beyond the queue's own, as the language that the menu asks for."""
    language: str = ""


class BreakPart(Part):
    """A break of each agent of the group."""

    begins: Time
    minutes: Annotated[float, Field(gt=0, le=720)]
    reason: str = "break"
    each_later_min: Annotated[float, Field(ge=0, le=720)] = 0
    """Each next agent of the group goes so much later, so that not all are away at once."""


class ShiftPart(Part):
    """When agents are logged in."""

    begins: Time
    ends: Time


class GroupPart(Part):
    """Agents who are all alike."""

    count: Annotated[int, Field(ge=1, le=5000)]
    skills: SkillLevels = Field(default={})
    queues: list[Name] = Field(default=[])
    shifts: list[ShiftPart] = Field(default=[])
    """Empty: the whole day."""
    breaks: list[BreakPart] = Field(default=[])


class PeoplePart(Part):
    """How callers and agents behave, apart from the durations of each queue."""

    answer: Durations = Lognormal(4, 0.6)
    """After a first offer came to nothing."""
    no_answer: Chance = 0.02
    steps_out: Durations = Exponential(120)
    takes_callback: Chance = 0.5
    reached: Chance = 0.8
    reached_after: Durations = Uniform(5, 20)
    leaves_message: Chance = 0.7
    message: Durations = Exponential(30)
    other_answers: Chance = 1.0
    other_after: Durations = Uniform(3, 12)


class FloorFile(Part):
    """The whole file."""

    day: DayPart = DayPart()
    configuration: Path | None = None
    """The operator's own: its queues, rules and (without [groups]) agents."""
    queues: dict[str, Any] = Field(default={})
    rings: dict[str, Any] = Field(default={})
    target: dict[str, Any] = Field(default={})
    routing: dict[str, Any] = Field(default={})
    agents: dict[AgentId, Any] = Field(default={})
    arrivals: dict[Name, ArrivalsPart] = Field(default={})
    groups: dict[Name, GroupPart] = Field(default={})
    people: PeoplePart = PeoplePart()


def read(file: Path) -> Floor:
    """The checked floor. Raises BadFloor with every mistake that was found."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadFloor(file, [f"can't be read: {error.strerror}. Name another file."]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFloor(file, [f"is not TOML: {error}."]) from None
    return made(data, file)


def made(data: dict[str, Any], file: Path) -> Floor:
    """The floor of a file's content; `file` for what is named beside it, and for the mistakes."""
    try:
        said = FloorFile.model_validate(data)
    except ValidationError as error:
        raise BadFloor(file, [sentence(mistake, FloorFile) for mistake in error.errors()]) from None
    began, ended = MIDNIGHT + said.day.begins, MIDNIGHT + said.day.ends
    mistakes: list[str] = []
    if began >= ended:
        mistakes.append(f"day: ends at {ended:%H:%M} and begins at {began:%H:%M}. It must end later.")
    if not any(part.spans for part in said.arrivals.values()):
        mistakes.append(
            "arrivals: nobody calls. Add [arrivals.QUEUE] with spans = [{ begins = …, ends = …, calls = … }]."
        )
    numbered, shifts = _agents(said, began, ended, mistakes)
    configured = _configuration(said, numbered, file, mistakes)
    if configured is not None:
        if not numbered:
            shifts = [Shift(agent, began, ended) for agent in configured.agents]
            if not configured.agents:
                mistakes.append("groups: there is nobody to answer. Add [groups.NAME], or agents to the configuration.")
        for name in said.arrivals:
            if name not in configured.queues:
                known = ", ".join(configured.queues)
                mistakes.append(
                    f"arrivals.{name}: there is no such queue{near(name, configured.queues)}. Queues: {known}."
                )
    arrivals = tuple(_arrivals(name, part, began, ended, mistakes) for name, part in said.arrivals.items())
    if mistakes or configured is None:
        raise BadFloor(file, mistakes)
    people = {name: getattr(said.people, name) for name in PeoplePart.model_fields}
    return Floor(
        began,
        ended,
        timedelta(minutes=said.day.interval_min),
        tuple(for_engine.queues(configured)),
        for_engine.agents(configured),
        for_engine.rules(configured),
        arrivals,
        tuple(shifts),
        Habits(**people),
    )


def _configuration(said: FloorFile, numbered: dict[str, Any], file: Path, mistakes: list[str]) -> config.Config | None:
    """The operator's, or one made of what stands in the floor's own file; None where it is no good."""
    inline = {name: getattr(said, name) for name in ("queues", "rings", "target", "routing", "agents")}
    given = [name for name, value in inline.items() if value]
    source: Path | str = file
    if said.configuration is not None:
        if given:
            mistakes.append(f"configuration: {', '.join(given)} stand here too. Keep the file, or what stands here.")
            return None
        source = file.parent / said.configuration
        try:
            if not numbered:
                return config.load(source)
            data = tomllib.loads(source.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            mistakes.append(f"configuration: {source} can't be read: {error}. Name another file.")
            return None
        except config.BadConfiguration as bad:
            mistakes += [f"configuration {bad.file}: {mistake}" for mistake in bad.mistakes]
            return None
    else:
        if not said.queues:
            mistakes.append("queues: there is none. Add [queues.NAME], or name the operator's file: configuration = …")
            return None
        # Rows of a policy may dial out: here there is always a line to do so by.
        data = inline | {"trunks": {"simulated": {"addresses": ["192.0.2.1"]}}}
        data["queues"] = {
            name: {"label": {"zh": name, "en": name}} | queue if isinstance(queue, dict) else queue
            for name, queue in said.queues.items()
        }
    if numbered:
        data["agents"] = numbered
    try:
        return config.check(data, source)
    except config.BadConfiguration as bad:
        mistakes += bad.mistakes if source == file else [f"configuration {source}: {each}" for each in bad.mistakes]
        return None


def _agents(
    said: FloorFile, began: datetime, ended: datetime, mistakes: list[str]
) -> tuple[dict[str, Any], list[Shift]]:
    """Agents of the groups in the manner of the configuration, numbered from 1001, and when they are there."""
    numbers = itertools.count(FIRST_AGENT)
    agents: dict[str, Any] = {}
    shifts: list[Shift] = []
    for name, group in said.groups.items():
        place = f"groups.{name}"
        spans = [(MIDNIGHT + part.begins, MIDNIGHT + part.ends) for part in group.shifts] or [(began, ended)]
        spans.sort()
        for first, last in spans:
            if first >= last:
                mistakes.append(f"{place}.shifts: one begins at {first:%H:%M} and ends at {last:%H:%M}. End it later.")
        for (_, last), (following, _) in itertools.pairwise(spans):
            if following < last:
                mistakes.append(
                    f"{place}.shifts: one begins at {following:%H:%M}, before the last has ended. Part them."
                )
        for position in range(group.count):
            agent = str(next(numbers))
            agents[agent] = {"name": f"{name} {position + 1}", "skills": group.skills, "queues": group.queues}
            pauses = []
            for part in group.breaks:
                away = MIDNIGHT + part.begins + position * timedelta(minutes=part.each_later_min)
                pauses.append((away, away + timedelta(minutes=part.minutes), part.reason))
            for first, last in spans:
                mine = tuple(pause for pause in sorted(pauses) if first <= pause[0] < last)
                shifts.append(Shift(agent, first, last, mine))
        for part in group.breaks:
            away = MIDNIGHT + part.begins
            if not any(first <= away < last for first, last in spans):
                mistakes.append(f"{place}.breaks: one begins at {away:%H:%M}, and nobody of the group works then.")
    return agents, shifts


def _arrivals(name: str, part: ArrivalsPart, began: datetime, ended: datetime, mistakes: list[str]) -> Arrivals:
    spans = sorted(part.spans, key=lambda span: span.begins)
    found = []
    for number, span in enumerate(spans):
        first, last = MIDNIGHT + span.begins, MIDNIGHT + span.ends
        if not began <= first < last <= ended:
            mistakes.append(
                f"arrivals.{name}.spans: {first:%H:%M} to {last:%H:%M} is no part of the day, which goes from "
                f"{began:%H:%M} to {ended:%H:%M}. Change the one or the other."
            )
            continue
        if number and span.begins < spans[number - 1].ends:
            mistakes.append(
                f"arrivals.{name}.spans: two of them hold {first:%H:%M}. Let one begin when the other ends."
            )
        found.append(Span(first, last, span.calls / ((last - first) / timedelta(hours=1))))
    return Arrivals(
        name,
        tuple(found),
        part.talk,
        part.wrap_up,
        part.patience,
        part.answer,
        tuple(sorted(part.skills.items())),
        part.language,
    )

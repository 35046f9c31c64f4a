"""The operator's file as checked values. A mistake is refused with its place, the reason and the remedy, all at once.

One TOML file of the operator's own, defaults for everything that can have one, secrets never in it. Agents may stand
in the file under [agents] or beside it in `agents.toml`, which `sanxiang agent add` writes.
"""

import difflib
import re
import tomllib
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from acd.errors import SanxiangError

Language = Literal["zh", "en"]
QUEUE_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
AGENT_ID = re.compile(r"[0-9]{2,6}")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"

Text = Annotated[str, Field(max_length=80, pattern=_PRINTABLE)]
Level = Annotated[int, Field(ge=1, le=9)]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(ge=0, le=86400)]
Number = Annotated[str, Field(pattern=r"^\+?[0-9]{1,20}$")]
SkillName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


class BadConfiguration(SanxiangError):
    """Mend the lines above, then try `./sanxiang config check` again. Nothing was changed."""

    def __init__(self, file: Path | str, mistakes: list[str]) -> None:
        super().__init__()
        self.file, self.mistakes = str(file), mistakes
        self.args = ("\n".join([*(f"{file}: {mistake}" for mistake in mistakes), *self.args]),)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Label(_Part):
    zh: Text
    en: Text


class Reason(_Part):
    """Why an agent is not ready."""

    zh: Text
    en: Annotated[str, Field(pattern=r"^[a-z][a-z -]{0,30}$")]
    """The name under which the reason is logged and counted."""


class Hotline(_Part):
    name: Text = "Sanxiang"
    numbers: dict[Number, Literal["zh", "en", "ask"]] = Field(default={"95000": "ask", "95001": "zh", "95002": "en"})
    """Dialled number to the language spoken; "ask" lets the caller choose by the first key."""
    menu: Path | None = None
    """A menu of the operator's own; else the packaged ivr/menus/hotline.toml."""
    prompts: Path | None = None
    """A folder with recorded prompts, `<language>/<prompt>.wav`, that win over the spoken ones."""
    hours: list[str] = Field(default=[])
    """Opening hours as "mon-fri 08:00-20:00"; empty is always open."""
    timezone: str = "Asia/Shanghai"


class Sip(_Part):
    bind: Annotated[str, Field(pattern=r"^[0-9a-fA-F.:]+$")] = "0.0.0.0"
    port: Port = 5060
    rtp_start: Annotated[int, Field(ge=1024, le=65000)] = 10000
    rtp_end: Annotated[int, Field(ge=1026, le=65535)] = 10999

    @model_validator(mode="after")
    def _range(self) -> "Sip":
        if self.rtp_end - self.rtp_start < 8:
            raise ValueError("rtp_end must be at least 8 above rtp_start: a call needs four ports")
        return self


class Trunk(_Part):
    addresses: list[Annotated[str, Field(pattern=r"^[0-9a-fA-F.:/]+$")]] = Field(default=[])
    """Addresses or networks from which the carrier's INVITEs come."""
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]*$")] = ""
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]*$")] = ""
    password_file: Path | None = None

    @model_validator(mode="after")
    def _known(self) -> "Trunk":
        if not self.addresses and not self.host:
            raise ValueError(
                "a trunk needs `addresses` (the carrier's) or `host`, `username`, `password_file` to register"
            )
        if self.host and not (self.username and self.password_file):
            raise ValueError("a trunk that registers needs `username` and `password_file` beside `host`")
        return self


class Database(_Part):
    url: Annotated[str, Field(pattern=r"^postgresql")] | None = None
    """postgresql://user@host/name; a password belongs into password_file."""
    password_file: Path | None = None


class Web(_Part):
    host: str = "127.0.0.1"
    port: Port = 8080
    behind_tls: bool = False
    """A proxy in front speaks https: cookies are marked Secure, and it tells the client's address."""


class Ports(_Part):
    """Loopback ports of the house; 0 takes a free one."""

    ami: Port = 0
    agi: Port = 0


class Pbx(_Part):
    asterisk: Path | None = None
    """The operator's own Asterisk; else the one on PATH when new enough, else fetched."""


class Recordings(_Part):
    folder: Path | None = None
    """Else `recordings` in the state folder."""
    min_free_mb: Annotated[int, Field(ge=1)] = 1024


class Rings(_Part):
    ring_s: Annotated[float, Field(gt=0, le=60)] = 5
    rings: Annotated[int, Field(ge=1, le=12)] = 3


class Target(_Part):
    """What the figures are held against (the operating manual's own)."""

    answer_within_s: Annotated[float, Field(gt=0, le=3600)] = 15
    within_share: Annotated[float, Field(gt=0, le=1)] = 0.90
    three_ring_share: Annotated[float, Field(gt=0, le=1)] = 0.95
    connect_share: Annotated[float, Field(gt=0, le=1)] = 0.90
    aht_s: Annotated[float, Field(gt=0)] = 180


class Queue(_Part):
    label: Label
    skills: dict[SkillName, Level] = Field(default={})
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    wrap_up_s: Seconds = 30


class Agent(_Part):
    name: Text = ""
    skills: dict[SkillName, Level] = Field(default={})


_REASONS = {
    1: Reason(zh="小休", en="break"),
    2: Reason(zh="用餐", en="meal"),
    3: Reason(zh="培训", en="training"),
    4: Reason(zh="会议", en="meeting"),
    5: Reason(zh="事务处理", en="paperwork"),
}


class Config(_Part):
    hotline: Hotline = Hotline()
    sip: Sip = Sip()
    trunks: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")], Trunk] = Field(default={})
    database: Database = Database()
    web: Web = Web()
    ports: Ports = Ports()
    pbx: Pbx = Pbx()
    recordings: Recordings = Recordings()
    rings: Rings = Rings()
    target: Target = Target()
    not_ready_reasons: dict[Annotated[int, Field(ge=1, le=9)], Reason] = Field(default=_REASONS)
    """Key of the feature code *14N to the reason."""
    priorities: dict[Number, Annotated[int, Field(ge=-100, le=100)]] = Field(default={})
    """Caller's number to priority."""
    queues: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")], Queue]
    agents: dict[Annotated[str, Field(pattern=r"^[0-9]{2,6}$")], Agent] = Field(default={})


def load(file: Path) -> Config:
    """The checked configuration.

    Raises BadConfiguration with every mistake that was found, not the first only; a file that can't be read or is not
    TOML is one mistake with its line.
    """
    mistakes: list[str] = []
    data = _read(file, mistakes)
    beside = file.parent / "agents.toml"
    if beside.exists():
        more = _read(beside, mistakes)
        agents = data.setdefault("agents", {})
        for agent, profile in more.get("agents", {}).items():
            if agent in agents:
                mistakes.append(f"agents.{agent}: also in {beside}. Keep one of the two.")
            agents[agent] = profile
    if mistakes:
        raise BadConfiguration(file, mistakes)
    return check(data, file)


def check(data: dict[str, Any], file: Path | str = "configuration") -> Config:
    """`data` as Config. Raises BadConfiguration as `load` does."""
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise BadConfiguration(file, [_sentence(mistake, data) for mistake in error.errors()]) from None
    if mistakes := list(_contradictions(config)):
        raise BadConfiguration(file, mistakes)
    return config


def _read(file: Path, mistakes: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        mistakes.append(f"can't be read: {error.strerror}. Name the file with --config.")
    except UnicodeDecodeError as error:
        mistakes.append(f"is not UTF-8 (byte {error.start}). Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"is not TOML: {error}.")
    return {}


def _contradictions(config: Config) -> Iterator[str]:
    """What each part can't see alone."""
    if not config.queues:
        yield "queues: there is none. Add at least [queues.general]."
    known = {skill for agent in config.agents.values() for skill in agent.skills}
    for name, queue in config.queues.items():
        if not config.agents:
            break
        for skill, level in queue.skills.items():
            if skill not in known:
                near = _near(skill, known)
                yield f"queues.{name}.skills.{skill}: no agent has this skill{near}. Give it to one, or take it away."
            elif not any(agent.skills.get(skill, 0) >= level for agent in config.agents.values()):
                yield f"queues.{name}.skills.{skill}: no agent reaches level {level}. Lower it, or raise an agent's."
    for hours in config.hotline.hours:
        if problem := hours_problem(hours):
            yield f'hotline.hours: {hours!r} {problem}. Write it as "mon-fri 08:00-20:00".'
    try:
        zoneinfo.ZoneInfo(config.hotline.timezone)
    except (KeyError, ValueError, OSError):
        yield f'hotline.timezone: {config.hotline.timezone!r} is unknown here. Write it as "Asia/Shanghai".'


def hours_problem(hours: str) -> str:
    """Why this text is not opening hours; empty when it is."""
    found = re.fullmatch(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)", hours)
    if not found:
        return "is not a span of days and hours"
    first, last, *times = found.groups()
    if first not in DAYS or (last and last not in DAYS):
        return f"names a day that is not one of {', '.join(DAYS)}"
    start, end = (int(times[0]) * 60 + int(times[1]), int(times[2]) * 60 + int(times[3]))
    if int(times[1]) > 59 or int(times[3]) > 59 or end > 24 * 60 or start >= end:
        return "must begin before it ends, within 00:00 and 24:00"
    return ""


def _sentence(mistake: Any, data: dict[str, Any]) -> str:
    """One of pydantic's mistakes as place, reason, remedy."""
    place = ".".join(str(part) for part in mistake["loc"] if part != "[key]") or "file"
    match mistake["type"]:
        case "extra_forbidden":
            known = _fields_at(mistake["loc"][:-1])
            return (
                f"{place}: unknown key{_near(str(mistake['loc'][-1]), known)}. Known here: {', '.join(sorted(known))}."
            )
        case "missing":
            return f"{place}: is missing. Add it."
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return f"{place}: {mistake['input']!r} is out of range; {_lower(mistake['msg'])}."
        case "string_pattern_mismatch":
            return f"{place}: {mistake['input']!r} is not written as expected ({mistake['ctx']['pattern']})."
        case "literal_error":
            return f"{place}: {mistake['input']!r} is not one of {mistake['ctx']['expected']}."
        case "value_error":
            return f"{place}: {mistake['ctx']['error']}."
        case _:
            return f"{place}: {_lower(mistake['msg'])} (it is {mistake.get('input')!r})."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _near(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, [str(k) for k in known], n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _fields_at(loc: tuple[Any, ...]) -> set[str]:
    """The field names of the part that stands at `loc`."""
    part: Any = Config
    for step in loc:
        field = part.model_fields.get(str(step))
        if field is None:
            continue  # the name of an entry in a table, such as [queues.NAME]
        part = _model_in(field.annotation)
        if part is None:
            return set()
    return set(part.model_fields)


def _model_in(annotation: Any) -> Any:
    """The model that an annotation such as dict[str, Queue] holds, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner)) is not None), None)

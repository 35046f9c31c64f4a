"""The operator's file as checked values. A mistake is refused with its place, the reason and the remedy, all at once.

One TOML file of the operator's own, defaults for everything that can have one, secrets never in it. Agents may stand
in the file under [agents] or beside it in `agents.toml`, which `sanxiang agent add` writes.

config_parts.py   the kinds of values, and how each is written
config_queues.py  queues, the rows of their policies, agents, the figures of routing
config_transfers.py handing over: reasons, places, who may receive what
config_check.py   what no part can see alone; config_rows.py the same for rows
config_words.py   a mistake as a sentence; config_lines.py the line in which it stands
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from acd.config.checks import DAYS, hours_problem, mistakes_of, understaffed, warnings
from acd.config.messages import near, sentence
from acd.config.queues import Agent, Queue, QueueTarget, Routing, Row, Target
from acd.config.source_lines import line_of
from acd.config.transfers import BY_TELEPHONE, LINE_DROPPED, Transfers, proposed
from acd.config.types import (
    ADDRESS,
    HOST,
    NETWORK,
    POSTGRESQL,
    USER,
    AgentId,
    Label,
    Level,
    Name,
    Number,
    Part,
    Points,
    Port,
    Reason,
    Text,
    dialable,
)
from acd.errors import SanxiangError

__all__ = [
    "BY_TELEPHONE",
    "DAYS",
    "LINE_DROPPED",
    "Agent",
    "BadConfiguration",
    "Config",
    "Label",
    "NeedsStart",
    "Queue",
    "QueueTarget",
    "Reason",
    "Routing",
    "Row",
    "Target",
    "Transfers",
    "check",
    "dialable",
    "hours_problem",
    "load",
    "merged",
    "near",
    "parsed",
    "proposed",
    "warnings",
]

Language = Literal["zh", "en"]


class BadConfiguration(SanxiangError):
    """Mend the lines above, then try `./sanxiang config check` again. Nothing was changed."""

    def __init__(self, file: Path | str, mistakes: list[str], text: str = "") -> None:
        """`text` of the file, where it is known: then each mistake is shown with its line."""
        super().__init__()
        self.file, self.mistakes = str(file), mistakes
        lines = [line_of(text, mistake.partition(": ")[0]) for mistake in mistakes]
        places = [f"{file}:{line}" if line else str(file) for line in lines]
        told = [f"{place}: {mistake}" for place, mistake in zip(places, mistakes, strict=True)]
        self.args = ("\n".join([*told, *self.args]),)


class NeedsStart(BadConfiguration):
    """The configuration before stays in force, whole. A start takes all of it; calls in progress end then."""


class Hotline(Part):
    name: Text = "Sanxiang"
    numbers: dict[Number, Literal["zh", "en", "ask"]] = Field(default={"95000": "ask", "95001": "zh", "95002": "en"})
    """Dialled number to the language spoken; "ask" lets the caller choose by the first key."""
    menu: Path | None = None
    """A menu of the operator's own; else the packaged ivr/menus/hotline.toml."""
    prompts: Path | None = None
    """A folder with recorded prompts, `<language>/<prompt>.wav`, that win over the spoken ones."""
    hours: list[str] = Field(default=[])
    """Opening hours as "mon-fri 08:00-20:00"; empty is always open."""
    calls_per_number: Annotated[int, Field(ge=0, le=1000)] = 0
    """So many calls one caller's number may have at a time; one more is told so, and let go. 0: no limit."""
    timezone: str = "Asia/Shanghai"


class Sip(Part):
    bind: Annotated[str, Field(pattern=ADDRESS)] = "0.0.0.0"
    port: Port = 5060
    rtp_start: Annotated[int, Field(ge=1024, le=65000)] = 10000
    rtp_end: Annotated[int, Field(ge=1026, le=65535)] = 10999

    @model_validator(mode="after")
    def _range(self) -> "Sip":
        if self.rtp_end - self.rtp_start < 8:
            raise ValueError("rtp_end must be at least 8 above rtp_start: a call needs four ports")
        return self


class Trunk(Part):
    addresses: list[Annotated[str, Field(pattern=NETWORK)]] = Field(default=[])
    """Addresses or networks from which the carrier's INVITEs come."""
    host: Annotated[str, Field(pattern=HOST)] = ""
    username: Annotated[str, Field(pattern=USER)] = ""
    password_file: Path | None = None
    outbound: Annotated[str, Field(pattern=HOST)] = ""
    """Where calls out of the house go, as host or host:port: callbacks, and callers who are sent to another number. Else
    `host`, else the first of `addresses` that is no network. The first trunk that can be dialled is taken."""

    @property
    def dials_out(self) -> bool:
        return bool(self.outbound or self.host or any("/" not in address for address in self.addresses))

    @model_validator(mode="after")
    def _known(self) -> "Trunk":
        if not self.addresses and not self.host:
            raise ValueError(
                "a trunk needs `addresses` (the carrier's) or `host`, `username`, `password_file` to register"
            )
        if self.host and not (self.username and self.password_file):
            raise ValueError("a trunk that registers needs `username` and `password_file` beside `host`")
        return self


class Database(Part):
    url: Annotated[str, Field(pattern=POSTGRESQL)] | None = None
    """postgresql://user@host/name; a password belongs into password_file."""
    password_file: Path | None = None


class Web(Part):
    host: str = "127.0.0.1"
    port: Port = 8080
    behind_tls: bool = False
    """A proxy in front speaks https: cookies are marked Secure, and it tells the client's address."""


class Ports(Part):
    """Loopback ports of the house; 0 takes a free one."""

    ami: Port = 0
    agi: Port = 0


class Pbx(Part):
    asterisk: Path | None = None
    """The operator's own Asterisk; else the one on PATH when new enough, else fetched."""


class Recordings(Part):
    folder: Path | None = None
    """Else `recordings` in the state folder."""
    min_free_mb: Annotated[int, Field(ge=1)] = 1024


class Rings(Part):
    ring_s: Annotated[float, Field(gt=0, le=60)] = 5
    rings: Annotated[int, Field(ge=1, le=12)] = 3


class CallLog(Part):
    """The journal on disk, from which `explain` and `replay` rebuild what was decided."""

    keep_days: Annotated[int, Field(ge=1, le=3650)] = 14


_REASONS = {
    1: Reason(zh="小休", en="break"),
    2: Reason(zh="用餐", en="meal"),
    3: Reason(zh="培训", en="training"),
    4: Reason(zh="会议", en="meeting"),
    5: Reason(zh="事务处理", en="paperwork"),
}


class Config(Part):
    hotline: Hotline = Hotline()
    sip: Sip = Sip()
    trunks: dict[Name, Trunk] = Field(default={})
    database: Database = Database()
    web: Web = Web()
    ports: Ports = Ports()
    pbx: Pbx = Pbx()
    recordings: Recordings = Recordings()
    rings: Rings = Rings()
    target: Target = Target()
    routing: Routing = Routing()
    transfers: Transfers = Transfers()
    log: CallLog = CallLog()
    not_ready_reasons: dict[Level, Reason] = Field(default=_REASONS)
    """Key of the feature code *14N to the reason."""
    priorities: dict[Number, Points] = Field(default={})
    """Caller's number to priority."""
    queues: dict[Name, Queue]
    agents: dict[AgentId, Agent] = Field(default={})

    def target_of(self, queue: str) -> Target:
        """The targets that a queue is held against: its own where it has them, else the house's."""
        own = self.queues[queue].target.model_dump(exclude_none=True) if queue in self.queues else {}
        return self.target.model_copy(update=own)

    def may_dial(self, number: str) -> bool:
        """Whether calls may be sent to this number, or a customer called back there: not one of ours, which would come
        back to us, and none that begins as `routing.never_dial` says."""
        return dialable(number, self.hotline.numbers, self.routing.never_dial)

    def dial_problem(self, number: str) -> str:
        """Why calls may not be sent there, with the remedy; empty when they may."""
        if self.may_dial(number):
            return ""
        if not dialable(number, (), ()):
            return f"{number} can't be dialled. Write 3 to 15 digits."
        if not dialable(number, self.hotline.numbers, ()):
            return f"{number} is our own number: the call would come back to us, and go on for ever. Name another."
        return f"{number} begins as routing.never_dial forbids. Name another number, or change that list."


def load(file: Path) -> Config:
    """The checked configuration.

    Raises BadConfiguration with every mistake that was found, not the first only; a file that can't be read or is not
    TOML is one mistake with its line.
    """
    beside = file.parent / "agents.toml"
    text, mistakes = _text(file)
    agents, more = _text(beside) if beside.exists() else ("", [])
    if mistakes or more:
        raise BadConfiguration(file, mistakes + [f"{beside}: {mistake}" for mistake in more])
    return parsed(text, agents, file)


def parsed(text: str, agents: str, file: Path | str) -> Config:
    """The configuration in these texts, checked. Raises BadConfiguration, with the lines in `text`."""
    try:
        return check(merged(text, agents, file), file)
    except BadConfiguration as bad:
        raise BadConfiguration(file, bad.mistakes, text) from None


def merged(text: str, agents: str, file: Path | str = "configuration") -> dict[str, Any]:
    """The operator's file and `agents.toml`, by their texts, as one. Raises BadConfiguration."""
    beside = Path(file).parent / "agents.toml"
    mistakes: list[str] = []
    data, more = _toml(text, "", mistakes), _toml(agents, f"{beside} ", mistakes)
    both = data.setdefault("agents", {})
    if not isinstance(both, dict) or not isinstance(more.get("agents", {}), dict):
        mistakes.append("agents: must be tables, as [agents.1001].")
    else:
        for agent, profile in more.get("agents", {}).items():
            if agent in both:
                mistakes.append(f"agents.{agent}: also in {beside}. Keep one of the two.")
            both[agent] = profile
    if mistakes:
        raise BadConfiguration(file, mistakes)
    return data


def check(data: dict[str, Any], file: Path | str = "configuration") -> Config:
    """`data` as Config. Raises BadConfiguration as `load` does."""
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise BadConfiguration(file, [sentence(mistake, Config) for mistake in error.errors()]) from None
    if mistakes := [*mistakes_of(config), *understaffed(config)]:
        raise BadConfiguration(file, mistakes)
    return config


def _text(file: Path) -> tuple[str, list[str]]:
    """The file's text, or why there is none."""
    try:
        return file.read_text(encoding="utf-8"), []
    except OSError as error:
        return "", [f"can't be read: {error.strerror}. Name the file with --config."]
    except UnicodeDecodeError as error:
        return "", [f"is not UTF-8 (byte {error.start}). Save it as UTF-8."]


def _toml(text: str, place: str, mistakes: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{place}is not TOML: {error}. Mend that line.")
    return {}

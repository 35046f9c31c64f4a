"""The operator's file as values: every table and key, its default and its bounds. The whole file is a Config.

[sip], [web], [quality] and others have modules of their own. What one value can see is checked there and in types.py; what only
the whole can see, in checks.py.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from acd.calling_hours import DatedSpans, Region
from acd.calls_out import CallsOut, Why, forbidden
from acd.config.alarms import AlarmsTable
from acd.config.analysis import AnalysisTable, of_queue
from acd.config.arrivals import Limits, Nuisance, TrunkIn
from acd.config.brands import Brand, brand_of_number, brand_of_queue
from acd.config.breaks import BreaksTable
from acd.config.callbacks.table import CallbacksTable, offsets_of
from acd.config.calls_out import CallsOutTable
from acd.config.customers import CallerClass, CustomersTable
from acd.config.database import read
from acd.config.desk import DeskTable
from acd.config.faults import FaultsTable
from acd.config.floor import FloorTable
from acd.config.hours.calendar import LOOK_AHEAD, Calendar, HolidaysTable, OpeningHours
from acd.config.lookups import Identity, Lookup
from acd.config.network import Networks
from acd.config.numbers import NumberTable, split
from acd.config.opening_hours import ALWAYS, spans_of
from acd.config.quality import Quality
from acd.config.queues import Agent, Queue, Routing, Target
from acd.config.recordings.table import Recordings
from acd.config.reports import ReportTable
from acd.config.reviews.table import ReviewsTable
from acd.config.self_call import SelfCallTable
from acd.config.sip import Media, Sip
from acd.config.speech import SpeechTable
from acd.config.supervision import Supervision
from acd.config.surveys.table import SurveyTable
from acd.config.teams import Team
from acd.config.transfers import Transfers
from acd.config.trunk_out import TrunkOut
from acd.config.types import (
    AgentId,
    FilePath,
    Level,
    Name,
    Number,
    Part,
    Points,
    Port,
    Reason,
    Text,
)
from acd.config.voice import VoiceTable
from acd.config.waiting import WaitingTable
from acd.config.web import Web
from acd.config.whisper import WhenWhispered, WhisperTable
from acd.telephone_numbers import Numbering

_HAS_PASSWORD = re.compile(r"[^/]+://[^/@]*:[^/]*@|.*[?&]password=")


class Spoken(Part):
    """A sentence that callers hear, in each language; empty: not in that one."""

    zh: Annotated[str, Field(max_length=200)] = ""
    en: Annotated[str, Field(max_length=200)] = ""


class Hotline(Part):
    name: Text = "Sanxiang"
    numbers: dict[Number, Literal["zh", "en", "ask"]] = Field(default={"95000": "ask", "95001": "zh", "95002": "en"})
    """Dialled number to the language spoken; "ask" lets the caller choose by the first key."""
    number_tables: dict[Number, NumberTable] = Field(default={})
    """Those of them that stand as tables: where they lead, and their hours."""
    menu: FilePath | None = None
    """A menu of the operator's own, a file or a folder with one file a menu; else the packaged ivr/menus/hotline.toml."""
    prompts: FilePath | None = None
    """A folder with recorded prompts, `<language>/<prompt>.wav`, that win over the spoken ones."""
    hours: list[str] = Field(default=[])
    """Opening hours as "mon-fri 08:00-20:00"; empty is always open."""
    address: Spoken = Spoken()
    """Where the house is, as callers hear it."""
    calls_per_number: Annotated[int, Field(ge=0, le=1000)] | None = None
    """So many calls one caller's number may have at a time; one more is told so, and let go. 0: no limit. None: a fifth of
    limits.calls, and at least ten."""
    country: Annotated[str, Field(max_length=8)] = "CN"
    """ISO 3166-1 code of the country whose numbers callers, agents and carriers write without a country code."""
    stand_ins: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1000)] = []
    """Numbers that carriers send for callers who have none; such a caller is nobody. Our own numbers are so anyway."""
    timezone: str = "Asia/Shanghai"
    stories: FilePath | None = None
    """A folder with stories of the house's own, a Python file each."""

    @model_validator(mode="before")
    @classmethod
    def _tables_of_numbers(cls, data: Any) -> Any:
        return split(data)


class Trunk(TrunkIn, TrunkOut, Media):
    transport: Literal["udp", "tcp", "tls"] = "udp"
    """Over what we register and send calls to the carrier. Its own calls are taken over all three."""
    addresses: Networks = Field(default=[])
    """Addresses or networks from which the carrier's INVITEs come."""

    @property
    def dials_out(self) -> bool:
        return bool(self.outbound or self.host or any("/" not in address for address in self.addresses))

    @model_validator(mode="after")
    def _known(self) -> "Trunk":
        if not self.addresses and not self.host:
            raise ValueError(
                "a trunk needs `addresses` (the carrier's) or `host`, `username`, `password_file` to register"
            )
        if self.caller_number and not self.dials_out:
            raise ValueError("`caller_number` is for calls out, and there is no way out. Add `outbound`")
        return self


class Database(Part):
    url: str | None = None
    """postgresql://user@host/name?sslmode=…, as `acd.config.database` reads it; a password belongs into password_file."""
    password_file: FilePath | None = None

    @field_validator("url")
    @classmethod
    def _known(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if _HAS_PASSWORD.match(url):
            # The address itself is not repeated: this text goes to the screen and into logs.
            raise ValueError(
                "holds a password, which everybody who may read this file would see. Put it into password_file"
            )
        read(url)
        return url


class Ports(Part):
    """Loopback ports; 0 takes a free one."""

    ami: Port = 0
    agi: Port = 0


class Pbx(Part):
    asterisk: FilePath | None = None
    """The operator's own Asterisk; else the one on PATH when new enough, else fetched."""


class Rings(Part):
    ring_s: Annotated[float, Field(gt=0, le=60)] = 5
    rings: Annotated[int, Field(ge=1, le=12)] = 3


class CallLog(Part):
    """The journal on disk, from which `explain` and `replay` rebuild what was decided; and the log files."""

    keep_days: Annotated[int, Field(ge=1, le=3650)] = 14
    files_mb: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Of each log file with its older segments, in millions of bytes."""
    files_days: Annotated[int, Field(ge=1, le=3650)] = 30


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
    limits: Limits = Limits()
    nuisance: dict[Number, Nuisance] = Field(default={})
    """Caller's number to what is known of it."""
    database: Database = Database()
    web: Web = Web()
    ports: Ports = Ports()
    pbx: Pbx = Pbx()
    recordings: Recordings = Recordings()
    rings: Rings = Rings()
    target: Target = Target()
    floor: FloorTable = FloorTable()
    routing: Routing = Routing()
    waiting: WaitingTable = WaitingTable()
    whisper: WhisperTable = WhisperTable()
    faults: FaultsTable = FaultsTable()
    transfers: Transfers = Transfers()
    quality: Quality = Quality()
    analysis: AnalysisTable = AnalysisTable()
    desk: DeskTable = DeskTable()
    calls_out: CallsOutTable = CallsOutTable()
    callbacks: CallbacksTable = CallbacksTable()
    log: CallLog = CallLog()
    self_call: SelfCallTable = SelfCallTable()
    alarms: AlarmsTable = AlarmsTable()
    lookups: Annotated[dict[Name, Lookup], Field(max_length=20)] = Field(default={})
    """Where stories find what callers ask for."""
    identity: Identity = Identity()
    reports: Annotated[dict[Name, ReportTable], Field(max_length=20)] = Field(default={})
    """Reports that make themselves."""
    survey: SurveyTable = SurveyTable()
    reviews: ReviewsTable = ReviewsTable()
    voice: VoiceTable = VoiceTable()
    speech: SpeechTable = SpeechTable()
    supervision: Supervision = Supervision()
    not_ready_reasons: dict[Level, Reason] = Field(default=_REASONS)
    """Key of the feature code *14N to the reason."""
    breaks: BreaksTable = BreaksTable()
    priorities: dict[Number, Points] = Field(default={})
    """Caller's number to priority."""
    holidays: HolidaysTable = HolidaysTable()
    customers: CustomersTable = CustomersTable()
    classes: Annotated[dict[Name, CallerClass], Field(max_length=50)] = Field(default={})
    """Class of customers to what its callers get."""
    brands: dict[Name, Brand] = Field(default={})
    queues: dict[Name, Queue]
    teams: Annotated[dict[Name, Team], Field(max_length=200)] = Field(default={})
    agents: dict[AgentId, Agent] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _numbers_of_brands(cls, data: Any) -> Any:
        """The numbers that hotline.numbers has by default are for an installation without brands."""
        hotline = data.get("hotline", {}) if isinstance(data, dict) and data.get("brands") else None
        if isinstance(hotline, dict) and "numbers" not in hotline:
            return {**data, "hotline": {**hotline, "numbers": {}}}
        return data

    @property
    def numbers(self) -> dict[str, Literal["zh", "en", "ask"]]:
        """Every number of ours to the language spoken there: hotline.numbers, then those of the brands."""
        return self.hotline.numbers | {n: said for brand in self.brands.values() for n, said in brand.numbers.items()}

    def hours_of(self, brand: str) -> list[str]:
        """When calls of this brand are taken; of the hotline where it has no hours of its own, and for no brand ("")."""
        own = self.brands[brand].hours if brand in self.brands else None
        return self.hotline.hours if own is None else own

    def number_table(self, number: str) -> NumberTable | None:
        """What this number of ours has of its own; None where it is a language alone, or none of ours."""
        return self.number_tables.get(number)

    @property
    def number_tables(self) -> dict[str, NumberTable]:
        """Every number of ours that stands as a table: of the hotline, then of the brands."""
        found = dict(self.hotline.number_tables)
        for brand in self.brands.values():
            found |= brand.number_tables
        return found

    def opening(self, hours: list[str], *, own: bool = False) -> OpeningHours:
        """These lines under the calendar of [holidays]. An empty list is always; `own`: of a queue or number, and then on holidays and
        on corrected days too."""
        return OpeningHours(tuple(hours or ALWAYS), self._calendar, self._zone, always=own and not hours)

    def openings(self, queue: str = "", number: str = "", brand: str = "") -> tuple[OpeningHours, ...]:
        """The hours that hold for a call: it is taken where each of them is open. `number`: that was dialled. `brand`: whose it is,
        where that is known; else the number's, or the queue's.

        A queue's own hours and the number's own hold both; where neither has any, those of the brand, or of the hotline.
        """
        table = self.number_table(number)
        own = [
            hours
            for hours in (self.queues[queue].hours if queue in self.queues else None, table.hours if table else None)
            if hours is not None
        ]
        if own:
            return tuple(self.opening(hours, own=True) for hours in own)
        brand = brand or brand_of_number(self.brands, number) or brand_of_queue(self.brands, queue)
        return (self.opening(self.hours_of(brand)),)

    def is_open(self, now: datetime, queue: str = "", number: str = "", brand: str = "") -> bool:
        """Whether a call is taken at this moment (aware): see `openings`. What an operator has set for today is the engine's."""
        return all(each.is_open(now) for each in self.openings(queue, number, brand))

    def next_open(self, now: datetime, queue: str = "", number: str = "", brand: str = "") -> datetime | None:
        """The first moment from `now` on at which a call is taken; None: not within 400 days."""
        openings, at = self.openings(queue, number, brand), now
        for _ in range(LOOK_AHEAD):
            opens = [each.next_open(at) for each in openings]
            latest = max((moment for moment in opens if moment is not None), default=None)
            if latest is None or len([moment for moment in opens if moment is not None]) < len(opens):
                return None
            if all(each.is_open(latest) for each in openings):
                return latest
            at = latest
        return None

    def calling_hours(
        self, hours: list[str], today: date | None = None
    ) -> tuple[tuple[tuple[int, int, int, int], ...], DatedSpans]:
        """The hours of callbacks as the engine takes them: of the week, and of the dates that are other than it, from the day before
        `today` (None: that it is now) on."""
        opening = self.opening(hours)
        today = today or datetime.now(opening.zone).date()
        dates = tuple(opening.changed_days(today - timedelta(days=1), LOOK_AHEAD)) if self._has_days else ()
        return spans_of(hours or (ALWAYS if dates else ())), dates

    def callback_hours_of(
        self, brand: Brand, today: date | None = None
    ) -> tuple[tuple[tuple[int, int, int, int], ...] | None, DatedSpans]:
        """As `calling_hours`, where the brand has hours of its own and calls_out.hours is left out; else None and no dates."""
        own = brand.hours is not None and self.calls_out.hours is None
        return self.calling_hours(brand.hours or [], today) if own else (None, ())

    @cached_property
    def _calendar(self) -> Calendar:
        return self.holidays.calendar()

    @cached_property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.hotline.timezone)
        except (ValueError, OSError, KeyError):  # the check of the configuration tells it
            return ZoneInfo("UTC")

    @property
    def _has_days(self) -> bool:
        return bool(self.holidays.country or self.holidays.days)

    @property
    def has_own_menu(self) -> bool:
        """Whether some callers hear a menu of the operator's own."""
        return self.hotline.menu is not None or any(brand.menu is not None for brand in self.brands.values())

    @property
    def hears_info(self) -> bool:
        """Whether keys that come as SIP INFO are taken. Asterisk then takes them from every side, beside what else comes."""
        return any(media.keys == "info" for media in (self.sip.agents, *self.trunks.values()))

    @cached_property
    def numbering(self) -> Numbering:
        """How this hotline reads telephone numbers. Nobody: the stand-ins, our own numbers, and a trunk's account where it
        is a number."""
        accounts = (trunk.username.partition("@")[0] for trunk in self.trunks.values())
        return Numbering.of(self.hotline.country, (*self.hotline.stand_ins, *self.numbers, *accounts))

    def target_of(self, queue: str) -> Target:
        """The targets of a queue: its own where it has them, else those of its brand, else those of [target]."""
        own = self.queues[queue].target.model_dump(exclude_none=True) if queue in self.queues else {}
        return self.target_of_brand(brand_of_queue(self.brands, queue)).model_copy(update=own)

    def target_of_brand(self, brand: str) -> Target:
        """The targets of a brand's calls: its own where it has them, else those of [target]."""
        own = self.brands[brand].target.model_dump(exclude_none=True) if brand in self.brands else {}
        return self.target.model_copy(update=own)

    def analysis_of(self, queue: str) -> AnalysisTable:
        """The thresholds of the automatic checks of a queue's talks: its own where it has them, else those of [analysis]."""
        return of_queue(self.analysis, self.queues[queue].analysis if queue in self.queues else None)

    def proposed_targets(
        self, reason: str, amount: float = 0.0
    ) -> list[tuple[Literal["agent", "queue", "skill"], str]]:
        """Kind and name of each place that is proposed for a transfer with this reason, the first choice first.

        The reason's own queue and skill; then, where `amount` (in money) needs a tier above 1, the agents of that tier or
        a higher one, the lowest tier first. Empty where the configuration names nothing.
        """
        found: list[tuple[Literal["agent", "queue", "skill"], str]] = []
        if (known := self.transfers.named().get(reason)) is not None:
            found += [("queue", known.queue)] if known.queue else []
            found += [("skill", known.skill)] if known.skill else []
        if (tier := self.transfers.tier_for(reason, amount)) > 1:
            able = [(profile.tier, agent) for agent, profile in self.agents.items() if profile.tier >= tier]
            found += [("agent", agent) for _, agent in sorted(able)]
        return found

    def calls_out_rules(self, today: date | None = None) -> CallsOut:
        """The wall before every call out, as engine and Asterisk's side apply it."""
        table = self.calls_out
        hours, dates = self.calling_hours(self.hotline.hours if table.hours is None else table.hours, today)
        agents = (agent.outside for agent in self.agents.values() if agent.outside)
        rows = (row.number for queue in self.queues.values() for row in queue.overflow if row.number)
        return CallsOut(
            country=self.hotline.country,
            kinds=tuple(table.kinds),
            allow=tuple(table.allow),
            never=tuple(self.routing.never_dial),
            own=tuple(self.numbers),
            numbers=tuple(dict.fromkeys((*self.transfers.numbers, *rows, *agents))),
            at_a_time=table.at_a_time,
            per_hour=table.per_hour,
            per_day=table.per_day,
            per_number=table.per_number,
            waiting_per_queue=table.waiting_per_queue,
            hours=hours,
            dates=dates,
            regions=self.calling_regions,
        )

    @cached_property
    def calling_regions(self) -> tuple[Region, ...]:
        """Customers who are called by other hours, as acd/calling_hours.py takes them."""
        found = []
        for name, table in self.calls_out.regions.items():
            hours, dates = self.calling_hours(table.hours)
            try:
                offsets = offsets_of(table.timezone, datetime.now(UTC)) if table.timezone else ()
            except (ValueError, OSError, KeyError):  # the check of the configuration tells it
                offsets = ()
            found.append(Region(name, tuple(table.begins), tuple(table.areas), hours, dates, offsets))
        return tuple(found)

    @cached_property
    def _nuisances(self) -> dict[str, Nuisance]:
        return {self.numbering.caller(number): known for number, known in self.nuisance.items()}

    def answers_automatically(self, agent: str) -> bool:
        """Whether the agent's telephone is told to answer calls of queues by itself: the agent's own switch, else the team's."""
        profile = self.agents.get(agent)
        if profile is None or profile.outside:
            return False
        team = self.teams.get(profile.team or "")
        return profile.auto_answer if profile.auto_answer is not None else team is not None and team.auto_answer

    def whispers_to(self, agent: str) -> WhenWhispered:
        """When the agent is told of a call by voice: the agent's own word, else that of all. "never" for who is not known here."""
        profile = self.agents.get(agent)
        return "never" if profile is None else profile.whisper or self.whisper.when

    def whispers_name(self, queue: str) -> bool:
        """Whether this queue's name is among what agents are told by voice: the queue's own switch, else that of all."""
        known = self.queues.get(queue)
        return known is not None and (self.whisper.queue_name if known.whisper is None else known.whisper)

    def nuisance_why(self, caller: str) -> str:
        """What is known of this caller, in a sentence of the operator's; empty: nothing. `caller`: the canonical number."""
        known = self._nuisances.get(caller)
        return known.why if known else ""

    def may_dial(self, number: str) -> bool:
        """Whether calls may be sent to this number where the configuration names it: not one of ours, no emergency service, none
        that is forbidden."""
        return not self.dial_problem(number)

    def dial_problem(self, number: str) -> str:
        """Why calls may not be sent there, with the remedy; empty when they may."""
        return _PROBLEMS[forbidden(self.calls_out_rules(), number)].format(number=number)


_PROBLEMS: dict[Why, str] = {
    "": "",
    "no-number": "{number} can't be dialled. Write 3 to 15 digits.",
    "own-number": "{number} is our own number: the call would come back to us, and go on for ever. Name another.",
    "emergency": "{number} reaches an emergency service, and no setting opens one. Name another number.",
    "never-dial": "{number} begins as routing.never_dial forbids. Name another number, or change that list.",
    "premium": "{number} is a premium number. Name another, or allow this very number under calls_out.allow, with its country code.",
    "satellite": (
        "{number} is a satellite or network number that belongs to no country. Name another, or allow this very number under "
        "calls_out.allow."
    ),
}

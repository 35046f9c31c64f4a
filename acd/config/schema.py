"""The operator's file as values: every table and key, its default and its bounds. The whole file is a Config.

What one value can see is checked here and in types.py; what only the whole can see, in checks.py.
"""

import ipaddress
import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from acd.calls_out import CallsOut, Why, forbidden
from acd.config.alarms import AlarmsTable
from acd.config.arrivals import Limits, Nuisance, TrunkIn
from acd.config.calls_out import CallsOutTable
from acd.config.database import read
from acd.config.network import LocalNetwork, Networks, host, is_address, own_address, split_port
from acd.config.opening_hours import OpenSpan, hours_problem
from acd.config.queues import Agent, Queue, Routing, Target
from acd.config.self_call import SelfCallTable
from acd.config.transfers import Transfers
from acd.config.trunk_out import TrunkOut
from acd.config.types import (
    ADDRESS,
    HOST_NAME,
    PRIVATE_NETWORKS,
    AgentId,
    Codec,
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
from acd.telephone_numbers import Numbering

_HAS_PASSWORD = re.compile(r"[^/]+://[^/@]*:[^/]*@|.*[?&]password=")


class Hotline(Part):
    name: Text = "Sanxiang"
    numbers: dict[Number, Literal["zh", "en", "ask"]] = Field(default={"95000": "ask", "95001": "zh", "95002": "en"})
    """Dialled number to the language spoken; "ask" lets the caller choose by the first key."""
    menu: FilePath | None = None
    """A menu of the operator's own; else the packaged ivr/menus/hotline.toml."""
    prompts: FilePath | None = None
    """A folder with recorded prompts, `<language>/<prompt>.wav`, that win over the spoken ones."""
    hours: list[str] = Field(default=[])
    """Opening hours as "mon-fri 08:00-20:00"; empty is always open."""
    calls_per_number: Annotated[int, Field(ge=0, le=1000)] | None = None
    """So many calls one caller's number may have at a time; one more is told so, and let go. 0: no limit. None: a fifth of
    limits.calls, and at least ten."""
    country: Annotated[str, Field(max_length=8)] = "CN"
    """ISO 3166-1 code of the country whose numbers callers, agents and carriers write without a country code."""
    stand_ins: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1000)] = []
    """Numbers that carriers send for callers who have none; such a caller is nobody. Our own numbers are so anyway."""
    timezone: str = "Asia/Shanghai"


Silence = Annotated[int, Field(ge=0, le=86400)]
"""Seconds without a packet of sound or RTCP; 0: any time."""


class Media(Part):
    """How sound and keys go between Asterisk and one side: a trunk's carrier, or the agents' telephones."""

    media_encryption: Literal["off", "optional", "required"] = "off"
    """SRTP with the key in the SDP (RFC 4568, "SDES"). "optional": taken and offered, and plain sound taken too."""
    keys: Literal["auto", "rfc4733", "info", "tones"] = "auto"
    """How pressed keys come. "auto": RFC 4733, and where the other side has not offered it, the tones in the sound."""
    codecs: Annotated[list[Codec], Field(min_length=1)] = Field(default=["alaw", "ulaw", "g722"])
    """Taken and offered, the first choice first."""
    no_sound_s: Silence = 0
    """Cut who has sent nothing for so long. 0: who is silent is asked by SIP instead, and cut only without an answer."""
    no_sound_on_hold_s: Silence = 0
    """The same while the other side has put the call on hold."""
    session_timers: bool = True
    """Whether who is on the line is asked by SIP every 45 s (RFC 4028)."""

    @field_validator("codecs")
    @classmethod
    def _once(cls, codecs: list[str]) -> list[str]:
        if twice := sorted({codec for codec in codecs if codecs.count(codec) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice. Keep one")
        return codecs


class Tls(Part):
    """SIP over TLS: a certificate with its chain, and its key, as PEM files. Renewed ones are taken without a restart."""

    port: Port = 5061
    certificate: FilePath
    key: FilePath
    check_carriers: bool = True
    """Whether a carrier's certificate must be valid where we connect to it."""
    carriers_ca: FilePath | None = None
    """The authorities that are believed for it; else those of this machine."""


class Sip(Part):
    bind: Annotated[str, Field(pattern=ADDRESS)] = "0.0.0.0"
    """"::" takes every address of the machine, IPv4 and IPv6."""
    bind_also: Annotated[str, Field(pattern=ADDRESS)] = ""
    """A second address, of the other family."""
    port: Port = 5060
    rtp_start: Annotated[int, Field(ge=1024, le=65000)] = 10000
    rtp_end: Annotated[int, Field(ge=1026, le=65535)] = 10999
    external_address: Annotated[str, Field(pattern=HOST_NAME)] = ""
    """Behind NAT: the address, or the name, under which carriers reach this machine."""
    local_networks: list[LocalNetwork] = Field(default=list(PRIVATE_NETWORKS))
    """Where the machine's own address is told instead of `external_address`."""
    tls: Tls | None = None
    agents: Media = Media()
    """Of the agents' telephones."""

    @property
    def binds(self) -> tuple[str, ...]:
        """The addresses on which SIP listens: one, or one of each family."""
        if self.bind == "::" and not self.bind_also:
            return ("0.0.0.0", "::")
        return (self.bind, self.bind_also) if self.bind_also else (self.bind,)

    @field_validator("bind", "bind_also")
    @classmethod
    def _address(cls, address: str) -> str:
        if address and not is_address(address):
            raise ValueError(f"{address!r} is no address. Write one of this machine's, as 192.0.2.10 or 2001:db8::10")
        return own_address(address) if address else ""

    @field_validator("external_address")
    @classmethod
    def _reached_by(cls, text: str) -> str:
        if is_address(text):
            if own_address(text) in ("0.0.0.0", "::"):
                raise ValueError(
                    f"{text!r} is no address that carriers can reach. Write the public one, as 203.0.113.7"
                )
        elif host(text) and split_port(text)[1] is not None:
            raise ValueError(f"{text!r} has a port. Write the address alone: the port is sip.port")
        return text

    identify_first: Literal["address", "name"] = "address"
    """address: a request from a trunk's address is the trunk's, whatever its From header shows. name: one that shows an agent's
    extension there is the agent's and asked for the password, so that telephones may share a trunk's address."""

    @model_validator(mode="after")
    def _fits(self) -> "Sip":
        if self.rtp_end - self.rtp_start < 8:
            raise ValueError("rtp_end must be at least 8 above rtp_start: a call needs four ports")
        if not self.bind:
            raise ValueError('bind is empty. Write "0.0.0.0" for all addresses of IPv4, "::" for those of IPv6 too')
        if self.bind_also and (":" in self.bind) == (":" in self.bind_also):
            raise ValueError(
                f"bind {self.bind} and bind_also {self.bind_also} are of one family. Name one address of IPv4 and one of IPv6"
            )
        if self.rtp_start <= self.port <= self.rtp_end:
            raise ValueError(
                f"port {self.port} lies among the RTP ports ({self.rtp_start} to {self.rtp_end}), and a call could not have it. "
                "Take another, as 5060, or other RTP ports"
            )
        return self


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


class Web(Part):
    host: str = "127.0.0.1"
    port: Port = 8080
    behind_tls: bool = False
    """A proxy in front speaks https: cookies are marked Secure, and it tells the client's address."""
    trusted_proxies: Annotated[list[str], Field(max_length=100)] = Field(default=["127.0.0.0/8", "::1/128"])
    """Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Host are believed, where behind_tls is true."""
    public_url: Annotated[str, Field(max_length=300)] = ""
    """The page's address as browsers see it, where the proxy does not pass the Host on."""

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: list[str]) -> list[str]:
        for proxy in proxies:
            try:
                wide = ipaddress.ip_network(proxy, strict=False).prefixlen == 0
            except ValueError:
                raise ValueError(
                    f"{proxy!r} is neither an address nor a network. Write it as 172.18.0.0/16 or 10.0.0.4"
                ) from None
            if wide:
                raise ValueError(
                    f"{proxy!r} is the whole world, and everybody could name any address. Write the proxies' own"
                )
        return proxies

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str) -> str:
        url = url.rstrip("/")
        if url and not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", url):
            raise ValueError(
                f"{url!r} is no address of a page. Write it without a path, as https://hotline.example.com"
            )
        return url


class Ports(Part):
    """Loopback ports; 0 takes a free one."""

    ami: Port = 0
    agi: Port = 0


class Pbx(Part):
    asterisk: FilePath | None = None
    """The operator's own Asterisk; else the one on PATH when new enough, else fetched."""


class Recordings(Part):
    folder: FilePath | None = None
    """Else `recordings` in the state folder."""
    min_free_mb: Annotated[int, Field(ge=1)] = 1024


class Rings(Part):
    ring_s: Annotated[float, Field(gt=0, le=60)] = 5
    rings: Annotated[int, Field(ge=1, le=12)] = 3


class Quality(Part):
    """From when on the line of a caller or an agent counts as bad. Where each default comes from: docs/line-quality.md."""

    mos: Annotated[float, Field(ge=1, le=4.5)] = 3.6
    loss_percent: Annotated[float, Field(ge=0, le=100)] = 3
    jitter_ms: Annotated[float, Field(gt=0, le=1000)] = 30
    round_trip_ms: Annotated[float, Field(gt=0, le=10000)] = 300
    unheard_s: Annotated[float, Field(ge=1, le=600)] = 5
    """So long nothing is heard from a party: one-way."""
    bad_legs: Annotated[int, Field(ge=0, le=1000)] = 5
    """So many bad ones of the latest `of_legs` of a trunk or an agent raise an alarm; 0: never."""
    of_legs: Annotated[int, Field(ge=1, le=1000)] = 20
    look_s: Annotated[float, Field(ge=0, le=600)] = 10
    """Between two looks at a line in talk; 0: lines are not looked at before the talk is over."""

    @model_validator(mode="after")
    def _window(self) -> "Quality":
        if self.bad_legs > self.of_legs:
            raise ValueError(
                f"of the latest {self.of_legs} legs (of_legs) never {self.bad_legs} are bad. Write a bad_legs of at most "
                f"{self.of_legs}, or a larger of_legs"
            )
        return self

    @field_validator("look_s")
    @classmethod
    def _seldom(cls, look_s: float) -> float:
        if 0 < look_s < 3:
            raise ValueError("in less than 3 s a lost packet is a per cent of it. Write 3 or more, or 0 for no looks")
        return look_s


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
    routing: Routing = Routing()
    transfers: Transfers = Transfers()
    quality: Quality = Quality()
    calls_out: CallsOutTable = CallsOutTable()
    log: CallLog = CallLog()
    self_call: SelfCallTable = SelfCallTable()
    alarms: AlarmsTable = AlarmsTable()
    not_ready_reasons: dict[Level, Reason] = Field(default=_REASONS)
    """Key of the feature code *14N to the reason."""
    priorities: dict[Number, Points] = Field(default={})
    """Caller's number to priority."""
    queues: dict[Name, Queue]
    agents: dict[AgentId, Agent] = Field(default={})

    @property
    def hears_info(self) -> bool:
        """Whether keys that come as SIP INFO are taken. Asterisk then takes them from every side, beside what else comes."""
        return any(media.keys == "info" for media in (self.sip.agents, *self.trunks.values()))

    @cached_property
    def numbering(self) -> Numbering:
        """How this hotline reads telephone numbers. Nobody: the stand-ins, our own numbers, and a trunk's account where it
        is a number."""
        accounts = (trunk.username.partition("@")[0] for trunk in self.trunks.values())
        return Numbering.of(self.hotline.country, (*self.hotline.stand_ins, *self.hotline.numbers, *accounts))

    def target_of(self, queue: str) -> Target:
        """The targets of a queue: its own where it has them, else those of [target]."""
        own = self.queues[queue].target.model_dump(exclude_none=True) if queue in self.queues else {}
        return self.target.model_copy(update=own)

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

    def calls_out_rules(self) -> CallsOut:
        """The wall before every call out, as engine and Asterisk's side apply it."""
        table = self.calls_out
        hours = self.hotline.hours if table.hours is None else table.hours
        spans = [OpenSpan.parsed(line) for line in hours if not hours_problem(line)]
        agents = (agent.outside for agent in self.agents.values() if agent.outside)
        rows = (row.number for queue in self.queues.values() for row in queue.overflow if row.number)
        return CallsOut(
            country=self.hotline.country,
            kinds=tuple(table.kinds),
            allow=tuple(table.allow),
            never=tuple(self.routing.never_dial),
            own=tuple(self.hotline.numbers),
            numbers=tuple(dict.fromkeys((*self.transfers.numbers, *rows, *agents))),
            at_a_time=table.at_a_time,
            per_hour=table.per_hour,
            per_day=table.per_day,
            per_number=table.per_number,
            waiting_per_queue=table.waiting_per_queue,
            hours=tuple((span.first_day, span.last_day, span.start_min, span.end_min) for span in spans),
        )

    @cached_property
    def _nuisances(self) -> dict[str, Nuisance]:
        return {self.numbering.caller(number): known for number, known in self.nuisance.items()}

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

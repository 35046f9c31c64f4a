"""What Asterisk's configuration and the link to it depend on, as plain values; render.py renders them."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from acd.calls_out import CallsOut
from acd.config.capacity import Capacity
from acd.telephone_numbers import DialAs, Numbering


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only Asterisk and the daemon know."""

    ami_password: str
    system_name: str
    """The mark of Asterisk's own events. Asterisk keeps 19 characters of it."""

    @property
    def copies_key(self) -> str:
        """Stands in each copy of a SIP message. It travels in clear, so nothing else can be learnt from it."""
        return hashlib.sha256(f"copies {self.ami_password}".encode()).hexdigest()[:32]

    @classmethod
    def made_anew(cls) -> Secrets:
        """Random ones, for a start of Asterisk."""
        return cls(secrets.token_urlsafe(24), secrets.token_hex(9))

    @classmethod
    def of(cls, run_folder: Path) -> Secrets:
        """Those with which the Asterisk of this run folder was last started.

        A daemon that starts while Asterisk runs takes these. Raises FileNotFoundError when Asterisk was never started here.
        """
        return cls(**json.loads((run_folder / "etc" / "secrets.json").read_text(encoding="utf-8")))


def without_port(host: str) -> str:
    """The host in host, host:port or [address]:port, as it is written there."""
    return re.sub(r":[0-9]+$", "", host) if host.startswith("[") or host.count(":") == 1 else host


def numeric(host: str) -> str:
    """The address in host, host:port or [address]:port, without brackets; empty for a name."""
    try:
        return str(ipaddress.ip_address(without_port(host).strip("[]")))
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Outwards:
    """What a carrier wants of a registration and of calls out; the words are those of acd/config/trunk_out.py."""

    auth_user: str = ""
    """Else the trunk's `username`."""
    realm: str = ""
    expires: int = 3600
    outbound_proxy: str = ""
    from_user: str = ""
    from_domain: str = ""
    number_in: str = "from"
    caller_number: str = ""
    dial_as: DialAs = "national"
    qualify_s: int = 0
    """Seconds between two OPTIONS to the way out; 0: none."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How calls over a trunk come in; the words are those of acd/config/arrivals.py."""

    caller_from: tuple[str, ...] = ("from",)
    did_from: tuple[str, ...] = ("uri",)
    accounts: tuple[str, ...] = ()
    """Names in the request's URI in the place of a number."""
    default_number: str = ""
    """As which a call to an unknown number is taken; empty: the first number."""
    verdict: bool = False
    """What the carrier says of a caller's number is believed."""
    answer_pause_ms: int = 0
    calls: int = 0
    """At a time; 0: no limit but the house's."""
    calls_without_number: int | None = None
    """At a time; None: half of the house's, 0: no limit."""
    when_full: str = "486"


@dataclass(frozen=True, slots=True)
class PbxMedia:
    """How sound and keys go between Asterisk and one side: a trunk's carrier, or the agents' telephones."""

    encryption: str = "off"
    """off, optional or required: SRTP with the key in the SDP."""
    keys: str = "auto"
    """auto, rfc4733, info or tones."""
    codecs: tuple[str, ...] = ("alaw", "ulaw", "g722")
    no_sound_s: int = 0
    """After so long without RTP and RTCP Asterisk hangs up; 0: never for that."""
    no_sound_on_hold_s: int = 0
    """The same while the other side has put the call on hold."""
    session_timers: bool = True
    """Whether who is on the line is asked by SIP whether they still are."""


@dataclass(frozen=True, slots=True)
class PbxTls:
    """SIP over TLS. The files are the operator's; Asterisk reads one that is made of both (certificates.py)."""

    port: int
    certificate: Path
    key: Path
    check_carriers: bool = True
    carriers_ca: Path | None = None
    """PEM file of the authorities that are believed for carriers; None: those of this machine."""


@dataclass(frozen=True, slots=True)
class PbxTrunk:
    """A SIP trunk of a carrier."""

    name: str
    addresses: tuple[str, ...] = ()
    """Addresses or networks from which its INVITEs come."""
    host: str = ""
    """Where to register; its address then counts as the trunk's."""
    username: str = ""
    password: str = ""
    outbound: str = ""
    """The host to which outgoing calls are sent; else `host`, else the first of `addresses` that is no network."""
    transport: str = "udp"
    """udp, tcp or tls: over what we register and send calls."""
    media: PbxMedia = PbxMedia()
    arrivals: Arrivals = Arrivals()
    outwards: Outwards = Outwards()
    resolved: tuple[str, ...] = ()
    """Addresses that `names` had when they could last be resolved; they count as the trunk's."""

    @property
    def over(self) -> str:
        """The URI parameter that names the transport, as it stands in a file of Asterisk's; empty for UDP. By it, and by the
        address, Asterisk chooses among its transports."""
        return "" if self.transport == "udp" else f"\\;transport={self.transport}"

    @property
    def endpoint(self) -> str:
        """The name of its section in pjsip.conf, and of its channels."""
        return f"trunk-{self.name}"

    @property
    def way_out(self) -> str:
        """Host, or host:port; empty when this trunk takes calls only."""
        address = next((each for each in self.addresses if "/" not in each), "")
        return self.outbound or self.host or (f"[{address}]" if ":" in address else address)

    @property
    def peer(self) -> str:
        """The host that sends this trunk's calls beside its `addresses`: where we register, or through what; empty: none."""
        return self.outwards.outbound_proxy or self.host

    @property
    def names(self) -> tuple[str, ...]:
        """Host names whose addresses count as the trunk's."""
        return () if not self.peer or numeric(self.peer) else (without_port(self.peer),)

    @property
    def has_srv(self) -> bool:
        """Whether the SRV records of `names` count, which is so where they are written without a port (RFC 3263, 4.2)."""
        return self.peer == without_port(self.peer)


@dataclass(frozen=True, slots=True)
class PbxGuest:
    """A softphone that may dial the hotline and nothing else, by name and password (the demo's "call it yourself")."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class PbxAgent:
    """An agent's SIP endpoint: the extension, which is the agent's id, and its password."""

    agent: str
    password: str
    name: str = ""
    outside: str = ""
    """The number at which the agent is rung through the trunk; then there is no endpoint."""


@dataclass(frozen=True, slots=True)
class PbxQueue:
    """A fallback queue."""

    name: str
    wrap_up_s: int = 0


@dataclass(frozen=True, slots=True)
class PbxBrand:
    """What callers of one brand hear, and what is shown to whom the brand calls."""

    name: str
    numbers: tuple[str, ...]
    """Of ours, as `PbxSettings.numbers` has them."""
    sounds_folder: Path
    """As `PbxSettings.sounds_folder`: all prompts, in the brand's voice."""
    queue: str
    """A call of the brand for which no story has named a queue goes there."""
    caller_numbers: Mapping[str, str] = field(default_factory=dict)
    """Trunk to the number that is shown on calls out over it; else the trunk's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxSettings:
    """Everything that Asterisk's configuration and the link to it depend on."""

    run_folder: Path
    """Holds etc/ (rendered here), log/, var/, spool/, and Asterisk's control socket."""
    moddir: Path
    datadir: Path
    sounds_folder: Path
    """`<language>/<prompt>.wav`"""
    moh_folder: Path
    recordings_folder: Path
    agi_folder: Path
    """Executables hotline, waiting_room, callback_offer, goodbye, agent_login: stories that Asterisk executes by itself."""
    secrets: Secrets
    sip_port: int
    ami_port: int
    agi_port: int
    rtp_start: int
    rtp_end: int
    bind: str = "127.0.0.1"
    bind_also: str = ""
    """A second address, of the other family."""
    log_pipes: bool = False
    """Whether a supervisor reads Asterisk's logs from pipes; else Asterisk writes files, and nobody masks the numbers in them."""
    control_mode: str = "0600"
    """Of Asterisk's control socket; 0660 where Asterisk runs as a user of its own and the daemon is in its group."""
    external_address: str = ""
    """The address told to phones outside the local networks, where the machine is behind NAT."""
    local_networks: tuple[str, ...] = ()
    tls: PbxTls | None = None
    agents_media: PbxMedia = PbxMedia()
    trunks: tuple[PbxTrunk, ...] = ()
    guests: tuple[PbxGuest, ...] = ()
    agents: tuple[PbxAgent, ...] = ()
    queues: tuple[PbxQueue, ...] = ()
    """A call for which no story has named a queue goes to the first."""
    numbers: Mapping[str, str] = field(default_factory=lambda: {"95000": "ask"})
    """Dialled number to zh, en or ask."""
    brands: tuple[PbxBrand, ...] = ()
    numbering: Numbering = field(default_factory=Numbering)
    """How callers' numbers are read, and in which writings our own may be called."""
    calls_per_number: int | None = None
    """How many calls one caller's number may have at a time; 0: no limit, None: by `calls`."""
    calls: int | None = None
    """How many calls are taken at a time; None: by the RTP ports and the agents."""
    menus: int = 0
    """How many of them may be in the menus at a time; 0: no limit of their own."""
    ask_key_from: int = 0
    """From so many calls in the menus on a caller is asked to press 1 to go on; 0: never."""
    identify_first: Literal["address", "name"] = "address"
    """Whether a request is its address's, or its From header's where that names a telephone."""
    turned_away: tuple[str, ...] = ()
    """Callers' numbers that are let go with a sentence."""
    extensions: tuple[str, ...] = ()
    """What an agent may dial, or transfer a caller to by the phone's transfer key, beside the other agents' extensions."""
    transfer_reasons: Mapping[int, str] = field(default_factory=dict)
    """Key to the name of a reason for a transfer."""
    names: tuple[str, ...] = ()
    """Host names under which phones know this machine, beside its addresses; a REFER to another domain is refused."""
    calls_out: CallsOut = field(default_factory=CallsOut)
    """What may be dialled outside; also by the dialplan, which has `calls_out.numbers` one by one."""
    surveys: bool = False
    """Whether some callers are asked after the talk."""
    ask_key: bool = False
    """Whether the customer of a callback is asked to press 1 before they count as reached."""
    not_ready_reasons: Mapping[int, str] = field(default_factory=lambda: {1: "break"})
    queue_extensions: Mapping[str, str] = field(default_factory=dict)
    """Extension to the queue to which it leads: an agent leaves and joins the queue by it."""
    agents_language: str = "zh"
    qualify_s: int = 3
    """Seconds between two OPTIONS to a phone. With the 1.5 s that it may take to answer (pjsip.conf), a dead phone is known
    within 5 s."""
    copies_port: int = 0
    """The loopback port (UDP) to which copies of SIP messages go; 0: none are made."""
    asked_every_s: int = 90
    """The session timer's interval (RFC 4028: 90 s at least): each side of a call is asked by SIP after half of it, and hung up on
    when it does not answer."""
    dial_timeout_s: int = 20
    """Dial's own time-out, 5 s behind the engine's three rings, should the engine not act."""
    outside_timeout_s: int = 40
    """The same for an agent's outside number, whose network takes its time before it rings."""
    accept_s: int = 8
    """So long whoever answers an agent's outside number may take to press the key, after the sentence that asks for it."""
    register_again_s: tuple[int, int, int] = (30, 60, 300)
    """Seconds until a registration is tried again: after silence, a 5xx or a refused password; after any other refusal, as 404;
    after 403. It is tried for ever."""
    alone_ring_s: int = 15
    alone_step_s: int = 30
    record_consults: bool = False
    """Whether the daemon has consults recorded; nothing is rendered from it."""
    extra_files: Mapping[str, str] = field(default_factory=dict)
    """File name to text of files that replace, or are added to, the rendered ones: a test's CEL, a benchmark's queues."""

    @property
    def rules_out(self) -> CallsOut:
        """`calls_out` with the hotline's own numbers, which are never dialled."""
        return replace(self.calls_out, own=tuple(self.numbers))

    @property
    def own_address(self) -> str:
        """Where our own SIP port is reached from this machine, as host:port."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)
        return f"[{host}]:{self.sip_port}" if ":" in host else f"{host}:{self.sip_port}"

    @property
    def capacity(self) -> Capacity:
        """How many calls are taken at a time."""
        return Capacity(self.rtp_end - self.rtp_start + 1, len(self.agents), self.calls)

    @property
    def calls_of_a_number(self) -> int:
        """How many calls one caller's number may have at a time; 0: no limit."""
        return self.capacity.calls_of_a_number if self.calls_per_number is None else self.calls_per_number

    @property
    def etc(self) -> Path:
        """The folder of the rendered files."""
        return self.run_folder / "etc"

    @property
    def binds(self) -> tuple[str, ...]:
        """The addresses on which SIP listens: one, or one of each family."""
        return (self.bind, self.bind_also) if self.bind_also else (self.bind,)

    @property
    def hears_info(self) -> bool:
        """Whether keys that come as SIP INFO are taken. Asterisk then takes them from every side, beside what else comes."""
        return any(media.keys == "info" for media in (self.agents_media, *(trunk.media for trunk in self.trunks)))

    @property
    def tls_file(self) -> Path:
        """Certificate, chain and key in one file, for Asterisk."""
        return self.etc / "tls.pem"

    @property
    def ways_out(self) -> dict[str, str]:
        """The endpoints of the trunks that can be dialled, in the order in which they are tried, each with the number of its own
        that it shows to whoever is called, or empty."""
        return {trunk.endpoint: trunk.outwards.caller_number for trunk in self.trunks if trunk.way_out}

    @property
    def shown_for(self) -> dict[tuple[str, str], str]:
        """Endpoint of a trunk and number of ours that the customer had dialled, to what its brand shows over that trunk; without
        those where the brand has nothing of its own."""
        known = {trunk.name: trunk.endpoint for trunk in self.trunks}
        return {
            (known[trunk], number): shown
            for brand in self.brands
            for trunk, shown in brand.caller_numbers.items()
            for number in brand.numbers
            if trunk in known
        }

    @property
    def dial_as(self) -> dict[str, DialAs]:
        """The endpoints of the trunks that can be dialled, as `ways_out`, to how each wants called numbers written."""
        return {trunk.endpoint: trunk.outwards.dial_as for trunk in self.trunks if trunk.way_out}

    @property
    def way_out(self) -> str:
        """The first of `ways_out`; empty when there is none."""
        return next(iter(self.ways_out), "")

    @property
    def hangup_log(self) -> Path:
        """The file into which the dialplan writes each caller's hang-up (acd/pbx/recovery/missed_hangups.py)."""
        return self.run_folder / "log" / "cel-custom" / "gone.txt"

    @property
    def live_link(self) -> Path:
        """The link by which Asterisk reaches the folder of the recordings in progress."""
        return self.run_folder / "live"

    @property
    def main_file(self) -> Path:
        """The file for `asterisk -C`."""
        return self.etc / "asterisk.conf"

"""What Asterisk's configuration and the link to it depend on, as plain values; render.py renders them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from acd.calls_out import CallsOut
from acd.telephone_numbers import Numbering


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only Asterisk and the daemon know."""

    ami_password: str
    system_name: str
    """The mark of Asterisk's own events. Asterisk keeps 19 characters of it."""

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

    @property
    def way_out(self) -> str:
        """Host, or host:port; empty when this trunk takes calls only."""
        address = next((each for each in self.addresses if "/" not in each), "")
        return self.outbound or self.host or (f"[{address}]" if ":" in address else address)


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


@dataclass(frozen=True, slots=True)
class PbxQueue:
    """A fallback queue."""

    name: str
    wrap_up_s: int = 0


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
    external_address: str = ""
    """The address told to phones outside the local networks, where the machine is behind NAT."""
    local_networks: tuple[str, ...] = ()
    trunks: tuple[PbxTrunk, ...] = ()
    guests: tuple[PbxGuest, ...] = ()
    agents: tuple[PbxAgent, ...] = ()
    queues: tuple[PbxQueue, ...] = ()
    """A call for which no story has named a queue goes to the first."""
    numbers: Mapping[str, str] = field(default_factory=lambda: {"95000": "ask"})
    """Dialled number to zh, en or ask."""
    numbering: Numbering = field(default_factory=Numbering)
    """How the link reads callers' numbers; nothing is rendered from it."""
    calls_per_number: int = 0
    """How many calls one caller's number may have at a time; 0: no limit."""
    extensions: tuple[str, ...] = ()
    """What an agent may dial, or transfer a caller to by the phone's transfer key, beside the other agents' extensions."""
    transfer_reasons: Mapping[int, str] = field(default_factory=dict)
    """Key to the name of a reason for a transfer."""
    names: tuple[str, ...] = ()
    """Host names under which phones know this machine, beside its addresses; a REFER to another domain is refused."""
    calls_out: CallsOut = field(default_factory=CallsOut)
    """What may be dialled outside; also by the dialplan, which has `calls_out.numbers` one by one."""
    ask_key: bool = False
    """Whether the customer of a callback is asked to press 1 before they count as reached."""
    not_ready_reasons: Mapping[int, str] = field(default_factory=lambda: {1: "break"})
    agents_language: str = "zh"
    qualify_s: int = 3
    """Seconds between two OPTIONS to a phone. With the 1.5 s that it may take to answer (pjsip.conf), a dead phone is known
    within 5 s."""
    rtp_timeout_s: int = 20
    rtp_timeout_hold_s: int = 300
    dial_timeout_s: int = 20
    """Dial's own time-out, 5 s behind the engine's three rings, should the engine not act."""
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
    def etc(self) -> Path:
        """The folder of the rendered files."""
        return self.run_folder / "etc"

    @property
    def way_out(self) -> str:
        """The endpoint of the first trunk that can be dialled; empty when there is none."""
        return next((f"trunk-{trunk.name}" for trunk in self.trunks if trunk.way_out), "")

    @property
    def hangup_log(self) -> Path:
        """The file into which the dialplan writes each caller's hang-up (acd/pbx/recovery/missed_hangups.py)."""
        return self.run_folder / "log" / "cel-custom" / "gone.txt"

    @property
    def main_file(self) -> Path:
        """The file for `asterisk -C`."""
        return self.etc / "asterisk.conf"

"""What Asterisk's configuration and the link to it depend on, as plain values: conf.py renders them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only Asterisk and the daemon know."""

    ami_password: str
    system_name: str
    """The mark that a believed event carries. Asterisk keeps 19 characters of it."""

    @classmethod
    def made_anew(cls) -> Secrets:
        return cls(secrets.token_urlsafe(24), secrets.token_hex(9))

    @classmethod
    def of(cls, run_folder: Path) -> Secrets:
        """Those with which the Asterisk of this run folder was last started.

        A daemon that finds Asterisk alive takes these; FileNotFoundError when there never was one.
        """
        return cls(**json.loads((run_folder / "etc" / "secrets.json").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class PbxTrunk:
    name: str
    addresses: tuple[str, ...] = ()
    """Whence its INVITEs come: addresses or networks."""
    host: str = ""
    """Where to register; its address then counts as the trunk's."""
    username: str = ""
    password: str = ""
    outbound: str = ""
    """Where calls out of the house are sent; else `host`, else the first of `addresses` that is no network."""

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
    agent: str
    password: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class PbxQueue:
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
    """Executables hotline, waiting_room, callback_offer, goodbye, agent_login: the stories without their server."""
    secrets: Secrets
    sip_port: int
    ami_port: int
    agi_port: int
    rtp_start: int
    rtp_end: int
    bind: str = "127.0.0.1"
    external_address: str = ""
    """What phones outside the local networks are told, where the machine stands behind NAT."""
    local_networks: tuple[str, ...] = ()
    trunks: tuple[PbxTrunk, ...] = ()
    guests: tuple[PbxGuest, ...] = ()
    agents: tuple[PbxAgent, ...] = ()
    queues: tuple[PbxQueue, ...] = ()
    """The first is where a call goes when no story said where."""
    numbers: Mapping[str, str] = field(default_factory=lambda: {"95000": "ask"})
    """Dialled number to zh, en or ask."""
    calls_per_number: int = 0
    """So many calls one caller's number may have at a time; 0: as many as it likes."""
    extensions: tuple[str, ...] = ()
    """What an agent may dial, or send a caller to by his telephone's transfer key, beside his colleagues' extensions."""
    transfer_reasons: Mapping[int, str] = field(default_factory=dict)
    """Key to the name of a reason for handing a caller over."""
    names: tuple[str, ...] = ()
    """Host names by which telephones know this machine, beside its addresses: a REFER to another domain is none of ours."""
    never_dial: tuple[str, ...] = ()
    """How numbers begin at which nobody is called back."""
    not_ready_reasons: Mapping[int, str] = field(default_factory=lambda: {1: "break"})
    agents_language: str = "zh"
    qualify_s: int = 3
    """Between two questions to a phone whether it is there; with the 1.5 s that it may take to answer (pjsip.conf), a dead
    one is known within 5 s."""
    rtp_timeout_s: int = 20
    rtp_timeout_hold_s: int = 300
    dial_timeout_s: int = 20
    """Dial's own time-out, a backstop 5 s behind the engine's three rings."""
    alone_ring_s: int = 15
    alone_step_s: int = 30
    record_consults: bool = False
    """Whether the daemon has consults recorded; nothing is rendered from it."""
    extra_files: Mapping[str, str] = field(default_factory=dict)
    """Files that stand instead of, or beside, the rendered ones: the tests' CEL book, a bench's queues."""

    @property
    def etc(self) -> Path:
        return self.run_folder / "etc"

    @property
    def way_out(self) -> str:
        """The endpoint of the first trunk that can be dialled; empty when there is none."""
        return next((f"trunk-{trunk.name}" for trunk in self.trunks if trunk.way_out), "")

    @property
    def gone_book(self) -> Path:
        """Where the dialplan writes down who has hung up: acd/pbx/recovery/missed_hangups.py."""
        return self.run_folder / "log" / "cel-custom" / "gone.txt"

    @property
    def main_file(self) -> Path:
        """What `asterisk -C` is told."""
        return self.etc / "asterisk.conf"

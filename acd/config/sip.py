"""[sip]: the addresses and ports of Asterisk, TLS, and how sound and keys go between it and one side."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from acd.config.network import LocalNetwork, host, is_address, own_address, split_port
from acd.config.types import ADDRESS, HOST_NAME, PRIVATE_NETWORKS, Codec, FilePath, Part, Port

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

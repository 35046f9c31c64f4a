"""The parts of pjsip.conf that say over what SIP and sound travel: transports, NAT, TLS, SRTP, keys, codecs, silence.

One transport for each protocol and family: Asterisk chooses by the address that it sends to. A transport is read when Asterisk
starts, and `allow_reload` stays off, for a reload of one would cut its TCP and TLS connections; only the contents of the
certificate's file are read again.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from pathlib import Path

from acd.pbx.conf.fits import ADDRESS, Fit
from acd.pbx.conf.settings import PbxMedia, PbxSettings

Number = Callable[[str, int, int, int], str]
"""Field, value, lowest and highest to the value as text. Raises UnfitForConf."""
HOST = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,253}")

DTMF_MODES = {"auto": "auto", "rfc4733": "rfc4733", "info": "info", "tones": "inband"}
"""Our word for how keys come to Asterisk's. `auto` is RFC 4733 where the other side offers telephone-event, else tones."""
CODEC_MODULES: dict[str, tuple[str, ...]] = {
    "opus": ("codec_opus.so", "codec_opus_open_source.so"),
    "g729": ("codec_g729.so", "codec_g729a.so"),
}
"""Codecs whose module is loaded only when they are wanted, and its names: of the codec's maker, of Debian's package."""
MODULES_BESIDE = {"opus": ("res_format_attr_opus.so",), "g729": ("res_format_attr_g729.so", "format_g729.so")}


def transports(settings: PbxSettings, fit: Fit, number: Number) -> str:
    """The sections of all transports: udp and tcp, of IPv6 with a 6 behind, and tls."""
    text = ""
    for bind in settings.binds:
        nat = _nat(settings, fit) if _is_six(settings.external_address) == (":" in bind) else ""
        host = _in_brackets(fit("bind", bind, ADDRESS))
        six = "6" if ":" in bind else ""
        for protocol in ("udp", "tcp"):
            port = number("sip_port", settings.sip_port, 1, 65535)
            text += _section(protocol + six, protocol, f"{host}:{port}") + nat
        if settings.tls is not None:
            port = number("tls.port", settings.tls.port, 1, 65535)
            text += _section(f"tls{six}", "tls", f"{host}:{port}") + _tls(settings, fit) + nat
    return text


def _is_six(address: str) -> bool:
    """A name counts as IPv4: behind a NAT of IPv6 hardly anybody is."""
    return ":" in address


def _section(name: str, protocol: str, bind: str) -> str:
    return f"[{name}]\ntype = transport\nprotocol = {protocol}\nbind = {bind}\n"


def _in_brackets(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _nat(settings: PbxSettings, fit: Fit) -> str:
    if not settings.external_address:
        return ""
    address = fit("external_address", settings.external_address, HOST)
    nets = "".join(f"local_net = {fit('local_networks', net, ADDRESS)}\n" for net in settings.local_networks)
    return f"external_media_address = {address}\nexternal_signaling_address = {address}\n{nets}"


def _tls(settings: PbxSettings, fit: Fit) -> str:
    assert settings.tls is not None
    path = re.compile(r"/[^\x00-\x1f\x7f;]*")
    file = fit("run_folder", str(settings.tls_file), path)
    # TLS 1.2 or newer; what is older was withdrawn by RFC 8996.
    text = f"cert_file = {file}\npriv_key_file = {file}\nmethod = tlsv1_2\n"
    if settings.tls.check_carriers:
        authorities = settings.tls.carriers_ca or machines_authorities()
        text += f"verify_server = yes\nca_list_file = {fit('tls.carriers_ca', str(authorities), path)}\n"
    return text


def machines_authorities() -> Path:
    """The file of the authorities that this machine believes."""
    places = ssl.get_default_verify_paths()
    return Path(places.cafile or places.openssl_cafile or "/etc/ssl/certs/ca-certificates.crt")


def media(field: str, wanted: PbxMedia, settings: PbxSettings, fit: Fit, number: Number) -> str:
    """The options of an endpoint. `field`: where they stand in the operator's file."""
    codecs = [fit(f"{field}.codecs", codec, re.compile("alaw|ulaw|g722|gsm|opus|g729")) for codec in wanted.codecs]
    text = f"allow = {','.join(codecs)}\n"
    text += f"dtmf_mode = {DTMF_MODES[fit(f'{field}.keys', wanted.keys, re.compile('|'.join(DTMF_MODES)))]}\n"
    # 0: silence alone ends no call. Who is silent is asked by the session timer, and lives as long as they answer.
    text += f"rtp_timeout = {number(f'{field}.no_sound_s', wanted.no_sound_s, 0, 86400)}\n"
    text += f"rtp_timeout_hold = {number(f'{field}.no_sound_on_hold_s', wanted.no_sound_on_hold_s, 0, 86400)}\n"
    text += "timers = always\n" if wanted.session_timers else "timers = no\n"
    match fit(f"{field}.media_encryption", wanted.encryption, re.compile("off|optional|required")):
        case "optional":
            text += "media_encryption = sdes\nmedia_encryption_optimistic = yes\n"
        case "required":
            text += "media_encryption = sdes\n"
    return text


def codec_modules(settings: PbxSettings) -> tuple[list[str], list[str]]:
    """Modules that the configured codecs need beyond those of modules.conf, and the codecs for which this Asterisk has none."""
    wanted = {
        codec
        for media in (settings.agents_media, *(trunk.media for trunk in settings.trunks))
        for codec in media.codecs
    }
    modules, missing = [], []
    for codec in sorted(wanted & set(CODEC_MODULES)):
        there = [name for name in CODEC_MODULES[codec] if (settings.moddir / name).exists()]
        beside = [name for name in MODULES_BESIDE[codec] if (settings.moddir / name).exists()]
        modules += [*beside, *there[:1]]
        missing += [] if there else [codec]
    return modules, missing

"""Renders Asterisk's configuration for one installation from the templates in asterisk_conf/.

Asterisk reads only what is rendered here, never /etc/asterisk. Every value is checked against the pattern of its placeholder
before it is written: a comma in a queue's name or a line break in a label would become dialplan. All files have mode 0600 and
their folder 0700, for some hold secrets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from acd.calls_out import no_way_out
from acd.errors import SanxiangError
from acd.files import write_private
from acd.identifiers import DIALABLE, EXTENSION, NAME, NUMBER
from acd.pbx.conf import agent_codes, agent_extensions, announcements, certificates, transports, trunk_contexts, trunks
from acd.pbx.conf.settings import PbxAgent, PbxBrand, PbxGuest, PbxMedia, PbxQueue, PbxSettings, PbxTrunk
from acd.pbx.events.causes import LOST_CAUSES
from acd.pbx.trunk_states import NEXT_TRUNK_CODES

TEMPLATES = Path(__file__).resolve().parents[3] / "asterisk_conf"
RELOAD_SIP = "module reload res_pjsip.so"
"""For `asterisk -rx` after pjsip.conf was rendered again. ("pjsip reload" is an alias whose module is not loaded.)"""
INFO_MODULE = "res_pjsip_dtmf_info.so"
"""Hears keys that come as SIP INFO, from every side and whatever its `dtmf_mode` is: loaded only where somebody asks for it."""
DOUBLED_MS = 200
"""Where INFO is heard, the same key again within so long is the same press, told in the other way too."""
PROMPTS = (
    "recording-notice",
    "please-hold",
    "nobody-ready",
    "goodbye",
    "callback-accepted",
    "callback-not-now",
    "called-back",
    "called-back-press-one",
    "leave-a-message",
    "message-taken",
    "withdrawn",
    "too-many-calls",
    "all-lines-busy",
    "press-one-to-go-on",
    "call-not-taken",
    "hold-notice",
    "agent-done",
    "agent-wrong-code",
    "agent-code-refused",
    "agent-code-not-now",
    "agent-not-now",
    "agent-phone-works",
    "outside-accept",
    "agent-transfer-target",
    "agent-transfer-reason",
    "agent-transfer-how",
    "agent-transfer-refused",
    "agent-transfer-not-now",
)
"""Prompts that the dialplan itself plays, `<sounds>/<language>/<prompt>.wav`; it also plays `<sounds>/tones/beep.wav`, and to an agent
the files that come with the offer."""

LONGEST_SOCKET = 107
"""Bytes in the path of a Unix socket (sun_path); Asterisk truncates a longer one silently."""
_NAME = re.compile(NAME)
_DIALLED = re.compile(NUMBER)
_NAME_OF_ENDPOINT = re.compile(f"trunk-{NAME}")
_AGENT = re.compile(EXTENSION)
_DIALABLE = re.compile(DIALABLE)
_SECRET = re.compile(r"[A-Za-z0-9_.~+-]{8,128}")
_USER = re.compile(r"[A-Za-z0-9._+-]{1,64}")
_PATH = re.compile(r"/[^\x00-\x1f\x7f,;()\[\]{}|&$\"'\\<>^:]*")
_PLACEHOLDER = re.compile(r"@\{([a-z_]+)\}")


def reloads(files: Iterable[str], hears_info: bool = False) -> list[str]:
    """Commands for `asterisk -rx`, in this order, after these files were rendered again. Only the files of phones, dialplan,
    queues and announcements, and which keys are heard, can change while Asterisk runs; for the others there is no command."""
    names = set(files)
    dialplan = any(name.startswith("extensions") for name in names)
    told = {
        "modules.conf": f"module {'load' if hears_info else 'unload'} {INFO_MODULE}",
        "features.conf": "module reload features",
        "queues.conf": "module reload app_queue.so",
        "pjsip.conf": RELOAD_SIP,
        "musiconhold.conf": "module reload res_musiconhold.so",
    }
    return [word for name, word in told.items() if name in names] + (["dialplan reload"] if dialplan else [])


class UnfitForConf(SanxiangError):
    """{field}: {value!r} can't stand in Asterisk's configuration. {remedy}"""


class NoMusic(SanxiangError):
    """There is no sound file in {folder}. Callers would wait in silence: put a .wav (8 kHz, mono) there."""


def render(settings: PbxSettings) -> Path:
    """Writes all files below `settings.run_folder`; the path for `asterisk -C` comes out.

    Raises, before anything is written, UnfitForConf for a value that does not fit its placeholder, NoMusic for an empty
    music folder, and BadPair where there is no good certificate, neither the operator's nor one that was installed before;
    OSError when a file can't be written.
    """
    files = rendered(settings)
    pair: certificates.Pair | None = None
    if settings.tls is not None:
        try:
            pair = certificates.read_pair(settings.tls)
        except certificates.BadPair:
            if not settings.tls_file.exists():
                raise
            # The pair that is installed stays; the daemon's watch over the certificate raises the alarm.
    for folder in (settings.etc, *(settings.run_folder / name for name in ("log", "var", "spool", "control"))):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.hangup_log.parent.mkdir(exist_ok=True, mode=0o700)
    for name in ("live", "self-call"):
        (settings.recordings_folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    _link_live(settings)
    for name, text in {**files, "secrets.json": json.dumps(asdict(settings.secrets))}.items():
        # Whole or not at all, since Asterisk may read it at any moment; each start makes them anew.
        write_private(settings.etc / name, text, durable=False)
    if pair is not None:
        write_private(settings.tls_file, pair.text, durable=False)
    return settings.main_file


def _link_live(settings: PbxSettings) -> None:
    """The link by which Asterisk reaches the recordings in progress (extensions.conf says why there is one)."""
    link, folder = settings.live_link, settings.recordings_folder / "live"
    if link.is_symlink() and link.readlink() == folder:
        return
    aside = link.with_name("live.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(folder)
    aside.replace(link)


def drifted(settings: PbxSettings) -> list[str]:
    """Names of files in `settings.etc` that are not as `render` would write them now: changed, missing, or not of ours. Raises as
    `render`."""
    wanted = rendered(settings)
    found: dict[str, str | None] = dict.fromkeys(wanted)
    for file in _listed(settings.etc):
        if file.suffix == ".conf" and not file.name.startswith("."):
            try:
                found[file.name] = file.read_text(encoding="utf-8", errors="replace")
            except OSError:
                found[file.name] = None
    return sorted(name for name, text in found.items() if text is None or text != wanted.get(name))


def rendered(settings: PbxSettings) -> dict[str, str]:
    """File name to text, as `render` would write them. Raises as `render`."""
    values = _values(settings)
    if not any(path.suffix in announcements.MUSIC for path in _listed(settings.moh_folder)):
        raise NoMusic(folder=settings.moh_folder)
    return {path.name: _filled(path, values) for path in sorted(TEMPLATES.glob("*.conf"))} | dict(settings.extra_files)


def _listed(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def _filled(template: Path, values: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise KeyError(f"{template.name} has {found[0]}, for which there is no value")
        return values[found[1]]

    return _PLACEHOLDER.sub(value, template.read_text(encoding="utf-8"))


def _fit(field_name: str, value: str, allowed: re.Pattern[str]) -> str:
    if not allowed.fullmatch(value):
        shown = "(a secret)" if allowed in (_SECRET, trunks.SECRET) else value
        raise UnfitForConf(field=field_name, value=shown, remedy=f"Allowed is {allowed.pattern}")
    return value


def _values(settings: PbxSettings) -> dict[str, str]:
    """The value of each @{placeholder} in the templates, checked. Raises UnfitForConf."""

    def path(name: str, value: Path) -> str:
        return _fit(name, str(value), _PATH)

    def number(name: str, value: int, low: int = 1, high: int = 65535) -> str:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise UnfitForConf(field=name, value=value, remedy=f"It is a whole number from {low} to {high}.")
        return str(value)

    run = settings.run_folder
    if len(bytes(run / "control" / "asterisk.ctl")) > LONGEST_SOCKET:
        remedy = (
            f"Asterisk's control socket below it must have at most {LONGEST_SOCKET} bytes: choose a shorter --state."
        )
        raise UnfitForConf(field="run_folder", value=str(run), remedy=remedy)
    queues = [_fit("queue", queue.name, _NAME) for queue in settings.queues]
    if not queues:
        raise UnfitForConf(field="queues", value="", remedy="Name at least one queue.")
    modules, missing = transports.codec_modules(settings)
    if missing:
        remedy = (
            "This Asterisk has no module for it: take it out of `codecs`, or let [pbx] name an Asterisk that has one."
        )
        raise UnfitForConf(field="codecs", value=missing[0], remedy=remedy)
    modules += ["res_hep.so", "res_hep_pjsip.so"] if settings.copies_port else []
    modules += [INFO_MODULE] if settings.hears_info else []
    guests, outside = PbxMedia(keys="auto"), _outside(settings)
    return {
        "etc": path("run_folder", settings.etc),
        "var": path("run_folder", run / "var"),
        "spool": path("run_folder", run / "spool"),
        "control": path("run_folder", run / "control"),
        "log": path("run_folder", run / "log"),
        "log_suffix": "pipe" if settings.log_pipes else "log",
        "moddir": path("moddir", settings.moddir),
        "datadir": path("datadir", settings.datadir),
        "agi_folder": path("agi_folder", settings.agi_folder),
        "sounds_folder": path("sounds_folder", settings.sounds_folder),
        "recordings_folder": path("recordings_folder", settings.recordings_folder),
        "live_folder": path("run_folder", settings.live_link),
        "moh_folder": path("moh_folder", settings.moh_folder),
        "system_name": _fit("system_name", settings.secrets.system_name, re.compile(r"[a-z0-9]{16,19}")),
        "ami_password": _fit("ami_password", settings.secrets.ami_password, _SECRET),
        "ami_port": number("ami_port", settings.ami_port),
        "agi_port": number("agi_port", settings.agi_port),
        "sip_port": number("sip_port", settings.sip_port),
        "rtp_start": number("rtp_start", settings.rtp_start),
        "rtp_end": number("rtp_end", settings.rtp_end),
        "transports": transports.transports(settings, _fit, number).rstrip(),
        "agents_media": transports.media("sip.agents", settings.agents_media, settings, _fit, number).rstrip(),
        "guests_media": transports.media("guests", guests, settings, _fit, number).rstrip(),
        "copies_enabled": "yes" if settings.copies_port else "no",
        "copies_port": number("copies_port", settings.copies_port, 0, 65535),
        "copies_key": settings.secrets.copies_key,
        "asked_every_s": number("asked_every_s", settings.asked_every_s, 90, 7200),
        "more_modules": "".join(f"load = {_fit('modules', name, _MODULE)}\n" for name in modules).rstrip(),
        "doubled_ms": str(DOUBLED_MS if settings.hears_info else 0),
        "doubled_codes": _DOUBLED_CODES if settings.hears_info else "",
        "control_mode": _fit("control_mode", settings.control_mode, re.compile("0600|0660")),
        "identifier_order": "username,ip" if settings.identify_first == "name" else "ip,username",
        "qualify_s": number("qualify_s", settings.qualify_s, 0, 3600),
        "dial_timeout_s": number("dial_timeout_s", settings.dial_timeout_s, 1, 300),
        "outside_timeout_s": number("outside_timeout_s", settings.outside_timeout_s, 1, 300),
        "surveys": "1" if settings.surveys else "0",
        "accept_s": number("accept_s", settings.accept_s, 1, 60),
        "alone_step_s": number("alone_step_s", settings.alone_step_s, 1, 300),
        "lost_causes": f",{','.join(str(cause) for cause in sorted(LOST_CAUSES))},",
        # An x before each: with it none can be read as a pattern, and none is h, i or t.
        "outside": "".join(f"exten => x{_fit('calls_out', each, _DIALABLE)},1,NoOp()\n" for each in outside).rstrip(),
        "ways_out": ",".join(_fit("trunk", name, _NAME_OF_ENDPOINT) for name in settings.ways_out),
        "shown_numbers": "\n".join(
            [
                *(trunks.shown_number(trunk, _fit) for trunk in settings.trunks),
                *trunks.shown_for_brands(settings, _fit).splitlines(),
            ]
        ),
        "called_numbers": "\n".join(trunks.called_numbers(trunk, settings, outside, _fit) for trunk in settings.trunks),
        "next_trunk_codes": NEXT_TRUNK_CODES,
        "default_queue": queues[0],
        "queue_names": ",".join(queues),
        "queue_globals": "\n".join(
            f"{kind}_{name} = ${{{kind}_{name}}}" for name in queues for kind in ("READY", "MEMBERS")
        ),
        "queues": "\n".join(_queue(queue, settings.alone_ring_s) for queue in settings.queues),
        "agents_language": _fit("agents_language", settings.agents_language, re.compile("zh|en")),
        "codes": agent_codes.codes(settings, _fit),
        "wrong_codes": agent_codes.wrong_codes(),
        **agent_extensions.placeholders(settings, _fit),
        **trunk_contexts.placeholders(settings, _fit),
        "brands": "".join(_brand(brand, queues, path) for brand in settings.brands).rstrip(),
        "trunks": "\n".join(
            [
                *(
                    _trunk(
                        trunk,
                        settings,
                        transports.media(f"trunks.{trunk.name}", trunk.media, settings, _fit, number),
                    )
                    for trunk in settings.trunks
                ),
                *map(_guest, settings.guests),
            ]
        ),
        "agents": "\n".join(
            _agent(agent, doubled=settings.hears_info) for agent in settings.agents if not agent.outside
        ),
        "announcements": announcements.classes(
            [_fit("agents", agent.agent, _AGENT) for agent in settings.agents],
            queues,
            settings.sounds_folder,
            settings.moh_folder,
        ),
    }


_MODULE = re.compile(r"[a-z0-9_]{1,40}\.so")
_CODES = {"take-back": "TakeBackKeyed", "transfer": "TransferKeyed", "three-way": "ThreeWayKeyed"}
_DOUBLED_CODES = "".join(
    f"{name}-doubled => **{key}{key},self,Gosub(keyed,s,1({told}))\n"
    for key, (name, told) in zip("789", _CODES.items(), strict=True)
).rstrip()
"""The codes of features.conf as they come from a telephone that tells each key in two ways."""


def _outside(settings: PbxSettings) -> list[str]:
    """The outside numbers of the configuration that may be dialled: what is forbidden is left out, whoever has let it pass."""
    rules = settings.rules_out
    return [number for number in rules.numbers if not no_way_out(rules, number)]


def _queue(queue: PbxQueue, ring_s: int) -> str:
    return "\n".join(
        (
            f"[{queue.name}]",
            "musicclass = default",
            # Round robin: one that chose by the agent alone would ring a telephone that is busy or forwards for ever.
            "strategy = rrordered",
            f"timeout = {ring_s}",
            "retry = 1",
            f"wrapuptime = {int(queue.wrap_up_s)}",
            "ringinuse = no",
            "joinempty = yes",
            "leavewhenempty = no",
            "setinterfacevar = yes",
            "announce-frequency = 0",
            "",
        )
    )


def _brand(brand: PbxBrand, queues: Sequence[str], path: Callable[[str, Path], str]) -> str:
    """The extensions of [brand]: each number of this brand, which sets what is the brand's on the caller's channel."""
    _fit("brands", brand.name, _NAME)
    queue = _fit(f"brands.{brand.name}.queues", brand.queue, re.compile("|".join(map(re.escape, queues))))
    sounds = path("sounds_folder", brand.sounds_folder)
    return "".join(
        f"exten => {_fit('numbers', number, _DIALLED)},1,Set(__SOUNDS={sounds})\n same => n,Set(BRAND_QUEUE={queue})\n same => n,Return()\n"
        for number in brand.numbers
    )


def _trunk(trunk: PbxTrunk, settings: PbxSettings, media: str) -> str:
    _fit(f"trunks.{trunk.name}.transport", trunk.transport, re.compile("udp|tcp|tls"))
    more = trunk_contexts.variables(trunk, settings, _fit) + media
    return trunks.sections(trunk, settings.register_again_s, _fit, more=more, over=trunk.over)


def _guest(guest: PbxGuest) -> str:
    name = _fit("guests", guest.name, _USER)
    password = _fit(f"guests.{name}.password", guest.password, _SECRET)
    return (
        f"[{name}](a-guest)\ncontext = from-guests\nauth = {name}\naors = {name}\n"
        f"[{name}](a-password)\nusername = {name}\npassword = {password}\n[{name}](an-agent-place)\n"
    )


def _agent(agent: PbxAgent, doubled: bool) -> str:
    name = _fit("agents", agent.agent, _AGENT)
    password = _fit(f"agents.{name}.password", agent.password, _SECRET)
    codes = [*_CODES, *(f"{code}-doubled" for code in _CODES if doubled)]
    return (
        f"[{name}](an-agent)\nauth = {name}\naors = {name}\nset_var = AGENT={name}\nset_var = TRANSFER_CONTEXT=by-phone\n"
        f"set_var = DYNAMIC_FEATURES={'#'.join(codes)}\ncallerid = {name} <{name}>\n"
        f"[{name}](a-password)\nusername = {name}\npassword = {password}\n[{name}](an-agent-place)\n"
    )

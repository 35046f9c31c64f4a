"""The configuration rendered for a test: settings that fit, and the dialplan as Asterisk reads it, context by context."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from acd.pbx.conf.settings import (
    PbxAgent,
    PbxGuest,
    PbxQueue,
    PbxSettings,
    PbxTrunk,
    Secrets,
)
from tests.support.audio import tone


def settings_in(folder: Path, **changes: Any) -> PbxSettings:
    tone(folder / "moh" / "hold.wav", 300, 0.1)
    plain = PbxSettings(
        run_folder=folder / "run",
        moddir=Path("/usr/lib/asterisk/modules"),
        datadir=Path("/usr/share/asterisk"),
        sounds_folder=folder / "sounds",
        moh_folder=folder / "moh",
        recordings_folder=folder / "recordings",
        agi_folder=folder / "agi",
        secrets=Secrets.made_anew(),
        sip_port=5060,
        ami_port=5038,
        agi_port=4573,
        rtp_start=10000,
        rtp_end=10100,
        trunks=(
            PbxTrunk("carrier", ("192.0.2.10", "198.51.100.0/24")),
            PbxTrunk("registered", (), "sip.example.com", "hotline", "secret-of-ours", resolved=("203.0.113.7",)),
        ),
        guests=(PbxGuest("guest", "guest-password"),),
        agents=(PbxAgent("1001", "password-1001", "Amy"),),
        queues=(PbxQueue("billing"), PbxQueue("after-sales")),
        numbers={"95000": "ask", "+8695001": "zh"},
    )
    return replace(plain, **changes)


Line = tuple[str, str, str]
"""Extension, application, its arguments."""


def contexts(etc: Path) -> tuple[dict[str, list[Line]], dict[str, list[str]]]:
    """Context to its lines in order, and to the contexts that it includes."""
    lines: dict[str, list[Line]] = {}
    includes: dict[str, list[str]] = {}
    context = extension = ""
    for row in rows_of(etc / "extensions.conf"):
        if found := re.fullmatch(r"\[([a-z-]+)\]", row):
            context = found[1]
            lines.setdefault(context, [])
            includes.setdefault(context, [])
        elif found := re.fullmatch(r"include => (\S+)", row):
            includes[context].append(found[1])
        elif found := re.fullmatch(r"exten => ([^,]+),1,(\w+)\((.*)\)", row):
            extension = found[1]
            lines[context].append((extension, found[2], found[3]))
        elif found := re.fullmatch(r"same => n(?:\(\w+\))?,(\w+)\((.*)\)", row):
            lines[context].append((extension, found[1], found[2]))
        else:
            assert re.fullmatch(r"\w[\w+-]* ?=.*", row) and context in ("general", "globals"), row
    return lines, includes


def rows_of(file: Path) -> Iterator[str]:
    """The lines that say something, those of included files among them."""
    for row in file.read_text(encoding="utf-8").splitlines():
        text = row.strip()
        if found := re.fullmatch(r"#include (\S+)", text):
            yield from rows_of(file.parent / found[1])
        elif text and not text.startswith(";"):
            yield text

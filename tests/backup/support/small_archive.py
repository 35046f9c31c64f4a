"""Back-ups without a hotline, whole and forged, for what is about the file alone."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from acd.backup.archive import Writer
from acd.backup.container import NewFile, Sealer, Sink
from acd.backup.manifest import ConfigurationFile, Manifest

KEY = b"sixteen bytes and some more"
FILES = {
    "database/calls/000001": b"c1\tbilling\n" * 50,
    "state/secrets.json": b'{"ami": "x"}',
    "state/journal/000000000001.log": b"{}\n" * 300,
    "configuration/0/sanxiang.toml": "名字 = 1\n".encode(),
    "recordings/2026/11/29/c1-1.wav": bytes(range(256)) * 20,
    "recordings/live/empty.wav": b"",
}


def manifest(**changed: object) -> Manifest:
    said: dict[str, object] = {
        "program": "0.1.0",
        "made_at": "2026-11-29T17:00:00+08:00",
        "zone": "Asia/Shanghai",
        "hotline": "红灯笼",
        "schema": "0001",
        "spool": "abcdef0123456789",
        "recordings": "copy",
        "tables": {"calls": ["call", "queue"]},
        "configuration": [ConfigurationFile(0, "", "/etc/sanxiang/sanxiang.toml")],
    }
    return Manifest(**{**said, **changed})  # type: ignore[arg-type]


def written(file: Path, files: dict[str, bytes] | None = None, *, key: bytes | None = None) -> Path:
    """A back-up as the product writes it."""
    with NewFile(file) as new:
        sink: Sink = Sealer(new, key) if key else new
        archive = Writer(sink, manifest(), file.parent)
        for name, data in (FILES if files is None else files).items():
            archive.add_bytes(name, data)
        archive.close()
        if isinstance(sink, Sealer):
            sink.finish()
        new.finish()
    return file


def forged(file: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """A back-up with these members, whose sums are all right: made by somebody who knows how."""
    made = io.BytesIO()
    tar = tarfile.TarFile(fileobj=made, mode="w", format=tarfile.PAX_FORMAT)
    lines = b""

    def add(member: tarfile.TarInfo, data: bytes) -> None:
        nonlocal lines
        tar.addfile(member, io.BytesIO(data))
        said = {"name": member.name, "size": member.size, "sha256": hashlib.sha256(data).hexdigest()}
        lines += (json.dumps(said) + "\n").encode()

    add(plain("manifest.json", manifest().text()), manifest().text())
    for member, data in members:
        add(member, data)
    sums = lines
    tar.addfile(plain("sums.jsonl", sums), io.BytesIO(sums))
    total = f"{hashlib.sha256(made.getvalue()).hexdigest()}\n".encode()
    tar.addfile(plain("sha256", total), io.BytesIO(total))
    tar.close()
    file.write_bytes(made.getvalue())
    return file


def plain(name: str, data: bytes = b"") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    return member


def odd(name: str, kind: bytes, leads_to: str = "") -> tarfile.TarInfo:
    """A link, device or folder."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, leads_to
    return member

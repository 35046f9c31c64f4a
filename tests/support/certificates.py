"""Certificates for tests, each signed by itself, made by the machine's openssl (Debian's ca-certificates brings it)."""

import re
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENDED = b"240201000000Z"
"""The end of `ended`, 1 February 2024, as a certificate writes it."""


@dataclass(frozen=True, slots=True)
class Files:
    certificate: Path
    key: Path


def made(folder: Path, name: str, *, days: int = 60, host: str = "127.0.0.1") -> Files:
    """A certificate of this common name, good for so many days for `host`, and its key."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder / f"{name}.crt", folder / f"{name}.key")
    _openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", str(files.key), "-out", str(files.certificate), "-days", str(days), "-subj", f"/CN={name}"),
        *("-addext", f"subjectAltName=IP:{host},DNS:localhost"),
    )
    return files


def ended(files: Files) -> Files:
    """The same certificate with an end in the past. (Its signature is wrong then, which the one who shows it does not look at.)"""
    der = ssl.PEM_cert_to_DER_cert(files.certificate.read_text())
    until = re.findall(rb"\x17\x0d(\d{12}Z)", der)[1]
    files.certificate.write_text(ssl.DER_cert_to_PEM_cert(der.replace(until, ENDED)))
    return files


def with_passphrase(key: Path, into: Path) -> Path:
    """The same key, protected by a passphrase."""
    _openssl("pkey", "-in", str(key), "-aes256", "-passout", "pass:secret", "-out", str(into))
    return into


def _openssl(*words: str) -> None:
    done = subprocess.run(["openssl", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

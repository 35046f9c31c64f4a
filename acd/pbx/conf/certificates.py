"""The certificate of SIP over TLS: whether it fits its key, until when it is good, and the one file that Asterisk reads.

Asterisk gets certificate, chain and key in one file, which is replaced by a rename: it never finds the certificate of one
renewal beside the key of another. A pair that is broken is not installed, because after a reload with it every new TLS connection
is reset until it is mended (docs/decisions/0022-transports-are-read-at-a-start.md).
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from acd.errors import SanxiangError
from acd.files import write_private
from acd.pbx.conf.settings import PbxTls

LONGEST = 1_000_000
"""Bytes of a file that is taken for a certificate or a key."""
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
"""Tags of DER, ITU-T X.690; the fields of a certificate are those of RFC 5280, section 4.1."""


class BadPair(SanxiangError):
    """sip.tls: {why}"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key that fit each other."""

    text: str
    """Chain and key, in the order in which Asterisk wants them."""
    good_from: datetime
    good_until: datetime


def read_pair(tls: PbxTls) -> Pair:
    """What the two files hold. Raises BadPair with the file, what is wrong, and what to do."""
    chain = _CERTIFICATE.findall(_text(tls.certificate, "certificate"))
    if not chain:
        raise BadPair(
            why=f"{tls.certificate} holds no certificate (-----BEGIN CERTIFICATE-----). Name the PEM file of the full chain."
        )
    key = _KEY.search(_text(tls.key, "key"))
    if key is None:
        raise BadPair(
            why=f"{tls.key} holds no private key (-----BEGIN PRIVATE KEY-----). Name the certificate's key file."
        )
    if "ENCRYPTED" in key[0]:
        raise BadPair(
            why=f"{tls.key} is protected by a passphrase, which nobody can type here. Store the key without one."
        )
    text = "\n".join([*chain, key[0], ""])
    with TemporaryDirectory(prefix="sanxiang-tls-") as folder:  # 0700; the ssl module reads files only
        file = Path(folder) / "pair.pem"
        write_private(file, text, durable=False)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file)
        except ssl.SSLError as error:
            raise BadPair(
                why=f"{tls.key} is not the key of the certificate in {tls.certificate} ({error.reason or error}). "
                "Name the two files that were issued together."
            ) from None
    try:
        good_from, good_until = validity(ssl.PEM_cert_to_DER_cert(chain[0]))
    except ValueError as error:
        raise BadPair(
            why=f"{tls.certificate} can't be read as a certificate ({error}). Have it issued again."
        ) from None
    return Pair(text, good_from, good_until)


def check_authorities(tls: PbxTls) -> None:
    """Raises BadPair where the file of the authorities that are believed for carriers can't be one: with it Asterisk has no TLS."""
    if tls.carriers_ca is not None and not _CERTIFICATE.search(_text(tls.carriers_ca, "carriers_ca")):
        raise BadPair(
            why=f"{tls.carriers_ca} holds no certificate (-----BEGIN CERTIFICATE-----). Name the PEM file of the carriers' authorities "
            "in carriers_ca, or leave the key out."
        )


def install(tls: PbxTls, file: Path) -> Pair:
    """Writes the pair to `file`, for Asterisk, in one step. Raises BadPair, and OSError for `file`: then it is as it was."""
    pair = read_pair(tls)
    write_private(file, pair.text, durable=False)
    return pair


def validity(certificate: bytes) -> tuple[datetime, datetime]:
    """From and until when a certificate (DER) is good. Raises ValueError for what is none."""
    tbs = _fields(_fields(certificate, _SEQUENCE)[0][1], None)
    at = 1 if tbs and tbs[0][0] == _VERSION else 0
    # serial number, signature algorithm, issuer, validity
    if len(tbs) < at + 4 or tbs[at + 3][0] != _SEQUENCE:
        raise ValueError("its validity is not where a certificate has it")
    times = _fields(tbs[at + 3][1], None)
    if len(times) != 2:
        raise ValueError("its validity has not two times")
    return _time(*times[0]), _time(*times[1])


def _fields(data: bytes, outer: int | None) -> list[tuple[int, bytes]]:
    """Tag and contents of each element; with `outer`, of those inside the one element of this tag. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("an element is cut off")
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + length > len(data):
            raise ValueError("an element is longer than the whole")
        found.append((tag, data[at : at + length]))
        at += length
    if outer is None:
        return found
    if len(found) != 1 or found[0][0] != outer:
        raise ValueError("it is not one sequence")
    return _fields(found[0][1], None)


def _time(tag: int, value: bytes) -> datetime:
    text = value.decode("ascii", "replace")
    if tag == _UTC_TIME:
        # RFC 5280: two digits of the year, 1950 to 2049.
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("its validity is no time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _text(file: Path, what: str) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(LONGEST + 1)
    except OSError as error:
        raise BadPair(
            why=f"{what} {file} can't be read ({error.strerror}). Put it there, readable by the user of Sanxiang."
        ) from None
    if len(data) > LONGEST:
        raise BadPair(why=f"{what} {file} has more than {LONGEST} bytes. Name a PEM file.")
    return data.decode("latin-1")

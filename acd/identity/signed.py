"""The word of the company's app that a customer has shown who they are: a POST signed by the Standard Webhooks specification.

The signature covers id, time and body (HMAC-SHA256, `v1,`); what is older or newer than five minutes is refused, and so is an id
that was taken already: github.com/standard-webhooks/standard-webhooks.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
TOLERANCE_S = 300
MOST_SIGNATURES = 5
"""While a secret is changed a sender may sign with both."""


class NotSigned(Exception):
    """Why the request is not taken. The message may be shown to the sender; no secret stands in it."""


def read_secret(file: Path) -> bytes:
    """The secret in the file. Raises NotSigned."""
    try:
        text = file.read_bytes()[:4096].decode("ascii").strip()
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True) if text.startswith(PREFIX) else b""
    except (OSError, UnicodeDecodeError, binascii.Error, ValueError):
        secret = b""
    if not SHORTEST <= len(secret) <= LONGEST:
        raise NotSigned("The hotline can't check signatures at the moment: see identity.secret_file.")
    return secret


def check(headers: Mapping[str, str], body: bytes, secret: bytes, now_s: float) -> str:
    """The request's id, when its signature is right and its time is now. Raises NotSigned."""
    id_, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (0 < len(id_) <= 200 and id_.isascii() and id_.isprintable() and "." not in id_):
        raise NotSigned("The header webhook-id is missing, or is none.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise NotSigned("The header webhook-timestamp is missing, or no number of seconds.")
    if abs(now_s - int(stamp)) > TOLERANCE_S:
        raise NotSigned(
            "The request is too old, or from the future: its clock and ours differ by more than five minutes."
        )
    expected = signature(secret, id_, stamp, body)
    given = headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    if not any(hmac.compare_digest(expected.encode(), each.encode("utf-8", "replace")) for each in given):
        raise NotSigned("The signature is not right.")
    return id_


def signature(secret: bytes, id_: str, stamp: str, body: bytes) -> str:
    """The value of the header webhook-signature."""
    mac = hmac.new(secret, f"{id_}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()

"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits and thirty seconds, which every app understands.

pyotp makes the codes, segno the picture that the app reads. Which code was used last is kept by second_factors.py.
"""

import hmac
import re
from datetime import datetime
from typing import TextIO

STEP_S = 30
BESIDE = 1
"""Steps before and after the present one whose codes are taken: a telephone's clock is seldom right to the second."""
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    import pyotp

    return pyotp.random_base32()


def address(secret: str, account: str, issuer: str) -> str:
    """What the app reads: otpauth://totp/…"""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def picture(text: str) -> str:
    """The text as a QR code: an SVG as the address of a picture, dark on white in any theme."""
    import segno

    return segno.make(text, error="m").svg_data_uri(scale=5, border=4, light="white")


def draw(text: str, out: TextIO) -> None:
    """The text as a QR code of block characters."""
    import segno

    segno.make(text, error="l").terminal(out, border=2, compact=True)


def plain(code: str) -> str:
    """The code as it is compared: apps show it as two groups, and people type what they see."""
    return "".join(code.split()).replace("-", "").lower()


def is_code(code: str) -> bool:
    """Whether this is written as an app's code; recovery codes are longer."""
    return _CODE.fullmatch(code) is not None


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, of the present one and those beside it; None: of none. Takes as long for each."""
    import pyotp

    if not is_code(code):
        return None
    totp, present, found = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S, None
    for step in range(present - BESIDE, present + BESIDE + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found

"""The id of a survey that is answered by a link: the call's id and a code that only this hotline can make.

With it nobody answers for another caller by guessing: the company's page shows nothing but what stands in the link.
"""

import hashlib
import hmac

DIGITS = 32
ID = rf"[a-z0-9-]{{1,40}}\.[0-9a-f]{{{DIGITS}}}"


def survey_id(secret: bytes, call: str) -> str:
    """The id that stands in the link of this call's caller."""
    return f"{call}.{_code(secret, call)}"


def call_of(secret: bytes, id_: str) -> str:
    """The call of this id; empty: this hotline has not made it."""
    call, _, code = id_.partition(".")
    return call if call and hmac.compare_digest(code.encode(), _code(secret, call).encode()) else ""


def _code(secret: bytes, call: str) -> str:
    return hmac.new(secret, f"survey of {call}".encode(), hashlib.sha256).hexdigest()[:DIGITS]

"""A POST for each notice, signed by the Standard Webhooks specification (symmetric, v1): github.com/standard-webhooks/standard-webhooks.

`webhook-id` stays the same when a notice is sent again, so that a receiver can leave out what it has had. The signature covers id, time
and body; the receiver refuses what is old. Redirects are not followed, no proxy of the environment is asked, and of the answer only the
status is looked at: where a notice goes stands in the configuration alone.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from acd.config.alarms import AlarmsTable
from acd.daemon.notices.notice import Notice, NotSent

WITHIN_S = 15.0
PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, as the specification has it."""


class WebhookPost:
    name = "webhook"

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """`now`: seconds since 1970."""
        self._now = now

    def configured(self, table: AlarmsTable) -> bool:
        """Whether there is an address."""
        return table.webhook is not None

    async def send(self, notice: Notice, table: AlarmsTable) -> None:
        """POSTs it. NotSent: no answer, or another than 2xx; for good when the receiver says that it is gone (410)."""
        assert table.webhook is not None
        secret = read_secret(table.webhook.secret_file)
        status = await post(table.webhook.url, secret, notice.id, notice.as_json().encode(), self._now())
        if status == 410:
            raise NotSent("the receiver wants no more of them (410)", for_good=True)
        if not 200 <= status < 300:
            raise NotSent(f"the receiver answered {status}")


async def post(url: str, secret: bytes, id_: str, body: bytes, now: float) -> int:
    """POSTs it, signed; the status of the answer. `now`: seconds since 1970. NotSent: no answer."""
    stamp = str(int(now))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "sanxiang",
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, id_, stamp, body),
    }
    timeout = aiohttp.ClientTimeout(total=WITHIN_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status
    except TimeoutError:
        raise NotSent(f"the receiver did not answer within {WITHIN_S:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NotSent(f"the receiver can't be reached ({type(error).__name__})") from None


def signature(secret: bytes, id_: str, stamp: str, body: bytes) -> str:
    """The header `webhook-signature`: HMAC-SHA256 over id, time and body."""
    mac = hmac.new(secret, f"{id_}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def read_secret(file: Path, place: str = "alarms.webhook.secret_file") -> bytes:
    """The secret in the file, which stands in the configuration at `place`. Raises NotSent with what is wrong with it, and nothing of what
    stands in it."""
    try:
        with file.open("rb") as opened:
            text = opened.read(4096).decode("ascii").strip()
    except OSError as error:
        raise NotSent(f"{place}: {file} can't be read ({error.strerror})") from None
    except UnicodeDecodeError:
        text = ""
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True) if text.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):
        secret = b""
    if not SHORTEST <= len(secret) <= LONGEST:
        raise NotSent(f"{place}: {file} does not hold a secret: {PREFIX} and {SHORTEST} to {LONGEST} bytes in base64")
    return secret

"""AES-256-GCM by the package cryptography, and the key that a key file gives, stretched by Argon2."""

import hashlib
import hmac
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from acd.backup.errors import BadKey

SALT_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16
_LEAST, _MOST = 16, 4096


class Forged(Exception):
    """The bytes are not those that were sealed with this key at this place."""


def read_key(file: Path) -> bytes:
    """What the key file holds, without the line break at its end. Raises BadKey."""
    try:
        with file.open("rb") as opened:
            secret = opened.read(_MOST + 2).rstrip(b"\r\n")
    except OSError as error:
        raise BadKey(key_file=file, why=f"can't be read ({error.strerror})") from None
    if not _LEAST <= len(secret) <= _MOST:
        raise BadKey(key_file=file, why=f"holds {len(secret)} bytes" if len(secret) <= _MOST else "holds too much")
    return secret


class Cipher:
    """Seals and opens pieces with one key, which belongs to one file alone: the salt is chosen anew for each."""

    def __init__(self, secret: bytes, salt: bytes) -> None:
        """Takes a quarter of a second and 64 MB, so that a short key can't be tried out quickly."""
        made = hash_secret_raw(secret, salt, time_cost=3, memory_cost=65_536, parallelism=1, hash_len=64, type=Type.ID)
        self._cipher, self._check = AESGCM(made[:32]), made[32:]

    def check(self, head: bytes) -> bytes:
        """16 bytes by which a reader knows the right key."""
        return hmac.digest(self._check, head, hashlib.sha256)[:16]

    def seal(self, nonce: bytes, plain: bytes) -> bytes:
        """The sealed bytes and the tag behind them. A nonce is used once."""
        return self._cipher.encrypt(nonce, plain, None)

    def open(self, nonce: bytes, sealed: bytes) -> bytes:
        """What was sealed. Raises Forged."""
        try:
            return self._cipher.decrypt(nonce, sealed, None)
        except (InvalidTag, ValueError):
            raise Forged from None

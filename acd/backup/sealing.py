"""AES-256-GCM by OpenSSL's libcrypto, and the key that a key file gives.

Of the packages that the lock holds none encrypts, and OpenSSL is on every machine that has Debian's Python: so its library is
called itself, by its public functions (EVP), and nothing of the cipher is ours. The stretching of the key is Argon2's.
"""

import ctypes
import functools
import hashlib
import hmac
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

from acd.backup.errors import BadKey, NoEncryption

SALT_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16
_LEAST, _MOST = 16, 4096
_GET_TAG, _SET_TAG = 0x10, 0x11


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
        """Takes a quarter of a second and 64 MB, so that a short key can't be tried out quickly. Raises NoEncryption."""
        made = hash_secret_raw(secret, salt, time_cost=3, memory_cost=65_536, parallelism=1, hash_len=64, type=Type.ID)
        self._key, self._check = made[:32], made[32:]
        self._lib = _library()

    def check(self, head: bytes) -> bytes:
        """16 bytes by which a reader knows the right key."""
        return hmac.digest(self._check, head, hashlib.sha256)[:16]

    def seal(self, nonce: bytes, plain: bytes) -> bytes:
        """The sealed bytes and the tag behind them. A nonce is used once."""
        with _Context(self._lib) as context:
            made, length = ctypes.create_string_buffer(len(plain)), ctypes.c_int()
            _well(self._lib.EVP_EncryptInit_ex(context, self._lib.EVP_aes_256_gcm(), None, self._key, nonce))
            _well(self._lib.EVP_EncryptUpdate(context, made, ctypes.byref(length), plain, len(plain)))
            _well(self._lib.EVP_EncryptFinal_ex(context, None, ctypes.byref(length)))
            tag = ctypes.create_string_buffer(TAG_BYTES)
            _well(self._lib.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, TAG_BYTES, tag))
            return made.raw + tag.raw

    def open(self, nonce: bytes, sealed: bytes) -> bytes:
        """What was sealed. Raises Forged."""
        if len(sealed) < TAG_BYTES:
            raise Forged
        body, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        with _Context(self._lib) as context:
            made, length = ctypes.create_string_buffer(len(body)), ctypes.c_int()
            _well(self._lib.EVP_DecryptInit_ex(context, self._lib.EVP_aes_256_gcm(), None, self._key, nonce))
            _well(self._lib.EVP_DecryptUpdate(context, made, ctypes.byref(length), body, len(body)))
            _well(self._lib.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, TAG_BYTES, tag))
            if self._lib.EVP_DecryptFinal_ex(context, None, ctypes.byref(length)) != 1:
                raise Forged
            return made.raw


class _Context:
    """OpenSSL's working memory for one piece."""

    def __init__(self, lib: ctypes.CDLL) -> None:
        self._lib = lib

    def __enter__(self) -> ctypes.c_void_p:
        self._context = ctypes.c_void_p(self._lib.EVP_CIPHER_CTX_new())
        return self._context

    def __exit__(self, *_: object) -> None:
        self._lib.EVP_CIPHER_CTX_free(self._context)


@functools.cache
def _library() -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL("libcrypto.so.3")
    except OSError:
        raise NoEncryption from None
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    lib.EVP_CIPHER_CTX_new.restype = pointer
    lib.EVP_CIPHER_CTX_free.argtypes = [pointer]
    lib.EVP_CIPHER_CTX_free.restype = None
    lib.EVP_aes_256_gcm.restype = pointer
    lib.EVP_CIPHER_CTX_ctrl.argtypes = [pointer, number, number, pointer]
    for way in ("Encrypt", "Decrypt"):
        getattr(lib, f"EVP_{way}Init_ex").argtypes = [pointer, pointer, pointer, text, text]
        getattr(lib, f"EVP_{way}Update").argtypes = [pointer, pointer, pointer, text, number]
        getattr(lib, f"EVP_{way}Final_ex").argtypes = [pointer, pointer, pointer]
    return lib


def _well(answer: int) -> None:
    if answer != 1:
        raise RuntimeError("OpenSSL refused a step of AES-256-GCM")

"""The chain of filed recordings: each night a signed link over every leg that was filed since the former one.

A link holds the SHA-256 of each leg's entry in its manifest (which holds the sound's SHA-256) and of its row in PostgreSQL, and the head of
the former link; its own head is the SHA-256 of all that, signed by Ed25519. So an edit, a deletion, a swap or a change of a row is found by
`chain_check`, as long as the key is not the changer's. Links lie in the state folder, apart from the sound:

<state>/recording-chain/000001.json    the first link
<state>/recording-chain/head.json      number and head of the latest, so that the last link can't be taken away
<state>/recording-chain.key            the key (0600)
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acd.errors import SanxiangError
from acd.files import write_private
from acd.store.queries.recordings import Recording

KEY, FOLDER, HEAD = "recording-chain.key", "recording-chain", "head.json"
_LINK = re.compile(r"[0-9]{6}\.json")
_ROW = (
    *("offer", "call", "agent", "queue", "offered_at", "state", "seconds", "talk_s", "talk_ended_at", "sha256", "reason", "silent"),
    *("filed_at", "kind", "recorded_s", "first", "spans"),
)  # fmt: skip
"""Columns that never change once a leg is filed. The path goes with the sound when it is deleted, a hold comes and goes."""


class NoChainKey(SanxiangError):
    """{file} is not the key of the recordings' chain ({why}). Restore it from a back-up of the state folder; without it no link can be verified."""


class NoChain(NoChainKey):
    """There is no chain of the recordings in {folder} yet: the first link is written at three in the night. If there was one, somebody has
    taken it away; restore recording-chain and recording-chain.key from a back-up of the state folder."""


class LinkDamaged(SanxiangError):
    """{file}: {why}. The chain of the recordings was changed or damaged; restore the file from a back-up."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg of a link."""

    call: str
    offer: str
    manifest: str
    """Under the recordings folder."""
    file: str
    """The sound, under the same folder; empty when there is none."""
    entry: str
    """SHA-256 of its entry in the manifest, without the trace of a deletion."""
    row: str
    """SHA-256 of its row in PostgreSQL."""
    deleted: bool
    """Its sound was gone already when it was entered."""


@dataclass(frozen=True, slots=True)
class Link:
    """One night's link."""

    number: int
    """From 1 on."""
    at: datetime
    former: str
    """The head of the link before it; empty for the first."""
    legs: tuple[Leg, ...]

    def as_json(self) -> dict[str, Any]:
        """All of it but the signature."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "former": self.former,
            "legs": [*map(asdict, self.legs)],
        }

    @property
    def head(self) -> str:
        """SHA-256 in hexadecimal digits."""
        return digest(self.as_json())


class Key:
    """The private key of one installation."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def of(cls, state: Path, *, make: bool = False) -> "Key":
        """The key in this state folder; `make`: made where there is none, and no link either. Raises NoChainKey, also where there is no chain, OSError."""
        file = state / KEY
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text("ascii").strip())))
        except FileNotFoundError:
            if (state / FOLDER).exists():
                raise NoChainKey(file=file, why="it is not there") from None
            if not make:
                raise NoChain(folder=state) from None
        except ValueError:
            raise NoChainKey(file=file, why="it is no key") from None
        key = Ed25519PrivateKey.generate()
        write_private(file, key.private_bytes_raw().hex() + "\n", for_folders_owner=True)
        return cls(key)

    @property
    def public(self) -> str:
        """The public key, in hexadecimal digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, what: Mapping[str, Any]) -> str:
        """The signature, in hexadecimal digits."""
        return self._key.sign(canonical(what)).hex()

    def signed(self, what: Mapping[str, Any], signature: object) -> bool:
        """Whether this is the key's signature of it."""
        return signature == self.sign(what)  # Ed25519 has one signature of one text.


class Chain:
    """The links in one state folder."""

    def __init__(self, state: Path, key: Key) -> None:
        self._folder, self.key = state / FOLDER, key

    def links(self) -> Iterator[Link]:
        """Every link, the oldest first, each verified. Raises LinkDamaged at the first that is not as it was written; OSError."""
        number, former = 0, ""
        for number, file in enumerate(self._files(), 1):
            link = self._read(file, number, former)
            former = link.head
            yield link
        head = self._folder / HEAD
        if number or head.exists():
            self._check_head(head, number, former)

    def append(self, at: datetime, legs: list[Leg], last: Link | None) -> Link:
        """Writes the next link. OSError."""
        link = Link(
            1 if last is None else last.number + 1, at.astimezone(UTC), "" if last is None else last.head, tuple(legs)
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self._folder / f"{link.number:06d}.json", self._text(link), for_folders_owner=True)
        write_private(self._folder / HEAD, self._head_text(link.number, link.head), for_folders_owner=True)
        return link

    def _files(self) -> list[Path]:
        try:
            return sorted(each for each in self._folder.iterdir() if _LINK.fullmatch(each.name))
        except FileNotFoundError:
            return []

    def _read(self, file: Path, number: int, former: str) -> Link:
        if file.name != f"{number:06d}.json":
            raise LinkDamaged(file=file, why=f"the link before it, {number:06d}.json, is missing")
        try:
            text = file.read_text("utf-8")
            said = json.loads(text)
            legs = tuple(Leg(**each) for each in said["legs"])
            link = Link(said["number"], datetime.fromisoformat(said["at"]), said["former"], legs)
            whole = self._text(link) == text  # Ed25519 has one signature of one text.
        except (ValueError, TypeError, KeyError, AttributeError):
            raise LinkDamaged(file=file, why="it is not as it was written") from None
        if not whole or (link.number, link.former) != (number, former):
            raise LinkDamaged(file=file, why="it is not as it was written")
        return link

    def _text(self, link: Link) -> str:
        said = link.as_json()
        return json.dumps(said | {"signature": self.key.sign({"head": digest(said)})}, indent=0)

    def _head_text(self, number: int, head: str) -> str:
        said = {"number": number, "head": head}
        return json.dumps(said | {"signature": self.key.sign(said)})

    def _check_head(self, file: Path, number: int, head: str) -> None:
        """A crash between a link and its head leaves the head one behind, which is as good: the next link mends it."""
        try:
            text = file.read_text("utf-8")
            said = json.loads(text)
        except FileNotFoundError:
            if number == 1:
                return
            raise LinkDamaged(file=file, why="it is missing") from None
        except (ValueError, UnicodeDecodeError):
            raise LinkDamaged(file=file, why="it is not as it was written") from None
        if not isinstance(said, dict) or text != self._head_text(said.get("number", 0), said.get("head", "")):
            raise LinkDamaged(file=file, why="it is not as it was written")
        if said["number"] > number or (said["number"] == number and said["head"] != head):
            raise LinkDamaged(file=file, why=f"it names link {said['number']}, which is not there")
        if said["number"] < number - 1:
            raise LinkDamaged(file=file, why="it is older than the latest link")


def entry_digest(entry: Mapping[str, Any]) -> str:
    """SHA-256 of a leg's entry in its manifest, without the trace of a deletion."""
    return digest({name: value for name, value in entry.items() if name != "deleted"})


def row_digest(row: Recording) -> str:
    """SHA-256 of a row, of what never changes once the leg is filed."""
    assert {*_ROW} <= {each.name for each in fields(Recording)}
    said = {name: getattr(row, name) for name in _ROW}
    return digest(
        {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in said.items()
        }
    )


def canonical(what: Mapping[str, Any]) -> bytes:
    """The one way to write it."""
    return json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def digest(what: Mapping[str, Any]) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(canonical(what)).hexdigest()

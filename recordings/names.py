"""Where a recording lies. Names are made from our own ids and from nothing else.

<root>/live/<offer>.wav, <offer>-caller.wav, <offer>-agent.wav    while Asterisk writes
<root>/YYYY/MM/DD/<offer>.wav                                      when it is filed: left caller, right agent
<root>/YYYY/MM/DD/<call>.json                                      the manifest, beside the first leg

A consult's leg has "k" before the number of the receiver's offer; in it the first agent stands in the caller's place.
"""

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from acd.errors import SanxiangError
from acd.identifiers import CALL_IN_FILE_NAME, LEG_ID

CALL = re.compile(CALL_IN_FILE_NAME)
OFFER = re.compile(LEG_ID)
FILED = re.compile(rf"[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}/{LEG_ID}(~[2-9])?\.wav")


class NotAnId(SanxiangError):
    """{given!r} is not the id of {what}. Ids are made by the hotline (letters, digits, dashes); take it from a list."""


class OutsideRecordings(SanxiangError):
    """{given!r} does not lie in the recordings folder. The row was altered, or the file replaced by a link."""


def call_id(given: str) -> str:
    """The same text; NotAnId."""
    if not CALL.fullmatch(given):
        raise NotAnId(given=given[:80], what="a call")
    return given


def offer_id(given: str) -> str:
    """The same text; NotAnId."""
    if not OFFER.fullmatch(given):
        raise NotAnId(given=given[:80], what="an offer")
    return given


def call_of(offer: str) -> str:
    """The call that the offer belongs to; NotAnId."""
    found = OFFER.fullmatch(offer)
    if found is None:
        raise NotAnId(given=offer[:80], what="an offer")
    return found.group(1)


def message_of(call: str) -> str:
    """The leg that is the message of this call."""
    return f"{call_id(call)}-m1"


def word_of(call: str) -> str:
    """The leg that is what the caller of this call said after the survey's questions."""
    return f"{call_id(call)}-m2"


def is_message(offer: str) -> bool:
    """Whether this leg is a voicemail message, or the word after a survey: the caller's side alone. NotAnId."""
    return offer_id(offer).rpartition("-")[2].startswith("m")


def is_consult(offer: str) -> bool:
    """Whether this leg is a consult; NotAnId."""
    return offer_id(offer).rpartition("-")[2].startswith("k")


def consult_of(offer: str) -> str:
    """The leg that is the consult with whom this offer was made; NotAnId.

    The plain queue's offers and a message are nobody's to consult by.
    """
    call, _, number = offer_id(offer).rpartition("-")
    if not number.isdigit():
        raise NotAnId(given=offer, what="an agent's offer")
    return f"{call}-k{number}"


def of_an_agent(offer: str) -> bool:
    """Neither the plain queue's, nor a consult, nor a message."""
    return offer_id(offer).rpartition("-")[2].isdigit()


@dataclass(frozen=True, slots=True)
class LiveFiles:
    """What Asterisk writes for one offer."""

    mixed: Path
    caller: Path
    agent: Path
    message: bool = False
    """A message: the caller's side is all there is."""
    consult: bool = False
    """The first agent's side and the receiver's; the caller is not in it."""

    @property
    def speakers(self) -> tuple[str, str]:
        """Who is on the left and who on the right."""
        return ("first agent", "receiver") if self.consult else ("caller", "agent")

    def all(self) -> tuple[Path, Path, Path]:
        """All three paths."""
        return self.mixed, self.caller, self.agent

    def remove(self) -> None:
        """Removes those that exist."""
        for each in self.all():
            each.unlink(missing_ok=True)


def live_folder(root: Path) -> Path:
    """Where Asterisk writes while a call goes on."""
    return root / "live"


def live_files(root: Path, offer: str) -> LiveFiles:
    """NotAnId."""
    folder, offer = live_folder(root), offer_id(offer)
    return LiveFiles(
        folder / f"{offer}.wav",
        folder / f"{offer}-caller.wav",
        folder / f"{offer}-agent.wav",
        is_message(offer),
        is_consult(offer),
    )


def offer_of_live(file: Path) -> str | None:
    """Whose file in `live` it is; None for a stranger's."""
    stem = file.name.removesuffix(".wav")
    if stem == file.name:
        return None
    stem = stem.removesuffix("-caller").removesuffix("-agent")
    return stem if OFFER.fullmatch(stem) else None


def day_folder(ended_at: datetime) -> str:
    """As 2026/11/22, in the zone that `ended_at` carries."""
    return ended_at.strftime("%Y/%m/%d")


def filed(ended_at: datetime, offer: str) -> str:
    """Relative to the root; NotAnId."""
    return f"{day_folder(ended_at)}/{offer_id(offer)}.wav"


def open_filed(root: Path, relative: str) -> int:
    """A descriptor to read; OutsideRecordings when the path is no recording's, or leads over a link. OSError.

    Every step is opened from the one before without following links: nothing can be swapped in between.
    """
    with _folder_of(root, relative) as (at, name):
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)


def remove_filed(root: Path, relative: str) -> None:
    """Removes a filed recording; silent when it is gone already. OutsideRecordings as for `open_filed`; OSError."""
    with contextlib.suppress(FileNotFoundError), _folder_of(root, relative) as (at, name):
        os.unlink(name, dir_fd=at)


@contextlib.contextmanager
def _folder_of(root: Path, relative: str) -> Iterator[tuple[int, str]]:
    """A descriptor of the folder that holds the recording, and its name there."""
    if not FILED.fullmatch(relative):
        raise OutsideRecordings(given=relative[:120])
    *folders, name = relative.split("/")
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for each in folders:
            following = os.open(each, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
            os.close(at)
            at = following
        yield at, name
    except NotADirectoryError:
        raise OutsideRecordings(given=relative[:120]) from None
    except OSError as reason:
        if reason.errno == errno.ELOOP:
            raise OutsideRecordings(given=relative[:120]) from None
        raise
    finally:
        os.close(at)

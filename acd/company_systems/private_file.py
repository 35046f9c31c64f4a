"""Addresses and tokens stand in private files, which are read for each question: what is changed there counts at once."""

from pathlib import Path

from acd.company_systems.failure import SystemFailed

MOST_BYTES = 16 * 1024


def private_lines(file: Path, place: str) -> list[str]:
    """The file's lines. Raises SystemFailed ("bad-address"), with nothing of what stands in it; `place`: how an operator calls it."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES).decode("ascii").splitlines()
    except OSError as error:
        raise SystemFailed("bad-address", f"{place} can't be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SystemFailed("bad-address", f"{place} holds other letters than ASCII") from None


def private_word(file: Path, place: str) -> str:
    """The one word of the file, as a token. Raises SystemFailed as `private_lines`."""
    text = "\n".join(private_lines(file, place)).strip()
    if not text or not text.isprintable() or " " in text:
        raise SystemFailed("bad-address", f"{place} holds no token: write it there on one line, without blanks")
    return text

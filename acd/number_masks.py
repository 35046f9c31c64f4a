"""Telephone numbers masked in what is logged: the first three and the last four digits stay, 138****1111."""

import re

_NUMBER = re.compile(r"(?<![\w.-])(\+?[0-9]{3})[0-9]+([0-9]{4})(?![\w-]|\.[0-9])")
"""A telephone number: eight digits and more that are no part of an id, a file's name or a figure. The calls' ids begin with a letter."""
_IN_ASTERISK = re.compile(rb"(?:(?<![0-9A-Fa-f.\-])|(?<=%2[Bb]))(\+?[0-9]{3})[0-9]+([0-9]{4})(?![0-9A-Fa-f]|\.[0-9])")
"""The same where Asterisk writes: also before a dash (a channel's name), behind an x (our names of numbers out) and behind %2B. A
channel's own number stands behind a dash, and addresses have dots."""
_SEPARATED = re.compile(rb"(?<=[:<\"'])(\+?[0-9(][0-9()\- ]{7,30}[0-9])(?=[@;>\"'])")
"""A number with separators (RFC 3966), between the marks that stand around one in a URI or a display name."""


def masked(text: str) -> str:
    """The text with every telephone number in it masked; ids, times and figures stay."""
    return _NUMBER.sub(r"\1****\2", text)


def masked_asterisk(lines: bytes) -> bytes:
    """The same for lines of Asterisk's, in which addresses, ports, channels and times stay."""
    return _SEPARATED.sub(_by_digits, _IN_ASTERISK.sub(rb"\1****\2", lines))


def masked_lines(lines: bytes) -> bytes:
    """The same for lines of ours. Those in JSON are masked already, and their figures stay; others are an interpreter's last words."""
    return b"".join(line if line.startswith(b"{") else _masked_line(line) for line in lines.splitlines(keepends=True))


def _masked_line(line: bytes) -> bytes:
    return masked(line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _by_digits(found: re.Match[bytes]) -> bytes:
    plus = b"+" if found[1].startswith(b"+") else b""
    digits = re.sub(rb"[^0-9]", b"", found[1])
    return plus + digits[:3] + b"****" + digits[-4:] if len(digits) >= 8 else found[1]

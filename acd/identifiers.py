"""How ids and numbers are written: one grammar for configuration, web, command line, AMI and file names.

Each pattern is the text of a regular expression without anchors, for the whole value. In Python ask the function beside
it, or `re.compile(PATTERN).fullmatch`; pydantic and OpenAPI take `whole(PATTERN)`, aiohttp's paths the pattern itself.
Digits are 0 to 9 only: Asterisk dials no others. The story server, which may not import acd, has a copy of what it needs;
tests/test_identifiers.py holds the two equal.
"""

import re
import secrets
import string

CALL_ID = "[a-z0-9-]{1,40}"
"""A call, as c1760000000-42-1234: made in asterisk_conf/extensions_arrival.conf of the second, Asterisk's uniqueid and a
random number, and shorter than 40 characters until the year 2286."""
OFFER_ID = "[a-z0-9-]{1,60}"
"""An offer, as c1760000000-42-1234-1: the call's id and a running number, see LEG_ID."""
CALL_IN_FILE_NAME = "[a-z0-9][a-z0-9-]{0,39}"
"""A call's id where a file is named after it: no dash first, which a program would take for an option."""
LEG_ID = f"({CALL_IN_FILE_NAME})-([fkm]?[1-9][0-9]{{0,5}})"
"""An offer, or another recorded leg of a call: the call and its number. `f1` is an offer of the plain queue that answers
while the daemon is away, `k2` the consult in which offer 2 was answered, `m1` the caller's message."""
EXTENSION = "[0-9]{2,6}"
"""An agent, by the extension of the telephone; also what agents dial for a queue or a skill."""
EXTENSION_ASKED_FOR = "[0-9]{1,6}"
"""An extension in a path of the API: a mistyped one is answered with the agents there are, not with "no such path"."""
NAME = "[a-z][a-z0-9-]{0,30}"
"""A queue, a skill, a trunk. Part of the names of dialplan variables and sound files."""
KEYED_NUMBER = "[0-9]{1,20}"
"""What a telephone can key: a number without a plus."""
NUMBER = rf"\+?{KEYED_NUMBER}"
"""A telephone number as carriers send it: more than the 15 digits of E.164, since some add a prefix."""
CALLER_NUMBER = r"\+?[0-9]{2,20}"
"""A caller's number as the carrier has written it and [arrive] leaves it. Whatever else came is told as "unknown"."""
DIALABLE = r"\+?[0-9]{3,15}"
"""A number to which a call can be sent: ITU-T E.164 has 15 digits at most, and service numbers 3 at least."""
REASON = "[a-z][a-z -]{0,30}"
"""The English name of a reason (not ready, transfer) or of a disposition: logged and counted by it."""
TIME_OF_DAY = "([01][0-9]|2[0-3]):[0-5][0-9]"
"""A time of the hotline's clock, as 09:30."""

PASSWORD_CHARACTERS = "".join(sorted({*string.ascii_letters, *string.digits} - set("0O1Il")))
"""Of passwords that are made: read from a screen or a list and typed into a telephone, so without those that look alike."""


def made_password() -> str:
    """A new password: 16 letters and digits, 93 bits of the system's randomness.

    No other character: a spreadsheet takes a cell that begins with a dash for a formula and shows another text, and a program takes such a
    word for an option.
    """
    return "".join(secrets.choice(PASSWORD_CHARACTERS) for _ in range(16))


def whole(pattern: str) -> str:
    """The pattern with its anchors, for pydantic and OpenAPI, whose `$` is the end of the text.

    In Python's `re` a `$` also matches before a line's end: ask `fullmatch` there.
    """
    return f"^{pattern}$"


def optional(pattern: str) -> str:
    """The pattern or nothing, with its anchors, as `whole`: for a filter that may be left empty."""
    return f"^({pattern})?$"


_CALL_ID, _OFFER_ID = re.compile(CALL_ID), re.compile(OFFER_ID)
_EXTENSION, _NAME = re.compile(EXTENSION), re.compile(NAME)
_NUMBER, _CALLER_NUMBER, _DIALABLE = re.compile(NUMBER), re.compile(CALLER_NUMBER), re.compile(DIALABLE)


def is_call_id(text: str) -> bool:
    """Whether a call can have this id."""
    return _CALL_ID.fullmatch(text) is not None


def is_offer_id(text: str) -> bool:
    """Whether an offer, and so a recording, can have this id."""
    return _OFFER_ID.fullmatch(text) is not None


def is_extension(text: str) -> bool:
    """Whether an agent can have this extension."""
    return _EXTENSION.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether a queue, a skill or a trunk can be called so."""
    return _NAME.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether this is a telephone number; "unknown" is none, so that its caller is never recognised as a former one."""
    return _NUMBER.fullmatch(text) is not None


def is_caller_number(text: str) -> bool:
    """Whether a caller's number can be written so; else it is told as "unknown"."""
    return _CALLER_NUMBER.fullmatch(text) is not None


def is_dialable(text: str) -> bool:
    """Whether a call can be sent to this number, by its form. acd/calls_out.py asks the operator's rules."""
    return _DIALABLE.fullmatch(text) is not None

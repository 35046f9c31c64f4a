"""The kinds of values in the configuration: their patterns and bounds, and how each is written, in words."""

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from acd import identifiers
from acd.identifiers import whole

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
NAME = whole(identifiers.NAME)
AGENT = whole(identifiers.EXTENSION)
NUMBER = whole(identifiers.NUMBER)
DIALABLE = whole(identifiers.DIALABLE)
ADDRESS = r"^[0-9a-fA-F.:]+$"
HOST_NAME = r"^[A-Za-z0-9.:-]{0,253}$"
HOST = r"^[A-Za-z0-9.:-]*$"
USER = r"^[A-Za-z0-9._+-]*$"
ACCOUNT = r"^[A-Za-z0-9+][A-Za-z0-9._+-]{1,63}$"
"""The user part of a URI that a carrier sends in the place of a number; no character of a dialplan's pattern, and no star."""
SIP_USER = r"^([A-Za-z0-9._+~*!-]{1,64}(@[A-Za-z0-9.-]{1,253})?)?$"
URI_USER = r"^[A-Za-z0-9._+~*!-]{0,64}$"
QUOTABLE = r'^[^\x00-\x1f\x7f"\\]{0,255}$'
REASON = whole(identifiers.REASON)
FIELD = r"^[a-z][a-z_]{0,30}$"
SCOPE = r"^[\x21\x23-\x5b\x5d-\x7e]{1,100}$"
"""RFC 6749, 3.3."""
MAILBOX = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$"

COUNTRY = r"^([A-Z]{2})?$"
WRITTEN = {
    PRINTABLE: "printable characters on one line",
    NAME: "lower-case letters, digits and dashes, a letter first, as after-sales",
    AGENT: "the extension, two to six digits, as 1001",
    NUMBER: "digits, a plus before them if need be, as 4006009500",
    DIALABLE: "3 to 15 digits, a plus before them if need be, as 4006009500",
    ADDRESS: "an address, as 192.0.2.10",
    HOST_NAME: "an address or a name without a port, as 203.0.113.7 or pbx.example.com",
    HOST: "a host, or host:port, as sip.example.net",
    USER: "letters, digits and . _ + -",
    ACCOUNT: "the account without the host: two to 64 letters, digits and . _ + -",
    SIP_USER: "an account, as 4006009500 or +8675512345678@ims.example.com",
    URI_USER: "what stands before the @, as +8675512345678: letters, digits and . _ + ~ * ! -",
    QUOTABLE: "at most 255 printable characters, but no quotation mark and no backslash",
    REASON: "lower-case English words, as meal",
    FIELD: "lower-case letters and _, as expected_on",
    SCOPE: "one word, as profile",
    COUNTRY: "the two capital letters of ISO 3166-1, as CN; or nothing",
    MAILBOX: "one e-mail address, as night@example.com",
}
"""Pattern to the same in words, for the message about a value that does not match."""

Text = Annotated[str, Field(max_length=80, pattern=PRINTABLE)]
Level = Annotated[int, Field(ge=1, le=9)]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(ge=0, le=86400)]
KeepDays = Annotated[int, Field(ge=0, le=36_500)]
"""Days for which recordings are kept; 0: until somebody deletes them."""
Points = Annotated[int, Field(ge=-100, le=100)]
Share = Annotated[float, Field(gt=0, le=1)]
Number = Annotated[str, Field(pattern=NUMBER)]
Dialable = Annotated[str, Field(pattern=DIALABLE)]
"""What a call can be sent to (E.164 has 15 digits at most)."""
Name = Annotated[str, Field(pattern=NAME)]
"""Of a queue, a skill, a trunk."""
AgentId = Annotated[str, Field(pattern=AGENT)]
Why = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]
"""Why a row is there."""
FilePath = Annotated[Path, AfterValidator(lambda path: _whole_path(path))]
"""Of a file or a folder: a path that is the same for the check and for the daemon, whatever folder each was started in."""
SkillLevels = dict[Name, Level]

Codec = Literal["alaw", "ulaw", "g722", "gsm", "opus", "g729"]
"""What Asterisk can turn into sound and back; g729 where the operator's own Asterisk has codec_g729."""
PRIVATE_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
"""RFC 1918, RFC 4193, loopback and link-local addresses."""

DAY_S = 86400


def _whole_path(path: Path) -> Path:
    if not str(path).isprintable():
        raise ValueError(f"{str(path)!r} holds a control character. Write the path alone, from / on")
    if not path.is_absolute():
        raise ValueError(f"{path} is no whole path. Write it from / on")
    return path


def _is_number(annotation: Any) -> bool:
    """Whether a number is meant, or a list or table of numbers."""
    return annotation in (int, float) or any(_is_number(inner) for inner in get_args(annotation))


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        """Python takes true for 1: `calls = true` would be one call at a time."""
        held = [value, *(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())]
        if any(isinstance(each, bool) for each in held) and _is_number(
            cls.model_fields[str(info.field_name)].annotation
        ):
            raise ValueError("true and false can't stand here. Write a number without quotes")
        return value


class Label(Part):
    zh: Text
    en: Text


class Reason(Part):
    """Why an agent is not ready, or hands a caller over."""

    zh: Text
    en: Annotated[str, Field(pattern=REASON)]
    """The name under which the reason is logged and counted."""

"""The table [speech]: who recognises what callers say in the place of a key, and within what bounds."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from acd.config.types import Part

_Word = Annotated[str, Field(min_length=1, max_length=500)]


class SpeechTable(Part):
    engine: Literal["off", "whisper", "command", "http"] = "off"
    """"whisper": Whisper-base, fetched when it is first wanted (0.5 GB); "command" and "http": a recogniser of the operator's own."""
    command: Annotated[list[_Word], Field(max_length=50)] = []
    """Of "command": a program and its arguments, that answers JSON lines."""
    address: Annotated[str, Field(max_length=500)] = ""
    """Of "http": where the sound is posted to."""
    sessions: Annotated[int, Field(ge=1, le=50)] = 4
    """Callers who are listened to at once; for more there are keys."""
    seconds: Annotated[float, Field(ge=2, le=20)] = 8
    """Of one thing said; the rest is cut off."""
    within_s: Annotated[float, Field(ge=0.5, le=10)] = 4
    """For an answer; a later one counts as none."""
    memory_mb: Annotated[int, Field(ge=200, le=64_000)] = 1500
    """Of the recogniser; it fails where it wants more, and is started again."""
    numbers: bool = True
    """Order and ticket numbers may be said, digit by digit."""

    @field_validator("command")
    @classmethod
    def _plain(cls, command: list[str]) -> list[str]:
        if any(letter in word for word in command for letter in "\r\n\0"):
            raise ValueError("holds a line break or NUL; write each argument as a word of its own")
        return command

    @field_validator("address")
    @classmethod
    def _known(cls, address: str) -> str:
        parts = urlsplit(address)
        if address and (
            parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password
        ):
            raise ValueError('must be as "http://127.0.0.1:9000/recognise", without a user or password')
        if not address.isprintable() or not address.isascii() or " " in address:
            raise ValueError("holds a sign that no address has")
        return address

    @model_validator(mode="after")
    def _whole(self) -> "SpeechTable":
        if self.engine == "command" and not self.command:
            raise ValueError(
                'engine = "command" needs the program: command = ["/opt/recogniser", "--model", "/opt/model"]'
            )
        if self.engine == "http" and not self.address:
            raise ValueError('engine = "http" needs address = "http://…"')
        return self

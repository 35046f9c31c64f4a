"""The table [alarms]: how alarms are told outside, and from which figures on a queue raises one."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, field_validator, model_validator

from acd.config.on_call import OnCall
from acd.config.types import HOST_NAME, MAILBOX, PRINTABLE, FilePath, Name, Part, Why

Mailbox = Annotated[str, Field(pattern=MAILBOX, max_length=254)]
Figure = Literal[
    "waiting", "longest-wait-s", "service-level", "abandoned", "staffed", "three-ring-rate",
    "trunks-ill", "disk-free-mb", "lag-s", "certificate-days",
]  # fmt: skip
OF_HOTLINE: tuple[Figure, ...] = ("trunks-ill", "disk-free-mb", "lag-s", "certificate-days")
"""Figures of the whole hotline; the others are of a queue each."""
BELOW: tuple[Figure, ...] = ("service-level", "staffed", "three-ring-rate", "disk-free-mb", "certificate-days")
"""Figures that are bad when they are low; the others are bad when they are high."""
SHARES: tuple[Figure, ...] = ("service-level", "abandoned", "three-ring-rate")
"""Between 0 and 1, over the latest `window_min` minutes."""


class Webhook(Part):
    """A signed POST for each alarm, by the Standard Webhooks specification."""

    url: Annotated[str, Field(max_length=2000, pattern=PRINTABLE)]
    secret_file: FilePath
    """Holds the shared secret: whsec_ and 24 to 64 bytes in base64."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            _ = parts.port
        except ValueError:
            raise ValueError("this is no address. Write it as https://pager.example.com/sanxiang") from None
        if parts.scheme not in ("https", "http") or not host:
            raise ValueError("this is no address of the web. Write it as https://pager.example.com/sanxiang")
        if parts.username is not None or parts.password is not None:
            raise ValueError(
                "it holds a name or a password, which logs may show. Take them out; secret_file signs what is sent"
            )
        if parts.fragment or " " in url:
            raise ValueError("it has a blank or a #, which is never sent. Take it out")
        if parts.scheme == "http" and not _is_loopback(parts):
            raise ValueError("alarms would cross the network in clear. Write https, or use http on this machine alone")
        return url


class Mail(Part):
    """An e-mail for each alarm."""

    host: Annotated[str, Field(pattern=HOST_NAME, min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """starttls: encrypted before anything is said, else nothing is sent. none: on this machine alone."""
    username: Annotated[str, Field(max_length=254, pattern=PRINTABLE)] = ""
    password_file: FilePath | None = None
    sender: Mailbox
    to: Annotated[list[Mailbox], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _whole(self) -> "Mail":
        if bool(self.username) != (self.password_file is not None):
            raise ValueError("`username` and `password_file` belong together. Write both, or neither")
        loopback = self.host == "localhost" or _loopback_address(self.host)
        if self.security == "none" and not loopback:
            raise ValueError(
                f'security = "none" sends to {self.host} in clear. Write "starttls" or "tls"; "none" is for this machine alone'
            )
        return self


class Threshold(Part):
    """From where on a figure of a queue, or of the hotline, is an alarm: two levels, and why."""

    figure: Figure
    warning: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    critical: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None
    why: Why
    queues: list[Name] = []
    """None: every queue that no other row of this figure names."""
    back: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] | None = None
    """So far inside the limit the level is over; left out: a tenth of the limit, for counts at least 1."""
    for_s: Annotated[float, Field(ge=0, le=3600)] = 30
    """So long the figure must be beyond the limit, or inside it again."""
    window_min: Annotated[int, Field(ge=1, le=120)] = 15
    """Of a share: the latest minutes."""
    at_least: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Of a share: calls or offers in the window; with fewer nothing is said."""

    @model_validator(mode="after")
    def _whole(self) -> "Threshold":
        if self.warning is None and self.critical is None:
            raise ValueError("it needs `warning`, `critical` or both. Write from which figure on")
        low = self.figure in BELOW
        for level in ("warning", "critical"):
            limit = getattr(self, level)
            if limit is None:
                continue
            if self.figure in SHARES and limit > 1:
                raise ValueError(f"{level} = {limit:g} is no share. Write it between 0 and 1, as 0.8 for 80 %")
            if limit == 0:
                never = "is never below 0" if low else "is always 0 or more"
                raise ValueError(f"{level} = 0 can't be: {self.figure} {never}. Write a limit above 0")
            if self.back is not None and (
                limit + self.back > 1 if low and self.figure in SHARES else not low and self.back >= limit
            ):
                raise ValueError(
                    f"back = {self.back:g} is too much for {level} = {limit:g}: no value of {self.figure} is so far inside, so the "
                    "alarm would never end. Write a smaller one, or leave it out"
                )
        warning, critical = self.warning, self.critical
        if warning is not None and critical is not None and not (critical < warning if low else critical > warning):
            order, bad = ("below", "low") if low else ("above", "high")
            raise ValueError(
                f"critical ({critical:g}) must lie {order} warning ({warning:g}): {self.figure} is bad when it is {bad}. Swap them, "
                "or leave one out"
            )
        if self.figure in OF_HOTLINE and self.queues:
            raise ValueError(f"{self.figure} is a figure of the hotline and not of a queue. Take `queues` out")
        if len(set(self.queues)) < len(self.queues):
            raise ValueError("a queue stands twice in `queues`. Name each once")
        return self

    def said(self) -> str:
        """The row in words, as "waiting: warning from 5, critical from 10"."""
        beyond = "below" if self.figure in BELOW else "from"
        levels = [
            f"{level} {beyond} {limit:g}"
            for level, limit in (("warning", self.warning), ("critical", self.critical))
            if limit is not None
        ]
        of = f" ({', '.join(self.queues)})" if self.queues else ""
        return f"{self.figure}: {', '.join(levels)}{of}"


class AlarmsTable(Part):
    language: Literal["en", "zh"] = "en"
    """Of what is sent by mail."""
    least: Literal["warning", "critical"] = "warning"
    """The least severity that is told outside."""
    repeat_after_min: Annotated[float, Field(ge=1, le=10_080)] = 60
    """An alarm that repeats, or that comes and goes, is told outside again after so long, and not before."""
    command: Annotated[list[Annotated[str, Field(max_length=500, pattern=PRINTABLE)]], Field(max_length=30)] = []
    """A program and its arguments; it gets the alarm as JSON on standard input."""
    command_within_s: Annotated[float, Field(ge=1, le=120)] = 20
    """The program is ended after so long."""
    webhook: Webhook | None = None
    mail: Mail | None = None
    on_call: Annotated[list[OnCall], Field(max_length=50)] = []
    """Who is told when. None in force, or none at all: `mail.to`, from `least` on."""
    thresholds: list[Threshold] = []

    @field_validator("command")
    @classmethod
    def _program(cls, command: list[str]) -> list[str]:
        if command and not Path(command[0]).is_absolute():
            raise ValueError(
                f"{command[0]!r} is looked up nowhere. Write the program with its whole path, as /usr/local/bin/page"
            )
        return command

    def mistakes(self, queues: list[str]) -> Iterator[str]:
        """A sentence for everything that can't be. `queues`: the names that there are."""
        yield from self._on_call_mistakes()
        named: dict[tuple[str, str], int] = {}
        for number, row in enumerate(self.thresholds, 1):
            place = f"alarms.thresholds.{number}"
            for queue in row.queues:
                if queue not in queues:
                    yield f"{place}: there is no queue {queue!r} ({', '.join(queues)}). Name one of [queues]."
            for queue in row.queues or [""]:
                if first := named.get((row.figure, queue)):
                    of = f"queue {queue}" if queue else "all queues"
                    yield f"{place}: row {first} has limits for {row.figure} of {of} already. Make one row of both."
                named.setdefault((row.figure, queue), number)

    def _on_call_mistakes(self) -> Iterator[str]:
        names: dict[str, int] = {}
        for number, row in enumerate(self.on_call, 1):
            place = f"alarms.on_call (entry {number})"
            if row.mail and self.mail is None:
                yield f"{place}.mail: there is no mail server to send by. Add [alarms.mail], or leave `mail` out."
            if first := names.get(row.name):
                yield f"{place}.name: row {first} has the name {row.name} already. Give it another name."
            names.setdefault(row.name, number)

    def warnings(self) -> Iterator[str]:
        """A sentence for what is not there, and would be missed at the first alarm only."""
        if self.command and not Path(self.command[0]).is_file():
            yield f"alarms.command: there is no file {self.command[0]}. Alarms are not told by it until there is."
        for place, file in (
            ("webhook.secret_file", self.webhook.secret_file if self.webhook else None),
            ("mail.password_file", self.mail.password_file if self.mail else None),
        ):
            if file is not None and not file.is_file():
                yield f"alarms.{place}: there is no file {file}. Alarms are not told this way until it is there."


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return host == "localhost" or _loopback_address(host)


def _loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

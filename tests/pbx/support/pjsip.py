"""The rendered pjsip.conf as Asterisk reads it: sections, with what they inherit from templates."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DEFAULT_IDENTIFY_BY = "username,ip"
"""Asterisk's own, where an endpoint names nothing (res_pjsip/pjsip_configuration.c)."""
BY_NAME = {"username", "auth_username"}
"""The ways of identification that take an endpoint's name from the request: anybody can write it there."""

_HEAD = re.compile(r"\[([^\]]+)\](?:\(([^)]*)\))?")


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    options: tuple[tuple[str, str], ...]
    """In order, inherited ones first. Asterisk takes the last of an option that may stand once."""

    def get(self, option: str, default: str = "") -> str:
        """The option's last value."""
        return self.all(option)[-1] if self.all(option) else default

    def all(self, option: str) -> list[str]:
        return [value for key, value in self.options if key == option]

    @property
    def type(self) -> str:
        return self.get("type")

    @property
    def identified_by(self) -> set[str]:
        return {way.strip() for way in self.get("identify_by", DEFAULT_IDENTIFY_BY).split(",")}


def sections(text: str) -> list[Section]:
    """All sections but the templates, in the file's order. One name may stand for several, each of another type."""
    templates: dict[str, tuple[tuple[str, str], ...]] = {}
    found: list[Section] = []
    for name, flags, own in _written(text):
        inherited = tuple(option for flag in flags if flag != "!" for option in templates[flag])
        if "!" in flags:
            templates[name] = inherited + own
        else:
            found.append(Section(name, inherited + own))
    return found


def endpoints(text: str) -> Mapping[str, Section]:
    return {section.name: section for section in sections(text) if section.type == "endpoint"}


def _written(text: str) -> Iterator[tuple[str, list[str], tuple[tuple[str, str], ...]]]:
    """Name, what stands in parentheses behind it, and the options of each section, as they are written."""
    name, flags, own = "", list[str](), list[tuple[str, str]]()
    for row in text.splitlines():
        line = row.partition(";")[0].strip()
        if head := _HEAD.fullmatch(line):
            if name:
                yield name, flags, tuple(own)
            name, flags, own = head[1], [flag.strip() for flag in (head[2] or "").split(",") if flag], []
        elif line:
            key, equals, value = line.partition("=")
            assert name and equals, row
            own.append((key.strip(), value.removeprefix(">").strip()))
    if name:
        yield name, flags, tuple(own)


def unguarded(text: str) -> dict[str, str]:
    """Endpoint to what lets a stranger in; empty when each one is reached by its own address or its own password only."""
    passwords = {section.name: section for section in sections(text) if section.type == "auth"}
    addresses: dict[str, list[str]] = {}
    for section in sections(text):
        if section.type == "identify":
            addresses.setdefault(section.get("endpoint"), []).extend(section.all("match"))
    known = endpoints(text)
    wrong = {name: "addresses of no endpoint" for name in addresses if name not in known}
    for name, endpoint in known.items():
        auth = passwords.get(endpoint.get("auth"))
        if auth is not None and auth.get("username") and len(auth.get("password")) >= 8:
            continue
        if endpoint.get("auth"):
            wrong[name] = "its auth is no section with a username and a password"
        elif endpoint.identified_by & BY_NAME:
            wrong[name] = "its name identifies it, and it has no auth"
        elif not addresses.get(name) or any(match.endswith("/0") for match in addresses[name]):
            wrong[name] = "it has no auth, and no address of its own"
    return wrong

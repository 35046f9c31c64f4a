"""Times as the operator reads them: by the hotline's own clock, as days are counted, with the zone said once in each answer.

JSON keeps UTC in ISO 8601: programs go by that.
"""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from acd.config.schema import Config, Hotline
from acd.config.versions import Versions
from acd.errors import SanxiangError
from acd.setup.installation import Installation


@dataclass(frozen=True, slots=True)
class HotlineClock:
    zone: tzinfo
    name: str
    """As it is said in a heading: "Asia/Shanghai"."""

    def at(self, iso: str | None, *, millis: bool = False) -> str:
        """An instant in ISO 8601 as "2026-11-29 17:29:41"; empty for none. `millis`: with three decimals."""
        if not iso:
            return ""
        local = datetime.fromisoformat(iso).astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M:%S}" + (f".{local.microsecond // 1000:03d}" if millis else "")

    def minute(self, iso: str | None) -> str:
        """The same to the minute."""
        return self.at(iso)[:16]

    def time(self, iso: str) -> str:
        """The time of day of an instant, as "17:29:41"."""
        return self.at(iso)[11:]

    def now(self) -> str:
        """The time of day, as "17:29:41"."""
        return f"{datetime.now(self.zone):%H:%M:%S}"

    def instant(self, written: str) -> datetime:
        """What an operator writes as a moment, in ISO 8601: by this clock where it names no zone. ValueError."""
        found = datetime.fromisoformat(written)
        return found if found.tzinfo else found.replace(tzinfo=self.zone)

    def heading(self, word: str) -> str:
        """A column's heading with the zone: "ARRIVED (Asia/Shanghai)"."""
        return f"{word} ({self.name})"


def clock_named(name: str) -> HotlineClock:
    """The clock of a zone, as "Asia/Shanghai". ValueError, KeyError where there is none."""
    return HotlineClock(ZoneInfo(name), name)


def clock_of(installation: Installation) -> HotlineClock:
    """The clock of the configuration in force; UTC where none was ever, or it can't be read any more."""
    try:
        versions = Versions(installation.versions, made=False)
        latest = versions.latest()
        if latest is None:
            return _UTC
        hotline = tomllib.loads(versions.texts(latest.number).config).get("hotline", {})
        name = str(hotline.get("timezone", Hotline.model_fields["timezone"].default))
        return clock_named(name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _UTC


def config_of(installation: Installation) -> Config | None:
    """The configuration in force; None where none was ever, or it can't be read any more."""
    try:
        versions = Versions(installation.versions, made=False)
        latest = versions.latest()
        return None if latest is None else versions.texts(latest.number).checked(installation.versions)
    except (OSError, ValueError, SanxiangError):
        return None


_UTC = HotlineClock(UTC, "UTC")

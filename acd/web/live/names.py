"""What the page is told once, or with everything: names in both languages, and limits."""

from acd.web.server.api_model import ApiModel


class ServiceLevel(ApiModel):
    """So many of the calls are to be answered within so many seconds."""

    answer_within_s: float
    within_share: float


class NamedReason(ApiModel):
    """A reason for not being ready; its code is its English name."""

    reason: str
    zh: str
    en: str


class NamedTeam(ApiModel):
    """A team."""

    team: str
    zh: str
    en: str


class Named(ApiModel):
    """A queue, a brand, or a class of customers."""

    name: str
    zh: str
    en: str


class NamedDisposition(ApiModel):
    """How a call may have ended."""

    code: str
    zh: str
    en: str


class NamedWay(ApiModel):
    """A way to verify who calls."""

    how: str
    zh: str
    en: str


class DeskRules(ApiModel):
    """When an agent is reminded of a caller on hold, when that is too long, and how a telephone rings."""

    hold_reminder_s: float
    hold_limit_s: float
    ring_s: float
    rings: int

"""The configuration: which version is in force, which were before, and the two actions: reload and back."""

from collections.abc import Awaitable

from pydantic import ConfigDict

from acd.config import BadConfiguration, NeedsStart
from acd.errors import SanxiangError
from acd.web.access.auth import DOOR
from acd.web.server.api_model import ApiModel
from acd.web.server.context import Change, Configurations
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class Version(ApiModel):
    """A configuration that is or was in force."""

    model_config = ConfigDict(extra="ignore")

    number: int
    at: str
    """Since when, ISO 8601."""
    by: str
    how: str
    """"up", "reload", "back", "agent added", "agent removed", "agent changed" or "menus"."""
    sha: str
    """SHA-256 of the operator's file, `agents.toml` and the menu."""
    file: str
    like: int = 0
    """Went back to this version; 0: it was new."""


class InForce(Version):
    """The configuration in force, and its numbers of queues and agents."""

    queues: int
    agents: int
    """How many there are."""


class History(ApiModel):
    """All configurations that were in force."""

    versions: list[Version]
    """The latest first; it is the one in force."""


class Reload(Strict):
    """Whether to reload or only to compare."""

    dry_run: bool = False
    """Only say what would change."""


class Back(Strict):
    """Which version to go back to."""

    version: int = 0
    """0: the one before."""


class Outcome(ApiModel):
    """What was changed, or would be."""

    taken: bool
    """False: nothing was to be changed, or nothing was meant to be."""
    version: int
    """In force now."""
    differences: list[str]
    warnings: list[str]
    note: str


async def in_force(asked: Asked) -> InForce:
    """The version in force, when and by whom it was taken."""
    return InForce.model_validate(_configurations(asked).told())


async def history(asked: Asked) -> History:
    """All versions kept by this installation."""
    return History.model_validate({"versions": _configurations(asked).history()})


async def reload(asked: Asked) -> Outcome:
    """Checks the operator's file and takes it into force while calls go on. Mistakes refuse the whole file."""
    configurations = _configurations(asked)
    if not asked.body.dry_run:
        await asked.request.app[DOOR].audit.note(asked.who.name, "configuration reload")
    return await outcome(asked, configurations.reload(asked.who.name, dry_run=asked.body.dry_run), "reload")


async def back(asked: Asked) -> Outcome:
    """Takes an earlier version into force again and writes the operator's file back to it."""
    configurations = _configurations(asked)
    number = asked.body.version
    await asked.request.app[DOOR].audit.note(asked.who.name, "configuration back", to=number or "the one before")
    return await outcome(asked, configurations.back(asked.who.name, number), "back")


async def outcome(asked: Asked, deed: Awaitable[Change], action: str) -> Outcome:
    """What came of a change of the configuration, noted in the audit; refusals as problems."""
    audit, configurations = asked.request.app[DOOR].audit, _configurations(asked)
    try:
        change = await deed
    except BadConfiguration as bad:
        await audit.note(asked.who.name, f"configuration {action} refused", mistakes=len(bad.mistakes))
        code = "needs-start" if isinstance(bad, NeedsStart) else "bad-configuration"
        raise Problem(400, code, str(bad), mistakes=bad.mistakes) from None
    except SanxiangError as error:
        await audit.note(asked.who.name, f"configuration {action} refused", why=str(error))
        raise Problem(409, "not-taken", str(error)) from None
    version = int(configurations.told()["number"])
    if change.taken:
        await audit.note(asked.who.name, f"configuration {action} taken", version=version)
    return Outcome(
        taken=change.taken,
        version=version,
        differences=change.differences,
        warnings=change.warnings,
        note=change.note,
    )


def _configurations(asked: Asked) -> Configurations:
    if asked.context.configurations is None:
        raise Problem(404, "not-found", "This hotline has one configuration and keeps no versions.")
    return asked.context.configurations


_NO_VERSIONS = {404: "not-found: this server runs without a hotline around it"}
_NOT_TAKEN = {**_NO_VERSIONS, 400: "bad-configuration, or needs-start", 409: "not-taken"}
ROUTES = [
    Route(
        "GET",
        "/api/config",
        in_force,
        "installation-see",
        "The configuration in force: version, since when, by whom",
        InForce,
        refusals=_NO_VERSIONS,
    ),
    Route(
        "GET",
        "/api/config/versions",
        history,
        "installation-see",
        "Every configuration that was in force",
        History,
        refusals=_NO_VERSIONS,
    ),
    Route(
        "POST",
        "/api/config/reload",
        reload,
        "installation-act",
        "Reload the operator's file, whole or not at all",
        Outcome,
        body=Reload,
        refusals=_NOT_TAKEN,
    ),
    Route(
        "POST",
        "/api/config/back",
        back,
        "installation-act",
        "Go back to an earlier configuration",
        Outcome,
        body=Back,
        refusals=_NOT_TAKEN,
    ),
]

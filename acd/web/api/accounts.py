"""The accounts of people: who there is, added, removed, their roles and teams, a new password, sessions ended. For administrators.

Each change stands in the audit log before it is made. A password is made here and shown once; it is never chosen for somebody else.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import Field

from acd.errors import SanxiangError
from acd.identifiers import NAME, whole
from acd.web.access import roles
from acd.web.access.accounts import MOST_BRANDS, MOST_TEAMS, BadAccount
from acd.web.access.audit import NotNoted
from acd.web.access.auth import DOOR, Door
from acd.web.server.api_model import ApiModel
from acd.web.server.lookups import near_names
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict

Made = TypeVar("Made")
Team = Annotated[str, Field(pattern=whole(NAME))]
BrandName = Annotated[str, Field(pattern=whole(NAME))]
RoleCode = Annotated[str, Field(max_length=40)]


class RoleRow(ApiModel):
    """A role that an account may have."""

    role: str
    zh: str
    en: str
    what_zh: str
    """For whom it is."""
    what_en: str
    reach: str
    """all: the whole hotline; teams: the account's teams."""
    may: list[str]
    """Its permissions (docs/roles.md)."""


class TeamRow(ApiModel):
    """A team of the configuration."""

    team: str
    zh: str
    en: str
    queues: list[str]
    agents: int
    """How many there are."""


class BrandRow(ApiModel):
    """A brand of the configuration."""

    brand: str
    zh: str
    en: str


class AccountRow(ApiModel):
    """An account, without its password."""

    provider: bool = False
    """Whether the identity provider keeps it: its groups there say what it may, and here its sessions alone can be ended."""

    account: str
    roles: list[str]
    teams: list[str]
    """Those that it leads as a supervisor; one that the configuration has not any more opens nothing."""
    brands: list[str] = []
    """Those that it is limited to; empty: it is not. One that the configuration has not any more opens nothing."""
    last_log_in: datetime | None
    """null: not yet."""


class AccountsTold(ApiModel):
    """All accounts, and what they may be given."""

    accounts: list[AccountRow]
    roles: list[RoleRow]
    teams: list[TeamRow]
    brands: list[BrandRow] = []


class Given(Strict):
    """Roles, teams of a supervisor, and brands that the account is limited to."""

    roles: Annotated[list[RoleCode], Field(min_length=1, max_length=10)]
    teams: Annotated[list[Team], Field(max_length=MOST_TEAMS)] = []
    brands: Annotated[list[BrandName], Field(max_length=MOST_BRANDS)] | None = None
    """Empty: all of them. Left out: as before; of a new account all."""


class NewAccount(Given):
    """The account to add."""

    account: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """Letters, digits, dots and dashes."""


class ToldAccount(ApiModel):
    """The account as it is now."""

    account: str
    note: str
    """What is still to be done, in one sentence; mostly empty."""


class NewPasswordTold(ToldAccount):
    """The account and its password."""

    password: str
    """Shown this once."""


async def accounts(asked: Asked) -> AccountsTold:
    """All accounts with roles, teams and last log-in; the roles and teams that there are."""
    door, config = asked.request.app[DOOR], asked.context.config
    rows = [
        AccountRow(
            account=one.name,
            roles=sorted(one.roles),
            teams=sorted(one.teams),
            brands=sorted(one.brands),
            last_log_in=door.accounts.last_log_in(one.name),
        )
        for one in door.accounts.all()
    ]
    if (oidc := door.oidc) is not None:
        rows += [
            AccountRow(
                account=one.name,
                roles=sorted(one.roles),
                teams=sorted(one.teams),
                brands=sorted(one.brands),
                last_log_in=oidc.people.last_log_in(one.name),
                provider=True,
            )
            for one in oidc.people.all()
        ]
    teams = [
        TeamRow(
            team=name,
            zh=team.label.zh,
            en=team.label.en,
            queues=team.queues,
            agents=sum(profile.team == name for profile in config.agents.values()),
        )
        for name, team in config.teams.items()
    ]
    return AccountsTold(
        accounts=rows,
        roles=[_role(role) for role in roles.ROLES.values() if role.kind == "account"],
        teams=teams,
        brands=[BrandRow(brand=name, zh=brand.name.zh, en=brand.name.en) for name, brand in config.brands.items()],
    )


def _role(role: roles.Role) -> RoleRow:
    return RoleRow(
        role=role.code,
        zh=role.words.zh,
        en=role.words.en,
        what_zh=role.what.zh,
        what_en=role.what.en,
        reach=role.reach,
        may=list(roles.permissions([role.code])),
    )


async def add(asked: Asked) -> NewPasswordTold:
    """Adds an account. The password is made, and shown this once."""
    new: NewAccount = asked.body
    _refuse_unknown(asked, new)
    about = {"account": new.account, "roles": sorted(new.roles), "teams": sorted(new.teams)}
    about |= {"brands": sorted(new.brands or ())}
    password = await _changed(
        asked,
        "account added",
        about,
        lambda door, first: door.accounts.add(
            new.account, new.roles, teams=new.teams, brands=new.brands or (), first=first
        ),
    )
    return NewPasswordTold(account=new.account, password=password, note=_note(new.roles, new.teams))


async def set_roles(asked: Asked) -> ToldAccount:
    """From now on the account has these roles, teams and brands alone. Its sessions end. The only administrator stays one."""
    account, given = _account(asked), asked.body
    _refuse_unknown(asked, given)
    names = {"roles": sorted(given.roles), "teams": sorted(given.teams)}
    if given.brands is not None:
        names["brands"] = sorted(given.brands)
    await _changed(
        asked,
        "account roles",
        {"account": account, **names},
        lambda door, first: door.accounts.set_roles(
            account, given.roles, given.teams, given.brands, by=asked.who.name, first=first
        ),
    )
    return ToldAccount(account=account, note=_note(given.roles, given.teams))


async def new_password(asked: Asked) -> NewPasswordTold:
    """A new password, shown this once. The former one is void, and the account's sessions end."""
    account = _account(asked)
    password = await _changed(
        asked,
        "account password",
        {"account": account},
        lambda door, first: door.accounts.set_password(account, first=first),
    )
    return NewPasswordTold(account=account, password=password, note="")


async def end_sessions(asked: Asked) -> ToldAccount:
    """Ends every session of the account, also of one that the identity provider keeps, with its live streams. It may log in again."""
    account, door = _account(asked, anybody=True), asked.request.app[DOOR]
    await door.audit.note(asked.who.name, "account sessions ended", account=account)
    door.sessions.end_of(account)
    await door.sessions.save()
    return ToldAccount(account=account, note="")


async def remove(asked: Asked) -> ToldAccount:
    """Removes the account; its sessions end. The only administrator can't be removed."""
    account = _account(asked)
    await _changed(
        asked,
        "account removed",
        {"account": account},
        lambda door, first: door.accounts.remove(account, by=asked.who.name, first=first),
    )
    return ToldAccount(account=account, note="")


async def _changed(
    asked: Asked, action: str, about: dict[str, Any], change: Callable[[Door, Callable[[], None]], Made]
) -> Made:
    """In a thread: it hashes, and waits for the file's lock. The audit log has its line when nothing is in the way any more."""
    door = asked.request.app[DOOR]

    def first() -> None:
        door.audit.note_now(asked.who.name, action, **about)

    try:
        return await asyncio.to_thread(change, door, first)
    except NotNoted as error:
        raise Problem(503, "audit-away", str(error)) from None
    except BadAccount as error:
        raise Problem(409 if error.code in _OF_THE_MOMENT else 400, error.code, str(error)) from None
    except SanxiangError as error:
        raise Problem(503, "not-readable", str(error)) from None


def _account(asked: Asked, *, anybody: bool = False) -> str:
    """The account in the path; `anybody`: also one that the identity provider keeps. Raises Problem: 404, 409."""
    door, name = asked.request.app[DOOR], asked.word("account")
    known = door.accounts.names()
    if name not in known and door.account(name) is not None:
        if anybody:
            return name
        detail = (
            f"{name} comes by the identity provider: its groups there say what it may, and it has no password here. End its sessions, "
            "or change its groups there."
        )
        raise Problem(409, "providers-account", detail)
    if name not in known:
        raise Problem(404, "unknown-account", "There is no such account.", allowed=near_names(name, known) or None)
    return name


def _refuse_unknown(asked: Asked, given: Given) -> None:
    """Raises Problem (400) for a team or brand that the configuration in force does not have."""
    config = asked.context.config
    for noun, names, known in (("team", given.teams, config.teams), ("brand", given.brands or (), config.brands)):
        for name in names:
            if name not in known:
                there = ", ".join(known) or f"none; add them under [{noun}s]"
                detail = f"There is no {noun} {name}. {noun.capitalize()}s: {there}."
                near = near_names(name, known) or None
                raise Problem(400, f"unknown-{noun}", detail, field=f"{noun}s", allowed=near)


def _note(given: Collection[str], teams: Collection[str]) -> str:
    if "supervisor" in given and not teams:
        return "A supervisor without a team sees nothing: give the account a team."
    if teams and "supervisor" not in given:
        return "Teams are for the role supervisor; the other roles do not look at them."
    return ""


_OF_THE_MOMENT = ("account-there", "last-administrator", "not-taken")
"""Refusals of what could be at another time; the others another request would avoid."""
_PATH = "/api/accounts/{account:[^/]{1,64}}"
_UNKNOWN = {404: "unknown-account"}
_THEIRS = "providers-account"
_AWAY = {503: "audit-away, or not-readable"}
ROUTES = [
    Route(
        "GET",
        "/api/accounts",
        accounts,
        "accounts",
        "Accounts, with the roles, teams and brands that there are",
        AccountsTold,
    ),
    Route(
        "POST",
        "/api/accounts",
        add,
        "accounts",
        "Add an account; its password is shown this once",
        answer=NewPasswordTold,
        body=NewAccount,
        status=201,
        refusals={
            400: "bad-account-name, account-is-extension, unknown-role, unknown-team, unknown-brand, limited-administrator",
            409: "account-there",
            **_AWAY,
        },
    ),
    Route(
        "POST",
        f"{_PATH}/roles",
        set_roles,
        "accounts",
        "Give an account these roles, teams and brands, and no others",
        answer=ToldAccount,
        body=Given,
        refusals={
            **_UNKNOWN,
            400: "unknown-role, unknown-team, unknown-brand, or limited-administrator",
            409: f"last-administrator, or {_THEIRS}",
            **_AWAY,
        },
    ),
    *(
        Route("POST", f"{_PATH}/{word}", handler, "accounts", summary, answer, refusals={**_UNKNOWN, **refusals})
        for word, handler, summary, answer, refusals in (
            (
                "new-password",
                new_password,
                "Give an account a new password; it is shown this once",
                NewPasswordTold,
                {409: _THEIRS, **_AWAY},
            ),
            ("end-sessions", end_sessions, "End every session of an account", ToldAccount, {503: "audit-away"}),
            ("remove", remove, "Remove an account", ToldAccount, {409: f"last-administrator, or {_THEIRS}", **_AWAY}),
        )
    ),
]

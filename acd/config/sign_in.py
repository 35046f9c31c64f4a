"""How people log in to the page beside a password: who must have a second factor, and an identity provider (OpenID Connect)."""

import ipaddress
from collections.abc import Collection, Iterator
from datetime import date
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from acd.config.messages import near
from acd.config.types import PRINTABLE, SCOPE, FilePath, Label, Name, Part

AccountRole = Literal["supervisor", "qa", "operator", "administrator", "wall"]
"""Roles of accounts of the page; agents log in with extension and PIN, and have neither account nor second factor."""
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with a pair of keys. "none" and those with a shared secret can't be written here at all."""
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
Claim = Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
Scope = Annotated[str, Field(pattern=SCOPE)]
Group = Annotated[str, Field(min_length=1, max_length=256, pattern=PRINTABLE)]


class SecondFactor(Part):
    """Which roles must have a second factor where they log in with a password. An identity provider asks for its own."""

    roles: Annotated[list[AccountRole], Field(max_length=20)] = []
    from_day: date | None = None
    """From this day on, by the hotline's clock; None: at once."""


class Oidc(Part):
    """An identity provider. Local accounts work beside it, so that somebody comes in when it is away."""

    issuer: Annotated[str, Field(max_length=500, pattern=PRINTABLE)]
    """As it stands in the provider's ID tokens; `/.well-known/openid-configuration` is looked up below it."""
    client_id: Annotated[str, Field(min_length=1, max_length=255, pattern=PRINTABLE)]
    client_secret_file: FilePath | None = None
    """None: a public client, which proves itself by PKCE alone."""
    scopes: Annotated[list[Scope], Field(max_length=20)] = ["openid", "profile"]
    groups_claim: Claim = "groups"
    """The claim that lists the groups, in the ID token, else at the provider's userinfo."""
    name_claim: Claim = "preferred_username"
    """The claim that names the person in lists and in the audit log; rights never depend on it."""
    groups: Annotated[dict[Group, Annotated[list[AccountRole], Field(min_length=1)]], Field(min_length=1)]
    """The provider's group to the roles that it gives here."""
    teams: dict[Group, Annotated[list[Name], Field(min_length=1)]] = {}
    """The provider's group to the teams that its supervisors lead; the role itself comes from `groups`."""
    brands: dict[Group, Annotated[list[Name], Field(min_length=1)]] = {}
    """The provider's group to the brands that its members are limited to; who is in none of these groups is not limited."""
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] = list(ALGORITHMS)
    """Signatures of ID tokens that are taken."""
    button: Label = Label(zh="使用公司账号登录", en="Log in with your company account")

    @field_validator("issuer")
    @classmethod
    def _address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("this is no address. Write it as https://id.example.com/realms/support") from None
        if parts.scheme not in ("https", "http") or not host:
            raise ValueError("this is no address of the web. Write it as https://id.example.com/realms/support")
        if parts.username is not None or parts.query or parts.fragment or " " in url:
            raise ValueError("it has a name, a ?, a # or a blank, which no issuer has. Write the address alone")
        if parts.scheme == "http" and not is_loopback(host):
            raise ValueError("who is who would cross the network in clear. Write https")
        return url

    @field_validator("scopes")
    @classmethod
    def _openid(cls, scopes: list[str]) -> list[str]:
        if "openid" not in scopes:
            raise ValueError('"openid" is missing, and without it there is no ID token. Add it')
        return scopes


def sign_in_mistakes(
    oidc: Oidc | None, public_url: str, teams: Collection[str], brands: Collection[str]
) -> Iterator[str]:
    """A sentence for everything that can't be. `public_url`: of [web]; `teams`, `brands`: those that there are."""
    if oidc is not None and not public_url:
        yield (
            "web.oidc: the provider leads people back to web.public_url, and there is none. Write the page's address there, as "
            'public_url = "https://hotline.example.com".'
        )
    if oidc is None:
        return
    for group, named in oidc.teams.items():
        for team in named:
            if team not in teams:
                known = ", ".join(teams) or "none; add them under [teams]"
                yield f"web.oidc.teams.{group}: there is no team {team!r}{near(team, teams)}. Teams: {known}."
    for group, named in oidc.brands.items():
        for brand in named:
            if brand not in brands:
                known = ", ".join(brands) or "none; add them under [brands]"
                yield f"web.oidc.brands.{group}: there is no brand {brand!r}{near(brand, brands)}. Brands: {known}."
    leads = any("supervisor" in roles for roles in oidc.groups.values())
    if leads and not oidc.teams:
        yield (
            "web.oidc.groups: a group gives the role supervisor, and no group says of which teams. Write it as "
            'teams = { "Sales Leads" = ["sales"] } under [web.oidc].'
        )
    if oidc.teams and not leads:
        yield (
            "web.oidc.teams: only supervisors lead teams, and no group gives that role. Give it under web.oidc.groups, or take the teams "
            "away."
        )


def sign_in_warnings(oidc: Oidc | None) -> Iterator[str]:
    """A sentence for what is not there, and would be missed at the first log-in only."""
    if oidc is not None and oidc.client_secret_file is not None and not oidc.client_secret_file.is_file():
        yield (
            f"web.oidc.client_secret_file: there is no file {oidc.client_secret_file}. Nobody can log in by the provider until it is "
            "there."
        )


def is_loopback(host: str) -> bool:
    """Whether this host's name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""[web.oidc] and web.second_factor: what can't be is told with its place and remedy."""

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from acd import config as configuration
from acd.config import BadConfiguration, sign_in, warnings
from acd.web.access.accounts import ROLES

PAGE = "https://hotline.example.com"
OIDC = {
    "issuer": "https://id.example.com/realms/support",
    "client_id": "hotline",
    "groups": {"Support Leads": ["operator"]},
}


def checked(**web: Any) -> configuration.Config:
    return configuration.check(
        {
            "hotline": {"name": "Test", "numbers": {"95001": "zh"}},
            "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
            "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
            "teams": {"orders": {"label": {"zh": "订单组", "en": "Orders team"}, "queues": ["orders"]}},
            "web": web,
        }
    )


BAD: list[tuple[dict[str, Any], str]] = [
    ({"oidc": OIDC}, "public_url"),
    ({"oidc": OIDC | {"issuer": "http://id.example.com"}}, "in clear"),
    ({"oidc": OIDC | {"issuer": "ftp://id.example.com"}}, "no address of the web"),
    ({"oidc": OIDC | {"issuer": "https://"}}, "no address of the web"),
    ({"oidc": OIDC | {"issuer": "https://[::1"}}, "no address"),
    ({"oidc": OIDC | {"issuer": "https://id.example.com/?tenant=1"}}, "a \\?"),
    ({"oidc": OIDC | {"issuer": "https://me:secret@id.example.com"}}, "it has a name"),
    ({"oidc": OIDC | {"issuer": "https://id.example.com\r\nX: y"}}, "web.oidc.issuer"),
    ({"oidc": OIDC | {"client_id": ""}}, "web.oidc.client_id"),
    ({"oidc": OIDC | {"client_id": "a\nb"}}, "web.oidc.client_id"),
    ({"oidc": OIDC | {"client_secret_file": "secret"}}, "whole path"),
    ({"oidc": OIDC | {"client_secret": "x"}}, 'did you mean "client_secret_file"'),
    ({"oidc": OIDC | {"scopes": ["profile"]}}, '"openid" is missing'),
    ({"oidc": OIDC | {"scopes": ["openid", "two words"]}}, "one word, as profile"),
    ({"oidc": OIDC | {"algorithms": ["none"]}}, "not one of"),
    ({"oidc": OIDC | {"algorithms": ["HS256"]}}, "not one of"),
    ({"oidc": OIDC | {"algorithms": []}}, "web.oidc.algorithms"),
    ({"oidc": OIDC | {"groups": {}}}, "web.oidc.groups"),
    ({"oidc": OIDC | {"groups": {"Support Leads": []}}}, "web.oidc.groups.Support Leads"),
    ({"oidc": OIDC | {"groups": {"Support Leads": ["agent"]}}}, "not one of"),
    ({"oidc": OIDC | {"groups": {"Support Leads": "operator"}}}, "Write a list"),
    ({"oidc": OIDC | {"groups": {"Leads": ["supervisor"]}}}, "no group says of which teams"),
    ({"oidc": OIDC | {"groups": {"L": ["supervisor"]}, "teams": {"L": ["ordres"]}}}, 'did you mean "orders"'),
    ({"oidc": OIDC | {"groups": {"L": ["supervisor"]}, "teams": {"L": []}}}, "web.oidc.teams.L"),
    ({"oidc": OIDC | {"teams": {"L": ["orders"]}}}, "only supervisors lead teams"),
    ({"second_factor": {"roles": ["agent"]}}, "not one of"),
    ({"second_factor": {"roles": "operator"}}, "Write a list"),
    ({"second_factor": {"roles": ["operator"], "from_day": "soon"}}, "web.second_factor.from_day"),
    ({"second_factor": {"role": ["operator"]}}, 'did you mean "roles"'),
]


@pytest.mark.parametrize(("web", "expected"), BAD)
def test_what_can_not_be_is_told(web: dict[str, Any], expected: str):
    if "oidc" in web and expected != "public_url":
        web = {"public_url": PAGE, **web}
    with pytest.raises(BadConfiguration, match=expected) as raised:
        checked(**web)
    assert "secret@" not in str(raised.value)


def test_what_is_given_comes_out():
    leads = {"groups": {"Leads": ["supervisor", "qa"]}, "teams": {"Leads": ["orders"]}}
    found = checked(public_url=PAGE, oidc=OIDC | leads).web.oidc
    assert found and (found.groups, found.teams) == (leads["groups"], leads["teams"])
    config = checked(public_url=PAGE, oidc=OIDC, second_factor={"roles": ["operator"], "from_day": date(2027, 1, 1)})
    assert config.web.oidc and config.web.oidc.issuer == OIDC["issuer"]
    assert config.web.second_factor.from_day == date(2027, 1, 1)
    assert checked().web.oidc is None and checked().web.second_factor.roles == []


def test_a_provider_on_this_machine_may_speak_http():
    for host in ("127.0.0.1:8081", "localhost", "[::1]:80"):
        assert checked(public_url=PAGE, oidc=OIDC | {"issuer": f"http://{host}"}).web.oidc


def test_a_secret_that_is_not_there_yet_is_a_warning(tmp_path: Path):
    file = tmp_path / "secret"
    config = checked(public_url=PAGE, oidc=OIDC | {"client_secret_file": str(file)})
    assert any("web.oidc.client_secret_file" in warning for warning in warnings(config))
    file.write_text("secret")
    assert not any("web.oidc" in warning for warning in warnings(config))


def test_the_roles_of_the_configuration_are_those_of_accounts():
    assert set(get_args(sign_in.AccountRole)) == set(ROLES)

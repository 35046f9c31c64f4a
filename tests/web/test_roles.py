"""The table of roles: every route names a permission, every permission opens something, and the page about it is current."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acd import config as configuration
from acd.web.access import roles
from acd.web.access.accounts import ROLES as OF_ACCOUNTS
from acd.web.access.accounts import Accounts, BadAccount
from acd.web.access.auth import Who
from acd.web.access.roles import OF_DATA, PERMISSIONS, ROLES, SAID, SCOPES, holders
from acd.web.access.scope import scope_of
from acd.web.access.tokens import TOKEN_ROLES
from acd.web.server.app import ROUTES
from acd.web.server.routes import ANYONE
from tests import roles_page
from tests.web.support.web_server import TEAMS_CONFIG


def test_every_route_names_a_permission_of_the_table_and_every_permission_opens_a_route():
    needed = {route.need for route in ROUTES}
    assert needed <= set(PERMISSIONS), f"not in the table: {needed - set(PERMISSIONS)}"
    assert set(PERMISSIONS) - needed == OF_DATA
    assert set(SAID) == set(PERMISSIONS)


@pytest.mark.parametrize("need", ["never-heard-of", "", None, "numbers"])
def test_a_route_whose_permission_nobody_has_is_refused_when_it_is_written(need: Any):
    with pytest.raises(ValueError, match="which no role"):
        replace(ROUTES[0], need=need)
    assert [need for need in PERMISSIONS if need != ANYONE and not holders(need)] == []


def test_each_role_and_permission_has_a_name_in_both_languages():
    words = [*SAID.values(), *(each for role in ROLES.values() for each in (role.words, role.what))]
    assert [one for one in words if not one.zh.strip() or not one.en.strip()] == []
    assert (
        len({role.words.zh for role in ROLES.values()}) == len({role.words.en for role in ROLES.values()}) == len(ROLES)
    )


def test_only_a_supervisor_is_bounded_by_teams_and_only_a_program_by_reading():
    assert {role.code for role in ROLES.values() if role.reach == "teams"} == {"supervisor"}
    assert {role.code for role in ROLES.values() if role.reads_only} == {"read"}
    assert set(TOKEN_ROLES) == set(SCOPES) and set(SCOPES.values()) - {"operator"} == {
        role.code for role in ROLES.values() if role.kind == "program"
    }


def test_who_was_operator_or_qa_before_there_were_more_roles_may_what_they_could(tmp_path: Path):
    """As an accounts.json of an earlier version has it."""
    former = {
        "li": {"roles": ["operator", "qa"], "password": None, "stamp": "aa"},
        "wu": {"roles": ["qa"], "password": None, "stamp": "bb"},
    }
    (tmp_path / "accounts.json").write_text(json.dumps(former))
    accounts = Accounts(tmp_path)
    li, wu = accounts.get("li"), accounts.get("wu")
    assert li and wu and (sorted(li.roles), sorted(li.teams), li.stamp) == (["operator", "qa"], [], "aa")
    config = configuration.check(TEAMS_CONFIG)
    for route in ROUTES:
        before = route.path.startswith(("/api/accounts", "/ivr", "/api/desk")) or route.need == ANYONE
        before |= route.need in ("callers-erase", "calls-join", "reviews-see")  # which there was not
        assert before or route.let_in & li.roles, f"{route.method} {route.path} is closed to operators and QA"
        assert scope_of(Who("li", li.roles), route.need, accounts.get, config).whole
    assert not any(route.path.startswith("/api/accounts") and route.let_in & li.roles for route in ROUTES)


def test_a_role_for_the_whole_hotline_counts_more_than_one_for_teams_and_only_for_what_it_may(tmp_path: Path):
    accounts, config = Accounts(tmp_path), configuration.check(TEAMS_CONFIG)
    accounts.add("chen", ["supervisor", "qa"], teams=["orders"])
    chen = Who("chen", frozenset({"supervisor", "qa"}))
    assert scope_of(chen, "floor-see", accounts.get, config).whole
    acts = scope_of(chen, "agents-act", accounts.get, config)
    assert acts.of_teams is not None
    found = (acts.teams, sorted(acts.of_teams.agents), sorted(acts.of_teams.queues))
    assert found == (("orders",), ["1001", "1002"], ["orders"])


def test_a_supervisor_without_a_team_or_with_one_that_is_gone_sees_nothing(tmp_path: Path):
    accounts, config = Accounts(tmp_path), configuration.check(TEAMS_CONFIG)
    accounts.add("ma", ["supervisor"])
    accounts.add("he", ["supervisor"], teams=["dissolved"])
    for name in ("ma", "he", "removed"):
        scope = scope_of(Who(name, frozenset({"supervisor"})), "floor-see", accounts.get, config)
        assert scope.of_teams is not None and not scope.whole
        assert (scope.of_teams.agents, scope.of_teams.queues) == (frozenset(), frozenset())


def test_who_must_set_up_a_second_factor_first_reaches_that_and_the_door():
    opened = {(route.method, route.path) for route in ROUTES if "enrolling" in route.let_in}
    own = {(route.method, route.path) for route in ROUTES if route.path.startswith("/api/sign-in")}
    assert opened == own | {("GET", "/api/me"), ("POST", "/api/log-out")}


@pytest.mark.parametrize("given", [["agent"], ["crm"], ["king"], [], ["operator", "stories"]])
def test_an_account_has_roles_of_people_alone(tmp_path: Path, given: list[str]):
    with pytest.raises(BadAccount, match="Use one or more of"):
        Accounts(tmp_path).add("somebody", given)


@pytest.mark.parametrize("team", ["", "a b", "Sales", "x\r\ny", "../x"])
def test_a_team_that_can_be_none_is_refused(tmp_path: Path, team: str):
    with pytest.raises(BadAccount, match="can't be a team"):
        Accounts(tmp_path).add("somebody", ["supervisor"], teams=[team])


def test_the_page_about_roles_is_current():
    assert roles_page.PAGE.read_text(encoding="utf-8") == roles_page.page(), "python -m tests.roles_page --write"
    assert set(OF_ACCOUNTS) == {"supervisor", "qa", "operator", "administrator", "wall"}
    assert roles.permissions(["administrator"]) == [
        *("who-am-i", "log-out", "own-sign-in", "page", "api-document", "recordings-keep", "retention-see"),
        *("callers-erase", "accounts"),
    ]

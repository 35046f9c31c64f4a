"""docs/roles.md, drawn from the table of roles and the table of routes.

`python -m tests.roles_page --write` writes it again after a change of either; tests/web/test_roles.py holds it current.
"""

import sys

from acd.web.access.roles import (
    INTEGRATION,
    OF_DATA,
    OF_THE_INSTALLATION,
    PERMISSIONS,
    ROLES,
    SAID,
    SCOPES,
    Permission,
    Role,
    holders,
)
from acd.web.server.app import ROUTES
from acd.web.server.openapi import plain_path
from acd.web.server.routes import ANYONE
from tests.import_table import ROOT

PAGE = ROOT / "docs" / "roles.md"
SCOPE_OF = {role: scope for scope, role in SCOPES.items() if role != "operator"}

HEAD = """# Roles: who may do what

Drawn from `acd/web/access/roles.py` and the table of routes by `python -m tests.roles_page --write`; a test holds it current. Why it is so:
[decision 34](decisions/0034-roles-teams-and-permissions.md).

People have accounts with one role or several. What one of them may, the account may. Agents have no account: they log in with extension and PIN. Other
programs have a token (`sanxiang account token add NAME --role SCOPE`) with one of the scopes of the role **{integration_en}（{integration_zh}）**.

How an account gets a role and its teams, on the page or by `sanxiang account add chen --role supervisor --team orders`, and what stands in `[teams]` before it:
[access.md](access.md#who-may-come-in). Typed, the roles are `supervisor`, `qa`, `operator`, `administrator`; the scopes `crm`, `metrics`, `read`, `full`.

* **all**: the permission holds for the whole hotline.
* **teams**: for the agents and queues of the account's teams (`[teams]` of the configuration), their calls, recordings, cards, figures and alarms. Everything else
  is answered as if it did not exist (404), and stands in no list, stream or count. An account without a team sees nothing.
* **own**: for the agent and the own calls.
* **reads**: for GET alone.

An account or token may besides be limited to brands (`--brands acme`): each permission then holds for their calls alone, as [brands.md](brands.md#accounts-of-one-brand)
says. These permissions it has not at all: {installation}.

A call is a team's when one of its agents has talked in it, or when nobody has and it stands in one of the team's queues. What is seen of it is its whole story, with
the recordings of the own agents' legs.

## Roles
"""

DATA = """
`numbers-in-full` opens no route: it decides whether callers' numbers are shown in full or masked, where they are shown at all. An agent's own calls and QA's single calls
and recordings have them in full; lists are masked for everybody.

The command line of this machine (`operator.token` in the state folder) has the roles operator and administrator: who may read that file may change the state folder anyway.
"""


def page() -> str:
    """The whole text."""
    installation = ", ".join(f"`{need}`" for need in PERMISSIONS if need in OF_THE_INSTALLATION)
    words = {"integration_en": INTEGRATION.en, "integration_zh": INTEGRATION.zh, "installation": installation}
    parts = [HEAD.format(**words), _roles(), "\n## Permissions\n", _permissions(), DATA, "\n## Routes\n", _routes()]
    return "\n".join(parts)


def _shown() -> list[Role]:
    return [role for role in ROLES.values() if role.kind != "ours"]


def _name(role: Role) -> str:
    return f"{INTEGRATION.en}: {SCOPE_OF[role.code]}" if role.code in SCOPE_OF else role.words.en


def _roles() -> str:
    rows = ["| role | 角色 | for whom | 适用对象 | reach |", "|---|---|---|---|---|"]
    for role in _shown():
        zh = f"{INTEGRATION.zh}：{role.words.zh}" if role.kind == "program" else role.words.zh
        rows.append(f"| **{_name(role)}** | {zh} | {role.what.en} | {role.what.zh} | {_reach(role)} |")
    full = f"| **{INTEGRATION.en}: full** | {INTEGRATION.zh}：全部 | whatever an operator may | 与运维相同 | all |"
    return "\n".join([*rows, full])


def _reach(role: Role) -> str:
    return "reads" if role.reads_only else role.reach


def _permissions() -> str:
    roles = _shown()
    head = f"| permission | 权限 | {' | '.join(_name(role) for role in roles)} |"
    rows = [head, "|---|---|" + "---|" * len(roles)]
    for permission in PERMISSIONS:
        if permission in (ANYONE, "stories"):
            continue
        cells = [_reach(role) if _has(role, permission) else "" for role in roles]
        rows.append(f"| `{permission}`: {SAID[permission].en} | {SAID[permission].zh} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _has(role: Role, permission: Permission) -> bool:
    """Whether it opens anything: what is for reading alone opens only what has a route to be read."""
    if permission not in role.may:
        return False
    return (
        not role.reads_only or permission in OF_DATA or any(r.need == permission and r.method == "GET" for r in ROUTES)
    )


def _routes() -> str:
    rows = ["| route | what it does | permission | who may |", "|---|---|---|---|"]
    for permission in PERMISSIONS:
        for route in [one for one in ROUTES if one.need == permission]:
            codes = holders(permission, route.method)
            who = (
                "anyone"
                if permission == ANYONE
                else ", ".join(_name(role) for role in ROLES.values() if role.code in codes)
            )
            summary = route.summary.replace("|", "\\|")
            rows.append(f"| `{route.method} {plain_path(route.path)}` | {summary} | `{permission}` | {who} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")

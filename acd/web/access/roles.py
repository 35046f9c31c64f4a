"""Who may do what: the one table of roles and permissions. Each route names the permission that it needs (acd/web/server/routes.py);
docs/roles.md is drawn from both.

People have accounts with one role or several; agents have the role `agent` and log in with their extension; programs have a token
with one of the scopes of the role `integration`. A role's `reach` says of which part of the hotline its permissions hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Permission = Literal[
    "anyone",
    "who-am-i",
    "log-out",
    "own-sign-in",
    "page",
    "api-document",
    "desk",
    "wall-see",
    "floor-see",
    "agents-act",
    "queues-act",
    "calls-see",
    "calls-act",
    "calls-handle",
    "calls-listen",
    "calls-join",
    "cards-read",
    "cards-write",
    "customers-see",
    "customers-change",
    "numbers-in-full",
    "recordings-hear",
    "recordings-keep",
    "reviews-grade",
    "reviews-draw",
    "reviews-see",
    "retention-see",
    "callers-erase",
    "figures-see",
    "reports-see",
    "lines-see",
    "alarms-see",
    "alarms-act",
    "faults-see",
    "faults-act",
    "agents-change",
    "installation-see",
    "installation-act",
    "accounts",
    "metrics",
    "stories",
]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
OF_DATA: frozenset[Permission] = frozenset({"numbers-in-full"})
"""No route needs these: they decide how much an answer holds."""

OF_THE_INSTALLATION: frozenset[Permission] = frozenset(
    {
        *("callers-erase", "agents-change", "reviews-draw"),
        *("installation-see", "installation-act", "accounts"),
    }
)
"""Theirs is the whole hotline: an account or token that is limited to some brands has none of them."""

Reach = Literal["all", "teams", "own"]
"""all: the whole hotline; teams: agents, queues and calls of the account's teams; own: the agent and the own calls."""
Kind = Literal["account", "newcomer", "agent", "program", "ours"]
"""Who has it: accounts of people, those of them who must set up a second factor first, agents, tokens of other programs, a process of ours."""


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Role:
    """A row of the table."""

    code: str
    kind: Kind
    words: Words
    what: Words
    """For whom it is, in one line."""
    may: frozenset[Permission]
    reach: Reach = "all"
    reads_only: bool = False
    """The permissions hold for GET alone."""


SAID: Mapping[Permission, Words] = {
    "anyone": Words("无需登录", "without log-in"),
    "who-am-i": Words("查看自己的账号", "see the own account"),
    "log-out": Words("退出登录", "log out"),
    "own-sign-in": Words("设置自己的登录方式", "set up the own second factors"),
    "page": Words("使用页面", "use the page"),
    "api-document": Words("查看接口说明", "read the description of the API"),
    "desk": Words("使用座席工作台", "use the agent's desk"),
    "wall-see": Words("查看大屏", "see the wall"),
    "floor-see": Words("查看实时状态", "see the live state"),
    "agents-act": Words("操作座席状态", "act on agents"),
    "queues-act": Words("暂停和恢复队列接入", "close and open queues"),
    "calls-see": Words("查看来电记录", "see calls"),
    "calls-act": Words("调整等待中的来电、结束通话", "act on waiting calls, end talks"),
    "calls-handle": Words("转接、保持通话", "transfer and hold calls"),
    "calls-listen": Words("监听通话", "listen to talks"),
    "calls-join": Words("密语座席、加入通话、接管来电", "whisper to agents, join talks, take callers over"),
    "cards-read": Words("查看来电卡片", "read cards"),
    "cards-write": Words("填写来电卡片、查看历史联络", "write on cards, see earlier contacts"),
    "customers-see": Words("查看客户档案", "see customers' records"),
    "customers-change": Words("增删改客户档案", "add, change and remove customers' records"),
    "numbers-in-full": Words("看到完整号码", "see callers' numbers in full"),
    "recordings-hear": Words("查询和收听录音", "find and hear recordings"),
    "recordings-keep": Words("保留和删除录音", "hold and delete recordings"),
    "reviews-grade": Words("为通话评分", "grade talks"),
    "reviews-draw": Words("抽取每周质检样本", "draw the week's talks that are to be graded"),
    "reviews-see": Words("查看质检得分", "see the scores of talks"),
    "retention-see": Words("查看录音保存期限和保留", "see how long recordings are kept, and holds"),
    "callers-erase": Words("删除客户的个人数据", "erase what is stored of a caller"),
    "figures-see": Words("查看指标", "see figures"),
    "reports-see": Words("查看和下载报表", "see and download reports"),
    "lines-see": Words("查看线路质量", "see line quality"),
    "alarms-see": Words("查看告警", "see alarms"),
    "alarms-act": Words("处理告警", "take care of alarms"),
    "faults-see": Words("查看故障", "see faults"),
    "faults-act": Words("宣布和解除故障", "declare and clear faults"),
    "agents-change": Words("增删改座席", "add, change and remove agents"),
    "installation-see": Words("查看配置版本和自呼测试", "see versions of the configuration and self-calls"),
    "installation-act": Words("重载配置、自呼测试", "reload the configuration, test the hotline"),
    "accounts": Words("管理账号", "manage accounts"),
    "metrics": Words("读取监控数据", "read /metrics"),
    "stories": Words("为来电菜单提供答案", "ask what the menus need"),
}
"""Each permission in words."""

_PEOPLE: frozenset[Permission] = frozenset({"who-am-i", "log-out", "own-sign-in", "page", "api-document"})
_SEES: frozenset[Permission] = frozenset(
    {
        "wall-see",
        "floor-see",
        "calls-see",
        "cards-read",
        "customers-see",
        "figures-see",
        "lines-see",
        "alarms-see",
        "faults-see",
    }
)
_ACTS: frozenset[Permission] = frozenset(
    {"agents-act", "queues-act", "calls-act", "calls-handle", "cards-write", "alarms-act", "faults-act"}
)
_OPERATOR: frozenset[Permission] = (
    _PEOPLE
    | _SEES
    | _ACTS
    | {"reports-see", "agents-change", "customers-change", "installation-see", "installation-act", "metrics"}
)

ROLES: Mapping[str, Role] = {
    role.code: role
    for role in (
        Role(
            "agent",
            "agent",
            Words("座席", "agent"),
            Words("接听来电；只能看到自己的工作台和通话", "answers calls; sees the own desk and the own calls"),
            frozenset(
                {
                    *("who-am-i", "log-out", "page", "desk"),
                    *("calls-handle", "cards-read", "cards-write", "numbers-in-full"),
                }
            ),
            reach="own",
        ),
        Role(
            "supervisor",
            "account",
            Words("班长", "supervisor"),
            Words(
                "带领一个或多个团队；只能看到和操作本团队的座席、队列和通话",
                "leads teams; sees and acts on their agents, queues and calls",
            ),
            _PEOPLE | _SEES | _ACTS | {"recordings-hear", "retention-see", "reviews-see", "calls-listen", "calls-join"},
            reach="teams",
        ),
        Role(
            "qa",
            "account",
            Words("质检", "QA"),
            Words(
                "收听、检查、保留和删除录音；不操作任何座席、队列或通话",
                "hears, judges, holds and deletes recordings; acts on no agent, queue or call",
            ),
            _PEOPLE
            | _SEES
            | {
                *("recordings-hear", "recordings-keep", "retention-see", "reviews-grade", "reviews-draw"),
                *("calls-listen", "numbers-in-full", "installation-see"),
            },
        ),
        Role(
            "operator",
            "account",
            Words("运维", "operator"),
            Words(
                "负责整条热线的运行；听不到录音，管不了账号",
                "keeps the hotline running; hears no recordings, manages no accounts",
            ),
            _OPERATOR,
        ),
        Role(
            "administrator",
            "account",
            Words("管理员", "administrator"),
            Words(
                "管理账号、角色和团队归属，按要求删除录音和个人数据；看不到来电",
                "manages accounts, roles and teams, deletes recordings and callers' data on request; sees no calls",
            ),
            _PEOPLE | {"accounts", "recordings-keep", "retention-see", "callers-erase"},
        ),
        Role(
            "wall",
            "account",
            Words("大屏", "wall"),
            Words(
                "挂在墙上的大屏：只显示队列和指标，看不到号码和座席；登录后不因闲置而退出",
                "a screen on a wall: queues and figures alone, no numbers and no agents; its log-in does not grow old",
            ),
            frozenset({"who-am-i", "log-out", "page", "wall-see"}),
        ),
        Role(
            "enrolling",
            "newcomer",
            Words("设置中", "setting up"),
            Words(
                "角色须有第二验证而尚未设置的人员；设好之前不能做别的",
                "an account whose role must have a second factor and has none; until it has, nothing else opens",
            ),
            frozenset({"who-am-i", "log-out", "own-sign-in"}),
            reach="own",
        ),
        Role(
            "crm",
            "program",
            Words("客户系统", "crm"),
            Words("读取来电卡片", "reads the cards of calls"),
            frozenset({"who-am-i", "cards-read", "numbers-in-full"}),
        ),
        Role(
            "metrics",
            "program",
            Words("监控", "metrics"),
            Words("供 Prometheus 读取 /metrics", "reads /metrics, for Prometheus"),
            frozenset({"metrics"}),
        ),
        Role(
            "read",
            "program",
            Words("只读", "read"),
            Words("读取运维能看到的一切，不做任何更改", "reads what an operator sees, and changes nothing"),
            _OPERATOR,
            reads_only=True,
        ),
        Role(
            "stories",
            "ours",
            Words("来电菜单服务", "story server"),
            Words("本机的菜单服务", "the story server on this machine"),
            frozenset({"stories"}),
        ),
        Role(
            "command line",
            "ours",
            Words("本机命令行", "command line"),
            Words(
                "本机上的 sanxiang 命令，还具有运维和管理员的权限",
                "`sanxiang` on this machine; it has the roles operator and administrator, too",
            ),
            frozenset({"calls-listen", "calls-join", "reviews-draw"}),
        ),
    )
}
"""The table. The command line of this machine has the roles operator and administrator, too."""

INTEGRATION = Words("集成", "integration")
"""The role of programs: each token has one of its scopes."""
SCOPES: Mapping[str, str] = {"crm": "crm", "metrics": "metrics", "read": "read", "full": "operator"}
"""A token's scope, as tokens.json has it, to the row of the table."""


def holders(permission: Permission, method: str = "POST") -> frozenset[str]:
    """The codes of the roles that have the permission, for a request of this method."""
    return frozenset(
        role.code for role in ROLES.values() if permission in role.may and (method == "GET" or not role.reads_only)
    )


def may(roles: Iterable[str], permission: Permission) -> bool:
    """Whether one of these roles has the permission, for reading at least."""
    return any(permission in ROLES[role].may for role in roles if role in ROLES)


def permissions(roles: Iterable[str], *, limited: bool = False) -> list[Permission]:
    """What these roles may, in the table's order. `limited`: to some brands."""
    known, none = frozenset(roles), OF_THE_INSTALLATION if limited else frozenset[Permission]()
    return [permission for permission in PERMISSIONS if may(known, permission) and permission not in none]


def reaches_all(roles: Iterable[str], permission: Permission) -> bool:
    """Whether one of these roles has the permission for the whole hotline; else it holds for teams or the own calls."""
    return any(permission in ROLES[role].may and ROLES[role].reach == "all" for role in roles if role in ROLES)

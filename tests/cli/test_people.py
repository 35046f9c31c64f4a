"""`sanxiang account import` and its list, as spreadsheets save it: all or nothing, and every mistake with its line and column."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acd.cli import people
from acd.csv_lists import BadList, Column, Row, read_list, written_list
from acd.web.access.accounts import Accounts
from acd.web.access.audit import rows as audit_rows

GOOD = "account,roles,teams\nchen,supervisor,orders\nli,qa operator,\n王芳,质检,\n"
Import = Callable[..., str]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    (folder / "run").mkdir(parents=True)  # a hotline was started here
    return folder


@pytest.fixture
def imported(tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> Import:
    """Imports a list of these bytes or this text; what was printed."""

    def run(text: str | bytes, **options: Any) -> str:
        file = tmp_path / "people.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        people.account_import(file, state=state, **options)
        return capsys.readouterr().out

    return run


def test_a_list_becomes_accounts_and_their_passwords_stand_once_in_a_private_file(
    imported: Import, state: Path, tmp_path: Path
):
    said = imported(GOOD)
    accounts, secrets = Accounts(state), tmp_path / "people-passwords.csv"
    assert {one.name: (sorted(one.roles), sorted(one.teams)) for one in accounts.all()} == {
        "chen": (["supervisor"], ["orders"]), "li": (["operator", "qa"], []), "王芳": (["qa"], []),
    }  # fmt: skip
    assert str(secrets) in said and "3 accounts added" in said
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    rows, mistakes = read_list(secrets, (Column("account"), Column("password")), 10)
    assert mistakes == [] and len(rows) == 3
    for row in rows:
        assert accounts.verify(row.cells["account"], row.cells["password"]) is not None
        assert row.cells["password"] not in said
    (line,) = audit_rows(state / "audit.log")
    assert (line["action"], line["accounts"]) == ("accounts imported", ["chen", "li", "王芳"])


@pytest.mark.parametrize(
    "encoded",
    [
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.encode("gb18030"),
        GOOD.replace(",", ";").encode("utf-8-sig"),
        GOOD.replace(",", "\t").encode("utf-16"),
        ("sep=;\r\n" + GOOD.replace(",", ";")).replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        GOOD.replace("account,roles,teams", "账号,角色,团队").encode(),
        GOOD.replace("chen", '="chen"').encode(),
        GOOD.replace("chen", "'chen").encode(),
        ("\n\n".join(GOOD.splitlines()) + "\n,,\n").encode(),
        GOOD.replace("qa operator", '"qa, operator"').encode(),
        GOOD.replace("qa operator", "qa/运维").encode(),
    ],
    ids=[
        "bom",
        "utf-16",
        "gb18030",
        "semicolons",
        "tabs",
        "sep",
        "crlf",
        "cr",
        "chinese",
        "kept",
        "apostrophe",
        "blank",
        "quoted",
        "slash",
    ],
)
def test_whatever_a_spreadsheet_saves_is_read(imported: Import, encoded: bytes):
    assert imported(encoded, dry_run=True) == "3 accounts would be added: chen, li, 王芳\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account,role\nchen,king\n", "line 2, roles: there is no role 'king'"),
        ("account,roles\nchen,supervsor\n", '(did you mean "supervisor"?)'),
        ("account,roles\nchen,\n", "line 2, roles: it is empty."),
        ("account,roles\n1001,qa\n", "line 2, account: 1001 is written as an extension"),
        ("account,roles\n,qa\n", "line 2, account: The account name '' won't do."),
        ("account,roles\na b,qa\n", "line 2, account: The account name 'a b' won't do."),
        ("account,roles\nli,qa\nli,qa\n", "line 3, account: li stands twice."),
        ("account,roles\nboss,qa\n", "line 2, account: boss is already there."),
        ("account,roles\n=1+1,qa\n", "line 2, account: it begins with '='"),
        ("account,roles\n@SUM(1),qa\n", "line 2, account: it begins with '@'"),
        ('account,roles\n"a\nb",qa\n', "line 3, account: it holds a line break"),
        ("account,roles\na\x00b,qa\n", "account: it holds a line break or another control character"),
        ("account,roles,teams\nchen,supervisor,Sales\n", "line 2, teams: 'Sales' can't be a team."),
        ("account,rolls\nchen,qa\n", "line 1: there is no column 'rolls' (did you mean \"roles\"?)"),
        ("account\nchen\n", "line 1: the column roles is missing."),
        ("account,roles,account\nchen,qa,li\n", "line 1: the column account stands twice."),
        ("account,roles\nchen,qa,operator\n", "line 2: it has 3 cells, and there are 2 headings."),
        ("account,roles\n", "there is nobody in it."),
        ("chen,qa\nli,qa\n", "line 1: none of its cells is a heading that is known."),
        (b"PK\x03\x04\x14\x00" + b"x" * 50, "it is a workbook of a spreadsheet. Save it as CSV UTF-8."),
        (b"\xd0\xcf\x11\xe0\xa1" + b"x" * 50, "it is a workbook of a spreadsheet."),
        ("account,roles,,\nchen,qa,,x\n", "line 2: it has 4 cells, and there are 2 headings."),
        ("account,,roles\nchen,,qa\n", "line 1: there is no column ''"),
        ("", "the column account and roles is missing."),
        ('account,roles\n"chen,qa\n', "this is no CSV"),
        (b"account,roles\n\xff\xff\xff,qa\n", "it is neither UTF-8, UTF-16 nor GB 18030."),
        ("account,roles\n" + "\n".join(f"a{n},qa" for n in range(501)), "line 502: a list has 500 rows at most."),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_adds_nobody(
    imported: Import, state: Path, tmp_path: Path, text: str | bytes, said: str
):
    accounts = Accounts(state)
    accounts.add("boss", ["operator"], by_link_only=True)
    with pytest.raises(BadList) as refused:
        imported(text)
    assert said in str(refused.value), str(refused.value)
    assert accounts.names() == ["boss"]
    assert not (tmp_path / "people-passwords.csv").exists() and not (state / "audit.log").exists()


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines(imported: Import):
    with pytest.raises(BadList) as refused:
        imported("account,roles\nchen,king\n1001,qa\nli,qa\n=x,queen\n")
    assert [one.split(":")[0] for one in refused.value.mistakes] == [
        "line 2, roles", "line 3, account", "line 5, account", "line 5, roles",
    ]  # fmt: skip


def test_a_file_for_passwords_that_is_there_already_is_not_written_over(imported: Import, state: Path, tmp_path: Path):
    (tmp_path / "people-passwords.csv").write_text("of last year")
    with pytest.raises(people.NoSecretsFile, match="Name another with --passwords"):
        imported(GOOD)
    assert Accounts(state).names() == []
    link = tmp_path / "elsewhere.csv"
    link.symlink_to(tmp_path / "target")
    with pytest.raises(people.NoSecretsFile):
        imported(GOOD, passwords=link)
    assert not (tmp_path / "target").exists() and Accounts(state).names() == []


def test_what_was_exported_is_imported_again(imported: Import, state: Path, tmp_path: Path):
    imported(GOOD)
    out = tmp_path / "out.csv"
    people.account_export(out, state=state)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    other = tmp_path / "other"
    (other / "run").mkdir(parents=True)
    people.account_import(out, state=other)
    same = [(one.name, one.roles, one.teams) for one in Accounts(state).all()]
    assert [(one.name, one.roles, one.teams) for one in Accounts(other).all()] == same


@pytest.mark.parametrize("name", ["=1+1", "+86", "-x", "@x", "'quoted", "王芳", 'a"b', "a,b"])
def test_no_cell_of_an_export_is_reckoned_and_each_is_read_back(tmp_path: Path, name: str):
    file = tmp_path / "x.csv"
    text = written_list(["name"], [{"name": name}])
    file.write_text(text, encoding="utf-8", newline="")
    assert not text.splitlines()[1].startswith(("=", "+", "-", "@"))
    rows, mistakes = read_list(file, (Column("name"),), 10)
    # What a spreadsheet would reckon is refused on the way in, however it is quoted: no name needs it.
    assert [row.cells["name"] for row in rows] == ([name] if not mistakes else [""])
    assert bool(mistakes) is name.startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"agent": "12345678", "name": "", "skills": "", "team": ""}, "agent: '12345678' can't be an extension"),
        ({"agent": "1001", "name": "x" * 81, "skills": "", "team": ""}, "name: it has more than 80 characters."),
        ({"agent": "1001", "name": "", "skills": "orders", "team": ""}, "skills: 'orders': write skill and level"),
        ({"agent": "1001", "name": "", "skills": "orders:10", "team": ""}, "skills: 'orders:10'"),
        ({"agent": "1001", "name": "", "skills": "orders:1 orders:2", "team": ""}, "skills: orders stands twice."),
        ({"agent": "1001", "name": "", "skills": "", "team": "Sales"}, "team: 'Sales' can't be a team."),
    ],
)
def test_what_is_wrong_with_an_agent_is_told_with_the_column(cells: dict[str, str], said: str):
    mistakes: list[str] = []
    people._agent(Row(7, cells), mistakes)
    assert len(mistakes) == 1 and mistakes[0].startswith("line 7, ") and said in mistakes[0]

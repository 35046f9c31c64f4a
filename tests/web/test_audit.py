"""The audit log is read, and what was changed in it is found, also behind lines that a crash has torn and lines of any length."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acd.cli.app import built
from acd.errors import SanxiangError
from acd.web.access import audit as audit_log
from acd.web.access.audit import Audit, Changed, NotNoted, rows, segments, verify

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A minute later at each look."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path / "audit.log", Clock().now)


@pytest.mark.parametrize("length", [10, 8_100, 8_192, 65_536, 200_000])
def test_lines_of_any_length_follow_one_another(audit: Audit, length: int):
    for agents in ("a", "x" * length, "b", "x" * length, "x" * length, "c"):
        audit.note_now("operator", "log-out", agents=agents)
    assert verify(audit.file).lines == 6
    assert [len(row["agents"]) for row in rows(audit.file)] == [1, length, 1, length, length, 1]


@pytest.mark.parametrize("left", [1, 20, 90, 9_000])
def test_a_line_that_a_crash_has_torn_breaks_no_chain(audit: Audit, left: int):
    audit.note_now("operator", "first")
    audit.note_now("operator", "torn", agents="x" * 10_000)
    whole = audit.file.read_bytes()
    audit.file.write_bytes(whole[: whole.index(b"\n") + 1 + left])
    for _ in range(3):
        audit.note_now("operator", "later")
    found = verify(audit.file)
    assert (found.lines, found.torn) == (5, (2,))
    assert [row["action"] for row in rows(audit.file)] == ["first", *["later"] * 3]
    lines = audit.file.read_bytes().splitlines(keepends=True)
    audit.file.write_bytes(b"".join([lines[0], b"{" + lines[1], *lines[2:]]))
    with pytest.raises(Changed, match="line 3 does not follow line 2"):
        verify(audit.file)


@pytest.mark.parametrize("harm", ["changed", "taken out", "put in", "swapped", "no object"])
def test_what_was_changed_is_found(audit: Audit, harm: str):
    for n in range(6):
        audit.note_now("operator", f"action {n}")
    lines = audit.file.read_bytes().splitlines(keepends=True)
    match harm:
        case "changed":
            lines[2] = lines[2].replace(b"operator", b"somebody")
        case "taken out":
            del lines[2]
        case "put in":
            lines.insert(2, lines[1])
        case "swapped":
            lines[2], lines[3] = lines[3], lines[2]
        case "no object":
            lines[2] = b"[]\n"
    audit.file.write_bytes(b"".join(lines))
    with pytest.raises(Changed, match=r"line [345] does not follow line [234]"):
        verify(audit.file)


def test_an_end_that_was_cut_off_is_seen_against_the_hash_that_was_kept(audit: Audit):
    for n in range(3):
        audit.note_now("operator", f"action {n}")
    kept = verify(audit.file).head
    lines = audit.file.read_bytes().splitlines(keepends=True)
    audit.file.write_bytes(b"".join(lines[:-1]))
    assert verify(audit.file).head != kept


def test_a_line_that_can_not_be_written_is_an_error_with_the_file(tmp_path: Path):
    with pytest.raises(NotNoted, match=r"no/audit\.log"):
        Audit(tmp_path / "no" / "audit.log", Clock().now).note_now("operator", "log-out")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment has some two lines."""
    monkeypatch.setattr(audit_log, "SEGMENT_BYTES", 300)


def test_the_chain_goes_on_from_segment_to_segment_and_nothing_is_taken_away(audit: Audit, short: None):
    for n in range(9):
        audit.note_now("operator", f"action {n}")
    assert [each.name for each in segments(audit.file)] == ["000001.log", "000002.log", "000003.log", "000004.log"]
    assert verify(audit.file).lines == 9
    assert [row["action"] for row in rows(audit.file)] == [f"action {n}" for n in range(9)]
    segments(audit.file)[-1].with_name("notes.log").write_text("somebody's notes")
    audit.note_now("operator", "action 9")
    assert verify(audit.file).lines == 10 and not audit.file.exists(), "a new one is made by the next line"
    assert len(list(rows(audit.file))) == 10


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        ("changed", r"000003\.log: line 1 does not follow the last line of 000002\.log"),
        ("taken out", r"000003\.log: line 1 does not follow the last line of 000001\.log"),
        ("the first taken out", r"000002\.log: line 1 does not follow the beginning"),
        ("swapped", r"000001\.log: line 1 does not follow the beginning"),
    ],
)
def test_what_was_done_to_a_segment_is_found(audit: Audit, short: None, harm: str, found: str):
    for n in range(9):
        audit.note_now("operator", f"action {n}")
    first, second, *_ = segments(audit.file)
    match harm:
        case "changed":
            lines = second.read_bytes().splitlines(keepends=True)
            second.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b"operator", b"somebody")]))
        case "taken out":
            second.unlink()
        case "the first taken out":
            first.unlink()
        case "swapped":
            aside = first.rename(first.with_name("aside"))
            second.rename(first)
            aside.rename(second)
    with pytest.raises(Changed, match=found):
        verify(audit.file)


def test_several_processes_write_one_chain_while_the_file_turns(audit: Audit, short: None):
    """Each opens the file for every line; one that has become a segment meanwhile gets no further line."""

    def notes(name: int) -> None:
        writer = Audit(audit.file, Clock().now)
        for n in range(40):
            writer.note_now(f"writer {name}", f"action {n}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(notes, range(6)))
    assert verify(audit.file).lines == 240
    told = [(row["who"], row["action"]) for row in rows(audit.file)]
    for name in range(6):
        assert [what for who, what in told if who == f"writer {name}"] == [f"action {n}" for n in range(40)]


def sanxiang(state: Path, *words: str) -> Result:
    (state / "run").mkdir(exist_ok=True)  # a hotline was started here
    return CliRunner().invoke(built("audit"), ["audit", *words, "--state", str(state)])


@pytest.fixture
def filled(audit: Audit) -> Path:
    audit.note_now("operator", "logged in", source="192.0.2.1")
    audit.note_now("qa", "logged in", source="192.0.2.2")
    audit.note_now("[bold]x\x1b[2J\u202e\n", "log-in refused", source="192.0.2.3")
    audit.note_now("command line", "account password", user="root", account="qa")
    return audit.file.parent


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), [0, 1, 2, 3]),
        (("--by", "qa"), [1]),
        (("--what", "log"), [0, 1, 2]),
        (("--what", "REFUSED"), [2]),
        (("--since", "2026-03-02T09:03"), [2, 3]),
        (("--since", "2026-03-02T17:03+08:00"), [2, 3]),
        (("--since", "2026-03-03"), []),
        (("--since", "2026-03-02", "--by", "operator", "--what", "logged in"), [0]),
        (("--last", "1"), [3]),
    ],
)
def test_the_log_is_read(filled: Path, words: tuple[str, ...], found: list[int]):
    actions = ["logged in", "logged in", "log-in refused", "account password"]
    told = json.loads(sanxiang(filled, "--json", *words).stdout)
    assert [row["action"] for row in told] == [actions[n] for n in found]
    lines = sanxiang(filled, *words).stdout.splitlines()
    assert len(lines) == (len(found) + 1 if found else 0), lines


def test_a_name_that_a_stranger_typed_does_nothing_to_the_terminal(filled: Path):
    said = sanxiang(filled).stdout
    assert "[bold]x\\x1b[2J\\u202e\\n" in said
    assert "\x1b" not in said and len(said.splitlines()) == 5
    assert said.startswith("Times: UTC\n") and "\n2026-03-02 09:04:00  command line" in said
    assert "account=qa" in said and "before" not in said


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--since", "29.11.2026"), "this is no moment"),
        (("--since", "x\x1b"), r"--since x\\x1b"),
        (("--since", "24h"), "no moment"),
    ],
)
def test_a_moment_that_is_none_is_told(filled: Path, words: tuple[str, ...], error: str):
    failed = sanxiang(filled, *words)
    assert isinstance(failed.exception, SanxiangError)
    with pytest.raises(SanxiangError, match=error):
        raise failed.exception


def test_verify_tells_the_hash_to_be_kept_and_fails_where_something_was_changed(filled: Path):
    done = sanxiang(filled, "verify")
    assert done.exit_code == 0 and "4 lines, each follows the one before it." in done.stdout
    assert verify(filled / "audit.log").head in done.stdout
    (filled / "audit.log").write_bytes((filled / "audit.log").read_bytes().replace(b'"qa"', b'"qb"', 1))
    failed = sanxiang(filled, "verify")
    assert failed.exit_code == 1 and "line 3 does not follow line 2" in str(failed.exception)


def test_without_a_log_the_error_says_when_it_begins(tmp_path: Path):
    for words in ((), ("verify",)):
        assert "There is no audit log" in str(sanxiang(tmp_path, *words).exception)

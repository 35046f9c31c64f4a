"""What an upgrade takes is looked up: each of Asterisk's files is compared, and it is known which of them Asterisk reads again."""

from dataclasses import replace
from pathlib import Path

import pytest

from acd.pbx.conf.render import rendered
from acd.setup.installation import Installation
from acd.setup.upgrade_notes import Note, compared, dearest, programs
from acd.setup.versions import Started, own_commit, own_files, own_version
from tests.pbx.support.rendered_conf import settings_in


@pytest.fixture
def was(tmp_path: Path) -> dict[str, str]:
    return rendered(settings_in(tmp_path))


def ways(notes: list[Note]) -> dict[str, str]:
    return {note.code: note.way for note in notes}


def test_the_same_files_take_nothing(was: dict[str, str]):
    assert compared(was, dict(was)) == []
    assert dearest([]) == "none"


def test_every_file_that_is_rendered_has_its_way(was: dict[str, str]):
    for name in was:
        [note] = compared(was, {**was, name: was[name] + "\n[another]\nkey = value\n"})
        again = name.startswith("extensions") or name in (
            "pjsip.conf",
            "queues.conf",
            "features.conf",
            "musiconhold.conf",
        )
        assert (note.way, name in note.said) == ("reload" if again else "start", True), name


@pytest.mark.parametrize("name", ["http.conf", "res_odbc.conf"])
def test_a_file_that_is_new_or_gone_is_for_a_start(was: dict[str, str], name: str):
    assert ways(compared(was, {**was, name: "[general]\n"})) == {"files-read-at-a-start": "start"}
    assert ways(compared({**was, name: "[general]\n"}, was)) == {"files-read-at-a-start": "start"}


def test_another_transport_is_for_a_start_though_it_stands_in_a_file_that_is_read_again(
    was: dict[str, str], tmp_path: Path
):
    will_be = rendered(replace(settings_in(tmp_path), sip_port=5099))
    notes = compared(was, will_be)
    assert ways(notes)["files-read-at-a-start"] == "start"
    assert "pjsip.conf" in next(note.said for note in notes if note.code == "files-read-at-a-start")


WAITING = "extensions_waiting.conf"


@pytest.mark.parametrize(
    ("change", "way"),
    [
        (lambda text: text + "\n[quite-new]\nexten => s,1,NoOp()\n", "reload"),
        (lambda text: "; a remark\n" + text, "reload"),
        (lambda text: text.replace(" same => n,", " same => n,NoOp()\n same => n,", 1), "start"),
        (lambda text: text.replace(" same => n,", " same => n(here),", 1), "start"),
        (lambda text: "\n".join(text.splitlines()[:-1]) + "\n", "start"),
        (lambda text: "", "start"),
    ],
    ids=["another context", "a remark", "a line before others", "a label", "a line less", "gone"],
)
def test_a_dialplan_is_for_a_reload_only_where_no_line_that_was_there_has_moved(was: dict[str, str], change, way: str):
    will_be = {**was, WAITING: change(was[WAITING])}
    if not will_be[WAITING]:
        del will_be[WAITING]
    notes = compared(was, will_be)
    assert dearest(notes) == way
    assert {note.code for note in notes} == {"files-read-again" if way == "reload" else "dialplan"}


def test_the_dearest_way_is_the_one_for_all():
    said = [Note("version", "drain", ""), Note("asterisk", "start", ""), Note("files-read-again", "reload", "")]
    assert dearest(said) == "start"
    assert dearest([*said, Note("configuration", "refused", "")]) == "refused"


def test_what_was_started_is_read_back(tmp_path: Path):
    installation = Installation.at(tmp_path)
    assert Started.running(installation) == Started()
    Started.by_us("0006", "22.10.1").keep(installation)
    Started("0.0.9", "abc", tables="0005").keep(installation, daemon=True)
    assert Started.running(installation) == Started(own_version(), own_commit(), "22.10.1", "0006", own_files())
    assert Started.running(installation, daemon=True).version == "0.0.9"


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"version": 7, "later": true}'])
def test_a_file_of_another_time_is_no_error(tmp_path: Path, text: str):
    installation = Installation.at(tmp_path)
    (installation.run / "started.json").write_text(text)
    assert Started.running(installation).asterisk == ""


SHA = "0123456789abcdef0123456789abcdef01234567"


def test_the_commit_is_found_wherever_git_keeps_it(tmp_path: Path):
    assert own_commit(tmp_path) == ""
    git = tmp_path / "a" / ".git"
    git.mkdir(parents=True)
    (git / "HEAD").write_text(SHA + "\n")
    assert own_commit(tmp_path / "a") == SHA[:12]
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text(f"# pack-refs with: peeled\n{SHA} refs/heads/main\n")
    assert own_commit(tmp_path / "a") == SHA[:12]
    (git / "refs/heads").mkdir(parents=True)
    (git / "refs/heads/main").write_text("f" * 40 + "\n")
    assert own_commit(tmp_path / "a") == "f" * 12
    worktree, own = tmp_path / "b", git / "worktrees" / "b"
    worktree.mkdir()
    own.mkdir(parents=True)
    (worktree / ".git").write_text(f"gitdir: {own}\n")
    (own / "HEAD").write_text("ref: refs/heads/main\n")
    (own / "commondir").write_text("../..\n")
    assert own_commit(worktree) == "f" * 12


def test_another_program_is_told_without_a_history_too(tmp_path: Path):
    for name in ("acd/a.py", "ivr/menus/hotline.toml", "asterisk_conf/core.conf", "pages/a.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("was")
    was = own_files(tmp_path)
    (tmp_path / "pages/a.md").write_text("is")
    (tmp_path / "acd/a.pyc").write_text("is")
    assert own_files(tmp_path) == was
    for name in ("acd/a.py", "ivr/menus/hotline.toml", "asterisk_conf/core.conf"):
        (tmp_path / name).write_text("is")
        assert own_files(tmp_path) != was
        (tmp_path / name).write_text("was")
    (tmp_path / "acd/a.py").rename(tmp_path / "acd/b.py")
    assert own_files(tmp_path) != was


@pytest.mark.parametrize(
    ("running", "said"),
    [
        (Started("0.1.0", "", files="aaa"), []),
        (Started("0.1.0", ""), []),
        (Started("0.1.0", "", files="bbb"), ["0.1.0 runs, and its files have been changed"]),
        (Started("0.0.9", "", files="bbb"), ["0.0.9 runs, this is 0.1.0"]),
    ],
)
def test_what_differs_between_programs_is_said(running: Started, said: list[str]):
    notes = programs(running, Started("0.1.0", "", files="aaa"))
    assert [sentence in note.said for note, sentence in zip(notes, said, strict=True)] == [True] * len(said)
